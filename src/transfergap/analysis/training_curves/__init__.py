"""Learning curves of agents by paired seeds: metrics, gaps, verdicts."""

from transfergap.analysis.training_curves.gaps import (
    improvement_gap,
    interquartile_mean,
    mean_gap,
    ratio_gap,
    trimmed_gap,
)
from transfergap.analysis.training_curves.judging import FEWEST_SEEDS, judge_curves, mean_curve
from transfergap.analysis.training_curves.learned import (
    AGENT_METRICS,
    ArmCurve,
    CurveMetric,
    MetricGap,
    TrainingCurves,
    delayed,
    held,
    raced,
)
from transfergap.analysis.training_curves.per_seed import (
    areas,
    finals,
    jumpstarts,
    middle_threshold,
    times_to,
)
from transfergap.analysis.training_curves.runs import DroppedRun, Pairs, Run, TrainingRuns, gather
from transfergap.analysis.training_curves.verdicts import Family, Measured, judged

__all__ = [
    "AGENT_METRICS",
    "FEWEST_SEEDS",
    "ArmCurve",
    "CurveMetric",
    "DroppedRun",
    "Family",
    "Measured",
    "MetricGap",
    "Pairs",
    "Run",
    "TrainingCurves",
    "TrainingRuns",
    "areas",
    "delayed",
    "finals",
    "gather",
    "held",
    "improvement_gap",
    "interquartile_mean",
    "judge_curves",
    "judged",
    "jumpstarts",
    "mean_curve",
    "mean_gap",
    "middle_threshold",
    "raced",
    "ratio_gap",
    "times_to",
    "trimmed_gap",
]
