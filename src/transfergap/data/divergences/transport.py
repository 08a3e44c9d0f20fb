"""Optimal transport of columns, through POT: sliced Wasserstein and Sinkhorn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    Divergence,
    checked_rows,
    permutation_p,
    some_rows,
    squared_distances,
)
from transfergap.errors import require

Floats = NDArray[np.float64]
N_PROJECTIONS = 100  # directions: the mean over them is off by about a tenth of their spread
_SINKHORN_ROWS = 500  # of each sample: fifty iterations over a matrix of 2 MB
_REGULARISATION = 0.1  # times the median cost: smaller values need many more iterations
_PERMUTED_ROWS = 500  # of each sample


def sliced_wasserstein(target: Floats, source: Floats, *, seed: int = 0) -> Divergence:
    """Return the sliced Wasserstein distance of order 2.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
    seed : int
        Draws 100 directions, and permutations of at most 500 rows of each.

    Raises
    ------
    DataError, MissingExtraError

    Notes
    -----
    The root of the mean squared distance over random directions. Sees columns only. Needs
    ``transfergap[da]``. Cost: n log n a direction.

    References
    ----------
    Bonneel et al. (2015), Sliced and Radon Wasserstein Barycenters, section 2.

    Examples
    --------
    >>> here = np.array([[0.0], [1.0]])
    >>> round(sliced_wasserstein(here, here + 2.0).value, 12)
    2.0
    """
    ot = require("ot", extra="da")
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 54])
    directions = rng.normal(size=(target.shape[1], N_PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)

    def distance(one: Floats, other: Floats) -> float:
        return float(ot.sliced_wasserstein_distance(one, other, projections=directions))

    value = distance(target, source)
    parts = [some_rows(rows, rng, _PERMUTED_ROWS) for rows in (target, source)]
    rows = np.vstack(parts)
    p_value = permutation_p(
        lambda mask: distance(rows[~mask], rows[mask]), np.arange(len(rows)) >= len(parts[0]), rng
    )
    return Divergence(value, p_value=p_value, n_rows=(len(target), len(source)))


def sinkhorn_divergence(target: Floats, source: Floats, *, seed: int = 0) -> Divergence:
    """Return the debiased Sinkhorn divergence of squared distances.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
        At most 500 rows of each are used.
    seed : int
        Draws rows.

    Raises
    ------
    DataError, MissingExtraError

    Notes
    -----
    Regularised by a tenth of the median cost. No p-value: a permutation costs as much as the value.
    Sees columns only. Needs ``transfergap[da]``. Cost: n^2 an iteration.

    References
    ----------
    Feydy et al. (2019), Interpolating between Optimal Transport and MMD, equation 3.

    Examples
    --------
    >>> here = np.array([[0.0], [1.0]])
    >>> round(sinkhorn_divergence(here, here + 2.0).value, 6)
    4.0
    """
    ot = require("ot", extra="da")
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 55])
    target, source = (some_rows(rows, rng, _SINKHORN_ROWS) for rows in (target, source))
    across = squared_distances(target, source)
    strength = _REGULARISATION * (float(np.median(across)) or 1.0)

    def cost(matrix: Floats) -> float:
        """Return the regularised cost, its entropy relative to independence included."""
        n, m = matrix.shape
        a, b = np.full(n, 1 / n), np.full(m, 1 / m)
        plan = ot.sinkhorn(a, b, matrix, strength, method="sinkhorn_log", warn=False)
        filled = plan > 0
        entropy = float((plan[filled] * np.log(plan[filled] * n * m)).sum())
        return float((plan * matrix).sum()) + strength * entropy

    within = cost(squared_distances(target, target)) + cost(squared_distances(source, source))
    return Divergence(cost(across) - within / 2, n_rows=(len(target), len(source)))


def transport_cost(matrix: Floats) -> float:
    """Return the least mean cost of moving equal weights, exactly.

    Parameters
    ----------
    matrix : ndarray, shape (n_target, n_source)
        Cost of each pair.

    Examples
    --------
    >>> transport_cost(np.array([[0.0, 9.0], [9.0, 1.0]]))
    0.5
    """
    ot = require("ot", extra="da")
    n, m = matrix.shape
    return float(ot.emd2(np.full(n, 1 / n), np.full(m, 1 / m), matrix))
