"""Learning curves of agents with bands, and gaps of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from transfergap.stats.gap import Gap, Verdict

if TYPE_CHECKING:
    import pandas as pd


class CurveMetric(StrEnum):
    """Metric that compares learning curves."""

    AREA = "mean over the budget"
    FINAL = "final score"
    JUMPSTART = "jumpstart"
    TIME = "steps saved to the threshold"
    RATIO = "transfer ratio"
    MIDDLE = "interquartile mean of final scores"
    IMPROVEMENT = "probability of improvement"


@dataclass(frozen=True)
class ArmCurve:
    """Mean learning curve of an arm.

    Parameters
    ----------
    arm : str
    mean, low, high : tuple of float
        At each step; the band is the 90 % interval of the mean at single steps.
    n_seeds : int
    """

    arm: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_seeds: int


@dataclass(frozen=True)
class MetricGap:
    """Gap of one arm in one metric.

    Parameters
    ----------
    arm : str
    metric : CurveMetric
    gap : Gap or None
        In units of the metric; positive helps, for steps too: steps that were saved. ``None`` where
        it cannot be computed.
    verdict : Verdict or None
        ``None`` without a gap, and for arms shown for information.
    held_back : bool
        Whether the arm's own interval excludes zero, and the claim did not survive the correction
        for all claims.
    note : str
        Why there is no gap, or what to know about it; may be empty.
    """

    arm: str
    metric: CurveMetric
    gap: Gap | None
    verdict: Verdict | None
    held_back: bool = False
    note: str = ""


@dataclass(frozen=True)
class TrainingCurves:
    """Learning curves of all arms, and what they say.

    Parameters
    ----------
    steps : tuple of float
        At which scores are known.
    score : str
        Name of the score.
    curves : tuple of ArmCurve
        The control first.
    gaps : tuple of MetricGap
        Every metric of every arm but the control.
    judged_by : CurveMetric
        The metric of the table of verdicts, chosen beforehand.
    threshold : float or None
        ``None`` where scores do not rise.
    n_seeds : int
        Of the control.
    notes : tuple of str
        Runs that were left out, and charges for pretraining.

    Examples
    --------
    >>> curve = ArmCurve("control", (0.0, 1.0), (0.0, 0.8), (0.0, 1.2), 10)
    >>> TrainingCurves((0.0, 9.0), "return", (curve,), (), CurveMetric.AREA, None, 10).to_frame()
           arm  step  mean  low  high
    0  control   0.0   0.0  0.0   0.0
    1  control   9.0   1.0  0.8   1.2
    """

    steps: tuple[float, ...]
    score: str
    curves: tuple[ArmCurve, ...]
    gaps: tuple[MetricGap, ...]
    judged_by: CurveMetric
    threshold: float | None
    n_seeds: int
    notes: tuple[str, ...] = ()

    def of(self, arm: str, metric: CurveMetric) -> MetricGap | None:
        """Return the gap of an arm in a metric.

        ``None`` where there is none of that name.
        """
        return next((g for g in self.gaps if g.arm == arm and g.metric is metric), None)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an arm and step: arm, step, mean, low, high."""
        import pandas as pd

        rows = [
            (curve.arm, *point)
            for curve in self.curves
            for point in zip(self.steps, curve.mean, curve.low, curve.high, strict=True)
        ]
        return pd.DataFrame(rows, columns=["arm", "step", "mean", "low", "high"])

    def metrics_frame(self) -> pd.DataFrame:
        """Return one row for each arm and metric.

        Columns: arm, metric, estimate, low, high, verdict, note.
        """
        import pandas as pd

        rows = [
            (
                g.arm,
                str(g.metric),
                *((None,) * 3 if g.gap is None else (g.gap.estimate, g.gap.low, g.gap.high)),
                None if g.verdict is None else str(g.verdict),
                g.note,
            )
            for g in self.gaps
        ]
        names = ["arm", "metric", "estimate", "low", "high", "verdict", "note"]
        return pd.DataFrame(rows, columns=names)
