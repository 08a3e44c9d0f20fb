"""Columns of target and sources side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# A page has room for so many; the most unlike are kept.
MOST_COLUMNS, MOST_FILES = 30, 6
_BINS = 12
_FEW_VALUES = 8  # numbers with so few different ones are shown one by one
_MOST_LEVELS = 6
_TAIL = 0.01  # share on either side that falls into the outer bins
_NO_BINS: tuple[str, ...] = ()
_NO_COUNTS: tuple[int, ...] = ()
# Bars need no more rows than this: their heights are off by less than a pixel.
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class ColumnCounts:
    """Values of one column in one file.

    Parameters
    ----------
    counts : tuple of int
        Rows in each bin or level, the rest last where there are more levels.
    missing : float
        Share of rows without a value, in [0, 1].
    distance : float
        Total variation between these counts and the target's, in [0, 1]; 0 for the target.
    """

    counts: tuple[int, ...]
    missing: float
    distance: float


@dataclass(frozen=True)
class ColumnProfile:
    """A column in all files.

    Parameters
    ----------
    name : str
    kind : str
        ``"numbers"`` or ``"levels"``.
    bins : tuple of str
        Edges between bins, as texts, or the names of levels.
    files : tuple of ColumnCounts
        The target first, then the sources in the order of the profile.
    """

    name: str
    kind: str
    bins: tuple[str, ...]
    files: tuple[ColumnCounts, ...]


@dataclass(frozen=True)
class DataProfile:
    """Target against sources, column by column.

    Parameters
    ----------
    files : tuple of str
        The target first.
    n_rows : tuple of int
        Of each file.
    columns : tuple of ColumnProfile
        The most unlike first.
    n_columns, n_sources : int
        How many there are in all.
    label : ColumnProfile or None
        Of the labels, where they are one column.
    """

    files: tuple[str, ...]
    n_rows: tuple[int, ...]
    columns: tuple[ColumnProfile, ...]
    n_columns: int
    n_sources: int
    label: ColumnProfile | None = None


def profile_columns(target: Any, sources: Mapping[str, Any], *, name: str) -> DataProfile | None:
    """Return a profile of tables or arrays.

    ``None`` where there are no columns.

    Parameters
    ----------
    target : DataFrame or ndarray of shape (n_rows, n_columns)
    sources : mapping of str to the same
        The first six are taken.
    name : str
        Of the target.

    Notes
    -----
    Bins are of equal width between the first and the last percentile of the target, with what lies
    beyond in the outer ones. Levels are the commonest of all files. Of more than 20,000
    rows every k-th is counted. Distances are descriptions, without a test.

    Examples
    --------
    >>> here, there = np.array([[0.0], [1.0]]), np.array([[1.0], [1.0]])
    >>> profile = profile_columns(here, {"b": there}, name="a")
    >>> profile.columns[0].bins, [file.counts for file in profile.columns[0].files]
    (('0', '1'), [(1, 1), (0, 2)])
    """
    listed = dict(list(sources.items())[: MOST_FILES - 1])
    tables = {name: target, **listed}
    if not all(getattr(X, "ndim", 0) == 2 and not hasattr(X, "tocsr") for X in tables.values()):
        return None
    thin = [X[:: max(1, len(X) // _MOST_ROWS)] for X in tables.values()]
    names = column_names(target)
    profiles = [
        _profile(column, [_values(X, column, j) for X in thin]) for j, column in enumerate(names)
    ]
    apart = [max((c.distance for c in p.files[1:]), default=0.0) for p in profiles]
    order = sorted(range(len(profiles)), key=lambda j: -apart[j])[:MOST_COLUMNS]
    return DataProfile(
        tuple(tables),
        tuple(len(X) for X in tables.values()),
        tuple(profiles[j] for j in order),
        len(names),
        len(sources),
    )


def profile_labels(target: Any, sources: Mapping[str, Any], *, classes: bool) -> ColumnProfile:
    """Return the labels of target and sources side by side.

    Parameters
    ----------
    target : array of shape (n_rows,)
    sources : mapping of str to the same
        The first five are taken.
    classes : bool
        Whether labels are names rather than amounts.

    Examples
    --------
    >>> label = profile_labels([0, 1, 1, 1], {"b": [0, 1]}, classes=True)
    >>> label.bins, [file.counts for file in label.files], label.files[1].distance
    (('1', '0'), [(3, 1), (1, 1)], 0.25)
    """
    import pandas as pd

    columns = [pd.Series(y) for y in (target, *list(sources.values())[: MOST_FILES - 1])]
    thin = [y.iloc[:: max(1, len(y) // _MOST_ROWS)] for y in columns]
    return _profile("label", [y.astype(str) for y in thin] if classes else thin)


def column_names(X: Any) -> tuple[str, ...]:
    """Return the names of columns; of an array their positions."""
    if hasattr(X, "columns"):
        return tuple(str(column) for column in X.columns)
    return tuple(str(j) for j in range(X.shape[1]))


def _values(X: Any, column: str, j: int) -> Any:
    import pandas as pd

    if hasattr(X, "columns"):
        names = column_names(X)
        # A source may lack a column, or hold it elsewhere.
        return X.iloc[:, names.index(column)] if column in names else pd.Series(dtype=float)
    return pd.Series(X[:, j] if j < X.shape[1] else [])


def _profile(name: str, columns: list[Any]) -> ColumnProfile:
    import pandas as pd

    missing = [float(column.isna().mean()) if len(column) else 1.0 for column in columns]
    present = [column.dropna() for column in columns]
    numeric = all(pd.api.types.is_numeric_dtype(c) or not len(c) for c in columns)
    numeric &= not any(pd.api.types.is_bool_dtype(column) for column in columns)
    together = pd.concat([c for c in present if len(c)]) if any(map(len, present)) else None
    kind, bins, counts = "levels", _NO_BINS, [_NO_COUNTS] * len(columns)
    if together is not None and numeric and together.nunique() > _FEW_VALUES:
        kind = "numbers"
        bins, counts = _binned([c.to_numpy(float) for c in present])
    elif together is not None:
        bins, counts = _by_level(present, numeric)
    shares = [_shares(c, m) for c, m in zip(counts, missing, strict=True)]
    return ColumnProfile(
        name,
        kind,
        bins,
        tuple(
            ColumnCounts(c, m, round(0.5 * float(np.abs(s - shares[0]).sum()), 4))
            for c, m, s in zip(counts, missing, shares, strict=True)
        ),
    )


def _shares(counts: tuple[int, ...], missing: float) -> Floats:
    """Return shares of all rows, those without a value last."""
    total = max(sum(counts), 1)
    return np.append((1.0 - missing) * np.array(counts, float) / total, missing)


def _binned(columns: list[Floats]) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    # The target's range where it has one: what lies far from it stands in the outer bins.
    for values in (columns[0], np.concatenate(columns)):
        finite = values[np.isfinite(values)]
        low, high = np.quantile(finite, [_TAIL, 1.0 - _TAIL]) if len(finite) else (0.0, 0.0)
        if high > low:
            break
    else:
        low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0)) + 1.0
    edges = np.linspace(low, high, _BINS + 1)
    inner = edges[1:-1]
    counts = [
        tuple(int(n) for n in np.bincount(np.searchsorted(inner, c, "right"), minlength=_BINS))
        for c in columns
    ]
    return tuple(f"{edge:.4g}" for edge in edges), counts


def _by_level(columns: list[Any], numeric: bool) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    import pandas as pd

    texts = [_level_texts(column, numeric) for column in columns]
    totals = pd.concat(texts).value_counts(sort=True)
    # The same order whatever the order of rows: by count, then by name.
    common = sorted(totals.index, key=lambda level: (-int(totals[level]), str(level)))
    levels = common[:_MOST_LEVELS]
    if numeric:
        levels = sorted(levels, key=float)
    counts = []
    for text in texts:
        by_level = text.value_counts()
        row = [int(by_level.get(level, 0)) for level in levels]
        counts.append(tuple(row + [len(text) - sum(row)] * (len(common) > len(levels))))
    names = [*levels, *["others"] * (len(common) > len(levels))]
    return tuple(names), counts


def _level_texts(column: Any, numeric: bool) -> Any:
    return column.map(lambda value: f"{value:g}") if numeric else column.astype(str)
