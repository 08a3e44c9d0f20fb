"""A divergence with its interval, or its permutation p-value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.errors import DataError

Floats = NDArray[np.float64]
LEVEL = 0.9  # of intervals, as everywhere
N_PERMUTATIONS = 199  # p-values down to .005, from one matrix of distances
N_DRAWS = 200  # bootstrap draws: quantiles at 5 % rest on ten on each side
MOST_ROWS = 1000  # of each sample, where all pairs of rows are looked at: matrices of 32 MB


@dataclass(frozen=True)
class Divergence:
    """Distance between two samples.

    Parameters
    ----------
    value : float
        0 where they agree; an unbiased estimate may be below.
    low, high : float or None
        90 % interval, for divergences of quantities that have one.
    p_value : float or None
        Chance of as large a value if both samples came from one population.
    n_rows : tuple of int
        Target and source rows that were looked at.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    n_rows: tuple[int, int] = (0, 0)


def checked_rows(target: Floats, source: Floats) -> tuple[Floats, Floats]:
    """Return both samples as float matrices of the same width.

    Raises
    ------
    DataError
        If the columns differ, a sample has fewer than two rows, or a number is not finite.

    Examples
    --------
    >>> [rows.shape for rows in checked_rows(np.zeros((3, 1)), np.ones((2, 1)))]
    [(3, 1), (2, 1)]
    """
    rows = [np.asarray(sample, float) for sample in (target, source)]
    if any(r.ndim != 2 for r in rows) or rows[0].shape[1] != rows[1].shape[1]:
        raise DataError(
            f"The samples have shapes {rows[0].shape} and {rows[1].shape}.",
            hint="give two matrices with the same columns",
        )
    if min(len(r) for r in rows) < 2:
        raise DataError("A sample has fewer than two rows.", hint="a divergence needs spread")
    if not all(np.isfinite(r).all() for r in rows):
        raise DataError("Some numbers are missing or infinite.", hint="encode the rows first")
    return rows[0], rows[1]


def some_rows(rows: Floats, rng: np.random.Generator, limit: int = MOST_ROWS) -> Floats:
    """Return all rows, or so many drawn at random.

    Examples
    --------
    >>> some_rows(np.zeros((5, 1)), np.random.default_rng(0), limit=3).shape
    (3, 1)
    """
    return rows if len(rows) <= limit else rows[rng.choice(len(rows), limit, replace=False)]


def squared_distances(rows: Floats, others: Floats) -> Floats:
    """Return squared Euclidean distances of all pairs, none below zero.

    Examples
    --------
    >>> squared_distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])).tolist()
    [[25.0]]
    """
    from scipy.spatial.distance import cdist

    # Not by inner products, which lose the distance of near rows.
    distances: Floats = cdist(rows, others, "sqeuclidean")
    return distances


def permutation_p(
    statistic: Callable[[NDArray[np.bool_]], float],
    is_source: NDArray[np.bool_],
    rng: np.random.Generator,
) -> float:
    """Return the share of permuted labels with as large a statistic.

    Parameters
    ----------
    statistic : callable
        Of a mask of source rows.
    is_source : ndarray of bool, shape (n_rows,)
    rng : Generator

    References
    ----------
    Phipson and Smyth (2010): the truth counts as one of the permutations.

    Examples
    --------
    >>> is_source = np.repeat([False, True], 20)
    >>> places = np.arange(40)
    >>> permutation_p(lambda m: float(places[m].mean()), is_source, np.random.default_rng(0))
    0.005
    """
    permuted = [statistic(rng.permutation(is_source)) for _ in range(N_PERMUTATIONS)]
    return share_as_large(statistic(is_source), np.array(permuted))


def share_as_large(truth: float, permuted: Floats) -> float:
    """Return the share of values as large as the truth, itself included.

    Examples
    --------
    >>> share_as_large(2.0, np.array([1.0, 2.0, 0.0]))
    0.5
    """
    # Sums of the same numbers in another order differ by rounding.
    bound = truth - 1e-12 * max(abs(truth), 1.0)
    return (1 + int((permuted >= bound).sum())) / (1 + len(permuted))


def quadratic_form(matrix: Floats, is_source: NDArray[np.bool_], *, unbiased: bool) -> float:
    """Return means within both samples minus twice the mean across.

    Parameters
    ----------
    matrix : ndarray, shape (n_rows, n_rows)
        Symmetric.
    is_source : ndarray of bool, shape (n_rows,)
    unbiased : bool
        Whether pairs of a row with itself are left out.

    Examples
    --------
    >>> quadratic_form(np.eye(4), np.array([True, True, False, False]), unbiased=False)
    1.0
    """
    n, m = int(is_source.sum()), int((~is_source).sum())
    signs = is_source.astype(float)
    to_source = matrix @ signs
    within_source, across = float(signs @ to_source), float((1 - signs) @ to_source)
    within_target = float(matrix.sum()) - within_source - 2 * across
    diagonal = np.diag(matrix) if unbiased else np.zeros(len(matrix))
    source_pairs, target_pairs = n * (n - unbiased), m * (m - unbiased)
    return (
        (within_source - float(diagonal[is_source].sum())) / source_pairs
        + (within_target - float(diagonal[~is_source].sum())) / target_pairs
        - 2 * across / (n * m)
    )


def bootstrap_interval(draws: Floats) -> tuple[float, float]:
    """Return the 90 % percentile interval of bootstrap draws.

    Examples
    --------
    >>> bootstrap_interval(np.full(3, 2.0))
    (2.0, 2.0)
    """
    low, high = np.quantile(draws, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return float(low), float(high)


def normal_half_width(error: float) -> float:
    """Return half the width of a 90 % normal interval.

    Examples
    --------
    >>> round(normal_half_width(1.0), 3)
    1.645
    """
    return float(stats.norm.ppf(0.5 + LEVEL / 2)) * error
