"""Codes that were typed as missing values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from transfergap.data.notations.dates import day_of
from transfergap.data.notations.moments import days_of
from transfergap.data.notations.number_notations import plain_number
from transfergap.data.tables.normal_form import is_text


def codes_of(name: str, na: Sequence[str]) -> list[str]:
    """Return the codes of missing values that are given for one column."""
    return [code.removeprefix(f"{name}=") for code in na if code.startswith(f"{name}=")]


def is_declared(word: str, name: str, na: Sequence[str]) -> bool:
    """Return whether a word was typed as missing, or its number was.

    Examples
    --------
    >>> is_declared("-999.0", "y", ["-999"]), is_declared("?", "y", ["y=?"])
    (True, True)
    >>> is_declared("?", "y", ["-999"]), is_declared("?", "y", ["x=?"])
    (False, False)
    """
    codes, number = [*na, *codes_of(name, na)], plain_number(word.strip())
    return word.strip() in codes or (number is not None and number in _numbers_of(codes))


def _numbers_of(codes: Collection[str]) -> list[float]:
    return [number for code in codes if (number := plain_number(code)) is not None]


def with_days_missing(frame: Any, na: Sequence[str], calls: Mapping[str, str] | None = None) -> Any:
    """Blank dates in text columns, however they write a code's day.

    ``calls`` is as of :func:`with_codes_missing`.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = pd.DataFrame({"ends": ["31.12.9999", "1.5.2024"]})
    >>> with_days_missing(ends, ["9999-12-31"]).ends.tolist()
    [nan, '1.5.2024']
    """
    changed = {}
    for name in frame.columns if any(map(_day_of_code, na)) else ():
        if is_text(frame[name]):
            days = _texts_of_days(frame[name], _codes_for(str(name), na, calls))
            if days:
                changed[name] = frame[name].mask(frame[name].isin(days))
    return frame.assign(**changed) if changed else frame


def _day_of_code(code: str) -> np.datetime64 | None:
    """Return the day of a code, or of ``COLUMN=CODE``."""
    return day_of(code) or day_of(code.rpartition("=")[2])


def _codes_for(name: str, na: Sequence[str], calls: Mapping[str, str] | None) -> list[str]:
    names = {name, (calls or {}).get(name, name)}
    return [*na, *(code for one in names for code in codes_of(one, na))]


def _days_of(codes: Collection[str]) -> set[np.datetime64]:
    return {day for code in codes if (day := day_of(code)) is not None}


def _texts_of_days(column: Any, codes: Collection[str]) -> list[str]:
    """Return the texts of a column that are dates of codes."""
    days = _days_of(codes)
    return [text for text in column.dropna().unique() if day_of(text) in days] if days else []


def _are_dates_of(column: Any, codes: Sequence[str]) -> Any:
    """Return which dates are codes: of their day, whatever the hour."""
    import pandas as pd

    texts = pd.Series(codes, dtype=object)
    moments = pd.to_datetime(texts, errors="coerce", format="ISO8601")
    plain = column.dt.tz_localize(None)
    return plain.isin(moments.dropna()) | np.isin(days_of(column), [*_days_of(codes)])


def with_codes_missing(
    frame: Any, na: Sequence[str], calls: Mapping[str, str] | None = None
) -> Any:
    """Blank codes of missing values in a table that was no text.

    ``calls`` are other names of columns, by which codes of one column may be typed, too.

    Examples
    --------
    >>> import pandas as pd
    >>> with_codes_missing(pd.DataFrame({"age": [31, 0], "sex": ["f", "?"]}), ["age=0", "?"])
        age  sex
    0  31.0    f
    1   NaN  NaN
    """
    import pandas as pd

    changed = {}
    for name in frame.columns:
        column, codes = frame[name], _codes_for(str(name), na, calls)
        if pd.api.types.is_bool_dtype(column.dtype):
            continue
        if pd.api.types.is_numeric_dtype(column.dtype):
            are_codes = column.isin(_numbers_of(codes))
        elif pd.api.types.is_datetime64_any_dtype(column.dtype):
            are_codes = _are_dates_of(column, codes)
        else:
            are_codes = column.isin([*codes, *_numbers_of(codes)])
            are_codes |= column.isin(_texts_of_days(column, codes))
        if are_codes.any():
            changed[name] = column.mask(are_codes)
    return frame.assign(**changed) if changed else frame
