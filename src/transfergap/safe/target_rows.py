"""Rows of the target that weigh something, checked before a fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.labels.reading import narrowed_labels
from transfergap.data.problem import count_rows, take_rows
from transfergap.data.splitting.groups import checked_groups, group_numbers
from transfergap.data.tables.normal_form import as_column
from transfergap.data.tables.one_form import check_order
from transfergap.errors import DataError
from transfergap.safe.sources import SourceRows

Floats = NDArray[np.float64]
_FAR_FROM_ONE = 3.0  # mean weight of target rows, or its inverse, above which a note asks; by hand


def flat_labels(X: Any, y: Any) -> NDArray[Any]:
    """Return labels of the target as a flat array of one type.

    Raises
    ------
    DataError
        For no labels, several in a row, and rows and labels with one index in two orders.
    """
    from sklearn.utils.validation import column_or_1d

    if y is None:
        raise DataError("The estimator requires y to be passed, but the target y is None.")
    check_order(X, y, "the target")
    labels = narrowed_labels(as_column(y), "the target")
    if labels.ndim > 1 and labels.shape[1:] != (1,):
        raise DataError(
            f"y should be a 1d array, got an array of shape {labels.shape} instead.",
            hint="give one label for each row, and fit one model for each column",
        )
    flat: NDArray[Any] = column_or_1d(labels, warn=True)
    return flat


def weighing_rows(
    X: Any, y: NDArray[Any], sample_weight: Any, groups: Any
) -> tuple[Any, NDArray[Any], Floats | None, NDArray[np.intp] | None]:
    """Return rows that weigh something, their labels, weights and group numbers.

    Raises
    ------
    DataError
        For impossible weights or groups, and for fewer than two such rows.
    """
    copies = _checked_weights(sample_weight, len(y))
    numbers = _group_numbers(groups, len(y))
    if copies is not None:
        positive = copies > 0
        X, y, copies = take_rows(X, positive), y[positive], copies[positive]
        numbers = None if numbers is None else numbers[positive]
    _check_enough(X)
    return X, y, copies, numbers


def _checked_weights(weights: Any, n_rows: int) -> Floats | None:
    if weights is None:
        return None
    try:
        values = np.asarray(as_column(weights), dtype=float)
    except (TypeError, ValueError):  # a missing value, or a text
        values = np.array([np.nan])
    if values.ndim == 0:
        values = np.full(n_rows, float(values))
    if values.shape != (n_rows,) or not np.isfinite(values).all() or (values < 0).any():
        raise DataError(
            f"The sample weights must be {n_rows} finite numbers, none below 0.",
            hint="a weight of 2 counts as the row given twice; 0 leaves a row out",
        )
    if not values.any():
        raise DataError("All sample weights are zero.", hint="give some rows a weight above 0")
    return None if bool((values == 1.0).all()) else values


def copies_note(copies: Floats | None, rows: Mapping[str, SourceRows]) -> tuple[str, ...]:
    """Note weights on another scale than the sources'."""
    plain = [name for name, source in rows.items() if source.weights is None]
    if copies is None or not plain:
        return ()
    mean = float(copies.mean())
    if 1.0 / _FAR_FROM_ONE <= mean <= _FAR_FROM_ONE:
        return ()
    return (
        f"A target row weighs {mean:.3g} on average, and each row of {', '.join(map(repr, plain))}"
        " weighs 1: weights count rows as copies. Divide them by their mean if they are relative.",
    )


def _group_numbers(groups: Any, n_rows: int) -> NDArray[np.intp] | None:
    values = checked_groups(groups, n_rows, "the target")
    return None if values is None else group_numbers(values)


def _check_enough(X: Any) -> None:
    """Raise ``DataError`` unless there are two rows or more to learn from."""
    if count_rows(X) < 2:
        raise DataError(
            f"The target has n_samples = {count_rows(X)}: too few to leave one out.",
            hint="label more target rows",
        )
