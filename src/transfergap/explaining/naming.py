"""From the losses of repaired arms to causes: gains, shares, and which cause is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.explaining.explanation import Interval
from transfergap.explaining.repair import Cause, Repair
from transfergap.folds import N_FOLDS
from transfergap.stats import corrected_error

Floats = NDArray[np.float64]
CLAIM_RATE = 0.05
MOST_COMBINED = 3
# Limits chosen on simulated problems and tables of R packages; see docs/decisions/0014.
ENOUGH = 0.6  # of the best repair's gain: then a repair of a cause of its own is preferred
CLOSE = 0.85  # of the best such gain: then the more particular of them goes first
LEAST_SHARE = 0.2  # of what causes give together, for one of them to be named
OUTWEIGHED = 8.0  # source rows for one of the target: then less weight is tried first
# Causes of their own, the most particular first; the others hold any harm down.
PARTICULAR = (
    Cause.COPIES,
    Cause.LABEL_NOISE,
    Cause.MEASUREMENT,
    Cause.SHORTCUT,
    Cause.LABEL_SHARES,
    Cause.COVARIATES,
)


@dataclass(frozen=True)
class Gains:
    """A mean over folds with its error.

    ``folds`` are the folds' values; ``weights`` the rows they rest on.
    """

    folds: Floats
    weights: Floats

    @property
    def mean(self) -> float:
        """The mean over rows."""
        return float(np.average(self.folds, weights=self.weights))

    @property
    def error(self) -> float:
        """Standard error of the mean, corrected for the training rows that folds share."""
        return corrected_error(self.folds, test_to_train=1.0 / (N_FOLDS - 1))

    @property
    def interval(self) -> Interval:
        """The mean with its 90 % interval."""
        half = float(stats.t.ppf(0.95, max(len(self.folds) - 1, 1))) * self.error
        return Interval(self.mean, self.mean - half, self.mean + half)

    @property
    def p_value(self) -> float:
        """One-sided: that the mean is zero or less."""
        if self.error == 0:
            return 0.5 ** len(self.folds) if self.mean > 0 else 1.0
        return float(stats.t.sf(self.mean / self.error, max(len(self.folds) - 1, 1)))


def shapley(values: Mapping[frozenset[str], Floats], names: Sequence[str]) -> dict[str, Floats]:
    """Return each name's Shapley value, fold by fold.

    Parameters
    ----------
    values : mapping of sets of names to ndarray, shape (n_folds,)
        A value for every subset of ``names``, the empty one included.
    names : sequence of str

    References
    ----------
    Shapley (1953), A Value for n-Person Games.

    Examples
    --------
    >>> one = np.ones(1)
    >>> sets = {frozenset(): 0 * one, frozenset("a"): one, frozenset("b"): 2 * one,
    ...         frozenset("ab"): 3 * one}
    >>> {name: float(value[0]) for name, value in shapley(sets, "ab").items()}
    {'a': 1.0, 'b': 2.0}
    """
    n = len(names)
    shares = {}
    for name in names:
        others = [other for other in names if other != name]
        total = np.zeros_like(values[frozenset()])
        for size in range(n):
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                total = total + weight * (values[before | {name}] - values[before])
        shares[name] = total
    return shares


def best_ways(repairs: Sequence[Repair], gains: Mapping[str, Gains]) -> dict[Cause, Repair]:
    """Return for each cause the repair that gives most, of those that were tried."""
    best: dict[Cause, Repair] = {}
    for repair in repairs:
        if repair.way not in gains:
            continue
        known = best.get(repair.cause)
        if known is None or gains[repair.way].mean > gains[known.way].mean:
            best[repair.cause] = repair
    return best


def sure_causes(best: Mapping[Cause, Repair], gains: Mapping[str, Gains]) -> frozenset[Cause]:
    """Return the causes whose repair gives something back beyond chance (Holm, 5 %)."""
    causes = list(best)
    p_values = np.array([gains[best[cause].way].p_value for cause in causes])
    standing = holm(p_values, CLAIM_RATE)
    return frozenset(cause for cause, stands in zip(causes, standing, strict=True) if stands)


def to_combine(best: Mapping[Cause, Repair], gains: Mapping[str, Gains]) -> list[Repair]:
    """Return the repairs whose joint effect is worth trying: helping ones, at most three.

    Causes of their own first; repairs that hold any harm down stand for each other, so only the
    best of them is combined, and only where there is room.
    """
    helping = [
        cause for cause in best if gains[best[cause].way].mean > gains[best[cause].way].error
    ]
    helping.sort(key=lambda cause: -gains[best[cause].way].mean)
    own = [cause for cause in helping if cause in PARTICULAR]
    rest = [cause for cause in helping if cause not in PARTICULAR]
    chosen = (own + rest[:1])[:MOST_COMBINED]
    return [best[cause] for cause in chosen] if len(chosen) > 1 else []


def named_causes(
    best: Mapping[Cause, Repair],
    gains: Mapping[str, Gains],
    shares: Mapping[Cause, Gains],
    *,
    hurts: bool,
    ratio: float,
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Return the causes to name, the weightiest first, and which of them are sure.

    Parameters
    ----------
    best : mapping of Cause to Repair
        The best repair of each cause.
    gains : mapping of way to Gains
        What single repairs give back.
    shares : mapping of Cause to Gains
        Shapley values of the repairs that were combined; may be empty.
    hurts : bool
        Whether the arm is known to hurt: then there is a cause, and the best repair is named even
        if it is not sure.
    ratio : float
        Source rows for one row of the target.

    Notes
    -----
    Less weight and new labels hold any harm down, whatever its cause, so they are named only where
    no repair of a cause of its own gives nearly as much, alone or together with others.
    """
    size = {cause: gains[best[cause].way].mean for cause in best}
    most = max(size.values(), default=0.0)
    if most <= 0:
        return (), ()
    sure = sure_causes(best, gains)
    first = _ordered([c for c in PARTICULAR if size.get(c, 0.0) >= ENOUGH * most], size)
    first = first or _together(shares, most)
    if not first and size.get(Cause.CAPACITY, 0.0) >= ENOUGH * most:
        first = [Cause.CAPACITY]
    if not first:
        outweighed = ratio >= OUTWEIGHED and size[Cause.SWAMPING] >= CLOSE * size[Cause.CONCEPT]
        first = [Cause.SWAMPING if outweighed else Cause.CONCEPT]
        if size[first[0]] < ENOUGH * most:
            first = [max(size, key=lambda cause: size[cause])]
    named = [cause for cause in first if cause in sure] or (first[:1] if hurts else [])
    return tuple(named), tuple(cause for cause in named if cause in sure)


