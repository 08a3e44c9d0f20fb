"""Rows with their labels, and containers of rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


def take_rows(X: Any, index: NDArray[Any]) -> Any:
    """Return rows ``index`` of an array, table, sparse matrix or list."""
    if hasattr(X, "iloc"):
        return X.iloc[index]
    if isinstance(X, list):
        positions = np.flatnonzero(index) if index.dtype == bool else index
        return [X[int(i)] for i in positions]
    return X[index]


def count_rows(X: Any) -> int:
    """Return how many rows ``X`` has, whatever its container."""
    return len(X) if isinstance(X, list) else int(X.shape[0])


def stack_rows(parts: Sequence[Any]) -> Any:
    """Stack row containers of one kind on top of each other."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    if isinstance(first, list):
        return [row for part in parts for row in part]
    if hasattr(first, "iloc"):
        import pandas as pd

        return pd.concat(list(parts), ignore_index=True)
    if hasattr(first, "tocsr"):
        from scipy import sparse

        return sparse.vstack(list(parts), format="csr")
    return np.concatenate(parts)


@dataclass(frozen=True)
class Sample:
    """Rows with their labels.

    Parameters
    ----------
    X : array, DataFrame, sparse matrix or list of str
        Shape (n_rows, n_features); a list of texts has one text a row.
    y : ndarray, shape (n_rows,)
        Labels: numbers for regression, anything sortable for classes.
    weights : ndarray, shape (n_rows,), optional
        Non-negative weights in training, and of target rows (above 0) in the score too; ``None``
        means one each.
    groups : ndarray, shape (n_rows,), optional
        Rows of one group (a patient, a site) are never split between training and test.
    ids : ndarray, shape (n_rows,), optional
        Names of the rows in the user's own file.
    times : ndarray, shape (n_rows,), optional
        When each row happened: numbers or dates. Decides what may be trained on, and is no feature.

    Examples
    --------
    >>> import numpy as np
    >>> Sample(np.eye(3), np.array([0, 1, 1])).rows(np.array([2, 0])).y.tolist()
    [1, 0]
    """

    X: Any
    y: NDArray[Any]
    weights: NDArray[np.float64] | None = None
    groups: NDArray[Any] | None = None
    ids: NDArray[Any] | None = None
    times: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.y)

    @property
    def weights_or_ones(self) -> NDArray[np.float64]:
        """Weight of each row: ones where no weights were given."""
        return np.ones(len(self)) if self.weights is None else self.weights

    def rows(self, index: NDArray[Any]) -> Sample:
        """Return the rows that ``index`` (positions or a mask) selects."""
        return Sample(
            take_rows(self.X, index),
            self.y[index],
            None if self.weights is None else self.weights[index],
            None if self.groups is None else self.groups[index],
            None if self.ids is None else self.ids[index],
            None if self.times is None else self.times[index],
        )

    def without_groups(self, groups: NDArray[Any]) -> Sample:
        """Return the rows of no group in ``groups``.

        All rows where the sample has no groups.
        """
        if self.groups is None:
            return self
        shared = np.isin(self.groups, groups)
        return self.rows(~shared) if shared.any() else self

    def before(self, time: Any) -> Sample:
        """Return the rows earlier than ``time``.

        All of them without times, or without a limit.
        """
        if self.times is None or time is None:
            return self
        early = self.times < time
        return self if early.all() else self.rows(early)

    def weighted(self, weights: NDArray[np.float64]) -> Sample:
        """Return the same rows with other training weights."""
        return replace(self, weights=weights)


def stack_samples(parts: Sequence[Sample]) -> Sample:
    """Stack samples, with weights and groups where a part has some.

    A part without weights counts one a row then, and one without groups gets a group a row.
    """
    if len(parts) == 1:
        return parts[0]
    weights = None
    if any(part.weights is not None for part in parts):
        weights = np.concatenate([part.weights_or_ones for part in parts])
    return Sample(
        stack_rows([part.X for part in parts]),
        np.concatenate([part.y for part in parts]),
        weights,
        _stacked_groups(parts),
    )


def _stacked_groups(parts: Sequence[Sample]) -> NDArray[np.intp] | None:
    """Number the groups of all rows; equal groups share a number."""
    named = [part.groups for part in parts if part.groups is not None]
    if not named:
        return None
    labels, codes = np.unique(np.concatenate(named), return_inverse=True)
    grouped, single = iter(codes), itertools.count(len(labels))
    numbers = [
        next(single) if part.groups is None else next(grouped)
        for part in parts
        for _ in range(len(part))
    ]
    return np.array(numbers, dtype=np.intp)
