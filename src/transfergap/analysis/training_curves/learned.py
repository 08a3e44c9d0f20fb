"""Steps until an agent has learned, and its delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import numpy as np

from transfergap.analysis.training_curves.runs import Floats
from transfergap.errors import ConfigurationError
from transfergap.stats.gap import Gap, Verdict

if TYPE_CHECKING:
    import pandas as pd


def held(scores: Floats, steps: Floats, at: Floats) -> Floats:
    """Return the score at each step of ``at``, held since measured.

    Before the first measurement it is the first score.

    Examples
    --------
    >>> held(np.array([1.0, 2.0]), np.array([0.0, 10.0]), np.array([-5.0, 9.0, 10.0])).tolist()
    [1.0, 1.0, 2.0]
    """
    latest = np.searchsorted(steps, at, side="right") - 1
    return scores[np.maximum(latest, 0)]


def delayed(scores: Floats, steps: Floats, *, by: float, before: float) -> Floats:
    """Return a curve that starts ``by`` steps late.

    As pretraining delays it when it is charged.

    Parameters
    ----------
    scores, steps : ndarray, shape (n_steps,)
    by : float
        Steps that were spent before, >= 0.
    before : float
        The score while they are spent: that of an untrained agent.

    References
    ----------
    Taylor and Stone (2009), section 2.1.2: the total time scenario.

    Examples
    --------
    >>> delayed(np.array([5.0, 6.0, 7.0]), np.array([0.0, 1.0, 2.0]), by=1.0, before=0.0).tolist()
    [0.0, 5.0, 6.0]
    """
    return np.where(steps - steps[0] < by, before, held(scores, steps, steps - by))


def raced(
    control: Floats,
    challengers: Sequence[Floats],
    steps: Floats,
    *,
    share: float,
    margin: float,
) -> tuple[Floats, int]:
    """Return the curve of a race, continued by the best racer.

    All train for a share of the budget first.

    Parameters
    ----------
    control : ndarray, shape (n_steps,)
        Curve of the control.
    challengers : sequence of ndarray, shape (n_steps,)
        Curves of the others, of the same seed.
    steps : ndarray, shape (n_steps,)
    share : float
        Of the budget that the race takes in all, in (0, 1); each racer gets an equal part of it,
        rounded down to a step at which scores are known.
    margin : float
        A challenger must beat the control by more than this at the end of its part: ties go to the
        control.

    Returns
    -------
    curve : ndarray, shape (n_steps,)
        During the race the control's curve, slowed down by the number of racers; after it the
        winner's, late by what the losers used.
    winner : int
        0 for the control, 1 for the first challenger, and so on.

    Raises
    ------
    ConfigurationError
        If a racer's part holds no step at which scores are known.

    Notes
    -----
    Nothing is trained again: the racers' curves are those of their arms, with the same seeds,
    so the race is the same. Evaluations are free, as they are for every arm.

    Examples
    --------
    >>> steps = np.arange(0.0, 11.0)
    >>> curve, winner = raced(steps / 10, [steps / 5], steps, share=0.2, margin=0.0)
    >>> winner, curve[[0, 1, 2, 3]].tolist()
    (1, [0.0, 0.0, 0.2, 0.4])
    """
    n_racers = 1 + len(challengers)
    stop = steps[0] + share * (steps[-1] - steps[0]) / n_racers
    # 1e-9 of slack: the share of a budget is rarely exact in floats.
    ends = np.flatnonzero((steps > steps[0]) & (steps <= stop + 1e-9 * abs(stop)))
    if not 0 < share < 1 or not len(ends):
        raise ConfigurationError(
            f"A race of {n_racers} agents for {share:.0%} of the budget leaves each without an"
            " evaluation.",
            hint="evaluate more often (eval_every), or race longer (Race((source,), share=0.4))",
        )
    end = int(ends[-1])
    scores = [float(curve[end]) for curve in challengers]
    best = int(np.argmax(scores))
    winner = 1 + best if scores[best] > float(control[end]) + margin else 0
    chosen = challengers[winner - 1] if winner else control
    part = float(steps[end] - steps[0])
    slowed = held(control, steps, steps[0] + (steps - steps[0]) / n_racers)
    late = held(chosen, steps, steps - part * (n_racers - 1))
    return np.where(steps - steps[0] < n_racers * part, slowed, late), winner


class CurveMetric(StrEnum):
    """Metric that compares learning curves."""

    AREA = "mean over the budget"
    FINAL = "final score"
    JUMPSTART = "jumpstart"
    TIME = "steps saved to the threshold"
    RATIO = "transfer ratio"
    MIDDLE = "interquartile mean of final scores"
    IMPROVEMENT = "probability of improvement"
    FIRST_TRIAL = "first trial"
    MEAN_TRIALS = "mean over the trials"
    LAST_TRIALS = "last trials"
    TRIALS_SAVED = "trials saved to the criterion"
    PERCENT = "percent transfer"
    POSSIBLE = "percent of the possible"
    SYMMETRIC = "percent transfer, symmetric"
    SAVINGS = "savings"
    EFFECTIVENESS = "transfer effectiveness ratio"


# Curves of agents have these, those of people the others (analysis.people).
AGENT_METRICS = (
    CurveMetric.AREA,
    CurveMetric.FINAL,
    CurveMetric.JUMPSTART,
    CurveMetric.TIME,
    CurveMetric.RATIO,
    CurveMetric.MIDDLE,
    CurveMetric.IMPROVEMENT,
)


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
        Of the control; of people, all participants.
    notes : tuple of str
        Runs that were left out, and charges for pretraining.
    learners : {"agents", "people", "the same people"}
        Whose curves these are; people are in one group each, or the same in every group.
    n_clusters : int or None
        Classes, schools or litters of people that were compared in their place.

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
    learners: Literal["agents", "people", "the same people"] = "agents"
    n_clusters: int | None = None

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