def _ordered(causes: Sequence[Cause], size: Mapping[Cause, float]) -> list[Cause]:
    """Return causes by size, but the more particular first where sizes are close."""
    left, out = list(causes), []
    while left:
        largest = max(size[cause] for cause in left)
        following = next(cause for cause in left if size[cause] >= CLOSE * largest)
        out.append(following)
        left.remove(following)
    return out


def _together(shares: Mapping[Cause, Gains], most: float) -> list[Cause]:
    """Return causes of their own that only together give back enough, the largest share first."""
    own = {cause: share.mean for cause, share in shares.items() if cause in PARTICULAR}
    joint = sum(own.values())
    if len(own) < 2 or joint < ENOUGH * most:
        return []
    parts = [cause for cause in own if own[cause] >= LEAST_SHARE * joint]
    return sorted(parts, key=lambda cause: -own[cause])


def holm(p_values: Floats, rate: float) -> NDArray[np.bool_]:
    """Return which of several claims stand when any false one is held at ``rate``.

    References
    ----------
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01]), 0.05).tolist()
    [True, True]
    """
    standing = np.zeros(len(p_values), bool)
    for k, place in enumerate(np.argsort(p_values)):
        if p_values[place] > rate / (len(p_values) - k):
            break
        standing[place] = True
    return standing


def subsets(names: Iterable[str]) -> list[frozenset[str]]:
    """Return all subsets, the empty one first."""
    listed = list(names)
    return [frozenset(c) for size in range(len(listed) + 1) for c in combinations(listed, size)]
