"""A result as JSON, and as a table of arms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from transfergap.analysis.decision import decide
from transfergap.analysis.result import SCHEMA, AuditResult
from transfergap.errors import RunDirectoryError
from transfergap.report.choice import trial_counts, verdict_words
from transfergap.report.record import from_record, to_record

if TYPE_CHECKING:
    import pandas as pd


def result_to_json(result: AuditResult) -> str:
    """Return the whole result as JSON.

    Keys have a fixed order; the text is ASCII and ends with a newline. Infinite numbers become the
    strings ``"inf"`` and ``"-inf"``.

    Raises
    ------
    ValueError
        If a number of the result is NaN.
    """
    return json.dumps(_layout(result), indent=2, allow_nan=False) + "\n"


def result_from_json(text: str) -> AuditResult:
    """Return the result that :func:`result_to_json` wrote.

    Raises
    ------
    RunDirectoryError
        If the text is no JSON, of another schema, or lacks something.
    """
    hint = "run the same `transfergap run` again; stored trials are kept and are not repeated"
    try:
        record = json.loads(text)
    # Deeply nested text exhausts the stack of the parser.
    except (ValueError, RecursionError) as error:
        raise RunDirectoryError(f"The result is no readable JSON: {error}.", hint=hint) from error
    schema = record.get("schema") if isinstance(record, dict) else None
    if schema != SCHEMA:
        schema_name = repr(schema)[:60] if isinstance(schema, str) else "none"
        message = f"The result has the schema {schema_name}, not {SCHEMA!r}."
        raise RunDirectoryError(message, hint=hint)
    try:
        return from_record(AuditResult, _fields_of(record), "result")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be used: {error}"
        raise RunDirectoryError(f"The result {problem}.", hint=hint) from error


# Fields that 0.1.0 called otherwise keep their keys: the schema has not changed.
_KEYS = {
    "effort": "precision",
    "learning_curve": "curve",
    "budget_curve": "budgets",
    "training_curves": "training",
}
# The record is laid out for readers: gaps apart from arms, and what is not there left out.
_HEAD = ("metric", "metric_title", "metric_unit", "margin", "level")
_TAIL = ("learner", "precision", "seed", "method_notes", "fingerprint", "versions")
_WHERE_THERE = ("subgroups", "curve", "budgets", "training", "data")
_GAP_ERRORS = ("smallest_margin", "error", "df", "equivalence_low", "equivalence_high")
_GAP = (*_GAP_ERRORS, "p_helps", "p_hurts", "instability")
_ARM = ("arm", "sources", "judged", "score", "verdict", "held_back", "rows_to_settle")
_COUNTS = ("planned", "completed", "failed")


def _layout(result: AuditResult) -> dict[str, Any]:
    plain, trials = to_record(result), trial_counts(result)
    plain |= {key: plain[field] for field, key in _KEYS.items()}
    target = plain["target"]
    name = target.pop("name")
    # Left out where they say nothing: records of older versions stay the same.
    for key, default in (("positive", None), ("weighted", False)):
        if target[key] == default:
            del target[key]
    for source in plain["sources"]:
        for key, default in (("untried", False), ("n_used", None)):
            if source[key] == default:
                del source[key]
    for finding in plain["findings"]:
        if not finding["columns"]:
            del finding["columns"]
    if plain["training"] is not None:
        for key, silent in (("learners", "agents"), ("n_clusters", None)):
            if plain["training"][key] == silent:
                del plain["training"][key]
        for one in plain["training"]["gaps"]:
            if one["gap"] is not None:
                one["gap"]["pairs"] = one["gap"].pop("n_pairs")
    return {
        "schema": plain["schema"],
        "version": plain["version"],
        "target": name,
        **{key: plain[key] for key in _HEAD},
        "gaps": [_gap(arm, result.level) for arm in plain["arms"] if arm["gap"] is not None],
        "arms": [
            {key: arm[key] for key in _ARM} | {"trials": {key: arm[f"n_{key}"] for key in _COUNTS}}
            for arm in plain["arms"]
        ],
        "decision": to_record(decide(result)),
        "findings": plain["findings"],
        "explanations": [
            {
                **{k: e[k] for k in ("arm", "source", "harm", "causes", "sure", "repairs")},
                "fits": e["n_fits"],
            }
            for e in plain["explanations"]
        ],
        "ranking": plain["ranking"],
        "silent_checks": plain["silent_checks"],
        "trials": {key: getattr(trials, key) for key in _COUNTS},
        "failures": plain["failures"],
        "smallest_visible_gap": plain["smallest_visible_gap"],
        "target_info": target,
        "sources": plain["sources"],
        **{key: plain[key] for key in _TAIL},
        **{key: plain[key] for key in _WHERE_THERE if plain[key] is not None},
    }


def _gap(arm: Mapping[str, Any], level: float) -> dict[str, Any]:
    gap = arm["gap"]
    extra: dict[str, Any] = (
        {} if arm["total"] is None else {"over_control": _numbers_of(arm["total"])}
    )
    if arm["outlook"] is not None:
        extra["outlook"] = arm["outlook"]
    if arm["doubted"]:
        extra["doubted"] = True
    return {
        "arm": arm["arm"],
        "sources": arm["sources"],
        **{key: gap[key] for key in ("estimate", "low", "high")},
        "level": level,
        "pairs": gap["n_pairs"],
        "method": gap["method"],
        "verdict": arm["verdict"],
        **{key: gap[key] for key in _GAP},
        **extra,
    }


def _numbers_of(gap: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {key: gap[key] for key in ("estimate", "low", "high", *_GAP, "method")}
    return numbers | {"pairs": gap["n_pairs"]}


def _fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a result as :func:`_layout` found them."""
    gaps = {gap["arm"]: {**gap, "n_pairs": gap["pairs"]} for gap in record["gaps"]}
    totals = {
        name: {**gap["over_control"], "n_pairs": gap["over_control"]["pairs"]}
        for name, gap in gaps.items()
        if "over_control" in gap
    }
    training = record.get("training")
    if training is not None:
        training = {**training, "gaps": [_with_pairs(one) for one in training["gaps"]]}
    return {
        **record,
        **{field: record[key] for field, key in _KEYS.items() if key in record},
        "target": {"name": record["target"], **record["target_info"]},
        "arms": [
            {**arm, "gap": gaps.get(arm["arm"]), "total": totals.get(arm["arm"])}
            | {"outlook": gaps.get(arm["arm"], {}).get("outlook")}
            | {"doubted": gaps.get(arm["arm"], {}).get("doubted", False)}
            | {f"n_{key}": arm["trials"][key] for key in _COUNTS}
            for arm in record["arms"]
        ],
        "explanations": [{**e, "n_fits": e["fits"]} for e in record.get("explanations", ())],
        "training_curves": training,
    }


