"""Gaps of learning curves in words, with units and marks."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.analysis.training_curves.learned import CurveMetric, MetricGap
from transfergap.report.choice import MARKS, judged_arms
from transfergap.report.numbers import EMPTY_CELL, Numbers, numbers_for

MAIN = (CurveMetric.JUMPSTART, CurveMetric.FINAL, CurveMetric.TIME, CurveMetric.RATIO)
SHORT = {
    CurveMetric.AREA: "mean",
    CurveMetric.FINAL: "final",
    CurveMetric.JUMPSTART: "jumpstart",
    CurveMetric.TIME: "steps saved",
    CurveMetric.RATIO: "transfer ratio",
    CurveMetric.MIDDLE: "interquartile mean",
    CurveMetric.IMPROVEMENT: "better than control",
}
# Probabilities and ratios: two decimals, as seeds are few.
_SHARES = Numbers(2)
_STEPS = Numbers(0)


def metric_words(result: AuditResult, metric_gap: MetricGap) -> str:
    """Return a gap with its interval.

    As a probability for how often the arm is better.
    """
    gap = metric_gap.gap
    if gap is None:
        return EMPTY_CELL
    if is_equal(metric_gap):
        return "equal in every seed"
    if metric_gap.metric is CurveMetric.IMPROVEMENT:
        low, high = _SHARES.plain(0.5 + gap.low), _SHARES.plain(0.5 + gap.high)
        # The gap is the probability less one half; readers know the probability.
        return f"{_SHARES.plain(0.5 + gap.estimate)} [{low}, {high}]"
    numbers = numbers_for(result)
    if metric_gap.metric is CurveMetric.RATIO:
        numbers = _SHARES
    if metric_gap.metric is CurveMetric.TIME:
        numbers = _STEPS
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
