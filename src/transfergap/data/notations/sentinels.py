"""Numbers and dates that stand for a missing value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.moments import days_of

Floats = NDArray[np.float64]
# Codes of codebooks and formats: nines and eights, minus one, limits of integers, fill values.
_NINES = (*(float(digit * n) for digit in "98" for n in range(1, 8)), 99.9, 999.9, 9999.9)
_LIMITS = (32767.0, 65535.0, 2147483647.0, 1e20, 1e30, 3.4028234663852886e38)
_SIGNED = (*_NINES, *_LIMITS)
CODES = frozenset([*_SIGNED, *(-v for v in _SIGNED), -1.0, -32768.0, -2147483648.0])
# First and last days of calendars: of Windows, SQL Server, Excel, SAS and Stata, Unix, FAT, SAP.
_EMPTY_DATES = (
    *("0001-01-01", "1582-10-14", "1582-10-15", "1601-01-01", "1753-01-01", "1899-12-30"),
    *("1899-12-31", "1900-01-01", "1904-01-01", "1960-01-01", "1970-01-01", "1980-01-01"),
    *("2038-01-19", "2079-06-06", "2262-04-11", "4712-12-31", "9999-12-30", "9999-12-31"),
    *("1111-11-11", "2222-02-22", "3333-03-03", "8888-08-08", "9999-09-09"),
)
_TODAY = (1905, 2089)  # years around which first and last days are true; chosen by hand
_FEWEST = 3  # rows with the code: one far value may be a slip, or true
_FEWEST_VALUES = 5  # different values of the rest, below which codes are levels of a scale
_APART = 0.5  # of the rest's range that must be free of values on the code's side
_END = 0.1  # of the rest's range: its end beside the code
_HEAPED = 3.0  # times as many rows have the code as lie in that end
_NO_CHANCE = 0.001  # that another file lacks zeros, if its rows were as often zero
_POSITIVE, _FREE = 3.0, 8.0  # where a column without negatives begins, or how far from the code


@dataclass(frozen=True)
class SentinelValue:
    """A value of a column that seems to stand for "missing".

    Parameters
    ----------
    column : str
    value : str
        As ``--na`` takes it.
    n_rows : int
        Rows that have it.
    low, high : str
        The least and the largest of the other values.
    """

    column: str
    value: str
    n_rows: int
    low: str
    high: str

    @property
    def is_far(self) -> bool:
        """Return whether half of the others' range lies between."""
        value, low, high = map(_number, (self.value, self.low, self.high))
        return min(abs(value - low), abs(value - high)) >= _APART * (high - low)


def sentinel_values(X: Any) -> tuple[SentinelValue, ...]:
    """Return the values of a table's columns that stand for missing ones.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_columns)

    Notes
    -----
    Ours. A code that codebooks use (nines, eights, -1, the limits of integers; for dates the ends
    of calendars, and of years far from ours) counts if three rows or more have it, if it lies
    beyond all other values, and if it is apart from them: by half of their range, or with a heap of
    rows where the others thin out, or, of numbers, as the only value below zero, where the others
    begin at 3 or above or 8 above the code. Zero is not looked at, as it often means none;
    :func:`zero_codes` compares files.

    Examples
    --------
    >>> import pandas as pd
    >>> ages = pd.DataFrame({"age": [23.0, 35, 41, 58, 62, 77, 999, 999, 999]})
    >>> sentinel_values(ages)[0].value, sentinel_values(ages)[0].n_rows
    ('999', 3)
    """
    columns = list(_columns(X))
    clear = [value for name, column in columns for value in _of_column(name, column)]
    # What one column shows to be a code is one in the others of the file, too.
    codes = {float(v.value) for v in clear if v.value.startswith("-") and v.value[1:].isdigit()}
    named = {(value.column, value.value) for value in clear}
    further = [
        value
        for name, column in columns
        if column.dtype.kind != "M"
        for value in _of_scale(name, column, codes)
        if (value.column, value.value) not in named
    ]
    places = {name: i for i, (name, _) in enumerate(columns)}
    return tuple(sorted((*clear, *further), key=lambda value: places[value.column]))


def zero_codes(X: Any, reference: Any) -> tuple[SentinelValue, ...]:
    """Return zeros of a table's columns that stand for missing values.

    Parameters
    ----------
    X, reference : DataFrame or ndarray of shape (n_rows, n_columns)
        The table that is looked at, and one with the same columns.

    Notes
    -----
    Ours. Zero counts if all other values of both tables are at least half of their range above it,
    and if the other table has no zero where it would have some, were they as common there.

    Examples
    --------
    >>> import pandas as pd
    >>> bmi = pd.DataFrame({"bmi": [23.0, 35, 21, 28, 32, 27, 24, 26]})
    >>> zero_codes(pd.concat([bmi] + 3 * [0 * bmi]), bmi)[0].n_rows
    24
    """
    references = dict(_columns(reference))
    return tuple(
        value
        for name, column in _columns(X)
        if column.dtype.kind != "M" and name in references and references[name].dtype.kind != "M"
        for value in _zero_of_column(name, column.astype(float), references[name].astype(float))
    )


