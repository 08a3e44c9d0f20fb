"""Long tables made elsewhere: their columns, names and numbers, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from transfergap.errors import DataError
from transfergap.stats import LARGEST_SCORE

if TYPE_CHECKING:
    import pandas as pd

# Whole numbers beyond these are no seeds of any library, and run together as floats.
_LARGEST_SEED = 2.0**63


def check_table(
    table: Any, content: str, *, columns: Sequence[str], hint: str | None = None
) -> None:
    """Raise unless a value is a table that has columns, each once.

    Parameters
    ----------
    table : object
    content : str
        What the table holds, in the plural: "curves".
    columns : sequence of str
    hint : str, optional
        What to do about columns that are missing.

    Raises
    ------
    DataError
    """
    import pandas as pd

    listing = f"the columns are: {', '.join(map(str, columns))}"
    if not isinstance(table, pd.DataFrame):
        raise DataError(
            f"The {content} are a {type(table).__name__}, and no table.",
            hint=f"give a pandas DataFrame or the path of a CSV file; {listing}",
        )
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise DataError(f"The {content} have no column {missing[0]!r}.", hint=hint or listing)
    doubled = [name for name in columns if list(table.columns).count(name) > 1]
    if doubled:
        raise DataError(
            f"The {content} have several columns {doubled[0]!r}.",
            hint="rename or remove all but one of them",
        )


def names_in(table: pd.DataFrame, column: str, content: str) -> pd.Series:
    """Return a column of names as texts.

    Raises
    ------
    DataError
        If one is missing.
    """
    missing = np.flatnonzero(table[column].isna() | (table[column].astype(str).str.strip() == ""))
    if len(missing):
        raise DataError(
            f"Row {int(missing[0])} of the {content} has no {column}.",
            hint=f"every row needs one: fill the column {column!r}, or leave the row out",
        )
    return table[column].astype(str)


def numbers_in(
    table: pd.DataFrame, column: str, content: str, *, hint: str, may_be_missing: bool = False
) -> pd.Series:
    """Return a column as numbers, infinite ones among them.

    Parameters
    ----------
    table : DataFrame
    column, content, hint : str
        For the message.
    may_be_missing : bool

    Raises
    ------
    DataError
        If a value is no number: a text, a date, a duration, a complex number.
    """
    import pandas as pd

    values = table[column]
    if values.dtype.kind in "mMc":
        kind = {"m": "durations", "M": "dates", "c": "complex numbers"}[values.dtype.kind]
        raise DataError(f"The column {column!r} of the {content} holds {kind}.", hint=hint)
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.dtype.kind == "c":
        # One complex number makes a column of them; the others are as they were.
        numbers = numbers.map(lambda number: number.real if number.imag == 0 else np.nan)
    bad = numbers.isna() & ~(values.isna() & may_be_missing)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"Row {row} of the {content} has the {column} {_text_of(values.iloc[row])}.", hint=hint
        )
    return numbers


def check_finite(numbers: pd.Series, column: str, content: str, *, hint: str) -> None:
    """Raise for a number that cannot be computed with; missing ones pass.

    Raises
    ------
    DataError
        If one is infinite, or so large that its powers are.
    """
    bad = np.flatnonzero(np.abs(numbers.to_numpy(float, na_value=np.nan)) > LARGEST_SCORE)
    if len(bad):
        row = int(bad[0])
        raise DataError(
            f"Row {row} of the {content} has the {column} {_text_of(numbers.iloc[row])}, too large"
            " to be computed with.",
            hint=hint,
        )


def seeds_in(numbers: pd.Series, content: str) -> pd.Series:
    """Return seeds as whole numbers.

    Raises
    ------
    DataError
        If one is not whole: cut to one, runs of different seeds would become a pair.
    """
    values = numbers.to_numpy(float)
    bad = np.flatnonzero(~((np.abs(values) < _LARGEST_SEED) & (values == np.floor(values))))
    if len(bad):
        row = int(bad[0])
        raise DataError(
            f"Row {row} of the {content} has the seed {_text_of(numbers.iloc[row])}.",
            hint="seeds are whole numbers: give runs that belong together the same one",
        )
    return numbers.astype(np.int64)


def _text_of(value: Any) -> str:
    """Return a value as it was typed, without the types of NumPy."""
    return repr(value.item() if isinstance(value, np.generic) else value)
