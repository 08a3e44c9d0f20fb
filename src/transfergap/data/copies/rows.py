"""Rows as cells, numbers and texts that can be compared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.agreement import MOST_BITS
from transfergap.data.copies.comparable import (
    ComparableColumn,
    comparable_columns,
    flat_numbers,
    text_pair,
)
from transfergap.data.copies.links import (
    CERTAIN,
    IDENTIFIED,
    CopySearch,
    Links,
    Twins,
    unsearched,
)
from transfergap.data.copies.nearby import WIDE, nearby_rows, standardised
from transfergap.data.copies.search import search_columns
from transfergap.data.digests import row_keys

# Standardised rows are compared after rounding: chosen by hand.
_DIGITS = 4  # of standardised rows
_FEWEST_FRACTIONS = 20  # different values from which a column of fractions is a measurement
_FINE_TEXTS = 0.5  # share of texts that differ; chosen by hand


def search_rows(
    target: Any, source: Any, *, excluded: Collection[str] = (), other_units: bool = True
) -> CopySearch:
    """Search a source's rows for rows of the target.

    Parameters
    ----------
    target, source : DataFrame, array of any shape, sparse matrix, or list
    excluded : collection of str
        Names (for arrays: positions) of columns that name rows, and so are no evidence.
    other_units : bool
        Whether to look for columns in another unit, and for wide rows brighter or darker.

    Returns
    -------
    CopySearch
        With ``outcome == "incomparable"`` for rows of two kinds.

    Examples
    --------
    >>> images = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> search_rows(images, np.append(images[:3] * 2, images[:5] + 1, axis=0)).n_equal
    8
    """
    target, source = _in_one_container(target, source)
    n_target, n_source = len_of(target), len_of(source)
    texts = [_texts(X) for X in (target, source)]
    if texts[0] is not None and texts[1] is not None:
        return search_columns([text_pair("text", *texts)], n_target, n_source)
    if hasattr(target, "tocsr") and hasattr(source, "tocsr"):
        return _by_keys(row_keys(_in_single(target)), row_keys(_in_single(source)))
    columns = comparable_columns(target, source)
    if columns is None:
        keys = _object_keys(target), _object_keys(source)
        if keys[0] is None or keys[1] is None or type(keys[0][0]) is not type(keys[1][0]):
            return unsearched(n_target, n_source, "incomparable")
        return _by_keys(keys[0], keys[1])
    search = search_columns(columns, n_target, n_source, excluded=excluded, in_units=other_units)
    tables = hasattr(target, "iloc") or hasattr(source, "iloc")
    narrow = len(columns) < WIDE
    as_they_are = not search.units and (len(search.links) or (search.source_class >= 0).any())
    if tables or narrow or not other_units or as_they_are:
        return search
    standard = comparable_columns(_standardised(target), _standardised(source))
    assert standard is not None
    by_rows = search_columns(standard, n_target, n_source, excluded=excluded, in_units=False)
    # Columns in other units are one explanation, pictures brighter or darker each the other.
    return search if len(search.links) > len(by_rows.links) else by_rows


def search_rows_nearby(target: Any, source: Any) -> CopySearch:
    """Search a source for target rows by columns and by distance.

    For sources whose labels say nothing about the target's, so that rows with noise are known by
    their place alone. It takes strangers for copies where rows have few numbers; see
    :func:`nearby_rows` for how many.

    Parameters
    ----------
    target, source : DataFrame, array of any shape, sparse matrix, or list
    """
    target, source = _in_one_container(target, source)
    return search_rows(target, source).with_pairs(*nearby_rows(target, source))


def _in_one_container(target: Any, source: Any) -> tuple[Any, Any]:
    """Return lists of numbers as arrays, and both sparse if one is."""
    from scipy.sparse import csr_matrix

    rows = [_array_of_lists(X) if isinstance(X, list) else X for X in (target, source)]
    if len({hasattr(X, "tocsr") for X in rows}) == 1:
        return rows[0], rows[1]
    flat = [X if hasattr(X, "tocsr") else flat_numbers(X) for X in rows]
    if flat[0] is None or flat[1] is None or flat[0].shape[1] != flat[1].shape[1]:
        return rows[0], rows[1]
    return csr_matrix(flat[0]), csr_matrix(flat[1])


def _array_of_lists(rows: list[Any]) -> Any:
    """Return lists of numbers of one length as an array; others stay."""
    if not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        return rows
    try:
        values = np.asarray(rows)
    except ValueError:  # of several lengths
        return rows
    return values if values.dtype.kind in "biuf" else rows


def tells_rows_apart(X: Any, *, excluded: Collection[str] = ()) -> bool:
    """Return whether the columns of a sample together identify rows.

    Equal rows of such a sample are copies; in a sample of few coarse columns they are different
    people who look alike.

    Examples
    --------
    >>> yes_no = np.random.default_rng(0).integers(0, 2, (60, 3))
    >>> tells_rows_apart(yes_no), tells_rows_apart(np.random.default_rng(0).normal(size=(60, 3)))
    (False, True)
    """
    if isinstance(X, list) and all(isinstance(row, str) for row in X):
        return len(set(X)) >= _FINE_TEXTS * len(X)  # else they are answers to choose from
    if isinstance(X, list) or hasattr(X, "tocsr"):
        return True
    columns = comparable_columns(X, X)
    if columns is None or len_of(X) == 0:
        return True
    usable = [c for c in columns if c.name not in excluded and not c.is_constant()]
    if not usable:
        return False
    bits = sum(_possible_bits(column) for column in usable)
    return bool(bits >= 2.0 * np.log2(len_of(X)) + IDENTIFIED)


def _possible_bits(column: ComparableColumn) -> float:
    """Return the bits of a column from its number of values.

    No bound for columns of fractions.
    """
    values = np.unique(column.target)
    fractions = not column.is_text and bool((values != np.round(values)).any())
    if fractions and len(values) >= _FEWEST_FRACTIONS:
        return MOST_BITS
    return float(np.log2(max(len(values), 1)))


def len_of(X: Any) -> int:
    """Return the number of rows of anything that has rows."""
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def _texts(X: Any) -> Any | None:
    """Return rows that are texts as a column, ``None`` for others."""
    import pandas as pd

    if isinstance(X, list):
        return pd.Series(X, dtype=object) if all(isinstance(text, str) for text in X) else None
    if getattr(X, "ndim", 0) != 1:
        return None
    texts = pd.Series(X).reset_index(drop=True)
    return texts if pd.api.types.infer_dtype(texts, skipna=True) == "string" else None


def _in_single(X: Any) -> Any:
    """Return sparse rows with fractions in single precision."""
    rows = X.tocsr().astype(float)
    with np.errstate(over="ignore"):
        single = rows.data.astype(np.float32)
    # Whole numbers may be codes, of which single precision would make one.
    rows.data = np.where(rows.data == np.round(rows.data), rows.data, single)
    return rows


def _standardised(X: Any) -> NDArray[np.float64]:
    """Return rows as pictures, of which the negative is the same."""
    values = flat_numbers(X)
    assert values is not None
    standard = np.round(standardised(values.astype(float)), _DIGITS)
    farthest = np.nan_to_num(np.abs(standard)).argmax(axis=1)[:, None]
    sign = np.where(np.take_along_axis(standard, farthest, axis=1) < 0, -1.0, 1.0)
    in_one_sign: NDArray[np.float64] = standard * sign
    return in_one_sign


def _object_keys(X: Any) -> NDArray[Any] | None:
    """Return keys of rows of lists or arrays of unlike lengths.

    ``None`` for other containers.
    """
    if (
        not isinstance(X, list) and getattr(getattr(X, "dtype", None), "kind", "") != "O"
    ) or len_of(X) == 0:
        return None
    keys = []
    for row in X:
        if isinstance(row, str):
            keys.append(" ".join(row.casefold().split()))
            continue
        values = np.asarray(row)
        if values.ndim == 0 or values.dtype.kind not in "biufUS":
            return None
        plain = values.astype(float) if values.dtype.kind in "biuf" else values.astype(str)
        keys.append(f"{plain.dtype.kind}{plain.shape}{plain.tolist()}")
    return np.array(keys, dtype=object)


def _by_keys(target_keys: NDArray[Any], source_keys: NDArray[Any]) -> CopySearch:
    """Search by whole rows alone."""
    import pandas as pd

    codes, keys = pd.factorize(target_keys)
    match = pd.Index(keys).get_indexer(source_keys)
    counts = np.bincount(codes).astype(float)
    n = float(len(target_keys))
    n_pairs = max(n * (n - 1), 1.0)
    twins = Twins(
        np.empty(0), np.empty((0, 1), bool), n_pairs, float((counts * (counts - 1)).sum()), n_pairs
    )
    rows = np.flatnonzero(match >= 0)
    first = np.zeros(len(keys), np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    # A row that occurs twice in its file is no identity, so its equals are no copies.
    lone = counts[match[rows]] == 1
    rows = rows[lone]
    # A row that nobody else in its own file has: equal rows elsewhere are copies.
    excess = np.full(len(rows), CERTAIN if (counts > 1).mean() < 0.01 else 0.0)
    links = Links(first[match[rows]], rows, excess, np.ones((len(rows), 1), bool))
    return CopySearch(
        links, codes.astype(np.intp), match.astype(np.intp), twins=(twins,), columns=("row",)
    )
