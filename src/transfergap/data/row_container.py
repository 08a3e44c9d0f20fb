"""Rows in a supported container: table, array, sparse matrix or texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.columns import check_columns
from transfergap.data.problem import count_rows
from transfergap.data.tables import in_normal_form
from transfergap.errors import DataError


def checked_rows(X: Any, origin: str) -> Any:
    """Return ``X`` as a supported container, or raise ``DataError``."""
    if getattr(X, "ndim", 1) == 1 and not hasattr(X, "tocsr") and _are_texts(X):
        X = [str(text) for text in X]
    elif isinstance(X, list) and any(isinstance(row, str) for row in X):
        row = next(i for i, text in enumerate(X) if not isinstance(text, str))
        raise DataError(
            f"Row {row} of {origin} is {X[row]!r}, while others are texts.",
            hint="use '' for an empty text, or drop the row",
        )
    elif hasattr(X, "tocsr"):
        X = X.tocsr()
    elif hasattr(X, "iloc"):
        if X.ndim != 2:
            raise DataError(
                f"The rows of {origin} are a single column of {X.dtype}.",
                hint="use X.to_frame() for one column, or texts only",
            )
        X = X.reset_index(drop=True)
        check_columns(X, origin)
    else:
        X = _checked_array(X, origin)
    if count_rows(X) == 0:
        raise DataError(f"There are no rows in {origin}.", hint="check the file and its filter")
    if not isinstance(X, list) and X.shape[1] == 0:
        raise DataError(f"There are no columns in {origin}.", hint="a model needs features")
    return X


def _are_texts(X: Any) -> bool:
    return len(X) > 0 and all(isinstance(row, str) for row in X)


def _checked_array(X: Any, origin: str) -> Any:
    values = np.asarray(X)
    if values.ndim != 2:
        raise DataError(
            f"The rows of {origin} have shape {values.shape}, but must be a table.",
            hint="use X.reshape(-1, 1) for one column, X.reshape(len(X), -1) for images (a network"
            " can be told their shape), or a list of str for texts",
        )
    if values.dtype.kind == "O":
        values = _narrowed(values)
    if values.dtype.kind in "OUS":
        import pandas as pd

        frame = in_normal_form(pd.DataFrame(values).infer_objects(), origin)
        frame.columns = pd.Index([str(column) for column in frame.columns])
        check_columns(frame, origin)
        return frame
    if not np.isfinite(values[~np.isnan(values)] if values.dtype.kind == "f" else 0).all():
        bad = np.argwhere(np.isinf(values))[0]
        raise DataError(
            f"Column {int(bad[1])} of {origin} holds an infinite number in row {int(bad[0])}.",
            hint="replace it by a missing value, or mend what divides by zero",
        )
    return values


def _narrowed(values: NDArray[Any]) -> NDArray[Any]:
    """Convert objects that are numbers to numbers.

    Anything else is returned as it is.
    """
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return values
