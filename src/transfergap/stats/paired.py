"""Estimate of a paired gap, and the interval it implies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Absolute skewness above which intervals of squared losses are widened: docs/methods.md, "LIN".
SKEWED_ABOVE = 0.8
# Kurtosis above which the upper limit of squared losses is widened; 3 is normal. Chosen on errors
# that did not judge it: docs/methods.md, "LIN".
HEAVY_ABOVE = 4.5
# Of the size of the scores. A double keeps 1e-16 of a number, and sums over a million rows lose up
# to about 1e-10; what is measured on rows or seeds never varies as little as that.
ROUNDING = 1e-9
# Fourth powers of scores are summed (kurtosis): beyond this they would be infinite.
LARGEST_SCORE = 1e75


@dataclass(frozen=True)
class PairedEstimate:
    """An estimated gap with the errors that its claims use.

    Parameters
    ----------
    estimate : float
        Positive helps.
    error : float
        Standard error behind "helps" and "hurts", at ``df`` degrees of freedom; >= 0.
    df : float
    equivalence_error : float
        Standard error behind "no material effect", at ``equivalence_df``.
    equivalence_df : float
    n_pairs : int
        Pairs of trials, complete in both arms, that the estimate rests on.
    method : str
        How it was computed, in words that a report can print.
    floor : float
        Least half-width of the interval; > 0 where almost no row differs between the arms.
    instability : float, optional
        Jackknife error over resampled error (BLOCK only): how much the fits depend on their rows.
    size : float
        Size of the scores that were compared, in the unit of the estimate: a spread of less than
        1e-9 of it, or of the estimate itself, is rounding.
    upper_error : float, optional
        Standard error of the upper limit alone, behind "hurts", where it is larger than ``error``.
    """

    estimate: float
    error: float
    df: float
    equivalence_error: float
    equivalence_df: float
    n_pairs: int
    method: str
    floor: float = 0.0
    instability: float | None = None
    size: float = 0.0
    upper_error: float | None = None


def is_rounding(value: float, *, size: float) -> bool:
    """Return whether a spread or difference is no more than rounding.

    Parameters
    ----------
    value : float
        A standard deviation, an error or a difference.
    size : float
        Size of the numbers that it was computed from.

    Examples
    --------
    >>> is_rounding(0.3 - (0.1 + 0.2), size=0.3), is_rounding(1e-6, size=0.3)
    (True, False)
    """
    return abs(value) <= ROUNDING * abs(size)


def without_rounding(values: Floats, *, size: float) -> Floats:
    """Return ``values`` with rounding errors set to zero; NaN stays."""
    return np.where(np.abs(values) <= ROUNDING * abs(size), 0.0, values)


def cluster_variance(values: Floats, clusters: NDArray[np.intp] | None) -> float:
    """Return the variance of the mean of ``values``, whose rows may cluster.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
    clusters : ndarray of int, shape (n_rows,), optional
        Cluster of each row, 0, 1, ...; ``None`` if rows are independent.

    Returns
    -------
    float
        ``var / n``, or the sum of squared cluster totals with the usual factor G / (G - 1).

    Notes
    -----
    Liang and Zeger (1986), the sandwich for a mean; with one row a cluster both forms agree.

    Examples
    --------
    >>> cluster_variance(np.array([0.0, 1.0]), None)
    0.25
    """
    n = len(values)
    centred = values - values.mean()
    if clusters is not None:
        totals = np.bincount(clusters, weights=centred)[np.unique(clusters)]
    else:
        totals = centred
    if len(totals) < 2:
        return 0.0
    # Liang and Zeger (1986): sums of clusters are the independent units.
    return float(totals @ totals) / n**2 * len(totals) / (len(totals) - 1)


def few_differences_floor(differences: Floats, largest: float) -> float:
    """Return 3 B / n where fewer than five rows differ.

    It is 0 otherwise. ``largest`` is B, the bound of one row's difference. With no difference seen
    in n rows, the rule of three puts the share of rows that do differ below 3 / n with 95 %
    confidence.
    """
    n = len(differences)
    n_different = int(np.count_nonzero(without_rounding(differences, size=largest)))
    # Rule of three: with no event in n, up to 3 in n are within 95 %. Signs of fewer than five
    # differing rows could not reach 5 % either.
    return 3.0 * largest / n if n_different < 5 else 0.0


def is_skewed(residuals: Floats) -> bool:
    """Return whether residuals are too skewed for t intervals of squared losses."""
    return abs(skewness(residuals)) > SKEWED_ABOVE


def is_heavy_tailed(of_residuals: float) -> bool:
    """Return whether residuals of such a kurtosis hide part of their variance.

    Examples
    --------
    >>> is_heavy_tailed(3.0), is_heavy_tailed(kurtosis(np.array([0.0] * 20 + [1.0])))
    (False, True)
    """
    return of_residuals > HEAVY_ABOVE


def skewness(values: Floats) -> float:
    """Return the skewness of ``values``.

    0 where they are constant but for rounding.
    """
    centred = values - values.mean()
    variance = float(np.mean(centred**2))
    if is_rounding(float(np.sqrt(variance)), size=float(np.abs(values).max())):
        return 0.0
    return float(np.mean(centred**3) / variance**1.5)


def kurtosis(values: Floats, sizes: Sequence[int] | None = None) -> float:
    """Return the kurtosis of values, by parts.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
    sizes : sequence of int, optional
        Rows of each part, in order: parts of different spread are no heavy tail. One part if
        ``None``.

    Returns
    -------
    float
        3 for normal values; parts that are constant but for rounding do not count, and without any
        other part it is 0.

    Examples
    --------
    >>> kurtosis(np.array([-1.0, 1.0])), kurtosis(np.array([-1.0, 1.0, -9.0, 9.0]), [2, 2])
    (1.0, 1.0)
    """
    ends = np.cumsum([len(values)] if sizes is None else sizes)
    total, n_rows = 0.0, 0
    for part in np.split(values, ends[:-1]):
        centred = part - part.mean() if len(part) else part
        variance = float(np.mean(centred**2)) if len(part) else 0.0
        largest = float(np.abs(part).max()) if len(part) else 0.0
        if not is_rounding(float(np.sqrt(variance)), size=largest):
            total += float((centred**4).sum()) / variance**2
            n_rows += len(part)
    return total / n_rows if n_rows else 0.0
