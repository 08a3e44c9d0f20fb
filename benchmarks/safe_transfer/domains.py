"""Data sets cut into domains: numbers, labels and which rows are one person or one image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["binary", "regression", "classes"]


@dataclass(frozen=True, eq=False)
class Domain:
    """Rows of one domain.

    ``X`` holds numbers with nan where missing, 0/1 columns for levels and for "is missing"; ``y``
    is 0/1 or a number; rows with equal ``units`` are the same person or image, across domains.
    """

    X: np.ndarray
    y: np.ndarray
    units: np.ndarray | None = None

    def rows(self, index: np.ndarray) -> Domain:
        units = None if self.units is None else self.units[index]
        return Domain(self.X[index], self.y[index], units)


@dataclass(frozen=True, eq=False)
class DataSet:
    """Domains with the same columns; sets of one ``family`` hold the same rows, told twice."""

    name: str
    family: str
    kind: Kind
    domains: dict[str, Domain]


def numbers_of(table: pd.DataFrame, levels: tuple[str, ...] = ()) -> np.ndarray:
    """Return a table as float columns: numbers, levels as 0/1, and 0/1 where a number is missing.

    Labels are not looked at. ``levels`` names columns whose numbers are codes of categories.
    """
    return np.column_stack(list(_columns(table, levels)))


def _columns(table: pd.DataFrame, levels: tuple[str, ...]) -> Iterator[np.ndarray]:
    for name in table.columns:
        column = table[name]
        if name in levels or not pd.api.types.is_numeric_dtype(column):
            yield pd.get_dummies(column, dtype=float).to_numpy()
            continue
        values = column.to_numpy(dtype=float)
        yield values
        if np.isnan(values).any():
            yield np.isnan(values).astype(float)


def cut(
    X: np.ndarray, y: np.ndarray, names: np.ndarray, units: np.ndarray | None = None
) -> dict[str, Domain]:
    """Cut rows into domains by the name of each row's domain."""
    whole = Domain(X, y, units)
    return {str(name): whole.rows(np.flatnonzero(names == name)) for name in np.unique(names)}
