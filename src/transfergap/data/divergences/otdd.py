"""Distance of labelled data sets by optimal transport."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    Divergence,
    checked_rows,
    squared_distances,
)
from transfergap.data.divergences.moments import Moments, gaussian_distance, moments_of
from transfergap.data.divergences.transport import transport_cost
from transfergap.errors import DataError

Floats = NDArray[np.float64]
_ROWS = 500  # of each sample: exact transport is n^3
_FEWEST = 2  # rows of a class, for a covariance


def otdd(
    target: Floats, target_labels: Any, source: Floats, source_labels: Any, *, seed: int = 0
) -> Divergence:
    """Return the optimal transport dataset distance, squared.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
        At most 500 rows of each are used.
    target_labels, source_labels : array-like, shape (n_rows,)
        Classes; those of the two samples need not be the same.
    seed : int
        Draws rows.

    Raises
    ------
    DataError, MissingExtraError

    Notes
    -----
    The cost of a pair of rows is their squared distance plus the squared Wasserstein distance of
    their classes, each taken as a Gaussian. Classes have no names here: **a source whose labels are
    exchanged is as near as the same source with the right ones.** So it says nothing of whether
    labels agree, which decides whether a source helps. Needs ``transfergap[da]``. Cost: n^3 of 500.

    References
    ----------
    Alvarez-Melis and Fusi (2020), Geometric Dataset Distances via Optimal Transport, section 4.

    Examples
    --------
    >>> rows, labels = np.array([[0.0], [1.0], [9.0], [10.0]]), np.array([0, 0, 1, 1])
    >>> otdd(rows, labels, rows, 1 - labels).value
    0.0
    """
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 56])
    parts = []
    for rows, labels in ((target, target_labels), (source, source_labels)):
        classes, codes = np.unique(np.asarray(labels), return_inverse=True)
        chosen = np.sort(rng.permutation(len(rows))[:_ROWS])
        moments = [_class_moments(rows[codes == k], str(c)) for k, c in enumerate(classes)]
        parts.append((rows[chosen], codes[chosen], moments))
    (X, x_codes, x_moments), (Z, z_codes, z_moments) = parts
    apart = np.array([[gaussian_distance(a, b) for b in z_moments] for a in x_moments])
    cost = squared_distances(X, Z) + apart[x_codes[:, None], z_codes[None, :]]
    return Divergence(transport_cost(cost), n_rows=(len(X), len(Z)))


def _class_moments(rows: Floats, name: str) -> Moments:
    if len(rows) < _FEWEST:
        raise DataError(
            f"The class {name} has one row, and no spread.",
            hint="leave the class out, or label more rows of it",
        )
    return moments_of(rows)
