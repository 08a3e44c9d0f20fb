"""Residuals of a linear fit without single rows or groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
MOST_LEVERAGE = 1.0 - 1e-8  # of a row on itself: beyond it, its residual is rounding
_LEAST_WEIGHT = 1e-12  # a row of weight 0 has no part in the fit, yet a root to divide by


def groups_by_size(groups: Rows) -> tuple[Rows, ...]:
    """Return the rows of groups, one array a size.

    Parameters
    ----------
    groups : ndarray of int, shape (n_rows,)

    Returns
    -------
    tuple of ndarray, each of shape (n_groups_of_the_size, size)

    Examples
    --------
    >>> import numpy as np
    >>> [rows.tolist() for rows in groups_by_size(np.array([7, 3, 7, 5]))]
    [[[1], [3]], [[0, 2]]]
    """
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    sizes = sorted({len(rows) for rows in members})
    return tuple(np.stack([rows for rows in members if len(rows) == size]) for size in sizes)


def without_rows(residuals: Floats, leverage: Floats) -> Floats:
    """Return residuals from fits without the row, e / (1 - h).

    Parameters
    ----------
    residuals : ndarray, shape (..., n_rows, n_responses)
    leverage : ndarray, shape (..., n_rows)
        Of each row on itself; capped just below 1.

    References
    ----------
    Cook and Weisberg (1982), Residuals and Influence in Regression, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> without_rows(np.array([[1.0], [2.0]]), np.array([0.5, 0.75])).ravel()
    array([2., 8.])
    """
    deleted: Floats = residuals / (1.0 - np.minimum(leverage, MOST_LEVERAGE))[..., None]
    return deleted


def without_groups(
    residuals: Floats,
    members: Sequence[Rows],
    hat_of: Callable[[Rows], Floats],
    weights: Floats | None = None,
) -> Floats:
    """Return residuals from fits without a row's group, (I - H_gg)^-1 e_g.

    Parameters
    ----------
    residuals : ndarray, shape (..., n_rows, n_responses)
    members : sequence of ndarray, each of shape (n_groups, size)
        As ``groups_by_size`` returns them.
    hat_of : callable
        Takes one of the members and returns ``x_i' A^-1 x_j`` of the rows of each group, shape
        (..., n_groups, size, size), without the weights.
    weights : ndarray, shape (n_rows,), optional
        Of each row in the fit.

    Notes
    -----
    By the eigenvalues of the block made symmetric, which are capped as leverages are: a group that
    the fit reproduces exactly has no residual to speak of, but a finite one.

    References
    ----------
    Cook and Weisberg (1982), Residuals and Influence in Regression, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.array([[1.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]])
    >>> plain = X @ X.T / (X**2).sum()
    >>> members = groups_by_size(np.array([0, 0, 1]))
    >>> hat_of = lambda rows: plain[rows[:, :, None], rows[:, None, :]]
    >>> without_groups(y - plain @ y, members, hat_of).ravel()  # slopes 5/2 and (1 + 3)/2
    array([-1.5,  0.5,  1. ])
    """
    deleted = np.empty_like(residuals)
    roots = np.sqrt(np.maximum(np.ones(1) if weights is None else weights, _LEAST_WEIGHT))
    roots = np.broadcast_to(roots, residuals.shape[-2])
    for rows in members:
        root = roots[rows]
        hat = hat_of(rows) * root[:, :, None] * root[:, None, :]
        part = residuals[..., rows, :]
        if rows.shape[1] == 1:
            deleted[..., rows, :] = without_rows(part, hat[..., 0])
            continue
        values, vectors = np.linalg.eigh(hat)
        scale = 1.0 / (1.0 - np.minimum(values, MOST_LEVERAGE))
        turned = np.swapaxes(vectors, -1, -2) @ (part * root[:, :, None])
        deleted[..., rows, :] = (vectors @ (scale[..., None] * turned)) / root[:, :, None]
    return deleted
