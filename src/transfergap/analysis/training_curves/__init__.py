"""Learning curves of agents by paired seeds: metrics, gaps, verdicts."""

from transfergap.analysis.training_curves.delayed import delayed, held, raced
from transfergap.analysis.training_curves.improvement_gap import improvement_gap
from transfergap.analysis.training_curves.judging import FEWEST_SEEDS, judge_curves
from transfergap.analysis.training_curves.learned import (
    ArmCurve,
    CurveMetric,
    MetricGap,
    TrainingCurves,
)
from transfergap.analysis.training_curves.mean_gap import mean_gap
from transfergap.analysis.training_curves.per_seed import (
    areas,
    finals,
    jumpstarts,
    middle_threshold,
    times_to,
)
from transfergap.analysis.training_curves.ratio_gap import ratio_gap
from transfergap.analysis.training_curves.runs import DroppedRun, Pairs, Run, TrainingRuns, gather
from transfergap.analysis.training_curves.trimmed_gap import interquartile_mean, trimmed_gap

__all__ = [
    "FEWEST_SEEDS",
    "ArmCurve",
    "CurveMetric",
    "DroppedRun",
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
    "jumpstarts",
    "mean_gap",
    "middle_threshold",
    "raced",
    "ratio_gap",
    "times_to",
    "trimmed_gap",
]
