"""Columns made constant, so that pipelines that name them still run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class NeutralColumns:
    """Columns and their constants, and the callable that inserts them.

    Parameters
    ----------
    columns : tuple of int
    values : tuple

    Examples
    --------
    >>> NeutralColumns((1,), (0.0,))(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 0.0]]
    """

    columns: tuple[int, ...]
    values: tuple[Any, ...]

    def __call__(self, X: Any) -> Any:
        """Return the rows with constants in these columns."""
        return neutral(X, self.columns, self.values)


def typical_values(X: Any, columns: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the median of number columns, and the commonest value of others."""
    values: list[Any] = []
    for j in columns:
        if not hasattr(X, "iloc"):
            column = np.asarray(X[:, j], float)
            present = column[~np.isnan(column)]
            values.append(float(np.median(present)) if len(present) else 0.0)
            continue
        series = X.iloc[:, j].dropna()
        if len(series) == 0:
            values.append(None)
        elif getattr(series.dtype, "kind", "O") in "iuf":
            values.append(series.sort_values().iloc[len(series) // 2])
        else:
            values.append(series.mode().iloc[0])
    return tuple(values)


def neutral(X: Any, columns: tuple[int, ...], values: tuple[Any, ...]) -> Any:
    """Return rows with constants in some columns; types are kept."""
    if hasattr(X, "iloc"):
        import pandas as pd

        changed = {
            X.columns[j]: pd.Series([value] * len(X), index=X.index).astype(X.dtypes.iloc[j])
            for j, value in zip(columns, values, strict=True)
        }
        return X.assign(**changed)
    out = np.array(X, dtype=float)
    out[:, list(columns)] = values
    return out
