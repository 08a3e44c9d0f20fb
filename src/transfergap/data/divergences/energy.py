"""Energy distance between samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    Divergence,
    checked_rows,
    permutation_p,
    quadratic_form,
    some_rows,
    squared_distances,
)

Floats = NDArray[np.float64]


def energy_distance(target: Floats, source: Floats, *, seed: int = 0) -> Divergence:
    """Return twice the mean distance across minus the mean distances within.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
        At most 1,000 rows of each are used.
    seed : int
        Draws rows and permutations.

    Raises
    ------
    DataError

    Notes
    -----
    The square of what ``scipy.stats.energy_distance`` returns for one column. Has no bandwidth to
    choose. Sees columns only. Cost: n^2.

    References
    ----------
    Szekely and Rizzo (2013), Energy statistics, equation 5.

    Examples
    --------
    >>> here, there = np.array([[0.0], [0.0]]), np.array([[2.0], [2.0]])
    >>> energy_distance(here, there).value
    4.0
    """
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 52])
    target, source = some_rows(target, rng), some_rows(source, rng)
    rows = np.vstack([target, source])
    distances = -np.sqrt(squared_distances(rows, rows))
    is_source = np.arange(len(rows)) >= len(target)

    def statistic(mask: NDArray[np.bool_]) -> float:
        return quadratic_form(distances, mask, unbiased=False)

    p_value = permutation_p(statistic, is_source, rng)
    return Divergence(statistic(is_source), p_value=p_value, n_rows=(len(target), len(source)))
