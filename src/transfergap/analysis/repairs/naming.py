"""Gains, shares and named causes from losses of repaired arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.repairs.explanation import Interval
from transfergap.analysis.repairs.repair import Cause, Repair
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.stats import corrected_error, is_rounding

Floats = NDArray[np.float64]
# Family-wise over the causes tried, as a verdict's rate over arms.
CLAIM_RATE = 0.05
DOUBT_RATE = 0.10  # of the likeliest cause of an arm that is not known to hurt
# Eight subsets, at most 40 further fits; twelve repairs would need 4,096 (decision 0014).
MOST_COMBINED = 3
# Limits chosen on simulated problems and tables of R packages; see docs/decisions/0014.
ENOUGH = 0.6  # of the best repair's gain: then a repair of a cause of its own is preferred
CLOSE = 0.85  # of the best such gain: then the more particular of them goes first
LEAST_SHARE = 0.2  # of what causes give together, that is missed without one that is named
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
        """Return the mean over rows."""
        return float(np.average(self.folds, weights=self.weights))

    @property
    def error(self) -> float:
        """Return the standard error of the mean.

        Corrected for the training rows that folds share.
        """
        return corrected_error(self.folds, test_to_train=1.0 / (N_FOLDS - 1))

    @property
    def interval(self) -> Interval:
        """Return the mean with its 90 % interval."""
        half = float(stats.t.ppf(0.95, max(len(self.folds) - 1, 1))) * self.error
        return Interval(self.mean, self.mean - half, self.mean + half)

    @property
    def p_value(self) -> float:
        """Return the one-sided p-value of a mean of zero or less."""
        if is_rounding(self.error, size=float(np.abs(self.folds).max())):
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
        partners = [partner for partner in names if partner != name]
        total = np.zeros_like(values[frozenset()])
        for size in range(n):
            # Share of the orders in which exactly these come before the name.
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for chosen in combinations(partners, size):
                before = frozenset(chosen)
                total = total + weight * (values[before | {name}] - values[before])
        shares[name] = total
    return shares


def best_ways(repairs: Sequence[Repair], gains: Mapping[str, Gains]) -> dict[Cause, Repair]:
    """Return the repair of largest gain for each cause."""
    best: dict[Cause, Repair] = {}
    for repair in repairs:
        if repair.way not in gains:
            continue
        incumbent = best.get(repair.cause)
        if incumbent is None or gains[repair.way].mean > gains[incumbent.way].mean:
            best[repair.cause] = repair
    return best


def sure_causes(best: Mapping[Cause, Repair], gains: Mapping[str, Gains]) -> set[Cause]:
    """Return causes whose repair gains beyond chance (Holm, 5 %)."""
    causes = list(best)
    p_values = np.array([gains[best[cause].way].p_value for cause in causes])
    standing = holm(p_values, CLAIM_RATE)
    return {cause for cause, stands in zip(causes, standing, strict=True) if stands}


def to_combine(
    best: Mapping[Cause, Repair], gains: Mapping[str, Gains], harm: float
) -> list[Repair]:
    """Return the repairs whose joint effect is worth trying, at most three.

    Where no single repair is enough, several causes may be at work, and each repair alone may do
    nothing: then the best of them, helping or not, and if nothing at all gives back the harm, with
    the best of those that hold any harm down. Else those that help, to share out the gain.

    Parameters
    ----------
    best, gains
        As in :func:`named_causes`.
    harm : float
        Loss due to the arm, above 0 where it hurts.
    """
    size = {cause: gains[best[cause].way].mean for cause in best}
    order = sorted(size, key=lambda cause: -size[cause])
    particular = [cause for cause in order if cause in PARTICULAR]
    general = [cause for cause in order if cause not in PARTICULAR]
    largest_gain = max(size.values(), default=0.0)
    # No repair is enough alone: two particular causes may act together, or with a general one.
    if particular and general and largest_gain < ENOUGH * harm:
        return [best[cause] for cause in particular[: MOST_COMBINED - 1] + general[:1]]
    if len(particular) > 1 and size[particular[0]] < ENOUGH * largest_gain:
        return [best[cause] for cause in particular[:MOST_COMBINED]]
    helping = [cause for cause in order if size[cause] > gains[best[cause].way].error]
    particular = [cause for cause in helping if cause in PARTICULAR]
    general = [cause for cause in helping if cause not in PARTICULAR]
    chosen = (particular + general[:1])[:MOST_COMBINED]
    return [best[cause] for cause in chosen] if len(chosen) > 1 else []


def named_causes(
    best: Mapping[Cause, Repair],
    gains: Mapping[str, Gains],
    joint: Mapping[frozenset[Cause], Gains],
    *,
    hurts: bool,
    ratio: float,
    harm: float,
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Return the causes to name, largest first, and the sure ones.

    Parameters
    ----------
    best : mapping of Cause to Repair
        The best repair of each cause.
    gains : mapping of way to Gains
        What single repairs give back.
    joint : mapping of sets of Cause to Gains
        What repairs give back that were combined, single ones included; may be empty.
    hurts : bool
        Whether the arm is known, or likely, to hurt: then there is a cause, and the best repair is
        named even if its gain is in doubt. Else its gain alone must be off zero, at 10 %.
    ratio : float
        Source rows for one row of the target.
    harm : float
        Loss due to the arm; a cause that gives back less than a fifth of it is not named.

    Notes
    -----
    Less weight and new labels hold any harm down, whatever its cause, so they are named only where
    no repair of a particular cause gives nearly as much, alone or together with others.
    """
    size = {cause: gains[best[cause].way].mean for cause in best}
    largest_gain = max([*size.values(), *(value.mean for value in joint.values())], default=0.0)
    if largest_gain <= max(LEAST_SHARE * harm, 0.0):
        return (), ()
    sure = sure_causes(best, gains)
    p_first = {cause: gains[best[cause].way].p_value for cause in best}
    first = _ordered([c for c in PARTICULAR if size.get(c, 0.0) >= ENOUGH * largest_gain], size)
    together = () if first else _together(joint, largest_gain)
    if together:
        value = joint[frozenset(together)]
        # Bonferroni over the causes tried and the set itself.
        if value.p_value <= CLAIM_RATE / (len(best) + 1):
            sure |= set(together)
        p_first |= dict.fromkeys(together, value.p_value)
        first = list(together)
    if not first and size.get(Cause.CAPACITY, 0.0) >= ENOUGH * largest_gain:
        first = [Cause.CAPACITY]
    if not first:
        lighter, corrected = size.get(Cause.SWAMPING, 0.0), size.get(Cause.CONCEPT, 0.0)
        outweighed = ratio >= OUTWEIGHED and lighter >= CLOSE * corrected
        first = [Cause.SWAMPING if outweighed else Cause.CONCEPT]
        if size.get(first[0], 0.0) < ENOUGH * largest_gain:
            first = [max(size, key=lambda cause: size[cause])]
        if size[first[0]] <= max(LEAST_SHARE * harm, 0.0):
            return (), ()
    doubtful = list(together) or first[:1]
    if not hurts and p_first[first[0]] > DOUBT_RATE:
        doubtful = []
    named = [cause for cause in first if cause in sure] or doubtful
    return tuple(named), tuple(cause for cause in named if cause in sure)


