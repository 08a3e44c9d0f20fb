"""Codes that were typed as missing values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from transfergap.data.number_notations import plain_number


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
        names = {str(name), (calls or {}).get(str(name), str(name))}
        column, codes = frame[name], [*na, *(code for one in names for code in codes_of(one, na))]
        if pd.api.types.is_bool_dtype(column.dtype):
            continue
        if pd.api.types.is_numeric_dtype(column.dtype):
            are_codes = column.isin(_numbers_of(codes))
        elif pd.api.types.is_datetime64_any_dtype(column.dtype):
            texts = pd.Series(codes, dtype=object)
            days = pd.to_datetime(texts, errors="coerce", format="ISO8601")
            are_codes = column.dt.tz_localize(None).isin(days.dropna())
        else:
            are_codes = column.isin([*codes, *_numbers_of(codes)])
        if are_codes.any():
            changed[name] = column.mask(are_codes)
    return frame.assign(**changed) if changed else frame
