"""Candidate pairs of rows that agree on some columns, by hashing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.agreement import MOST_BITS
from transfergap.data.copies.comparable import ComparableColumn, Values
from transfergap.data.copies.rewordings import Rewordings

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Keys = NDArray[np.uint64]
MOST_CANDIDATES = 100_000  # chance pairs that a band may bring; more bits are asked of it otherwise
MOST_BANDS = 10  # at one rounding: three changed columns spoil three disjoint bands at most
_WIDE_ENOUGH = 6  # disjoint bands; with fewer, overlapping ones are drawn beside them
_SHUFFLES = 24  # draws of overlapping bands; chosen by hand
_FULL, _STEPS = None, (5, 3, 2, 1, 0)  # exact values, then grids of 10^-k of a column's scale
_MOST_TWINS = 64  # source rows a key may have a target row; a commoner key tells nothing
_GRID_BITS = 1.8  # of a grid as coarse as the interquartile range, for a bell-shaped column
# 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, section 6.4)
_SALT = 0x9E3779B97F4A7C15
_MISSING = np.iinfo(np.int64).min  # no scaled value comes near it


@dataclass(frozen=True)
class KeyedColumn:
    """A column at one rounding, with the bits that chance agreement needs."""

    column: ComparableColumn
    places: int | None
    bits: float

    def keys(self, values: Values) -> NDArray[np.int64]:
        """Return a whole number for each value; equal numbers where values agree."""
        if values.dtype.kind == "i":
            return values.astype(np.int64)
        if self.places is None:
            return (values + 0.0).view(np.int64)
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.rint(values * 10.0**self.places)
            safe = np.where(np.abs(scaled) < 2.0**62, scaled, 0.0)
            return np.where(np.isnan(values), _MISSING, safe.astype(np.int64))


def bands(
    columns: Sequence[ComparableColumn], sample: NDArray[np.intp]
) -> Iterator[tuple[KeyedColumn, ...]]:
    """Yield sets of columns on which different rows seldom all agree.

    A copy whose values were changed in a few columns agrees on some set still. Sets are made of
    exact values, and of values rounded to several grids, for copies that were rounded.

    Parameters
    ----------
    columns : sequence of ComparableColumn
        Those that can be evidence.
    sample : ndarray
        Source rows from which to read how common values are.
    """
    if not columns:
        return
    pairs = float(len(columns[0].target)) * len(columns[0].source)
    # At least eight bits: on coarser bands more than one pair in 256 agrees by chance.
    least_bits = max(np.log2(max(pairs, 1.0)) - np.log2(MOST_CANDIDATES), 8.0)
    exact = [keyed_column(column, sample) for column in columns]
    yield from _level_bands(exact, least_bits)
    whole = [keyed for keyed in exact if keyed.column.is_text or keyed.column.is_whole]
    measured = [c for c in columns if not (c.is_text or c.is_whole)]
    for step in _STEPS if measured else ():
        level = [keyed_column(column, sample, step) for column in measured]
        yield from _level_bands([*level, *whole], least_bits)


def _level_bands(
    columns: Sequence[KeyedColumn], least_bits: float
) -> Iterator[tuple[KeyedColumn, ...]]:
    # A fifth of a bit, chosen by hand: below it a column is nearly constant.
    usable = sorted((c for c in columns if c.bits > 0.2), key=lambda c: -c.bits)
    if sum(c.bits for c in usable) < least_bits:
        if usable:
            yield tuple(usable)
        return
    yielded = set()
    disjoint = _grouped(usable, least_bits)[:MOST_BANDS]
    for band in disjoint:
        yielded.add(frozenset(c.column.name for c in band))
        yield band
    if len(disjoint) >= _WIDE_ENOUGH:
        return
    rng = np.random.default_rng(len(usable))  # any order does; the same rows, the same bands
    for _ in range(_SHUFFLES):
        shuffled = [usable[int(k)] for k in rng.permutation(len(usable))]
        for band in _grouped(shuffled, least_bits)[:1]:
            names = frozenset(c.column.name for c in band)
            if names not in yielded:
                yielded.add(names)
                yield band


def _grouped(columns: Sequence[KeyedColumn], least_bits: float) -> list[tuple[KeyedColumn, ...]]:
    """Cut columns into groups of enough bits, in order.

    Columns after the last whole group are dropped.
    """
    groups, group, bits = [], [], 0.0
    for column in columns:
        group.append(column)
        bits += column.bits
        if bits >= least_bits:
            groups.append(tuple(group))
            group, bits = [], 0.0
    return groups


def keyed_column(
    column: ComparableColumn, sample: NDArray[np.intp], step: int | None = None
) -> KeyedColumn:
    """Return a column of exact values or of grid values.

    The grid has steps of ``10^-step`` of the column's scale.

    Its bits are read from how often different rows share a key, within each file and across.
    """
    places = None if step is None else step - _magnitude(column)
    keyed = KeyedColumn(column, places, 0.0)
    target_keys, n_target = np.unique(keyed.keys(column.target), return_counts=True)
    source_keys, n_source = np.unique(keyed.keys(column.source[sample]), return_counts=True)
    n, m = len(column.target), len(sample)
    inside = float((n_target * (n_target - 1.0)).sum()) / (n * max(n - 1, 1))
    outside = float((n_source * (n_source - 1.0)).sum()) / (m * max(m - 1, 1))
    # Of the rows that share a key across files one on each side may be the same row.
    _, target_place, source_place = np.intersect1d(
        target_keys, source_keys, assume_unique=True, return_indices=True
    )
    across = float((n_target[target_place] * (n_source[source_place] - 1.0)).sum()) / (n * m)
    bits = float(-np.log2(max(inside, outside, across, 2.0**-MOST_BITS)))
    if step is not None:
        bits = min(bits, _GRID_BITS + np.log2(10.0) * step)
    return KeyedColumn(column, places, max(bits, 0.0))


def _magnitude(column: ComparableColumn) -> int:
    """Return the power of ten below the spread of a column."""
    values = column.target[~np.isnan(column.target)]
    if len(values) == 0:
        return 0
    low, high = np.percentile(values, [25, 75])
    scale = high - low or float(np.ptp(values)) or max(float(np.abs(values).max()), 1.0)
    return int(np.floor(np.log10(scale)))


def candidate_pairs(band: Sequence[KeyedColumn]) -> Pairs:
    """Return the row pairs that agree on all columns of a band.

    Keys that very many source rows have are left out: they identify no row.
    """
    import pandas as pd

    target_keys, source_keys = (_hashed(band, side) for side in ("target", "source"))
    keys, place = np.unique(target_keys, return_inverse=True)
    match = pd.Index(keys).get_indexer(pd.Index(source_keys))
    rows = np.flatnonzero(match >= 0)
    if len(rows) == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    key = match[rows]
    n_target = np.bincount(place, minlength=len(keys))
    n_source = np.bincount(key, minlength=len(keys))
    telling = (n_source <= _MOST_TWINS * n_target)[key]
    rows, key = rows[telling], key[telling]
    return _expanded(place, len(keys), key, rows)


def reworded_row_pairs(column: ComparableColumn, texts: Rewordings) -> Pairs:
    """Return the row pairs whose texts share most of their words.

    Texts that very many source rows have are left out: they identify no row.
    """
    n_texts = texts.n_texts
    # A missing text has the code -1; it gets a place of its own at the end.
    place, rows = (np.where(v < 0, n_texts, v) for v in (column.target, column.source))
    order = np.argsort(rows, kind="stable")
    counts = np.bincount(rows, minlength=n_texts + 1)
    starts = np.cumsum(counts) - counts
    telling = counts[texts.source] <= _MOST_TWINS
    target, source = texts.target[telling], texts.source[telling]
    repeats = counts[source]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    source_rows = order[np.repeat(starts[source], repeats) + within]
    return _expanded(place, n_texts + 1, np.repeat(target, repeats), source_rows)


def _hashed(band: Sequence[KeyedColumn], side: str) -> Keys:
    total: Keys | None = None
    for place, keyed in enumerate(band):
        keys = keyed.keys(getattr(keyed.column, side)).view(np.uint64)
        with np.errstate(over="ignore"):
            mixed = (keys ^ (keys >> np.uint64(31))) * np.uint64(_SALT + 2 * (place * 7919))
            total = mixed if total is None else (total ^ (total >> np.uint64(29))) + mixed
    assert total is not None
    return total


def equal_rows(columns: Sequence[ComparableColumn]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the target rows by equality, and match source rows.

    Returns a number for each target row, equal for equal rows, and that of each source row; -1
    where a source row equals no target row.
    """
    import pandas as pd

    band = [KeyedColumn(column, None, MOST_BITS) for column in columns]
    target_keys, source_keys = (_hashed(band, side) for side in ("target", "source"))
    keys, place = np.unique(target_keys, return_inverse=True)
    return place.astype(np.intp), pd.Index(keys).get_indexer(pd.Index(source_keys)).astype(np.intp)


def _expanded(
    place: NDArray[np.intp], n_keys: int, key: NDArray[np.intp], rows: NDArray[np.intp]
) -> Pairs:
    """Return every pair of target and source row with one key."""
    n_here = np.bincount(place, minlength=n_keys)
    order = np.argsort(place, kind="stable")
    starts = np.concatenate([[0], np.cumsum(n_here)])
    repeats = n_here[key]
    source = np.repeat(rows, repeats)
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    target = order[np.repeat(starts[key], repeats) + within]
    return target.astype(np.intp), source.astype(np.intp)
