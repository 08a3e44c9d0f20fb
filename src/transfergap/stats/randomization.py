"""Gaps and ratios of two groups of people, by inverting randomization tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.stats.gap import LEVEL, Gap
from transfergap.stats.paired import few_differences_floor, is_rounding

Floats = NDArray[np.float64]
# Rearrangements that are drawn where there are more. The test is valid for any number (Phipson and
# Smyth 2010); with these, a p-value of 0.05 has a standard error of 0.005.
N_DRAWS = 1_999
# Of large groups fewer: what the test adds to t is gone by then, and memory is not free.
_FEWEST_DRAWS, _MOST_CELLS = 199, 1_000_000
# Halvings of a bracket: a limit is exact to 1e-9 of it.
_HALVINGS = 30
_TAIL = (1.0 - LEVEL) / 2


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


@dataclass(frozen=True)
class _Tails:
    """P-values of two directions at any supposed value.

    The values ``fixed + supposed * moving`` are rearranged: between the groups, or in their signs.
    """

    fixed: Floats
    moving: Floats
    n_treated: int  # 0 where values are paired differences
    arrangements: Floats
    listed: bool

    def at(self, supposed: float) -> tuple[float, float]:
        """Return p-values of "more than supposed" and of "less"."""
        values = self.fixed + supposed * self.moving
        size = float(np.abs(self.fixed).max() + abs(supposed) * np.abs(self.moving).max())
        t, df = (self._welch if self.n_treated else self._student)(values, size)
        drawn = t[1:] if not self.listed else t
        # The arrangement that was observed counts as one of those drawn.
        more = 0 if self.listed else 1
        slack = 1e-9 * (1.0 + abs(t[0]) if np.isfinite(t[0]) else 1.0)
        total = len(drawn) + more
        above = (np.sum(drawn >= t[0] - slack) + more) / total
        below = (np.sum(drawn <= t[0] + slack) + more) / total
        return (
            max(float(above), float(stats.t.sf(t[0], df))),
            max(float(below), float(stats.t.cdf(t[0], df))),
        )

    def _welch(self, values: Floats, size: float) -> tuple[Floats, float]:
        n, m = self.n_treated, len(values) - self.n_treated
        centred = values - values.mean()
        sums, squares = self.arrangements @ centred, self.arrangements @ centred**2
        first, second = sums / n, (centred.sum() - sums) / m
        spread = np.maximum(squares - n * first**2, 0.0) / (n - 1) / n
        other = np.maximum((centred**2).sum() - squares - m * second**2, 0.0) / (m - 1) / m
        t = _ratio(first - second, np.sqrt(spread + other), size)
        a, b = float(spread[0]), float(other[0])
        df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1)) if a + b > 0 else n + m - 2
        return t, df

    def _student(self, values: Floats, size: float) -> tuple[Floats, float]:
        n = len(values)
        means = self.arrangements @ values / n
        spread = np.maximum((values**2).mean() - means**2, 0.0) / (n - 1)
        return _ratio(means, np.sqrt(spread), size), n - 1


def _ratio(differences: Floats, errors: Floats, size: float) -> Floats:
    """Return t, infinite where a difference has no spread.

    It is 0 where nothing differs.
    """
    flat = errors <= 1e-7 * size  # sums of squares keep half of the digits
    differences = np.where(np.abs(differences) <= 1e-9 * size, 0.0, differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(flat, np.sign(differences) * np.inf, differences / errors)
    return np.where(flat & (differences == 0), 0.0, t)


def _tails(data: Comparison, fixed: Floats, moving: Floats) -> _Tails:
    n = len(data.treated)
    if data.paired:
        arrangements, listed = _signs(n, data.seed)
        return _Tails(fixed, moving, 0, arrangements, listed)
    arrangements, listed = _splits(n, len(data.control), data.seed)
    return _Tails(fixed, moving, n, arrangements, listed)


def _n_draws(n: int) -> int:
    return min(max(_MOST_CELLS // n, _FEWEST_DRAWS), N_DRAWS)


# Every measure of a pair of groups needs the same arrangements again: a few are remembered.
@lru_cache(maxsize=8)
def _signs(n: int, seed: int) -> tuple[Floats, bool]:
    """Return signs of n differences, those observed first."""
    n_draws = _n_draws(n)
    if 2 ** min(n, 60) <= n_draws:
        return np.array(list(product([1.0, -1.0], repeat=n))), True
    drawn = np.random.default_rng(seed).choice([1.0, -1.0], size=(n_draws, n))
    return np.vstack([np.ones(n), drawn]), False


@lru_cache(maxsize=8)
def _splits(n: int, m: int, seed: int) -> tuple[Floats, bool]:
    """Return memberships of n among n + m, those observed first."""
    n_draws = _n_draws(n + m)
    if comb(n + m, n) <= n_draws:
        rows = np.zeros((comb(n + m, n), n + m))
        for row, members in zip(rows, combinations(range(n + m), n), strict=True):
            row[list(members)] = 1.0
        return rows, True
    rows = np.zeros((n_draws + 1, n + m))
    rows[0, :n] = 1.0
    random = np.random.default_rng(seed).random((n_draws, n + m))
    order = np.argsort(random, axis=1)[:, :n]
    np.put_along_axis(rows[1:], order, 1.0, axis=1)
    return rows, False


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
        Each p-value is the larger of two: Welch's t (paired: Student's), and a randomization test
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
    (2.333, 5, 0.0022)
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
    randomization test takes one group for a rescaled copy of the other.

    References
    ----------
    Fieller (1954), Some Problems in Interval Estimation.

    Examples
    --------
    >>> fast, slow = np.array([3.0, 4.0, 5.0, 4.5, 3.5]), np.array([1.0, 2.0, 1.5, 2.5, 2.0, 1.0])
    >>> [round(x, 2) for x in ratio_limits(Comparison(slow, fast, paired=False))]
    [2.4, 1.76, 3.51]
    """
    mean = float(data.control.mean())
    if mean <= 0:
        return None
    ratio = float(data.treated.mean()) / mean
    tails = _rescaled(data)
    step = max(_moments(data)[1] / mean, 1e-9)
    high = _limit(lambda x: tails.at(x)[1], ratio, step, np.inf)
    if not np.isfinite(high):
        return None
    return ratio, _limit(lambda x: tails.at(x)[0], ratio, -step, 0.0), high


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

    Examples
    --------
    >>> scores = np.array([1.0, 2.0, 1.5, 2.5, 2.0])
    >>> p_values(Comparison(scores, scores, paired=True))
    (1.0, 1.0)
    """
    return (_rescaled(data) if of_ratio else _shifted(data)).at(supposed)


def _shifted(data: Comparison) -> _Tails:
    if data.paired:
        return _tails(data, data.treated - data.control, np.full(data.n, -1.0))
    pooled = np.concatenate([data.treated, data.control])
    moving = np.concatenate([np.full(len(data.treated), -1.0), np.zeros(len(data.control))])
    return _tails(data, pooled, moving)


def _rescaled(data: Comparison) -> _Tails:
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
