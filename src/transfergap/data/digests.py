"""Digests and keys of rows, and which are copies."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample


def sample_digest(sample: Sample) -> str:
    """Return a digest of rows, labels, weights, groups and times.

    Examples
    --------
    >>> len(sample_digest(Sample(np.eye(2), np.array([0, 1]))))
    16
    """
    digest = hashlib.sha256()
    for part in (sample.X, sample.y, sample.weights, sample.groups):
        _feed(digest, part)
    if sample.times is not None:  # left out without: digests of earlier versions stay
        _feed(digest, sample.times.astype(np.int64 if sample.times.dtype.kind == "M" else None))
    return digest.hexdigest()[:16]


def _feed(digest: Any, part: Any) -> None:
    if part is None:
        digest.update(b"none")
    elif isinstance(part, list):
        for text in part:
            digest.update(f"{len(text)}:{text}".encode())
    elif hasattr(part, "tocsr"):
        rows = part.tocsr()
        for array in (rows.indptr, rows.indices, rows.data):
            _feed(digest, np.asarray(array))
    elif hasattr(part, "iloc"):
        import pandas as pd

        digest.update(repr([(str(c), str(t)) for c, t in part.dtypes.items()]).encode())
        digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
    else:
        array = np.ascontiguousarray(part)
        digest.update(f"{array.shape}".encode())
        plain = array.dtype.kind in "biufc"
        digest.update(array.tobytes() if plain else repr(array.tolist()).encode())


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
    if column.isna().all():  # a category or a date without any value has no texts
        return pd.Series(np.nan, index=column.index)
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
