"""Scale of a forest plot, in terminals and on pages."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.stats.gap import Gap

# Times the median reach: an interval beyond it is clipped and marked.
_FAR_WIDER = 3.0
# Of the margin: its band is always in sight, with some room.
_BESIDE_MARGIN = 1.25


@dataclass(frozen=True)
class Span:
    """Range of gaps shown, from ``low`` to ``high``.

    Intervals are clipped to it.
    """

    low: float
    high: float


def span_of(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> Span:
    """Return the range of ``arms``' intervals, zero and both margins.

    An interval that reaches more than three times as far as the middle one is clipped, so that it
    does not press all others into a dot; so are arms for information.
    """
    judged = [arm.gap for arm in arms if arm.gap is not None and arm.judged]
    gaps = judged or [arm.gap for arm in arms if arm.gap is not None]
    margin = _BESIDE_MARGIN * result.margin
    if not gaps:
        return Span(-margin, margin)
    middle = median(_reach(gap) for gap in gaps)
    # The widest interval that is not far wider than the middle one.
    limit = max(_reach(gap) for gap in gaps if _reach(gap) <= _FAR_WIDER * middle)
    low = min(max(gap.low, -limit) for gap in gaps)
    high = max(min(gap.high, limit) for gap in gaps)
    return Span(min(low, -margin), max(high, margin))


def _reach(gap: Gap) -> float:
    return max(abs(gap.low), abs(gap.high))


@dataclass(frozen=True)
class Cells:
    """Scale of terminal cells, with zero in one.

    Parameters
    ----------
    n_cells, zero : int
        How many cells, and which of them is zero.
    unit : float
        Gap from one cell to the next, > 0.
    """

    n_cells: int
    zero: int
    unit: float

    def position(self, value: float) -> int:
        """Return the cell of a gap; outside ``range(n_cells)`` where it is clipped."""
        steps = value / self.unit
        # Infinite ends and tiny units stay integers; 10,000 is beyond any terminal.
        return self.zero + int(min(max(round(steps), -10_000), 10_000))


def cells_for(span: Span, n_cells: int, *, left: int, right: int) -> Cells:
    """Return a scale of cells with room around zero.

    At least ``left`` cells are before zero and ``right`` after it.
    """
    share = -span.low / (span.high - span.low)
    # Clamped, so that words on both sides of zero keep their cells.
    zero = min(max(round(share * (n_cells - 1)), left), n_cells - 1 - right)
    unit = max(-span.low / zero, span.high / (n_cells - 1 - zero))
    return Cells(n_cells, zero, unit)
