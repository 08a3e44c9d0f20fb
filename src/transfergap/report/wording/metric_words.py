"""Gaps of learning curves in words, with units and marks."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.analysis.training_curves.learned import CurveMetric, MetricGap
from transfergap.report.choice import MARKS, judged_arms
from transfergap.report.wording.numbers import EMPTY_CELL, Numbers, numbers_for, of_people

MAIN = (CurveMetric.JUMPSTART, CurveMetric.FINAL, CurveMetric.TIME, CurveMetric.RATIO)
FURTHER = (CurveMetric.AREA, CurveMetric.MIDDLE, CurveMetric.IMPROVEMENT)
PEOPLE_MAIN = (
    CurveMetric.FIRST_TRIAL,
    CurveMetric.MEAN_TRIALS,
    CurveMetric.LAST_TRIALS,
    CurveMetric.TRIALS_SAVED,
    CurveMetric.SAVINGS,
    CurveMetric.PERCENT,
)
PEOPLE_FURTHER = (CurveMetric.POSSIBLE, CurveMetric.SYMMETRIC, CurveMetric.EFFECTIVENESS)
_PERCENTAGES = (
    CurveMetric.PERCENT,
    CurveMetric.POSSIBLE,
    CurveMetric.SYMMETRIC,
    CurveMetric.SAVINGS,
)
SHORT = {
    CurveMetric.AREA: "mean",
    CurveMetric.FINAL: "final",
    CurveMetric.JUMPSTART: "jumpstart",
    CurveMetric.TIME: "steps saved",
    CurveMetric.RATIO: "transfer ratio",
    CurveMetric.MIDDLE: "interquartile mean",
    CurveMetric.IMPROVEMENT: "better than control",
    CurveMetric.FIRST_TRIAL: "first trial",
    CurveMetric.MEAN_TRIALS: "mean",
    CurveMetric.LAST_TRIALS: "last trials",
    CurveMetric.TRIALS_SAVED: "trials saved",
    CurveMetric.PERCENT: "percent transfer",
    CurveMetric.POSSIBLE: "of the possible",
    CurveMetric.SYMMETRIC: "symmetric",
    CurveMetric.SAVINGS: "savings",
    CurveMetric.EFFECTIVENESS: "effectiveness ratio",
}
# Probabilities and ratios: two decimals, as seeds are few.
_SHARES = Numbers(2)
_STEPS = Numbers(0)
_TRIALS = Numbers(1)


def main_metrics(result: AuditResult) -> tuple[CurveMetric, ...]:
    """Return the metrics that are shown first, of agents or of people."""
    return PEOPLE_MAIN if of_people(result) else MAIN


def further_metrics(result: AuditResult) -> tuple[CurveMetric, ...]:
    """Return the metrics of the fold, those that any arm has."""
    training = result.training_curves
    present = set() if training is None else {one.metric for one in training.gaps}
    return tuple(m for m in (PEOPLE_FURTHER if of_people(result) else FURTHER) if m in present)


def metric_words(result: AuditResult, metric_gap: MetricGap) -> str:
    """Return a gap with its interval.

    As a probability for how often the arm is better.
    """
    gap = metric_gap.gap
    if gap is None:
        return EMPTY_CELL
    if is_equal(metric_gap):
        return "equal in all" if of_people(result) else "equal in every seed"
    if metric_gap.metric is CurveMetric.IMPROVEMENT:
        low, high = _SHARES.plain(0.5 + gap.low), _SHARES.plain(0.5 + gap.high)
        # The gap is the probability less one half; readers know the probability.
        return f"{_SHARES.plain(0.5 + gap.estimate)} [{low}, {high}]"
    numbers = numbers_for(result)
    if metric_gap.metric is CurveMetric.RATIO:
        numbers = _SHARES
    if metric_gap.metric is CurveMetric.TIME:
        numbers = _STEPS
    if metric_gap.metric is CurveMetric.TRIALS_SAVED:
        numbers = _TRIALS
    if metric_gap.metric is CurveMetric.EFFECTIVENESS:
        numbers = _SHARES
    if metric_gap.metric in _PERCENTAGES:
        low, high = _STEPS.signed(100 * gap.low), _STEPS.signed(100 * gap.high)
        return f"{_STEPS.signed(100 * gap.estimate)}% [{low}%, {high}%]"
    return numbers.gap(gap)


def is_equal(metric_gap: MetricGap) -> bool:
    """Return whether no seed differs.

    A race starts as its control does, by construction.
    """
    gap = metric_gap.gap
    return (
        gap is not None and gap.low == gap.high == 0 and metric_gap.metric is not CurveMetric.RATIO
    )


def mark_of(metric_gap: MetricGap) -> str:
    """Return the mark of a verdict.

    Empty where there is none, or no difference to judge.
    """
    return "" if metric_gap.verdict is None or is_equal(metric_gap) else MARKS[metric_gap.verdict]


def shown_metrics(result: AuditResult) -> dict[str, dict[CurveMetric, MetricGap]]:
    """Return the metrics of each judged arm, in table order."""
    training = result.training_curves
    if training is None:
        return {}
    gaps_by_arm: dict[str, dict[CurveMetric, MetricGap]] = {
        arm.arm: {} for arm in judged_arms(result)
    }
    for metric_gap in training.gaps:
        if metric_gap.arm in gaps_by_arm:
            gaps_by_arm[metric_gap.arm][metric_gap.metric] = metric_gap
    return gaps_by_arm
