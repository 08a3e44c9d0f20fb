"""Rows of one person or thing that was measured repeatedly."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.row_order import RowOrder
from transfergap.data.tables.column_names import name_strength, says_name, says_row, words_of
from transfergap.data.tables.column_words import RECURRING

Codes = NDArray[np.intp]
MIN_UNITS = 10  # fewer units are mostly sites or classes, which new rows will be of too
MAX_UNIT_SHARE = 0.75  # of the rows: with more, few rows have a second one of their unit
LARGEST_UNIT = 0.2  # of the rows: codes of causes, and columns of zeros, have a common level
# Columns that hold units together have at least so many levels: two with fewer meet by chance.
_MIN_LEVELS = 5
# Pairs of levels that occur, over those that occur once a column is shuffled. Constant columns of
# ten persons with ten visits give 0.1, two rows a person 0.5; neighbouring pixels of digits 0.59.
_FAR_FEWER = 0.55
# Of the squared steps between sorted units, over the variance: 2 where one column tells nothing of
# the other (von Neumann 1941), give or take 0.6 for ten units; near 0 for months and hours of
# daylight, or age and its square, and 0.4 for columns with a correlation of 0.9.
_ROUGH = 0.5
_UNIT_GROWTH = 1.1  # up to which a further column is constant within units
_MAX_ROWS, _MAX_COLUMNS = 5000, 30  # looked at: all pairs of columns take under a second


def naming_columns(X: Any) -> list[str]:
    """Return columns whose names name persons or things."""
    named = []
    for name in map(str, getattr(X, "columns", ())):
        words = words_of(name)
        names_unit = says_name(name) or (
            name_strength(name) == 2 and (says_row(name) or len(words) == 1)
        )
        if not names_unit or RECURRING & {*words} or X[name].dtype.kind == "f":
            continue
        if _are_units(_codes(X[name])):
            named.append(name)
    return named


def by_name(X: Any, name: str, *, seed: int) -> RowOrder:
    """Return pairs of rows with one value of a column."""
    return _pairs(_codes(X[name]), (name,), seed)


def by_constant_columns(X: Any, *, seed: int) -> RowOrder | None:
    """Return pairs of rows that agree in columns of a unit.

    Age and height repeat together where persons were measured repeatedly. Two such columns have
    far fewer pairs of levels than shuffled ones, and the one does not follow from the other.
    """
    if not hasattr(X, "iloc"):
        return None
    rng = np.random.default_rng([seed, 131])
    rows = np.sort(rng.permutation(len(X))[:_MAX_ROWS])
    columns = {
        str(name): codes[rows]
        for name, codes in _number_codes(X).items()
        if _MIN_LEVELS <= codes.max() + 1 <= MAX_UNIT_SHARE * len(codes)
    }
    # Columns of the most levels tell units apart best.
    names = sorted(columns, key=lambda name: -int(columns[name].max()))[:_MAX_COLUMNS]
    shares = {
        pair: _share_of_pairs(columns[pair[0]], columns[pair[1]], rng)
        for pair in combinations(names, 2)
    }
    few = [pair for pair in shares if shares[pair] <= _FAR_FEWER]
    derived = {follower for a, b in few if (follower := _follower(columns, a, b))}
    pairs = [pair for pair in few if not derived & {*pair}]
    if not pairs:
        return None
    first, second = min(pairs, key=lambda pair: shares[pair])
    names_of_units, units = [first, second], _joint(columns[first], columns[second])
    for name in names:
        further = _joint(units, columns[name])
        if name not in names_of_units and further.max() + 1 <= _UNIT_GROWTH * (units.max() + 1):
            names_of_units.append(name)
            units = further
    if not _are_units(units):
        return None
    whole = _number_codes(X[names_of_units])
    joint = whole[names_of_units[0]]
    for name in names_of_units[1:]:
        joint = _joint(joint, whole[name])
    return _pairs(joint, tuple(names_of_units), seed)


def _number_codes(X: Any) -> dict[str, Codes]:
    return {str(n): _codes(X[n]) for n in X.columns if X[n].dtype.kind in "iufM"}


def _codes(column: Any) -> Codes:
    """Return each value's place among the sorted ones; missing is one."""
    import pandas as pd

    return np.asarray(pd.factorize(column, sort=True, use_na_sentinel=False)[0], np.intp)


def _joint(first: Codes, second: Codes) -> Codes:
    joint = first * (int(second.max()) + 1) + second
    places: Codes = np.unique(joint, return_inverse=True)[1]
    return places


def _are_units(codes: Codes) -> bool:
    counts = np.bincount(codes)
    n_units = np.count_nonzero(counts)
    even = counts.max() <= LARGEST_UNIT * len(codes)
    return bool(MIN_UNITS <= n_units <= MAX_UNIT_SHARE * len(codes) and even)


def _share_of_pairs(first: Codes, second: Codes, rng: np.random.Generator) -> float:
    by_chance = _joint(first, rng.permutation(second)).max() + 1
    return float((_joint(first, second).max() + 1) / by_chance)


def _follower(columns: dict[str, Codes], first: str, second: str) -> str | None:
    """Return the column that follows smoothly from the other one, if any."""
    distinct = np.unique(np.column_stack([columns[first], columns[second]]), axis=0)
    if _roughness(distinct[:, 1]) <= _ROUGH:
        return second
    by_second = distinct[np.argsort(distinct[:, 1], kind="stable"), 0]
    return first if _roughness(by_second) <= _ROUGH else None


def _roughness(values: NDArray[np.intp]) -> float:
    ranks = np.unique(values, return_inverse=True)[1].astype(float)
    spread = float(np.var(ranks))
    return float(np.mean(np.diff(ranks) ** 2)) / spread if len(ranks) > 1 and spread else 0.0


def _pairs(codes: Codes, names: tuple[str, ...], seed: int) -> RowOrder:
    """Return each row with another one of its unit."""
    chance = np.random.default_rng(seed).permutation(len(codes))
    order = chance[np.argsort(codes[chance], kind="stable")]
    within = codes[order[:-1]] == codes[order[1:]]
    return RowOrder("unit", names, order[:-1][within], order[1:][within])
