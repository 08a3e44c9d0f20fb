"""Equal and nearly equal rows: which rows of a source are rows of the target in disguise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError
from transfergap.problem import DataSource, Sample, SourceFacts

Mask = NDArray[np.bool_]
NEAR_SHARE = 1e-3  # of the usual distance between neighbours in the target
MOST_DISTANCES = 20_000_000
_CHUNK = 512


def row_keys(X: Any) -> NDArray[Any]:
    """Return a key for each row; equal rows, and only they, have equal keys.

    Numbers are compared as float64, missing values are equal to each other, and texts are compared
    without regard to case and white space.

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
    values = np.ascontiguousarray(X, dtype=np.float64) + 0.0  # -0.0 becomes 0.0
    return np.array([row.tobytes() for row in values], dtype=object)


def _frame_keys(frame: Any) -> NDArray[Any]:
    import pandas as pd

    plain = {
        str(i): (
            frame.iloc[:, i].astype(float) + 0.0
            if pd.api.types.is_numeric_dtype(frame.dtypes.iloc[i])
            else frame.iloc[:, i].astype(str)
        )
        for i in range(frame.shape[1])
    }
    return pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy()


def repeated_share(keys: NDArray[Any]) -> float:
    """Return the share of rows that have an equal row elsewhere in the same sample, in [0, 1]."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return float((counts[inverse] > 1).mean()) if len(keys) else 0.0


def shared_rows(target_keys: NDArray[Any], source_keys: NDArray[Any]) -> Mask:
    """Return which source rows equal some target row, shape (n_source,)."""
    known = set(target_keys.tolist())
    return np.array([key in known for key in source_keys.tolist()], dtype=bool)


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


def are_coincidences(shared: Mask, target_keys: NDArray[Any], source_keys: NDArray[Any]) -> bool:
    """Return whether equal rows are what coarse columns give by chance rather than a leak.

    True where the share of source rows that equal a target row is at most twice the share of rows
    that have a twin within their own sample, in the target *and* in the source: then the columns
    are too coarse to tell two people apart, and taking the equal rows out would leave a source that
    differs from the target by construction.
    """
    by_chance = min(repeated_share(target_keys), repeated_share(source_keys))
    return float(shared.mean()) <= 2.0 * by_chance


def near_duplicates(target: NDArray[np.float64], source: NDArray[np.float64]) -> Mask | None:
    """Return which source rows lie almost on a target row without being equal to it.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_features)
        Numbers without missing values.

    Returns
    -------
    ndarray of bool, shape (n_source,), or None
        ``None`` if there would be more than 20 million distances to compute, or the target's rows
        are mostly equal to each other.

    Notes
    -----
    Distances are taken in float64 from differences, never from inner products, which lose exact
    zeros; columns are scaled by the target's standard deviation. Almost means within 1/1000 of the
    median distance between nearest neighbours in the target.
    """
    from scipy.spatial.distance import cdist

    if len(target) < 3 or len(target) * (len(source) + len(target)) > MOST_DISTANCES:
        return None
    scale = target.std(axis=0)
    scale[scale == 0] = 1.0
    inside = target / scale
    own = cdist(inside, inside)
    np.fill_diagonal(own, np.inf)
    usual = float(np.median(own.min(axis=1)))
    if not usual > 0:
        return None
    nearest = np.concatenate(
        [
            cdist(source[start : start + _CHUNK] / scale, inside).min(axis=1)
            for start in range(0, len(source), _CHUNK)
        ]
    )
    mask: Mask = (nearest > 0) & (nearest < NEAR_SHARE * usual)
    return mask


def without_leaks(
    label: str, sample: Sample, facts: SourceFacts, target: Sample, keys: NDArray[Any]
) -> DataSource:
    """Take the rows that are target rows out of a source, and count what else the two share."""
    own = row_keys(sample.X)
    shared = shared_rows(keys, own)
    if shared.any() and are_coincidences(shared, keys, own):
        facts = replace(facts, n_coincidences_kept=int(shared.sum()))
    elif shared.any():
        facts = replace(facts, n_duplicates_removed=int(shared.sum()))
        sample = sample.rows(~shared)
    if len(sample) == 0:
        raise DataError(
            f"Every usable row of the source {label!r} is a row of the target too.",
            hint="a source must bring rows of its own; did you pass the same file twice?",
        )
    near = _near(target.X, sample.X)
    if near is not None:
        facts = replace(facts, n_near_duplicates=int(near.sum()))
    if sample.groups is not None and target.groups is not None:
        common = np.isin(sample.groups, target.groups)
        facts = replace(
            facts,
            n_shared_groups=len(np.unique(sample.groups[common])),
            n_shared_group_rows=int(common.sum()),
        )
    return DataSource(label, sample, facts)


def _near(target: Any, source: Any) -> NDArray[np.bool_] | None:
    """Return nearly equal rows by their number columns, or ``None`` where there is no looking."""
    if isinstance(target, list) or hasattr(target, "tocsr"):
        return None
    if hasattr(target, "iloc"):
        import pandas as pd

        if not all(pd.api.types.is_numeric_dtype(kind) for kind in target.dtypes):
            return None
    a, b = np.asarray(target, float), np.asarray(source, float)
    if np.isnan(a).any() or np.isnan(b).any():
        return None
    return near_duplicates(a, b)
