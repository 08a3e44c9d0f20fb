"""Columns made constant, so that a pipeline that names its columns still runs without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_SEES_ROWS = ("predict", "predict_proba", "decision_function", "predict_log_proba")


@dataclass(frozen=True)
class ModelWithout:
    """A fitted model that sees some columns as constants.

    Parameters
    ----------
    model : fitted model
    columns : tuple of int
    values : tuple
        What stands in each of them.
    """

    model: Any
    columns: tuple[int, ...]
    values: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        """Return the model's own attribute; its predictions see the constants."""
        if name.startswith("__") or name == "model":
            raise AttributeError(name)
        own = getattr(self.model, name)
        if name not in _SEES_ROWS:
            return own
        return lambda X: own(neutral(X, self.columns, self.values))


def typical_values(X: Any, columns: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the median of number columns, and the commonest value of others."""
    values: list[Any] = []
    for j in columns:
        if not hasattr(X, "iloc"):
            column = np.asarray(X[:, j], float)
            known = column[~np.isnan(column)]
            values.append(float(np.median(known)) if len(known) else 0.0)
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
