"""A single response: the target's rows, and each source's statistics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NARROW = 45.0  # standardised columns for which the grids of penalties were made
MOST_LEVERAGE = 1.0 - 1e-8  # of a row on itself: beyond it, its residual is rounding


@dataclass(frozen=True)
class LinearTask:
    """A least-squares problem of one response, in encoded columns.

    Parameters
    ----------
    design : ndarray, shape (n_rows, q)
        Encoded target rows, the intercept's column of ones last.
    response : ndarray, shape (n_rows,)
        Working response; about 1 in scale.
    weights : ndarray, shape (n_rows,)
        Working weight of each row, >= 0.
    grams : ndarray, shape (n_sources, q, q)
    moments : ndarray, shape (n_sources, q)
    powers : ndarray, shape (n_sources,)
        ``X'WX``, ``X'Wz`` and ``z'Wz`` of each source.
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group are left out together.
    copies : ndarray, shape (n_rows,), optional
        How often a row counts, as part of ``weights``: a row of weight 2 is the row given twice,
        and one of the two is left out at a time.
    """

    design: Floats
    response: Floats
    weights: Floats
    grams: Floats
    moments: Floats
    powers: Floats
    groups: NDArray[np.intp] | None = None
    copies: Floats | None = None

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return len(self.grams)

    @property
    def n_columns(self) -> int:
        """Number of columns, the intercept's included."""
        return int(self.design.shape[1])

    @cached_property
    def single(self) -> Floats:
        """Working weight of one copy of each row, left out together."""
        if self.copies is None:
            return self.weights
        one: Floats = self.weights / np.maximum(self.copies, 1.0)
        return one

    @cached_property
    def gram(self) -> Floats:
        """The target's Gram, shape (q, q)."""
        weighted: Floats = (self.design * self.weights[:, None]).T @ self.design
        return weighted

    @cached_property
    def moment(self) -> Floats:
        """The target's ``X'Wz``, shape (q,)."""
        product: Floats = self.design.T @ (self.weights * self.response)
        return product

    @cached_property
    def power(self) -> float:
        """The target's ``z'Wz``."""
        return float((self.weights * self.response) @ self.response)

    @cached_property
    def total(self) -> float:
        """Sum of working weights: the target's rows, in round one."""
        return float(self.weights.sum())

    @cached_property
    def variance(self) -> float:
        """Mean variance of the target's slopes' columns times their number: ``tr Cov(x)``."""
        centre = self.gram[:-1, -1] / self.total
        spread = np.diag(self.gram)[:-1] / self.total - centre**2
        return max(float(np.maximum(spread, 0.0).sum()), 1e-9)

    @property
    def breadth(self) -> float:
        """Shrinkage relative to 45 standardised columns, at least 1.

        Predictions of a given size need slopes whose variance falls as columns are added.
        """
        return max(1.0, self.variance / _NARROW)

    @cached_property
    def members(self) -> tuple[NDArray[np.intp], ...] | None:
        """Rows of each group; ``None`` where every row stands for itself."""
        if self.groups is None:
            return None
        order = np.argsort(self.groups, kind="stable")
        return tuple(np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1))

    def loss(self, predictions: Floats) -> float:
        """Return the weighted mean squared error of predictions for the target rows."""
        return float(np.average((self.response - predictions) ** 2, weights=self.weights))

    def without_row(self, fitted: Floats, solved: Floats) -> Floats:
        """Return what each row is predicted without itself, or without its group.

        Parameters
        ----------
        fitted : ndarray, shape (n_rows,)
            Predictions of the fit on all rows.
        solved : ndarray, shape (q, n_rows)
            ``A^-1 X'`` of that fit, so that the leverage of row j on row i is
            ``x_i' solved_j w_j``.

        Notes
        -----
        e_i / (1 - h_i) is the residual without row i; (I - H_gg)^-1 e_g that without group g (Cook
        and Weisberg 1982, section 2.2). Leverages are capped just below 1.
        """
        residual = self.response - fitted
        if self.members is None:
            leverage = np.einsum("ij,ji->i", self.design, solved) * self.single
            predictions: Floats = self.response - residual / (
                1.0 - np.minimum(leverage, MOST_LEVERAGE)
            )
            return predictions
        out = np.empty_like(residual)
        for rows in self.members:
            hat = (self.design[rows] @ solved[:, rows]) * self.weights[rows]
            out[rows] = kept_residual(hat, residual[rows], self.weights[rows])
        return self.response - out


def kept_residual(hat: Floats, residual: Floats, weights: Floats) -> Floats:
    """Return a group's residuals without it, by its hat block."""
    if len(residual) == 1:
        return residual / (1.0 - min(float(hat[0, 0]), MOST_LEVERAGE))
    root = np.sqrt(np.maximum(weights, 1e-12))
    symmetric = hat * root[:, None] / root[None, :]
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2.0)
    scale = 1.0 / (1.0 - np.minimum(values, MOST_LEVERAGE))
    residuals: Floats = (vectors @ (scale * (vectors.T @ (residual * root)))) / root
    return residuals