def _with_pairs(one: Mapping[str, Any]) -> dict[str, Any]:
    gap = one["gap"]
    return {**one, "gap": None if gap is None else {**gap, "n_pairs": gap["pairs"]}}


def to_frame(result: AuditResult) -> pd.DataFrame:
    """Return one row an arm, the control first.

    Returns
    -------
    DataFrame
        Columns arm, sources (joined by commas), score, estimate, low, high, verdict,
        smallest_margin, p_helps, p_hurts, n_pairs, over_control (the gap to the control, which is
        ``estimate`` for all arms but the safe model), expected, p_cost and p_gain. Where there is
        no number there is NaN, and ``<NA>`` for pairs; the verdict of the control is "reference",
        that of arms not judged "for information".
    """
    import pandas as pd

    arms = result.arms
    gaps = [arm.gap for arm in arms]

    def numbers(name: str) -> pd.Series[float]:
        return pd.Series([getattr(gap, name, None) for gap in gaps], dtype="float64")

    return pd.DataFrame(
        {
            "arm": pd.Series([arm.arm for arm in arms], dtype="object"),
            "sources": pd.Series([", ".join(arm.sources) for arm in arms], dtype="object"),
            "score": pd.Series([arm.score for arm in arms], dtype="float64"),
            "estimate": numbers("estimate"),
            "low": numbers("low"),
            "high": numbers("high"),
            "verdict": pd.Series([verdict_words(result, arm)[1] for arm in arms], dtype="object"),
            "smallest_margin": numbers("smallest_margin"),
            "p_helps": numbers("p_helps"),
            "p_hurts": numbers("p_hurts"),
            "n_pairs": pd.Series([getattr(gap, "n_pairs", None) for gap in gaps], dtype="Int64"),
            "over_control": pd.Series(
                [getattr(arm.over_control, "estimate", None) for arm in arms], dtype="float64"
            ),
            **{
                name: pd.Series([getattr(arm.outlook, name, None) for arm in arms], dtype="float64")
                for name in ("expected", "p_cost", "p_gain")
            },
        }
    )
