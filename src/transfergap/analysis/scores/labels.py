"""Labels of the target as responses of linear fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[Any]


class Responses(Protocol):
    """Responses of linear fits, one column a class or quantity."""

    has_classes: bool

    @property
    def n_responses(self) -> int:
        """Return the number of columns."""
        ...

    @property
    def sort_key(self) -> NDArray[Any]:
        """Return what rows are sorted by within a fold."""
        ...

    def take(self, rows: NDArray[np.intp]) -> Responses:
        """Return the responses of some rows."""
        ...

    def matrix(self) -> Floats:
        """Return shape (n_rows, n_responses)."""
        ...

    def sums(self, block: Rows, rows: slice) -> Floats:
        """Return responses times rows, summed: shape (n_responses, n_columns)."""
        ...


@dataclass(frozen=True)
class ClassCodes:
    """Classes as whole numbers from 0.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
    n_classes : int

    Examples
    --------
    >>> labels = ClassCodes(np.array([0, 1, 1]), 2)
    >>> labels.sums(np.array([[1.0], [2.0], [3.0]]), slice(0, 3)).tolist()
    [[1.0], [5.0]]
    """

    codes: NDArray[np.intp]
    n_classes: int
    has_classes = True

    @property
    def n_responses(self) -> int:
        """Return the number of classes."""
        return self.n_classes

    @property
    def sort_key(self) -> NDArray[Any]:
        """Return the classes: rows of a class stand together."""
        return self.codes

    def take(self, rows: NDArray[np.intp]) -> ClassCodes:
        """Return the classes of some rows."""
        return ClassCodes(self.codes[rows], self.n_classes)

    def matrix(self) -> Floats:
        """Return indicators, one column a class."""
        indicators = np.zeros((len(self.codes), self.n_classes))
        indicators[np.arange(len(self.codes)), self.codes] = 1.0
        return indicators

    def sums(self, block: Rows, rows: slice) -> Floats:
        """Return the sum of the rows of each class."""
        from scipy.sparse import csc_matrix

        codes = self.codes[rows]
        n = len(codes)
        parts = (np.ones(n, block.dtype), codes, np.arange(n + 1))
        return np.asarray(csc_matrix(parts, shape=(self.n_classes, n)) @ block, float)


@dataclass(frozen=True)
class Quantities:
    """Numbers to predict.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_responses)
    """

    values: Floats
    has_classes = False

    @property
    def n_responses(self) -> int:
        """Return the number of quantities."""
        return int(self.values.shape[1])

    @property
    def sort_key(self) -> NDArray[Any]:
        """Return zeros: any order within a fold will do."""
        return np.zeros(len(self.values))

    def take(self, rows: NDArray[np.intp]) -> Quantities:
        """Return the quantities of some rows."""
        return Quantities(self.values[rows])

    def matrix(self) -> Floats:
        """Return the quantities."""
        return self.values

    def sums(self, block: Rows, rows: slice) -> Floats:
        """Return quantities times rows, summed."""
        return np.asarray(self.values[rows].T @ block, float)