def _ordered(causes: Sequence[Cause], size: Mapping[Cause, float]) -> list[Cause]:
    """Return causes by size, particular ones first where sizes are close."""
    remaining, out = list(causes), []
    while remaining:
        largest = max(size[cause] for cause in remaining)
        following = next(cause for cause in remaining if size[cause] >= CLOSE * largest)
        out.append(following)
        remaining.remove(following)
    return out


def _together(joint: Mapping[frozenset[Cause], Gains], largest_gain: float) -> tuple[Cause, ...]:
    """Return the causes that only together give back enough.

    The one missed most comes first. The set of particular causes with the largest gain; if
    none is enough, the largest of those with one that holds any harm down. Causes that are not
    missed are left out.
    """
    several = [chosen for chosen in joint if len(chosen) > 1]
    particular_sets = [chosen for chosen in several if chosen <= set(PARTICULAR)]
    for sets in (particular_sets, [chosen for chosen in several if chosen not in particular_sets]):
        if not sets:
            continue
        chosen = max(sets, key=lambda s: (joint[s].mean, -len(s)))
        value = joint[chosen].mean
        missed = {cause: value - joint[chosen - {cause}].mean for cause in chosen}
        needed = [cause for cause in chosen if missed[cause] >= LEAST_SHARE * value]
        if value >= ENOUGH * largest_gain and len(needed) > 1 and frozenset(needed) in joint:
            return tuple(sorted(needed, key=lambda cause: (-missed[cause], cause.value)))
    return ()


def holm(p_values: Floats, rate: float) -> NDArray[np.bool_]:
    """Return which claims stand at a family-wise rate of ``rate``.

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
