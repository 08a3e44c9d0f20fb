"""Distances of means and covariances: CORAL and Frechet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    Divergence,
    checked_rows,
    permutation_p,
    some_rows,
)

Floats = NDArray[np.float64]
Moments = tuple[Floats, Floats]  # mean and covariance
_PERMUTED_ROWS = 5000  # of each sample: 199 passes over all of a million rows take minutes


def coral_distance(target: Floats, source: Floats, *, seed: int = 0) -> Divergence:
    """Return the squared Frobenius distance of covariances over ``4 d^2``.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
    seed : int
        Draws permutations.

    Raises
    ------
    DataError

    Notes
    -----
    Blind to a shift of means, to more than second moments and to labels. Cost: n d^2.

    References
    ----------
    Sun and Saenko (2016), Deep CORAL, equation 1.

    Examples
    --------
    >>> here, there = np.array([[-1.0], [1.0]]), np.array([[-2.0], [2.0]])
    >>> coral_distance(here, there).value  # variances 2 and 8
    9.0
    """

    def distance(one: Moments, other: Moments) -> float:
        return float(((one[1] - other[1]) ** 2).sum()) / (4 * len(one[0]) ** 2)

    return _of_moments(target, source, distance, seed)


def frechet_distance(target: Floats, source: Floats, *, seed: int = 0) -> Divergence:
    """Return the squared Wasserstein distance of Gaussians with the samples' moments.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
    seed : int
        Draws permutations.

    Raises
    ------
    DataError

    Notes
    -----
    The distance behind FID. Cost: n d^2 + d^3.

    References
    ----------
    Dowson and Landau (1982), The Frechet distance between multivariate normal distributions,
    equation 4.

    Examples
    --------
    >>> here = np.array([[-1.0], [1.0]])
    >>> frechet_distance(here, here + 3.0).value
    9.0
    """
    return _of_moments(target, source, gaussian_distance, seed)


def gaussian_distance(one: Moments, other: Moments) -> float:
    """Return the squared Wasserstein distance of two Gaussians.

    Parameters
    ----------
    one, other : (mean, covariance)

    Examples
    --------
    >>> gaussian_distance((np.zeros(1), np.eye(1)), (np.zeros(1), 4 * np.eye(1)))
    1.0
    """
    root = _root(one[1])
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other[1] @ root), 0.0)).sum()
    spread = float(np.trace(one[1]) + np.trace(other[1]) - 2 * cross)
    # Rounding can take equal covariances below zero.
    return float(((one[0] - other[0]) ** 2).sum()) + max(spread, 0.0)


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def moments_of(rows: Floats) -> Moments:
    """Return mean and unbiased covariance.

    Examples
    --------
    >>> moments_of(np.array([[-1.0], [1.0]]))[1].tolist()
    [[2.0]]
    """
    centre = rows.mean(axis=0)
    apart = rows - centre
    return centre, apart.T @ apart / (len(rows) - 1)


def _of_moments(
    target: Floats, source: Floats, distance: Callable[[Moments, Moments], float], seed: int
) -> Divergence:
    target, source = checked_rows(target, source)
    value = distance(moments_of(target), moments_of(source))
    rng = np.random.default_rng([seed, 53])
    parts = [some_rows(rows, rng, _PERMUTED_ROWS) for rows in (target, source)]
    rows, n = np.vstack(parts), len(parts[0])

    def statistic(mask: NDArray[np.bool_]) -> float:
        return distance(moments_of(rows[~mask]), moments_of(rows[mask]))

    p_value = permutation_p(statistic, np.arange(len(rows)) >= n, rng)
    return Divergence(value, p_value=p_value, n_rows=(len(target), len(source)))