def _zero_of_column(name: str, column: Floats, reference: Floats) -> Iterator[SentinelValue]:
    column, reference = column[np.isfinite(column)], reference[np.isfinite(reference)]
    nonzero = column[column != 0]
    n_zeros = len(column) - len(nonzero)
    if n_zeros < _FEWEST or len(np.unique(nonzero)) < _FEWEST_VALUES or not len(reference):
        return
    low = min(nonzero.min(), reference.min())
    span = max(nonzero.max(), reference.max()) - low
    absent = (1.0 - n_zeros / len(column)) ** len(reference)
    if low >= _APART * span and absent < _NO_CHANCE:
        yield SentinelValue(
            name, "0", n_zeros, _written(nonzero.min(), False), _written(nonzero.max(), False)
        )


def _of_scale(name: str, column: NDArray[Any], codes: set[float]) -> Iterator[SentinelValue]:
    """Yield a file's negative code in a column of few levels."""
    numbers = column.astype(float)
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    at = next((i for i, v in enumerate(values) if v in codes and counts[i] >= _FEWEST), None)
    # Below it there may be slips of the pen, and above it nothing negative.
    if at is None or at + 1 == len(values) or any(counts[:at] >= _FEWEST):
        return
    above = values[at + 1 :]
    if above[0] >= 0 and above[0] - values[at] >= _FREE:
        low, high = (_written(v, False) for v in (above[0], above[-1]))
        yield SentinelValue(name, _written(values[at], False), int(counts[at]), low, high)


def _columns(X: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(X, "iloc"):
        values = np.asarray(X)
        if values.ndim == 2 and values.dtype.kind in "iuf":
            yield from ((str(j), values[:, j]) for j in range(values.shape[1]))
        return
    for j, name in enumerate(X.columns):
        column = X.iloc[:, j].dropna()
        kind = getattr(column.dtype, "kind", "O")
        if kind in "iuf":
            yield str(name), column.to_numpy()
        elif kind == "M":
            yield str(name), days_of(column)


def _of_column(name: str, column: NDArray[Any]) -> Iterator[SentinelValue]:
    dates = column.dtype.kind == "M"
    numbers = column.astype(float)
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    codes = _are_empty_dates(values) if dates else np.isin(values, list(CODES))
    codes &= counts >= _FEWEST
    # From the outside: 998 may hide behind 999, and codes at one end widen the range at the other.
    for end in (0, -1, 0):
        rest, rest_counts, at_code = values, counts, codes
        outer: list[tuple[float, int]] = []
        while len(rest) > _FEWEST_VALUES and at_code[end]:
            outer.append((float(rest[end]), int(rest_counts[end])))
            inner = slice(1, None) if end == 0 else slice(None, -1)
            rest, rest_counts, at_code = rest[inner], rest_counts[inner], at_code[inner]
            if _stands_apart(outer[-1], rest, rest_counts, dates=dates):
                values, counts, codes = rest, rest_counts, at_code
                low, high = (_written(v, dates) for v in (rest[0], rest[-1]))
                for value, n_rows in outer:
                    yield SentinelValue(name, _written(value, dates), n_rows, low, high)
                outer = []


def _stands_apart(
    code: tuple[float, int], rest: Floats, counts: NDArray[np.intp], *, dates: bool
) -> bool:
    value, n_rows = code
    span = float(rest[-1] - rest[0])
    gap = float(min(abs(value - rest[0]), abs(value - rest[-1])))
    if gap >= _APART * span:
        return True
    only_negative = value < 0 <= rest[0] and not dates  # 1970 is no zero of days
    if only_negative and (rest[0] >= _POSITIVE or gap >= _FREE):
        return True
    nearest = rest[0] if value < rest[0] else rest[-1]
    n_end = int(counts[np.abs(rest - nearest) <= _END * span].sum())
    steps = np.diff(rest)
    beyond_a_step = only_negative or gap >= 2.0 * float(np.median(steps))
    return n_rows >= _HEAPED * n_end and beyond_a_step


def _are_empty_dates(days: Floats) -> NDArray[np.bool_]:
    """Return which days are codes: ends of calendars, and of far years."""
    dates = days.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    is_end = (dates == years.astype("datetime64[D]")) | (
        dates + 1 == (years + 1).astype("datetime64[D]")
    )
    numbers = years.astype(int) + 1970
    is_far = (numbers < _TODAY[0]) | (numbers > _TODAY[1])
    are_ends: NDArray[np.bool_] = np.isin(dates, np.array(_EMPTY_DATES, "datetime64[D]"))
    return np.asarray(are_ends | (is_end & is_far), dtype=bool)


def _number(text: str) -> float:
    """Return a number, or the days of a date since 1970."""
    is_date = text[4:5] == "-" and text[7:8] == "-"
    return float(np.datetime64(text, "D").astype(int)) if is_date else float(text)


def _written(value: float, date: bool) -> str:
    if date:
        return str(np.datetime64(int(value), "D"))
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(float(value))
