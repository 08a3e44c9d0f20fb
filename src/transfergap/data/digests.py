"""Digests of rows: the same in every process."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

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
