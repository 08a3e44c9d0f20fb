"""Rules that say "helps" or "hurts" from the same fits: ours, and what is popular.

Each tests one direction at 5 %, so its interval has level 90 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from transfergap.stats import PairFits, block_estimate, resampled_estimate
from transfergap.stats.gap import gap_from

K = 10
LEVEL = 0.05
N_RESAMPLES = 500


@dataclass(frozen=True)
class Evidence:
    """What was measured on one target sample; differences are control minus treated loss.

    ``fold``: shape (2, n_rows), two partitions; ``single``: the same shape, each row trained
    without its fold; ``double``: of the first partition, shape (n_rows, K), fold b left out too.
    ``seeds``: gaps on ten random splits; ``halves``: shape (5, 2), gaps of 5x2 cross-validation.
    """

    fold: np.ndarray
    single: np.ndarray
    double: np.ndarray
    seeds: np.ndarray
    halves: np.ndarray
    zero_one: bool
    skewed: bool
    clusters: np.ndarray | None = None

    def fold_gaps(self, n_partitions: int) -> np.ndarray:
        return np.array(
            [
                self.single[r][self.fold[r] == a].mean()
                for r in range(n_partitions)
                for a in range(K)
            ]
        )


@dataclass(frozen=True)
class Interval:
    """An estimate and a 90 % interval; a claim is made where it is off zero."""

    estimate: float
    low: float
    high: float
    helps: bool
    hurts: bool


def interval(estimate: float, error: float, quantile: float) -> Interval:
    low, high = estimate - quantile * error, estimate + quantile * error
    return Interval(estimate, low, high, low > 0, high < 0)


def ours_full(e: Evidence) -> Interval:
    made = block_estimate(
        e.single.mean(axis=0),
        e.fold_gaps(2),
        (PairFits(e.fold[0], e.single[0], e.double),),
        n_folds=K,
        zero_one=e.zero_one,
        skewed=e.skewed,
        clusters=e.clusters,
    )
    return from_gap(gap_from(made))


def ours_quick(e: Evidence) -> Interval:
    estimate = float(e.single.mean())
    return from_gap(
        gap_from(resampled_estimate(e.fold_gaps(2), n_folds=K, method="", estimate=estimate))
    )


def from_gap(gap) -> Interval:
    return Interval(gap.estimate, gap.low, gap.high, gap.p_helps < LEVEL, gap.p_hurts < LEVEL)


def t_over(values: np.ndarray) -> Interval:
    error = values.std(ddof=1) / np.sqrt(len(values))
    return interval(float(values.mean()), error, stats.t.ppf(1 - LEVEL, len(values) - 1))


def five_by_two(e: Evidence) -> Interval:
    """Dietterich (1998): the first difference over the spread within pairs, 5 df."""
    within = ((e.halves - e.halves.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    error = float(np.sqrt(within.mean()))
    return interval(float(e.halves[0, 0]), error, stats.t.ppf(1 - LEVEL, 5))


def bootstrap(e: Evidence) -> Interval:
    rng = np.random.default_rng(0)
    values = e.single[0]
    means = values[rng.integers(len(values), size=(N_RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [LEVEL, 1 - LEVEL])
    return Interval(float(values.mean()), low, high, low > 0, high < 0)


def autorank_rule(gaps: np.ndarray) -> Interval:
    """Autorank (Herbold 2020) of two: paired t if normal by Shapiro-Wilk, else Wilcoxon."""
    by_t = t_over(gaps)
    if np.ptp(gaps) == 0 or stats.shapiro(gaps).pvalue >= 0.05:
        return by_t
    p = stats.wilcoxon(gaps).pvalue
    said = p < 2 * LEVEL
    return Interval(
        by_t.estimate, by_t.low, by_t.high, said and gaps.mean() > 0, said and gaps.mean() < 0
    )


def correlated_t(gaps: np.ndarray) -> Interval:
    """Benavoli et al. (2017), section 3.1, as baycomp: rho = 1/K, all folds as observations."""
    rho = 1 / K
    error = float(np.sqrt((1 / len(gaps) + rho / (1 - rho)) * gaps.var(ddof=1)))
    return interval(float(gaps.mean()), error, stats.t.ppf(1 - LEVEL, len(gaps) - 1))


def nested_cv(e: Evidence) -> Interval:
    """Bates, Hastie and Tibshirani (2024), algorithm 1, on differences and one partition."""
    fold, single, double = e.fold[0], e.single[0], e.double
    n = len(single)
    distances, noises, inner_all = [], [], []
    for a in range(K):
        outer, inner = single[fold == a], double[fold != a, a]
        distances.append((inner.mean() - outer.mean()) ** 2)
        noises.append(outer.var(ddof=1) / len(outer))
        inner_all.append(inner)
    naive = float(single.std(ddof=1) / np.sqrt(n))
    mse = float(np.mean(distances) - np.mean(noises))
    error = float(np.clip(np.sqrt(max(mse, 0.0) * (K - 1) / K), naive, naive * np.sqrt(K)))
    nested = float(np.concatenate(inner_all).mean())
    bias = (1 + (K - 2) / K) * (nested - float(single.mean()))
    return interval(nested - bias, error, stats.norm.ppf(1 - LEVEL))


# Name, the rule, fits an arm.
RULES: tuple[tuple[str, Callable[[Evidence], Interval], int], ...] = (
    ("ours, full", ours_full, 65),
    ("ours, quick", ours_quick, 20),
    ("t over ten seeds", lambda e: t_over(e.seeds), 10),
    ("t over ten folds", lambda e: t_over(e.fold_gaps(1)), 10),
    ("5x2cv t", five_by_two, 10),
    ("bootstrap of rows", bootstrap, 10),
    ("autorank's rule on folds", lambda e: autorank_rule(e.fold_gaps(1)), 10),
    ("baycomp's correlated t", lambda e: correlated_t(e.fold_gaps(2)), 20),
    ("nested CV, one partition", nested_cv, 55),
)
CLOSED_FORM = "ours, closed form"
