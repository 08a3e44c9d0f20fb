"""A result as JSON, stable and versioned, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from transfergap.errors import RunDirectoryError
from transfergap.explaining import Explanation
from transfergap.report._reading import read_result
from transfergap.report.choice import trial_counts
from transfergap.report.curve_record import curve_record, read_curve
from transfergap.report.subgroup_record import read_subgroups, subgroups_record
from transfergap.report.training_record import read_training, training_record
from transfergap.result import SCHEMA, ArmOutcome, AuditResult

_INFINITE = {math.inf: "inf", -math.inf: "-inf"}


def result_to_json(result: AuditResult) -> str:
    """Return the whole result as JSON: keys in a fixed order, ASCII, ending with a newline.

    Infinite numbers become the strings ``"inf"`` and ``"-inf"``.

    Raises
    ------
    ValueError
        If a number of the result is NaN.
    """
    return json.dumps(_plain(_record(result)), indent=2, allow_nan=False) + "\n"


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
    except (ValueError, RecursionError) as error:
        raise RunDirectoryError(f"The result is no readable JSON: {error}.", hint=hint) from error
    schema = record.get("schema") if isinstance(record, dict) else None
    if schema != SCHEMA:
        said = repr(schema)[:60] if isinstance(schema, str) else "none"
        raise RunDirectoryError(
            f"The result has the schema {said}, not {SCHEMA!r}.", hint=hint
        )  # fmt: skip
    try:
        return replace(
            read_result(record),
            subgroups=read_subgroups(record.get("subgroups")),
            curve=read_curve(record.get("curve")),
            budgets=read_curve(record.get("budgets")),
            training=read_training(record.get("training")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be used: {error}"
        raise RunDirectoryError(f"The result {what}.", hint=hint) from error


def _record(result: AuditResult) -> dict[str, Any]:
    trials, target, below = trial_counts(result), result.target, result.subgroups
    return {
        "schema": result.schema,
        "version": result.version,
        "target": target.name,
        "metric": result.metric,
        "metric_title": result.metric_title,
        "metric_unit": result.metric_unit,
        "margin": result.margin,
        "level": result.level,
        "gaps": [_gap(result, arm) for arm in result.arms if arm.gap is not None],
        "arms": [_arm(arm) for arm in result.arms],
        "findings": [
            {
                "code": f.code,
                "title": f.title,
                "subject": f.subject,
                "strength": str(f.strength),
                "says": f.says,
                "fix": f.fix,
                "evidence": dict(f.evidence),
                "repair_gap": f.repair_gap,
                "repair_low": f.repair_low,
                "repair_high": f.repair_high,
            }
            for f in result.findings
        ],
        "explanations": [_explanation(e) for e in result.explanations],
        "ranking": None if result.ranking is None else asdict(result.ranking),
        "silent_checks": _fields(result.silent_checks, "code", "title", "reason"),
        "trials": {
            "planned": trials.planned,
            "completed": trials.completed,
            "failed": trials.failed,
        },
        "failures": _fields(result.failures, "arm", "error", "n_trials", "first_split"),
        "smallest_visible_gap": result.smallest_visible_gap,
        "target_info": {
            "n_rows": target.n_rows,
            "n_features": target.n_features,
            "task": target.task,
            "class_counts": [list(pair) for pair in target.class_counts],
            "n_groups": target.n_groups,
            **({} if target.positive is None else {"positive": target.positive}),
            **({"weighted": True} if target.weighted else {}),
        },
        "sources": _fields(
            result.sources,
            *("name", "n_rows", "n_given", "n_duplicates_removed", "n_foreign_label_rows"),
        ),
        "learner": result.learner,
        "precision": result.precision,
        "seed": result.seed,
        "method_notes": list(result.method_notes),
        "fingerprint": result.fingerprint,
        "versions": dict(result.versions),
        **({} if below is None else {"subgroups": subgroups_record(below)}),
        **({} if result.curve is None else {"curve": curve_record(result.curve)}),
        **({} if result.budgets is None else {"budgets": curve_record(result.budgets)}),
        **({} if result.training is None else {"training": training_record(result.training)}),
    }


def _fields(values: Iterable[object], *names: str) -> list[dict[str, Any]]:
    return [{name: getattr(value, name) for name in names} for value in values]


def _gap(result: AuditResult, arm: ArmOutcome) -> dict[str, Any]:
    gap = arm.gap
    assert gap is not None
    return {
        "arm": arm.arm,
        "sources": list(arm.sources),
        "estimate": gap.estimate,
        "low": gap.low,
        "high": gap.high,
        "level": result.level,
        "pairs": gap.n_pairs,
        "method": gap.method,
        "verdict": None if arm.verdict is None else str(arm.verdict),
        "smallest_margin": gap.smallest_margin,
        "error": gap.error,
        "df": gap.df,
        "equivalence_low": gap.equivalence_low,
        "equivalence_high": gap.equivalence_high,
        "p_helps": gap.p_helps,
        "p_hurts": gap.p_hurts,
        "instability": gap.instability,
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "arm": explanation.arm,
        "source": explanation.source,
        "harm": asdict(explanation.harm),
        "causes": list(explanation.causes),
        "sure": list(explanation.sure),
        "repairs": [asdict(outcome) for outcome in explanation.repairs],
        "fits": explanation.n_fits,
    }


def _arm(arm: ArmOutcome) -> dict[str, Any]:
    return {
        "arm": arm.arm,
        "sources": list(arm.sources),
        "judged": arm.judged,
        "score": arm.score,
        "verdict": None if arm.verdict is None else str(arm.verdict),
        "held_back": arm.held_back,
        "rows_to_settle": arm.rows_to_settle,
        "trials": {
            "planned": arm.n_planned,
            "completed": arm.n_completed,
            "failed": arm.n_failed,
        },
    }


def _plain(value: Any) -> Any:
    """Return a value in the types of JSON: NumPy scalars as Python's, infinities as strings."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        return _INFINITE[value]
    return value
