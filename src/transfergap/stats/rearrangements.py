"""Rearrangements of scores, and the t of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
# Rearrangements that are drawn where there are more. The test is valid for any number (Phipson and
# Smyth 2010); with these, a p-value of 0.05 has a standard error of 0.005.
N_DRAWS = 1_999
_ROUNDING = 1e-7  # of the largest value: sums of squares keep half of the digits
_FEWEST_SKEWED = 4  # an unbiased third cumulant needs three
# Of large groups fewer: what the test adds to t is gone by then, and memory is not free.
_FEWEST_DRAWS, _MOST_CELLS = 199, 1_000_000


@dataclass(frozen=True)
class Tails:
    """P-values of two directions at any supposed value.

    The values ``fixed + supposed * moving`` are rearranged: between the groups, or in their signs.
    """

    fixed: Floats
    moving: Floats
    n_treated: int  # 0 where values are paired differences
    arrangements: Floats
    listed: bool

    def at(self, supposed: float, factor: float = 1.0) -> tuple[float, float]:
        """Return p-values of "more than supposed" and of "less".

        Those of t are multiplied by ``factor``; rearrangements of few people have no small ones.
        """
        values = self.fixed + supposed * self.moving
        size = float(np.abs(self.fixed).max() + abs(supposed) * np.abs(self.moving).max())
        t, df = (self._welch if self.n_treated else self._student)(values, size)
        by_t = np.array([t[0], self._unskewed(values, float(t[0]), size)])
        drawn = t[1:] if not self.listed else t
        # The arrangement that was observed counts as one of those drawn.
        more = 0 if self.listed else 1
        slack = 1e-9 * (1.0 + abs(t[0]) if np.isfinite(t[0]) else 1.0)
        total = len(drawn) + more
        above = (np.sum(drawn >= t[0] - slack) + more) / total
        below = (np.sum(drawn <= t[0] + slack) + more) / total
        return (
            max(float(above), min(factor * float(stats.t.sf(by_t.min(), df)), 1.0)),
            max(float(below), min(factor * float(stats.t.cdf(by_t.max(), df)), 1.0)),
        )

    def _unskewed(self, values: Floats, t: float, size: float) -> float:
        """Return t without the skewness of its mean.

        It is t itself where nothing varies. Johnson (1978) for one mean, Cressie and Whitford
        (1986) for two; with Hall's (1992) cubic term it grows with t everywhere.
        """
        groups = [values]
        if self.n_treated:
            groups = [values[: self.n_treated], values[self.n_treated :]]
        error = np.sqrt(sum(float(np.var(g, ddof=1)) / len(g) for g in groups))
        flat = error <= _ROUNDING * size
        if not np.isfinite(t) or flat or min(map(len, groups)) < _FEWEST_SKEWED:
            return t
        third = sum(
            sign * _third_cumulant(g) / len(g) ** 2
            for sign, g in zip((1.0, -1.0), groups, strict=False)
        )
        skew = third / error**3
        return float(t + skew / 6.0 + skew * t**2 / 3.0 + skew**2 * t**3 / 27.0)

    def _welch(self, values: Floats, size: float) -> tuple[Floats, float]:
        n, m = self.n_treated, len(values) - self.n_treated
        centred = values - values.mean()
        sums, squares = self.arrangements @ centred, self.arrangements @ centred**2
        first, second = sums / n, (centred.sum() - sums) / m
        spread = np.maximum(squares - n * first**2, 0.0) / (n - 1) / n
        other = np.maximum((centred**2).sum() - squares - m * second**2, 0.0) / (m - 1) / m
        t = _ratio(first - second, np.sqrt(spread + other), size)
        # The fewest that Welch's can have (Satterthwaite's bound): skewed groups need them.
        return t, min(n, m) - 1

    def _student(self, values: Floats, size: float) -> tuple[Floats, float]:
        n = len(values)
        means = self.arrangements @ values / n
        spread = np.maximum((values**2).mean() - means**2, 0.0) / (n - 1)
        return _ratio(means, np.sqrt(spread), size), n - 1


def _third_cumulant(values: Floats) -> float:
    """Return the unbiased third cumulant.

    As SciPy's ``kstat`` does, but for its warnings of constant values.
    """
    n = len(values)
    return float(((values - values.mean()) ** 3).sum() * n / ((n - 1) * (n - 2)))


def _ratio(differences: Floats, errors: Floats, size: float) -> Floats:
    """Return t, infinite where a difference has no spread.

    It is 0 where nothing differs.
    """
    flat = errors <= _ROUNDING * size
    differences = np.where(np.abs(differences) <= 1e-9 * size, 0.0, differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(flat, np.sign(differences) * np.inf, differences / errors)
    return np.where(flat & (differences == 0), 0.0, t)


def _n_draws(n: int) -> int:
    return min(max(_MOST_CELLS // n, _FEWEST_DRAWS), N_DRAWS)


# Every measure of a pair of groups needs the same arrangements again: a few are remembered.
@lru_cache(maxsize=8)
def signs(n: int, seed: int) -> tuple[Floats, bool]:
    """Return signs of n differences, those observed first."""
    n_draws = _n_draws(n)
    if 2 ** min(n, 60) <= n_draws:
        return np.array(list(product([1.0, -1.0], repeat=n))), True
    drawn = np.random.default_rng(seed).choice([1.0, -1.0], size=(n_draws, n))
    return np.vstack([np.ones(n), drawn]), False


@lru_cache(maxsize=8)
def splits(n: int, m: int, seed: int) -> tuple[Floats, bool]:
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
