"""Rows as numbers with their labels, and the nearest rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest of some rows, for each of others.

    Parameters
    ----------
    labels : ndarray, shape (n,)
    partners : ndarray, shape (m,)
        Labels of the rows that are near.
    distances, nearest : ndarray, shape (n, k)
    """

    labels: NDArray[Any]
    partners: NDArray[Any]
    distances: Floats
    nearest: NDArray[np.intp]

    @property
    def ratios(self) -> Floats:
        """Return the nearest distance over the farthest, or 1."""
        farthest = self.distances[:, -1]
        return np.where(
            farthest > 0, self.distances[:, 0] / np.where(farthest > 0, farthest, 1.0), 1.0
        )

    @property
    def labelled(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.intp]]:
        """Return labels of rows, labels of partners, and partners' places."""
        return self.labels, self.partners, self.nearest

    def part(self, rows: NDArray[Any]) -> Neighbours:
        """Return the neighbours of some rows."""
        return Neighbours(
            self.labels[rows], self.partners, self.distances[rows], self.nearest[rows]
        )

    def first(self, k: int) -> Neighbours:
        """Return the k nearest of each row."""
        return Neighbours(self.labels, self.partners, self.distances[:, :k], self.nearest[:, :k])

    def each_once(self) -> Neighbours:
        """Return the rows that are nearest to a row of their own.

        A row is a copy of one row at most; rows that share a nearest row share its luck.
        """
        order = np.argsort(self.distances[:, 0], kind="stable")
        rows = order[np.unique(self.nearest[order, 0], return_index=True)[1]]
        return self.part(rows)


@dataclass(frozen=True, eq=False)
class NumberRows:
    """Rows as numbers, with their labels."""

    numbers: Floats
    labels: NDArray[Any]

    def part(self, rows: NDArray[Any]) -> NumberRows:
        """Return some of the rows."""
        return NumberRows(self.numbers[rows], self.labels[rows])

    def beside(self, pool: NumberRows, k: int) -> Neighbours:
        """Return the nearest of other rows for each row."""
        return Neighbours(self.labels, pool.labels, *pool._search.kneighbors(self.numbers, k))

    def among_themselves(self, rows: NDArray[np.intp], k: int) -> Neighbours:
        """Return the nearest rows of some of them, without the row itself."""
        k = min(k, len(self.labels) - 1)
        distances, nearest = self._search.kneighbors(self.numbers[rows], k + 1)
        # Of equal rows, another may come first; it is the row itself that goes.
        itself = nearest == rows[:, None]
        itself[:, -1] |= ~itself.any(axis=1)
        shape = len(rows), k
        return Neighbours(
            self.labels[rows],
            self.labels,
            distances[~itself].reshape(shape),
            nearest[~itself].reshape(shape),
        )

    @cached_property
    def _search(self) -> Any:
        from sklearn.neighbors import NearestNeighbors

        return NearestNeighbors().fit(self.numbers)
