"""Dates that are written as text, read alike in all files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from transfergap.data.notations.date_notations import (
    ORDERS,
    YEAR_FIRST,
    WrittenDate,
    order_elsewhere,
    orders_of,
    written_date,
)
from transfergap.data.notations.short_years import (
    first_year_of,
    order_and_window,
    place_of_year,
    with_window,
    years_of,
)
from transfergap.errors import DataError

Dates = dict[str, dict[str, WrittenDate]]


def read_dates(
    columns: Mapping[str, Any], *, name: str, order: str = "", years: Collection[int] = ()
) -> tuple[dict[str, Any], str] | None:
    """Read a column of dates in all tables.

    A table tells the order of day and month by a day above 12, or by points (``3.4.2024``); else it
    is that of another table that is written with the same signs. Years of two digits are read
    where the column tells their place and their century.

    Parameters
    ----------
    columns : mapping of str to Series
        The column in each table.
    name : str
        Of the column, for errors.
    order : str
        The order where no table tells it, as of files read before.
    years : collection of int
        Years of the column in tables that hold dates, not texts: they tell the century.

    Returns
    -------
    dict of str to Series
        Of ``datetime64``.
    str
        The order, of :data:`transfergap.data.notations.date_notations.ORDERS`, with the hundred
        years that short ones are of.
    None
        Where some value is no date.

    Raises
    ------
    DataError
        Where no table tells the order.

    Examples
    --------
    >>> import pandas as pd
    >>> here, there = pd.Series(["2024-04-03", None]), pd.Series(["31.12.2023", "3.4.2024"])
    >>> dates, order = read_dates({"t": here, "b": there}, name="day")
    >>> dates["t"].iloc[0] == dates["b"].iloc[1], order
    (True, 'dates, day first')
    """
    order, first_year = order_and_window(order)
    dates = _dates_of(columns)
    if dates is None:
        return None
    short = [date for parts in dates.values() for date in parts.values() if date.is_short]
    if short and first_year is None:
        dates = _with_year_in_place(dates)
    elif short and order == YEAR_FIRST:
        dates = _with_year_first(dates)
    if dates is None:
        return None
    orders = {label: orders_of(parts.values()) for label, parts in dates.items()}
    if not all(orders.values()):
        return None
    chosen = {
        label: possible[0]
        if len(possible) == 1
        else order_elsewhere(label, dates, orders) or (order if order in possible else "")
        for label, possible in orders.items()
    }
    if not all(chosen.values()):
        label = next(label for label, how in chosen.items() if not how)
        if any(date.is_short for date in dates[label].values()):
            return None
        raise _two_readings(name, dates[label])
    if short and first_year is None:
        pairs = [(date, chosen[label]) for label in dates for date in dates[label].values()]
        full_years = {*years, *years_of(pairs, short=False)}
        first_year = first_year_of(years_of(pairs, short=True), full_years)
        if first_year is None:
            return None
    read = {
        label: _as_dates(column, dates[label], chosen[label], first_year)
        for label, column in columns.items()
    }
    order = next((how for how in chosen.values() if how != YEAR_FIRST), YEAR_FIRST)
    return read, with_window(order, first_year if short else None)


def _dates_of(columns: Mapping[str, Any]) -> Dates | None:
    """Return the dates of each table by their texts.

    ``None`` where one is none.
    """
    dates: Dates = {}
    for label, column in columns.items():
        dates[label] = {}
        for text in column.dropna().unique():
            date = written_date(text)
            if date is None:
                return None
            dates[label][text] = date
    return dates if any(dates.values()) else None


def _with_year_in_place(dates: Dates) -> Dates | None:
    """Return dates whose short years of digits have a place.

    ``None`` where it is not clear.
    """
    digits = {d for parts in dates.values() for d in parts.values() if d.is_short and d.mark}
    place = place_of_year(digits) if digits else "last"
    if not place:
        return None
    if place == "first":
        return _with_year_first(dates)
    # Points alone do not tell: 1.2.10 may number a section.
    clear = any(max(d.numbers[:2]) > 12 for d in digits)
    return dates if clear or not digits else None


def _with_year_first(dates: Dates) -> Dates:
    """Return dates whose short years stand first."""
    return {
        label: {
            text: replace(date, is_year_first=date.is_year_first or date.is_short)
            for text, date in parts.items()
        }
        for label, parts in dates.items()
    }


def _two_readings(name: str, dates: Mapping[str, WrittenDate]) -> DataError:
    """Return the error for dates that could be days or months first."""
    example = next(text for text, date in dates.items() if date.numbers[0] != date.numbers[1])
    return DataError(
        f"The dates of column {name!r} could be days first or months first, such as {example!r}.",
        hint="write them as 2024-12-31, drop the column"
        f" (--drop {name}), or declare it a category (--category {name})",
    )


def dates_like(column: Any, order: str) -> Any:
    """Read dates as those of earlier tables; texts that are none stay.

    Examples
    --------
    >>> import pandas as pd
    >>> dates_like(pd.Series(["3/4/2024"]), "dates, month first").dt.month.tolist()
    [3]
    """
    try:
        read = read_dates({"": column}, name=str(column.name), order=order)
    except DataError:
        return column
    return column if read is None else read[0][""]


def is_order(notation: str) -> bool:
    """Return whether a notation is one of :func:`read_dates`."""
    return order_and_window(notation)[0] in ORDERS


def could_be_date(text: Any) -> bool:
    """Return whether a text is written as a date, in whatever order.

    Examples
    --------
    >>> [could_be_date(text) for text in ("3/4/2024", "Jan 3, 2024", "31.12.24", "120/80")]
    [True, True, True, False]
    """
    date = written_date(text)
    if date is None:
        return False
    turned = replace(date, is_year_first=True)
    return bool(orders_of([date])) or (date.is_short and bool(orders_of([turned])))


def day_of(text: Any) -> np.datetime64 | None:
    """Return the day of a date.

    ``None`` for other texts, those with a time, and those of two readings.

    Examples
    --------
    >>> [str(day_of(text)) for text in ("31.12.9999", "9999-12-31", "1/2/1900", "9999-12-31 10:00")]
    ['9999-12-31', '9999-12-31', 'None', 'None']
    """
    date = written_date(text)
    if date is None or date.is_short or not date.time.startswith("00:00:00"):
        return None
    days = {date.moment(order) for order in orders_of([date])}
    day = days.pop() if len(days) == 1 else None
    return None if day is None else day.astype("datetime64[D]")


def _as_dates(
    column: Any, dates: Mapping[str, WrittenDate], order: str, first_year: int | None
) -> Any:
    import pandas as pd

    codes, texts = pd.factorize(column)
    written = [dates[text] for text in texts]
    if first_year is not None:
        written = [date.in_century(order, first_year) for date in written]
    moments = [date.moment(order) for date in written]
    # A missing value has the code -1, which is the last place.
    moments.append(np.datetime64("NaT", "us"))
    values = np.array(moments, "datetime64[us]")[codes]
    return pd.Series(values, index=column.index, name=column.name)
