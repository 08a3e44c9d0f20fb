"""Curves of gaps, as plain values with a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CurvePoint:
    """The gap at one size of the target, or at one budget.

    Parameters
    ----------
    at : float
        Labelled target rows that were trained on (their mean over folds), or the budget.
    estimate, low, high : float
        Positive helps; the interval has level 0.90.
    n_pairs : int
        Folds that are complete in both arms.
    """

    at: float
    estimate: float
    low: float
    high: float
    n_pairs: int


@dataclass(frozen=True)
class Crossing:
    """Target rows at which the gap of an arm reaches zero.

    Parameters
    ----------
    at : float or None
        Target rows; ``None`` where no crossing is in sight up to ten times the largest size.
    low, high : float or None
        90 % interval; ``None`` for an end that is out of sight.
    extrapolated : bool
        Whether ``at`` lies beyond the largest size trained on.
    limit : float
        Limit of the gap as rows increase, if gap = a + b/n holds.
    """

    at: float | None
    low: float | None
    high: float | None
    extrapolated: bool
    limit: float


@dataclass(frozen=True)
class Worth:
    """Worth of an arm's sources in labelled target rows.

    Parameters
    ----------
    rows : float or None
        Target rows that the control would need on top of ``at`` to be as good as the arm; below 0
        where it would be as good with fewer. ``None`` where no number up to ten times ``at`` does.
    low, high : float or None
        90 % interval; ``None`` for an end that is out of sight.
    at : float
        Target rows that both were trained on.
    fewer : bool
        True where ``rows`` is ``None`` since the arm is worse than the control at all sizes.
    """

    rows: float | None
    low: float | None
    high: float | None
    at: float
    fewer: bool = False

    def __str__(self) -> str:
        ends = ("fewer than were seen", "beyond what can be said")
        low, high = (
            word if end is None else f"{end:+,.0f}"
            for end, word in zip((self.low, self.high), ends, strict=True)
        )
        if self.fewer:
            return "less than no target rows, as the control is better with the fewest tried"
        rows = "more than can be said" if self.rows is None else f"{self.rows:+,.0f}"
        return f"{rows} target rows [{low}, {high}]"


@dataclass(frozen=True)
class GapCurve:
    """Gap of one arm against a growing quantity.

    Parameters
    ----------
    arm : str
    points : tuple of CurvePoint
        In increasing order.
    crossing : Crossing or None
        ``None`` where too few sizes were seen, and for budgets.
    says : str
        The curve in a sentence.
    worth : Worth or None
        ``None`` where too few sizes were seen, where the control does not improve with rows, and
        for budgets.
    """

    arm: str
    points: tuple[CurvePoint, ...]
    crossing: Crossing | None
    says: str
    worth: Worth | None = None


@dataclass(frozen=True)
class LearningCurve:
    """Gaps of some arms against target rows, or against a training budget.

    Parameters
    ----------
    axis : str
        ``"target rows"``, or the name of the parameter.
    metric : str
        Title of the metric that gaps are in.
    curves : tuple of GapCurve
    notes : tuple of str
        Why arms or sizes are missing; whether the control is still improving.
    control_gain : CurvePoint or None
        By how much the control's score grew at the last increase of its budget; ``None`` for
        target rows, and where it cannot be told.
    """

    axis: str
    metric: str
    curves: tuple[GapCurve, ...]
    notes: tuple[str, ...] = ()
    control_gain: CurvePoint | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each arm and point.

        Columns: arm, at, estimate, low, high, n_pairs.
        """
        import pandas as pd

        rows = [
            (curve.arm, point.at, point.estimate, point.low, point.high, point.n_pairs)
            for curve in self.curves
            for point in curve.points
        ]
        return pd.DataFrame(rows, columns=["arm", "at", "estimate", "low", "high", "n_pairs"])

    def __repr__(self) -> str:
        lines = [f"Gap ({self.metric}) against {self.axis}; positive helps, 90 % intervals"]
        for curve in self.curves:
            lines += ["", f"  {curve.arm}: {curve.says}"]
            lines += [
                f"  {point.at:>10,.6g}  {point.estimate:+.3f} [{point.low:+.3f}, {point.high:+.3f}]"
                for point in curve.points
            ]
        lines += ["", *(f"  {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines)
