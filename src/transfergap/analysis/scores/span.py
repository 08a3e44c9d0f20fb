"""Coordinates of rows in their span, from their inner products."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Floats = NDArray[np.float64]


class Span(NamedTuple):
    """Rows in coordinates of their span."""

    coordinates: Floats
    triangle: Floats
    pivots: NDArray[np.intp]


def span_of(inner: Floats) -> Span:
    """Return coordinates whose inner products are given.

    Parameters
    ----------
    inner : ndarray, shape (n_rows, n_rows)
        Positive semidefinite; overwritten.

    Returns
    -------
    Span
        ``coordinates`` of shape (n_rows, rank); ``triangle``, the same in the order of ``pivots``,
        is lower triangular.

    References
    ----------
    Higham (2002), Accuracy and Stability of Numerical Algorithms, section 10.3: pivoted Cholesky.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    >>> coordinates = span_of(rows @ rows.T).coordinates
    >>> coordinates.shape, np.allclose(coordinates @ coordinates.T, rows @ rows.T)
    ((2, 2), True)
    """
    factor, pivots, rank, _ = lapack.dpstrf(np.asfortranarray(inner), lower=1, overwrite_a=1)
    triangle = np.tril(factor)[:, : max(int(rank), 1)]
    coordinates = np.empty_like(triangle)
    coordinates[pivots - 1] = triangle
    return Span(coordinates, triangle, (pivots - 1).astype(np.intp))
