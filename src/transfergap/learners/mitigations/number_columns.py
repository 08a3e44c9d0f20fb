"""Numeric columns that can be aligned, in the target's scale and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NumberColumns:
    """The numeric columns that vary, with the target's centres and scales.

    Parameters
    ----------
    where : tuple of int
        Positions of the columns.
    centre, scale : ndarray, shape (n_columns,)
        Means and standard deviations of the target's present values.
    """

    positions: tuple[int, ...]
    centre: Floats
    scale: Floats

    @classmethod
    def of(cls, target: Any, source: Any) -> NumberColumns:
        """Return the columns of numbers that vary in both.

        Raises
        ------
        DataError
            For texts and sparse rows, which have no columns of numbers that could be moved.
        """
        if isinstance(target, list) or hasattr(target, "tocsr"):
            rows = "Texts" if isinstance(target, list) else "Sparse rows"
            raise DataError(
                f"{rows} cannot be aligned: only columns of numbers can.",
                hint="weigh rows instead, for example with kernel-mean-matching",
            )
        numeric = _numeric(target) & _numeric(source)
        target_numbers, source_numbers = _numbers_of(target, numeric), _numbers_of(source, numeric)
        varies = (_spread(target_numbers) > 0) & (_spread(source_numbers) > 0)
        positions = tuple(int(j) for j in np.flatnonzero(numeric)[varies])
        target_numbers = target_numbers[:, varies]
        return cls(positions, _mean(target_numbers), _spread(target_numbers))

    def numbers(self, X: Any) -> Floats:
        """Return the columns in the target's scale.

        A missing value becomes the target's mean.
        """
        mask = np.zeros(X.shape[1], bool)
        mask[list(self.positions)] = True
        scaled: Floats = np.nan_to_num((_numbers_of(X, mask) - self.centre) / self.scale, nan=0.0)
        return scaled

    def put(self, X: Any, numbers: Floats) -> Any:
        """Return a copy of ``X`` with these numbers.

        Missing values stay missing.
        """
        values = numbers * self.scale + self.centre
        if not hasattr(X, "iloc"):
            changed = np.array(X, float)
            old = changed[:, list(self.positions)]
            changed[:, list(self.positions)] = np.where(np.isnan(old), old, values)
            return changed
        table = X.copy()
        for j, column in zip(self.positions, values.T, strict=True):
            missing = table.iloc[:, j].isna().to_numpy()
            table.isetitem(j, np.where(missing, np.nan, column))
        return table


def _numeric(X: Any) -> NDArray[np.bool_]:
    if not hasattr(X, "iloc"):
        return np.ones(X.shape[1], bool)
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return np.array([is_numeric_dtype(t) and not is_bool_dtype(t) for t in X.dtypes], bool)


def _numbers_of(X: Any, mask: NDArray[np.bool_]) -> Floats:
    if hasattr(X, "iloc"):
        numbers: Floats = X.loc[:, mask].to_numpy(dtype=float, na_value=np.nan)
        return numbers
    return np.asarray(X, float)[:, mask]


def _mean(values: Floats) -> Floats:
    present = ~np.isnan(values)
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(present.sum(axis=0), 1), float)


def _spread(values: Floats) -> Floats:
    away = np.where(np.isnan(values), 0.0, values - _mean(values))
    counts = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    return np.asarray(np.sqrt((away**2).sum(axis=0) / counts), float)
