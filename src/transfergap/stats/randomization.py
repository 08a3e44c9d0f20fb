"""Gaps and ratios of two groups of people, by inverting randomization tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from transfergap.stats.gap import LEVEL, Gap
from transfergap.stats.paired import few_differences_floor, is_rounding
from transfergap.stats.rearrangements import Floats, Tails, signs, splits

# Halvings of a bracket: a limit is exact to 1e-9 of it.
_HALVINGS = 30
_TAIL = (1.0 - LEVEL) / 2
# Ratios of skewed scores are further out than the pivot says where a head start changes the shape:
# p-values of ratios but 1 are multiplied, by so much at few participants and less at more. Chosen
# by `python -m benchmarks.people_claims --choose` on laws that no benchmark of ours judges by.
_PAIRED_EXCESS, _PAIRED_FEW = 3.0, 13
_UNPAIRED_EXCESS, _UNPAIRED_FEW = 1.0, 6


@dataclass(frozen=True)
class Comparison:
    """Scores of a control group and of a treated one.

    Parameters
    ----------
    control, treated : ndarray
        One score a participant; of the same participants, in the same order, where paired.
    paired : bool
    seed : int
        Of the rearrangements that are drawn where they are too many to be listed.
    """

    control: Floats
    treated: Floats
    paired: bool
    seed: int = 0

    @property
    def n(self) -> int:
        """Return the participants of the smaller group."""
        return min(len(self.control), len(self.treated))


def _tails(data: Comparison, fixed: Floats, moving: Floats) -> Tails:
    n = len(data.treated)
    if data.paired:
        arrangements, listed = signs(n, data.seed)
        return Tails(fixed, moving, 0, arrangements, listed)
    arrangements, listed = splits(n, len(data.control), data.seed)
    return Tails(fixed, moving, n, arrangements, listed)


def difference_gap(data: Comparison, *, largest: float = 0.0) -> Gap:
    """Return the gap of two means, paired or not.

    Parameters
    ----------
    data : Comparison
        More is better; at least two participants a group.
    largest : float
        The largest difference that one participant could make. Where fewer than five of a group
        differ from the rest, an effect of 3 / n times this is not excluded (rule of three).

    Returns
    -------
    Gap
        Each p-value is the largest of three: t for unequal spreads, with the fewest degrees of
        freedom that Welch's can have (paired: Student's), t without the skewness of the means
        (Hall 1992; Cressie and Whitford 1986), and a randomization test
        of the same t. The interval holds what neither excludes. ``n_pairs`` is the size of the
        smaller group.

    Notes
    -----
    Where training elsewhere changes nothing, participants are exchangeable, and the second p-value
    is exact for any shape and any sizes: t alone claims too often where skewed groups differ in
    size (docs/people.md). The interval inverts it for a shift of all scores.

    References
    ----------
    Welch (1947), The Generalization of "Student's" Problem; Janssen (1997), Studentized Permutation
    Tests for Non-i.i.d. Hypotheses and the Generalized Behrens-Fisher Problem; Phipson and Smyth
    (2010), Permutation P-values Should Never Be Zero.

    Examples
    --------
    >>> fast, slow = np.array([3.0, 4.0, 5.0, 4.5, 3.5]), np.array([1.0, 2.0, 1.5, 2.5, 2.0, 1.0])
    >>> gap = difference_gap(Comparison(slow, fast, paired=False))
    >>> round(gap.estimate, 3), gap.n_pairs, round(gap.p_helps, 4)
    (2.333, 5, 0.0029)
    """
    estimate, error, df = _moments(data)
    tails = _shifted(data)
    if data.paired:
        unseen = few_differences_floor(data.treated - data.control, largest)
    else:
        unseen = max(_unseen(group, largest) for group in (data.treated, data.control))
    step = error or max(abs(estimate), 1e-12)
    low = _limit(lambda x: tails.at(x)[0], estimate, -step, -np.inf)
    high = _limit(lambda x: tails.at(x)[1], estimate, step, np.inf)
    p_helps, p_hurts = tails.at(0.0)
    wide_low, wide_high = min(low, estimate - unseen), max(high, estimate + unseen)
    return Gap(
        estimate=estimate,
        low=low,
        high=high,
        error=error,
        df=df,
        equivalence_low=wide_low,
        equivalence_high=wide_high,
        p_helps=p_helps,
        p_hurts=p_hurts,
        smallest_margin=max(abs(wide_low), abs(wide_high)),
        n_pairs=data.n,
        method="paired t and sign flips" if data.paired else "Welch's t and permutations",
    )


def ratio_limits(data: Comparison) -> tuple[float, float, float] | None:
    """Return the ratio of two means, treated over control, with its limits.

    Parameters
    ----------
    data : Comparison
        Scores that cannot be below zero.

    Returns
    -------
    tuple of float or None
        Ratio, lower limit, upper limit. ``None`` where the control's mean cannot be told from zero:
        then no ratio is excluded.

    Notes
    -----
    Fieller's pivot, treated - ratio * control, judged as :func:`difference_gap` judges a
    difference; so the limits exclude 1 where those of the difference exclude 0. Inverting the
    randomization test takes one group for a rescaled copy of the other; where it is not, as after
    a head start, limits of few participants are too near, and p-values of t are multiplied by
    up to 4 (paired) or 2.

    References
    ----------
    Fieller (1954), Some Problems in Interval Estimation.

    Examples
    --------
    >>> fast, slow = np.array([3.0, 4.0, 5.0, 4.5, 3.5]), np.array([1.0, 2.0, 1.5, 2.5, 2.0, 1.0])
    >>> [round(x, 2) for x in ratio_limits(Comparison(slow, fast, paired=False))]
    [2.4, 1.53, 4.24]
    """
    mean = float(data.control.mean())
    if mean <= 0:
        return None
    ratio = float(data.treated.mean()) / mean
    tails, factor = rescaled(data), ratio_factor(data)
    step = max(_moments(data)[1] / mean, 1e-9)
    high = _limit(lambda x: tails.at(x, factor)[1], ratio, step, np.inf)
    low = _limit(lambda x: tails.at(x, factor)[0], ratio, -step, 0.0)
    above, below = tails.at(1.0)
    # A ratio of 1 is no difference, of which the test is exact: what it excludes stays excluded.
    low = max(low, float(np.nextafter(1.0, 2.0))) if above < _TAIL else low
    high = min(high, float(np.nextafter(1.0, 0.0))) if below < _TAIL else high
    return (ratio, low, high) if np.isfinite(high) else None


def p_values(
    data: Comparison, supposed: float = 0.0, *, of_ratio: bool = False
) -> tuple[float, float]:
    """Return p-values of "more than supposed" and of "less".

    Parameters
    ----------
    data : Comparison
    supposed : float
        Of the difference of means, or of their ratio.
    of_ratio : bool
        Those of ratios but 1 are multiplied (:func:`ratio_factor`).

    Examples
    --------
    >>> scores = np.array([1.0, 2.0, 1.5, 2.5, 2.0])
    >>> p_values(Comparison(scores, scores, paired=True))
    (1.0, 1.0)
    """
    if not of_ratio:
        return _shifted(data).at(supposed)
    factor = 1.0 if supposed == 1.0 else ratio_factor(data)
    return rescaled(data).at(supposed, factor)


def ratio_factor(data: Comparison) -> float:
    """Return the factor of p-values by t, of ratios other than 1.

    Examples
    --------
    >>> six, forty = np.arange(6.0), np.arange(40.0)
    >>> ratio_factor(Comparison(six, six, True)), ratio_factor(Comparison(six, forty, False))
    (4.0, 2.0)
    """
    excess, few = (
        (_PAIRED_EXCESS, _PAIRED_FEW) if data.paired else (_UNPAIRED_EXCESS, _UNPAIRED_FEW)
    )
    return 1.0 + excess * min(1.0, few / data.n)


def _shifted(data: Comparison) -> Tails:
    if data.paired:
        return _tails(data, data.treated - data.control, np.full(data.n, -1.0))
    pooled = np.concatenate([data.treated, data.control])
    moving = np.concatenate([np.full(len(data.treated), -1.0), np.zeros(len(data.control))])
    return _tails(data, pooled, moving)


def rescaled(data: Comparison) -> Tails:
    """Return p-values of a supposed ratio, by the differences from it."""
    if data.paired:
        return _tails(data, data.treated, -data.control)
    n, m = len(data.treated), len(data.control)
    return _tails(
        data,
        np.concatenate([data.treated, np.zeros(m)]),
        np.concatenate([np.zeros(n), data.control]),
    )


def _moments(data: Comparison) -> tuple[float, float, float]:
    """Return the difference of means, its standard error and degrees of freedom."""
    size = float(max(np.abs(data.control).max(), np.abs(data.treated).max()))
    if data.paired:
        differences = data.treated - data.control
        error = float(np.std(differences, ddof=1) / np.sqrt(data.n))
        estimate, df = float(differences.mean()), float(data.n - 1)
    else:
        a, b = (float(np.var(g, ddof=1) / len(g)) for g in (data.treated, data.control))
        n, m = len(data.treated), len(data.control)
        error, estimate = float(np.sqrt(a + b)), float(data.treated.mean() - data.control.mean())
        df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1)) if a + b > 0 else float(n + m - 2)
    error = 0.0 if is_rounding(error, size=size) else error
    return 0.0 if is_rounding(estimate, size=size) else estimate, error, df


def _unseen(scores: Floats, largest: float) -> float:
    """Return an effect that scores which are nearly all alike cannot exclude."""
    values, counts = np.unique(scores, return_counts=True)
    return few_differences_floor(scores - values[np.argmax(counts)], largest)


def _limit(p_value: Callable[[float], float], start: float, step: float, bound: float) -> float:
    """Return where a p-value falls to 5 %, going from the estimate.

    The bound where it does not fall so far.
    """
    inside, outside = start, start + step
    # A step of 2^40 errors: no data that could exclude a value exclude none nearer than that.
    for _ in range(40):
        beyond = outside <= bound if step < 0 else outside >= bound
        if beyond or p_value(outside) < _TAIL:
            break
        inside, step = outside, 2.0 * step
        outside = start + step
    else:
        return float(np.sign(step) * np.inf)
    if beyond:
        outside = bound
        if p_value(bound) >= _TAIL:
            return bound
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if p_value(middle) < _TAIL:
            outside = middle
        else:
            inside = middle
    return outside
