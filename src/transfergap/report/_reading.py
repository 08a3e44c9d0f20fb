"""From parsed JSON to a result, with every type checked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transfergap.diagnosis.finding import Finding, Strength
from transfergap.explaining.explanation import Explanation, Interval, RepairOutcome
from transfergap.gap import Gap, Verdict
from transfergap.ranking import SourceRank, SourceRanking
from transfergap.result import (
    ArmOutcome,
    AuditResult,
    Failure,
    SilentCheck,
    SourceInfo,
    TargetInfo,
)

_Record = Mapping[str, Any]


def read_result(record: _Record) -> AuditResult:
    """Return the result that a record describes.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If something is missing or of another type.
    """
    gaps = {_text(gap["arm"]): _read_gap(gap) for gap in record["gaps"]}
    return AuditResult(
        schema=_text(record["schema"]),
        version=_text(record["version"]),
        metric=_text(record["metric"]),
        metric_title=_text(record["metric_title"]),
        metric_unit=_text(record["metric_unit"]),
        margin=_number(record["margin"]),
        level=_number(record["level"]),
        precision=_text(record["precision"]),
        seed=_whole(record["seed"]),
        learner=_text(record["learner"]),
        target=_target(_text(record["target"]), record["target_info"]),
        sources=tuple(_source(source) for source in record["sources"]),
        arms=tuple(_arm(arm, gaps.get(arm["arm"])) for arm in record["arms"]),
        findings=tuple(_finding(finding) for finding in record["findings"]),
        silent_checks=tuple(
            SilentCheck(_text(c["code"]), _text(c["title"]), _text(c["reason"]))
            for c in record["silent_checks"]
        ),
        failures=tuple(
            Failure(
                _text(f["arm"]), _text(f["error"]), _whole(f["n_trials"]), _text(f["first_split"])
            )
            for f in record["failures"]
        ),
        smallest_visible_gap=_number_or_none(record["smallest_visible_gap"]),
        method_notes=tuple(_text(note) for note in record["method_notes"]),
        fingerprint=_text(record["fingerprint"]),
        versions={_text(k): _text(v) for k, v in record["versions"].items()},
        explanations=tuple(_explanation(e) for e in record.get("explanations", ())),
        ranking=_ranking(record.get("ranking")),
    )


def _read_gap(record: _Record) -> Gap:
    return Gap(
        estimate=_number(record["estimate"]),
        low=_number(record["low"]),
        high=_number(record["high"]),
        error=_number(record["error"]),
        df=_number(record["df"]),
        equivalence_low=_number(record["equivalence_low"]),
        equivalence_high=_number(record["equivalence_high"]),
        p_helps=_number(record["p_helps"]),
        p_hurts=_number(record["p_hurts"]),
        smallest_margin=_number(record["smallest_margin"]),
        n_pairs=_whole(record["pairs"]),
        method=_text(record["method"]),
        instability=_number_or_none(record["instability"]),
    )


def _arm(record: _Record, gap: Gap | None) -> ArmOutcome:
    trials = record["trials"]
    return ArmOutcome(
        arm=_text(record["arm"]),
        sources=tuple(_text(source) for source in record["sources"]),
        judged=_flag(record["judged"]),
        score=_number_or_none(record["score"]),
        gap=gap,
        verdict=None if record["verdict"] is None else Verdict(record["verdict"]),
        held_back=_flag(record["held_back"]),
        rows_to_settle=_whole_or_none(record["rows_to_settle"]),
        n_planned=_whole(trials["planned"]),
        n_completed=_whole(trials["completed"]),
        n_failed=_whole(trials["failed"]),
    )


def _finding(record: _Record) -> Finding:
    return Finding(
        code=_text(record["code"]),
        title=_text(record["title"]),
        subject=_text(record["subject"]),
        strength=Strength(record["strength"]),
        says=_text(record["says"]),
        fix=_text(record["fix"]),
        evidence={_text(k): _number(v) for k, v in record["evidence"].items()},
        repair_gap=_number_or_none(record["repair_gap"]),
        repair_low=_number_or_none(record.get("repair_low")),
        repair_high=_number_or_none(record.get("repair_high")),
    )


def _explanation(record: _Record) -> Explanation:
    return Explanation(
        arm=_text(record["arm"]),
        source=_text(record["source"]),
        harm=_interval(record["harm"]),
        causes=tuple(_text(code) for code in record["causes"]),
        sure=tuple(_text(code) for code in record["sure"]),
        repairs=tuple(
            RepairOutcome(
                code=_text(r["code"]),
                repair=_text(r["repair"]),
                gain=_interval(r["gain"]),
                after=_interval(r["after"]),
                p_value=_number(r["p_value"]),
                sign=_text(r["sign"]),
                share=None if r["share"] is None else _interval(r["share"]),
            )
            for r in record["repairs"]
        ),
        n_fits=_whole(record["fits"]),
    )


def _ranking(record: _Record | None) -> SourceRanking | None:
    if record is None:
        return None
    return SourceRanking(
        sources=tuple(_source_rank(source) for source in record["sources"]),
        level=_number(record["level"]),
        n_subsets=_whole(record["n_subsets"]),
        exact=_flag(record["exact"]),
    )


def _source_rank(record: _Record) -> SourceRank:
    return SourceRank(
        source=_text(record["source"]),
        rank=_interval(record["rank"]),
        one_in=_interval(record["one_in"]),
        alone=_interval(record["alone"]),
        leave_one_out=_interval(record["leave_one_out"]),
        banzhaf=_interval(record["banzhaf"]),
        influence=_number(record["influence"]),
        pooled=None if record["pooled"] is None else _interval(record["pooled"]),
        only=None if record["only"] is None else _interval(record["only"]),
        n_fits=_whole(record["n_fits"]),
    )


def _interval(record: _Record) -> Interval:
    return Interval(*(_number(record[key]) for key in ("estimate", "low", "high")))


def _target(name: str, record: _Record) -> TargetInfo:
    return TargetInfo(
        name=name,
        n_rows=_whole_or_none(record["n_rows"]),
        n_features=_whole_or_none(record["n_features"]),
        task=_text(record["task"]),
        class_counts=tuple((_text(label), _whole(n)) for label, n in record["class_counts"]),
        n_groups=_whole_or_none(record["n_groups"]),
        positive=_text(record["positive"]) if "positive" in record else None,
        weighted=_flag(record.get("weighted", False)),
    )


def _source(record: _Record) -> SourceInfo:
    return SourceInfo(
        name=_text(record["name"]),
        n_rows=_whole(record["n_rows"]),
        n_given=_whole(record["n_given"]),
        n_duplicates_removed=_whole(record["n_duplicates_removed"]),
        n_foreign_label_rows=_whole(record["n_foreign_label_rows"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} stands where a text should")
    return value


def _number(value: Any) -> float:
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise TypeError(f"{value!r:.40} stands where a number should")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r:.40} stands where a whole number should")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r:.40} stands where true or false should")
    return value


def _number_or_none(value: Any) -> float | None:
    return None if value is None else _number(value)


def _whole_or_none(value: Any) -> int | None:
    return None if value is None else _whole(value)
