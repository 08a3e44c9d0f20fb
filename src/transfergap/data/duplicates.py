"""Equal rows of one sample: their keys, and whether they are copies."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray


def row_keys(X: Any) -> NDArray[Any]:
    """Return a key for each row, equal for equal rows only.

    Whole numbers are compared as they are, other numbers as float64; missing values are equal to
    each other, and texts are compared without regard to case and white space.

    Examples
    --------
    >>> keys = row_keys(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]]))
    >>> bool(keys[0] == keys[1]), bool(keys[0] == keys[2])
    (True, False)
    """
    if isinstance(X, list):
        return np.array([" ".join(text.casefold().split()) for text in X], dtype=object)
    if hasattr(X, "tocsr"):
        rows = X.tocsr().copy()
        rows.sum_duplicates()
        rows.eliminate_zeros()
        rows.sort_indices()
        data = rows.data.astype(np.float64)
        edges = rows.indptr
        return np.array(
            [
                rows.indices[a:b].astype(np.int64).tobytes() + data[a:b].tobytes()
                for a, b in pairwise(edges)
            ],
            dtype=object,
        )
    if hasattr(X, "iloc"):
        return _frame_keys(X)
    if np.asarray(X).dtype.kind in "iu":
        return np.array([row.tobytes() for row in np.ascontiguousarray(X)], dtype=object)
    values = np.ascontiguousarray(X, dtype=np.float64) + 0.0  # -0.0 becomes 0.0
    return np.array([row.tobytes() for row in values], dtype=object)


def _frame_keys(frame: Any) -> NDArray[Any]:
    import pandas as pd

    plain = {str(i): _comparable(frame.iloc[:, i]) for i in range(frame.shape[1])}
    return pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy()


def _comparable(column: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_integer_dtype(column.dtype) and not column.isna().any():
        return column.astype("int64")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float) + 0.0
    return column.astype(str).str.casefold().str.split().str.join(" ")


def are_copies(keys: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Return whether equal rows of one sample are copies rather than look-alikes.

    True where equal rows always have equal labels. Coarse columns make different people look alike,
    and then some of them have different labels.

    Examples
    --------
    >>> are_copies(np.array(["a", "a", "b"]), np.array([1, 1, 0]))
    True
    >>> are_copies(np.array(["a", "a", "b"]), np.array([1, 0, 0]))
    False
    """
    pairs = {(key, label) for key, label in zip(keys.tolist(), labels.tolist(), strict=True)}
    return len(pairs) == len(set(keys.tolist()))
