"""Optimal transport of columns, through POT: sliced Wasserstein and Sinkhorn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    N_PERMUTATIONS,
    Divergence,
    checked_rows,
    permutation_p,
    share_as_large,
    some_rows,
    squared_distances,
)
from transfergap.errors import require

Floats = NDArray[np.float64]
N_PROJECTIONS = 100  # directions: the mean over them is off by about a tenth of their spread
_SINKHORN_ROWS = 500  # of each sample: fifty iterations over a matrix of 2 MB
_REGULARISATION = 0.1  # times the median cost: smaller values need many more iterations
_MARGINALS_OFF = 1e-6  # of a plan: the cost is right to about that share, far below its noise
_PERMUTED_ROWS = 500  # of each sample
# A p-value is right for any statistic: few rows and rounds cost power alone. Chosen by hand.
_PERMUTED_SINKHORN_ROWS, _PERMUTED_ROUNDS = 100, 10
_MOST_COST = 300.0  # times the regularisation: its exponential is still a number


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
        At most 500 rows of each are used, 100 for the p-value.
    seed : int
        Draws rows and permutations.

    Raises
    ------
    DataError, MissingExtraError

    Notes
    -----
    Regularised by a tenth of the median cost. The p-value permutes at most 100 rows of each, at
    ten iterations, so it may be large where the value of all rows is clear. Sees columns only.
    Needs ``transfergap[da]``. Cost: n^2 an iteration.

    References
    ----------
    Feydy et al. (2019), Interpolating between Optimal Transport and MMD, equation 3.

    Examples
    --------
    >>> here = np.array([[0.0], [1.0]])
    >>> round(sinkhorn_divergence(here, here + 2.0).value, 3)
    4.0
    """
    ot = require("ot", extra="da")
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 55])
    target, source = (some_rows(rows, rng, _SINKHORN_ROWS) for rows in (target, source))
    across = squared_distances(target, source)
    strength = _REGULARISATION * (float(np.median(across)) or 1.0)

    def cost(matrix: Floats) -> float:
        n, m = matrix.shape
        a, b = np.full(n, 1 / n), np.full(m, 1 / m)
        plan = ot.sinkhorn(
            a, b, matrix, strength, method="sinkhorn_log", stopThr=_MARGINALS_OFF, warn=False
        )
        return float(_regularised(plan, matrix, strength))

    within = cost(squared_distances(target, target)) + cost(squared_distances(source, source))
    few = [some_rows(rows, rng, _PERMUTED_SINKHORN_ROWS) for rows in (target, source)]
    p_value = _sinkhorn_p(squared_distances(*[np.vstack(few)] * 2), len(few[0]), rng)
    return Divergence(cost(across) - within / 2, p_value=p_value, n_rows=(len(target), len(source)))


def _regularised(plan: Floats, cost: Floats, strength: float) -> Floats:
    """Return costs of plans, their entropy relative to independence included."""
    n, m = plan.shape[-2:]
    entropy = np.where(plan > 0, plan * np.log(np.maximum(plan, 1e-300) * n * m), 0.0)
    total: Floats = (plan * cost + strength * entropy).sum(axis=(-2, -1))
    return total


def _sinkhorn_p(distances: Floats, n_target: int, rng: np.random.Generator) -> float:
    """Return the permutation p-value of the first rows' divergence from the others."""
    ot = require("ot", extra="da")
    drawn = [rng.permutation(len(distances)) for _ in range(N_PERMUTATIONS)]
    # Of all pairs: a strength that knew which rows are the target's would favour that split.
    strength = _REGULARISATION * (float(np.median(distances)) or 1.0)
    distances = np.minimum(distances, _MOST_COST * strength)
    orders = np.array([np.arange(len(distances)), *drawn])
    rows, others = np.split(orders, [n_target], axis=1)

    def costs(first: NDArray[np.intp], second: NDArray[np.intp]) -> Floats:
        matrices = distances[first[:, :, None], second[:, None, :]]
        done = ot.solve_batch(
            matrices, strength, method="sinkhorn", max_iter=_PERMUTED_ROUNDS, grad="detach"
        )
        return _regularised(done.plan, matrices, strength)

    values = costs(rows, others) - (costs(rows, rows) + costs(others, others)) / 2
    return share_as_large(float(values[0]), values[1:])


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
