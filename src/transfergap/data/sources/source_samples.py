"""Rows of users: containers checked, sources checked one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.labels.label_codes import aligned_labels
from transfergap.data.labels.reading import checked_labels
from transfergap.data.problem import Sample, SourceFacts, count_rows
from transfergap.data.splitting.groups import checked_groups
from transfergap.data.splitting.order import check_no_times, with_times
from transfergap.data.tables.columns import check_columns
from transfergap.data.tables.normal_form import (
    LARGEST_NUMBER,
    as_column,
    check_numbers,
    in_normal_form,
)
from transfergap.errors import ConfigurationError, DataError


def checked_rows(X: Any, origin: str) -> Any:
    """Return ``X`` as a supported container, or raise ``DataError``."""
    if getattr(X, "ndim", 1) == 1 and not hasattr(X, "tocsr") and _are_texts(X):
        X = [str(text) for text in X]
    elif hasattr(X, "tocsr"):
        X = X.tocsr()
    elif hasattr(X, "iloc"):
        check_is_table(X, origin)
        X = X.reset_index(drop=True)
        check_columns(X, origin)
    else:
        check_is_table(X, origin)
        X = _checked_array(X, origin)
    if count_rows(X) == 0:
        raise DataError(f"There are no rows in {origin}.", hint="check the file and its filter")
    if not isinstance(X, list) and X.shape[1] == 0:
        raise DataError(f"There are no columns in {origin}.", hint="a model needs features")
    return X


def check_is_table(X: Any, origin: str) -> None:
    """Raise ``DataError`` for a column, a row, or texts with gaps."""
    if getattr(X, "ndim", 1) != 1 or not hasattr(X, "__iter__"):
        return
    values = list(X)
    if any(isinstance(text, str) for text in values) and not _is_row(X):
        row = next((i for i, text in enumerate(values) if not isinstance(text, str)), None)
        if row is None:
            return
        raise DataError(
            f"Row {row} of {origin} is {values[row]!r}, while others are texts.",
            hint="use '' for an empty text, or drop the row",
        )
    if hasattr(X, "iloc"):
        raise DataError(
            f"The rows of {origin} are a single column of {X.dtype}.",
            hint="use X.to_frame() for one column, X.iloc[[0]] for one row, or texts only",
        )


def _is_row(X: Any) -> bool:
    """Return whether a Series is a table's row: its index has names."""
    return hasattr(X, "iloc") and all(isinstance(name, str) for name in X.index)


def _are_texts(X: Any) -> bool:
    return len(X) > 0 and all(isinstance(row, str) for row in X)


def _checked_array(X: Any, origin: str) -> Any:
    try:
        values = np.asarray(X)
    except ValueError as error:
        raise DataError(
            f"The rows of {origin} differ in length or depth, so they are no table.",
            hint="give every row the same columns; fill short rows up with missing values",
        ) from error
    if values.ndim != 2:
        raise DataError(
            f"The rows of {origin} have shape {values.shape}, but must be a table.",
            hint="use X.reshape(-1, 1) for one column, X.reshape(len(X), -1) for images (a network"
            " can be told their shape), or a list of str for texts",
        )
    if values.dtype.kind == "O":
        values = _narrowed(values)
    if values.dtype.kind in "mcOUS":
        import pandas as pd

        frame = in_normal_form(pd.DataFrame(values).infer_objects(), origin)
        frame.columns = pd.Index([str(column) for column in frame.columns])
        check_columns(frame, origin)
        return frame
    if values.dtype.kind == "f" and not _is_moderate(values):
        for column in range(values.shape[1]):
            check_numbers(
                values[:, column],
                f"Column {column} of {origin} holds",
                "replace it by a missing value, or mend what divides by zero",
            )
    return values


def _is_moderate(values: NDArray[Any]) -> bool:
    """Return whether no number is infinite or too large."""
    ends = (end.reduce(values, axis=None, initial=0.0) for end in (np.fmin, np.fmax))
    return all(abs(float(end)) <= LARGEST_NUMBER for end in ends)


def _narrowed(values: NDArray[Any]) -> NDArray[Any]:
    """Convert objects that are numbers to numbers.

    Anything else is returned as it is.
    """
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return values


Pair = tuple[Any, Any]


def _checked_weights(weights: Any, n_rows: int, origin: str) -> NDArray[np.float64] | None:
    if weights is None:
        return None
    try:
        values = np.asarray(as_column(weights), dtype=float)
    except (TypeError, ValueError):  # a missing value, or a text
        values = np.array([np.nan])
    if values.shape != (n_rows,) or not np.isfinite(values).all() or (values < 0).any():
        raise DataError(
            f"The weights of {origin} must be {n_rows} finite numbers, none below 0.",
            hint="give one weight for each row; 0 leaves a row out",
        )
    if not values.any():
        raise DataError(
            f"All weights of {origin} are 0: none of its rows would count.",
            hint="leave it out, or check the column of weights",
        )
    return values


def target_weights(weights: Any, n_rows: int, origin: str) -> NDArray[np.float64] | None:
    """Check the weights of target rows; zero raises ``DataError``."""
    values = _checked_weights(weights, n_rows, origin)
    if values is not None and (values == 0).any():
        raise DataError(
            f"{int((values == 0).sum())} rows of {origin} have the weight 0.",
            hint="drop them: a row that counts for nothing cannot be tested on",
        )
    return values


def weighed(source: Sample, target: Sample) -> Sample:
    """Weigh a source without weights like average target rows."""
    if target.weights is None or source.weights is not None:
        return source
    return source.weighted(np.full(len(source), float(target.weights.mean())))


def source_sample(
    label: str,
    data: Pair | Sample,
    classes: NDArray[Any],
    task: str,
    times: NDArray[Any] | None,
    label_map: Mapping[Any, Any] | None,
) -> tuple[Sample, SourceFacts]:
    """Check one source and drop rows of classes the target lacks."""
    origin = f"the source {label!r}"
    if not isinstance(label, str) or not label.strip():
        raise ConfigurationError(f"{label!r} is no name for a source.", hint="use a word")
    if not isinstance(data, Sample):
        if not isinstance(data, Sequence) or len(data) != 2:
            raise DataError(
                f"{origin.capitalize()} is a {type(data).__name__}, not a pair.",
                hint=f"use sources={{{label!r}: (X, y)}}",
            )
        data = Sample(data[0], data[1])
    X = checked_rows(data.X, origin)
    labels = checked_labels(data.y, count_rows(X), origin, may_be_constant=True)
    labels, has_class, facts = aligned_labels(labels, classes, task, label, label_map=label_map)
    groups = checked_groups(data.groups, len(labels), origin)
    sample = Sample(X, labels, _checked_weights(data.weights, len(labels), origin), groups)
    if times is None:
        check_no_times(label, data)
    sample = with_times(sample, data.times, origin, times)
    return sample if has_class.all() else sample.rows(has_class), facts
