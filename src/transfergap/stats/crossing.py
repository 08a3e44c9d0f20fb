"""Zero of a learning curve of gaps, with Fieller's interval.

The curve is a + b/n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
# Beyond ten times the data the form a + b/n is a guess: benchmarks/crossing_coverage.py.
MOST_EXTRAPOLATED = 10.0  # times the largest size seen


@dataclass(frozen=True)
class CrossingEstimate:
    """The size at which a + b/n is zero.

    Parameters
    ----------
    size : float or None
        ``None`` where the fitted curve does not reach zero within what may be said.
    low, high : float or None
        The sizes that are not excluded, at level 0.90; ``None`` where that end lies below the
        smallest size seen, or beyond ten times the largest.
    falls : bool
        Whether the fitted curve falls through zero, from helping to hurting.
    limit : float
        Limit a of the gap as rows increase.
    """

    size: float | None
    low: float | None
    high: float | None
    falls: bool
    limit: float


def fitted_curve(sizes: Floats, gaps: Floats, *, test_to_train: float) -> tuple[Floats, Floats]:
    """Return (a, b) of gap = a + b/n and their covariance.

    Both come from the gaps of single folds.

    Parameters
    ----------
    sizes : ndarray, shape (n_sizes,)
        Training rows, increasing.
    gaps : ndarray, shape (n_folds, n_sizes)
    test_to_train : float
        Test rows over training rows at the largest size, as in the corrected resampled t.

    Notes
    -----
    The excess risk of a model with a fixed number of parameters falls like 1/n; where the sources
    bring a bias that stays, so does the gap, towards minus that bias. Sizes weigh by the inverse
    variance of their fold gaps. Each fold is fitted with the same weights, so the coefficients are
    means over folds, and their covariance is that of Nadeau and Bengio.
    """
    spread = gaps.var(axis=0, ddof=1)
    # A size whose folds all agree would get an infinite weight: 1/1000 of the largest variance at
    # least.
    weights = 1.0 / np.maximum(spread, 1e-3 * max(float(spread.max()), 1e-300))
    design = np.column_stack([np.ones(len(sizes)), 1.0 / sizes])
    normal = design.T @ (design * weights[:, None])
    by_fold = np.linalg.solve(normal, design.T @ (weights[:, None] * gaps.T)).T
    # Nadeau and Bengio (2003): folds share training rows, so 1/J is too small.
    scale = 1.0 / len(gaps) + test_to_train
    return by_fold.mean(axis=0), np.cov(by_fold.T) * scale


def crossing(
    sizes: Floats, coefficients: Floats, covariance: Floats, *, df: float
) -> CrossingEstimate:
    """Return where a + b/n is zero, with Fieller's interval.

    References
    ----------
    Fieller (1954), Some Problems in Interval Estimation.
    """
    a, b = (float(c) for c in coefficients)
    smallest, farthest = float(sizes.min()), float(MOST_EXTRAPOLATED * sizes.max())
    size = -b / a if a != 0 and -b / a > 0 else None
    inside = None if size is None or not smallest <= size <= farthest else size
    quantile = float(stats.t.ppf(0.95, df))
    # On a fine grid of 1/n: the exact roots of Fieller's quadratic, without its cases.
    grid = np.geomspace(smallest, farthest, 4000)
    value = a + b / grid
    error = np.sqrt(
        np.maximum(covariance[0, 0] + 2 * covariance[0, 1] / grid + covariance[1, 1] / grid**2, 0.0)
    )
    open_sizes = grid[np.abs(value) <= quantile * error]
    # An end at the border of the grid is open: no size up to there is excluded.
    low = high = None
    if len(open_sizes):
        low = float(open_sizes[0]) if open_sizes[0] > grid[0] else None
        high = float(open_sizes[-1]) if open_sizes[-1] < grid[-1] else None
    elif inside is not None:
        low = high = inside
    return CrossingEstimate(inside, low, high, bool(b > 0 > a), a)
