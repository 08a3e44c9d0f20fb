"""Feature rows in order of folds and classes, read block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from transfergap.analysis.scores.labels import Responses
from transfergap.analysis.scores.span import span_of

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
# Rows multiplied at once: products of float32 are exact to about 1e-6 within a block, and blocks
# are added in float64; with 2,048 columns a block is half of a large cache.
BLOCK = 2048
# Rows whose sum is formed in float32 before it is added in float64: an error of 3e-6 at most.
SUM_BLOCK = 2048
# Below it a sorted copy is held, which spares gathering rows anew in each of five readings; above
# it memory stays at a few blocks and matrices, whatever the number of rows.
COPY_BYTES = 1 << 29


@dataclass(frozen=True)
class SortedRows:
    """Rows about a centre, in order of folds and classes.

    Parameters
    ----------
    X : array, shape (n_rows, n_columns)
        As the user gave it: an array or a memory map.
    labels : Responses
        Of the rows in their new order.
    order : ndarray of int
        Row of ``X`` at each place.
    fold_starts : ndarray of int, shape (n_folds + 1,)
    centre : ndarray, shape (n_columns,)
        The mean of the rows, as far as their precision holds it.
    n_dimensions : int
        Columns of the features themselves: more than there are here where rows are in the
        coordinates of their span.
    unit : ndarray, shape (n_columns,)
        The vector of ones of the features, in these coordinates.
    copy : ndarray, optional
        The rows less their centre in the new order, where memory allows.
    raw_products : (ndarray, float)
        Each row times the centre that coordinates of a span lack, and the centre's square.
    """

    X: Any
    labels: Responses
    order: Indices
    fold_starts: Indices
    centre: NDArray[Any]
    n_dimensions: int
    unit: Floats
    copy: NDArray[Any] | None = field(default=None, repr=False)
    raw_products: tuple[Floats, float] = (np.zeros(0), 0.0)

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.order)

    @property
    def n_columns(self) -> int:
        """Return the number of columns here."""
        return int(self.X.shape[1])

    @property
    def n_folds(self) -> int:
        """Return the number of folds."""
        return len(self.fold_starts) - 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the precision in which rows are multiplied."""
        return self.centre.dtype

    def fold_of_rows(self) -> Indices:
        """Return the fold of each place."""
        return np.repeat(np.arange(self.n_folds), np.diff(self.fold_starts))

    def block(self, start: int, stop: int) -> NDArray[Any]:
        """Return rows less the centre, maybe as a view."""
        if self.copy is not None:
            return self.copy[start:stop]
        return self.gather(self.order[start:stop])

    def gather(self, rows: Indices) -> NDArray[Any]:
        """Return rows of ``X`` less the centre."""
        block = np.array(np.take(self.X, rows, axis=0), dtype=self.dtype)
        block -= self.centre
        return block

    def blocks(self, start: int, stop: int, size: int = BLOCK) -> list[slice]:
        """Return slices of at most ``size`` rows."""
        return [slice(s, min(s + size, stop)) for s in range(start, stop, size)]

    def fold_blocks(self, fold: int, size: int = BLOCK) -> list[slice]:
        """Return slices of one fold's rows."""
        return self.blocks(int(self.fold_starts[fold]), int(self.fold_starts[fold + 1]), size)

    def in_span(self) -> SortedRows:
        """Return the rows in coordinates of their span.

        All inner products about the centre stay. The coordinates are those of a pivoted Cholesky
        factor of the matrix of inner products, in float64.
        """
        rows = self.block(0, self.n_rows).astype(float)
        coordinates, triangle, pivots = span_of(rows @ rows.T)
        rank = triangle.shape[1]
        unit = solve_triangular(triangle[:rank], rows[pivots[:rank]].sum(axis=1), lower=True)
        in_first_order = np.empty_like(coordinates)
        in_first_order[self.order] = coordinates
        return SortedRows(
            in_first_order,
            self.labels,
            self.order,
            self.fold_starts,
            np.zeros(rank),
            self.n_dimensions,
            unit,
            coordinates,
            (rows @ self.centre, float(self.centre @ self.centre)),
        )


def sort_rows(
    X: Any, labels: Responses, folds: Indices, *, dtype: np.dtype[Any] | None = None
) -> SortedRows:
    """Sort rows by fold and class.

    Parameters
    ----------
    X : array, shape (n_rows, n_columns)
        float32 and float16 are multiplied in float32, all other numbers in float64.
    labels : Responses
    folds : ndarray of int, shape (n_rows,)
        0 to the number of folds less one, each with a row at least.
    dtype : dtype, optional
        Precision of products, where it is to be another.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> labels = ClassCodes(np.array([1, 0, 1, 0]), 2)
    >>> rows = sort_rows(np.arange(4.0)[:, None], labels, np.array([1, 1, 0, 0]))
    >>> rows.order.tolist(), rows.block(0, 2).ravel().tolist()
    ([3, 2, 1, 0], [1.5, 0.5])
    """
    if dtype is None:
        dtype = np.dtype(np.float32 if X.dtype in (np.float16, np.float32) else np.float64)
    order = np.lexsort((labels.sort_key, folds)).astype(np.intp)
    starts = np.concatenate([[0], np.cumsum(np.bincount(folds))]).astype(np.intp)
    centre = _mean(X, dtype).astype(dtype)
    rows = SortedRows(
        X, labels.take(order), order, starts, centre, int(X.shape[1]), np.ones(X.shape[1])
    )
    if rows.n_rows * rows.n_columns * dtype.itemsize > COPY_BYTES:
        return rows
    return SortedRows(**{**vars(rows), "copy": rows.gather(order)})


def _mean(X: Any, dtype: np.dtype[Any]) -> Floats:
    total = np.zeros(X.shape[1])
    for start in range(0, len(X), SUM_BLOCK):
        block = np.asarray(X[start : start + SUM_BLOCK], dtype)
        total += np.ones(len(block), dtype) @ block
    return total / len(X)
