"""Numbers as text: gaps, costs, shares, and the unit of evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from transfergap.analysis.checks.check import Finding
from transfergap.analysis.result import AuditResult
from transfergap.data.metric.catalogue import is_share
from transfergap.stats.gap import Gap

MINUS = "−"
EMPTY_CELL = "—"
# More digits make columns unreadable, whatever the margin.
_MOST_DECIMALS = 6
# Longer numbers are unreadable with all their digits.
_SCIENTIFIC_ABOVE = 1e12


@dataclass(frozen=True)
class Numbers:
    """Formats scores and gaps of one report.

    Parameters
    ----------
    decimals : int
        Digits after the point.
    farthest : float
        The largest gap that there can be: no interval is shown beyond it.
    """

    decimals: int
    farthest: float = math.inf

    def plain(self, value: float | None) -> str:
        """Return a score or a size; a dash for ``None``.

        Examples
        --------
        >>> Numbers(3).plain(0.8471)
        '0.847'
        """
        if value is None:
            return EMPTY_CELL
        return (MINUS if value < 0 else "") + self._digits(value)

    def signed(self, value: float | None) -> str:
        """Return a gap with its sign, which rounding never hides.

        An exact zero has none.

        Examples
        --------
        >>> Numbers(3).signed(-0.0002), Numbers(3).signed(0.0)
        ('−0.000', '0.000')
        """
        return "+" + self._digits(value) if value is not None and value > 0 else self.plain(value)

    def interval(self, low: float, high: float) -> str:
        """Return an interval of gaps."""
        return f"[{self.signed(self._within(low))}, {self.signed(self._within(high))}]"

    def cost_interval(self, low: float, high: float) -> str:
        """Return an interval of gaps counted as costs."""
        return f"[{self.plain(-self._within(high))}, {self.plain(-self._within(low))}]"

    def _within(self, gap: float) -> float:
        return min(max(gap, -self.farthest), self.farthest)

    def gap(self, gap: Gap) -> str:
        """Return a gap with its interval.

        Examples
        --------
        >>> Numbers(2).interval(-0.1, 0.25)
        '[−0.10, +0.25]'
        """
        return f"{self.signed(gap.estimate)} {self.interval(gap.low, gap.high)}"

    def _digits(self, value: float) -> str:
        size = abs(value)
        return f"{size:.3e}" if size >= _SCIENTIFIC_ABOVE else f"{size:,.{self.decimals}f}"


def numbers_for(result: AuditResult) -> Numbers:
    """Return the format for a result: its margin decides the digits."""
    return Numbers(decimals_for(result.margin), 1.0 if is_share(result.metric) else math.inf)


def decimals_for(margin: float) -> int:
    """Return the decimals that show two digits of the margin.

    There are at least three below 1.

    Examples
    --------
    >>> decimals_for(0.02), decimals_for(0.005), decimals_for(2.5), decimals_for(1500.0)
    (3, 4, 1, 0)
    """
    if not math.isfinite(margin) or margin <= 0:
        return 3
    # Two digits of the margin: a margin of 0.02 needs three decimals.
    decimals = 1 - math.floor(math.log10(margin))
    return min(max(decimals, 3 if margin < 1 else 0), _MOST_DECIMALS)


def count(n: int) -> str:
    """Return a count with separated thousands.

    Examples
    --------
    >>> count(9120)
    '9,120'
    """
    return f"{n:,}"


# One step is a third to a half more than the one before: nobody has more digits of such a number.
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


def about(n: int) -> str:
    """Return an estimated count, rounded up to a step that it deserves.

    Examples
    --------
    >>> about(310), about(700), about(1320), about(7)
    ('about 400', 'about 700', 'about 1,500', 'about 7')
    """
    size = 10 ** math.floor(math.log10(max(n, 1)))
    step = next(step for step in _STEPS if n <= step * size * (1 + 1e-9))
    return f"about {count(math.ceil(step * size))}"


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "arm"), counted(12, "arm")
    ('1 arm', '12 arms')
    """
    return f"{count(n)} {noun if n == 1 else plural or noun + 's'}"


def probability(p: float) -> str:
    """Return a p-value.

    Examples
    --------
    >>> probability(0.0001), probability(0.0412)
    ('< 0.001', '0.041')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def chance(p: float) -> str:
    """Return a probability in per cent, never 0 or 100.

    Examples
    --------
    >>> chance(0.004), chance(0.042), chance(0.31), chance(0.9991)
    ('under 1 %', '4 %', '31 %', 'over 99 %')
    """
    if p < 0.01 or p > 0.99:
        return "under 1 %" if p < 0.01 else "over 99 %"
    return f"{100 * p:.0f} %"


def level(result: AuditResult) -> str:
    """Return the level of the intervals, such as ``90%``."""
    return f"{100 * result.level:.4g}%"


@dataclass(frozen=True)
class Unit:
    """The unit of evidence.

    Parameters
    ----------
    noun, short : str
        In full, and where the context says the rest.
    n : int or None
        Number of units; ``None`` where it is unknown.
    more : str
        How to get more of them.
    """

    noun: str
    short: str
    n: int | None
    more: str


def unit_of(result: AuditResult) -> Unit:
    """Return the unit of a result."""
    if of_people(result):
        curves = result.training_curves
        if curves is not None and curves.n_clusters is not None:
            return Unit("cluster", "cluster", curves.n_clusters, "train more clusters")
        n = None if curves is None else curves.n_seeds
        return Unit("participant", "participant", n, "train more participants")
    if result.training_curves is not None:
        return Unit("seed", "seed", result.training_curves.n_seeds, "train with more seeds")
    return Unit(
        "labelled target row", "labelled row", result.target.n_rows, "label more target rows"
    )


def of_agents(result: AuditResult) -> bool:
    """Return whether agents were audited, and no tables."""
    return result.training_curves is not None and result.training_curves.learners == "agents"


def of_people(result: AuditResult) -> bool:
    """Return whether learning curves of people were audited."""
    return result.training_curves is not None and result.training_curves.learners != "agents"


def control_suffix(result: AuditResult) -> str:
    """Return what stands behind the name of the control."""
    return " (nothing before)" if of_people(result) else " (target only)"


def repair_words(finding: Finding, numbers: Numbers) -> str:
    """Return the gain of repairing the cause, in words.

    Empty where that was not tried.
    """
    if finding.repair_gap is None:
        return ""
    text = f"repairing it: {numbers.signed(finding.repair_gap)}"
    if finding.repair_low is None or finding.repair_high is None:
        return text
    return f"{text} {numbers.interval(finding.repair_low, finding.repair_high)}"
