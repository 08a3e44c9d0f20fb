"""Dates that are written as text, read alike in all files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from transfergap.errors import DataError

YEAR_FIRST = "dates, year first"
DAY_FIRST = "dates, day first"
MONTH_FIRST = "dates, month first"
ORDERS = (YEAR_FIRST, DAY_FIRST, MONTH_FIRST)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMES = "january february march april may june july august september sept october november"
_NAMES += " december"
_TIME = (
    r"(?:(?:[T ]|, ?)(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?P<part>\.\d+)?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?(?P<zone>Z| ?[+-]\d\d:?\d\d)?)?"
)
_DIGITS = re.compile(rf"(\d{{1,4}})(?P<mark>[-/.]) ?(\d{{1,2}})(?P=mark) ?(\d{{1,4}}){_TIME}")
_WORDS = re.compile(
    r"(?:(?P<day>\d{1,2})\.?[- ]?(?P<month>[A-Za-z]{3,9})"
    r"|(?P<month_first>[A-Za-z]{3,9})\.? (?P<day_second>\d{1,2}))"
    rf"(?:\.|,)?[- ]?(?P<year>\d{{4}}){_TIME}"
)


@dataclass(frozen=True)
class _Date:
    """A date as written: its numbers in order."""

    numbers: tuple[int, int, int]
    mark: str
    time: str
    zone_minutes: int
    is_year_first: bool

    def moment(self, order: str) -> np.datetime64 | None:
        """Return the moment in UTC.

        ``None`` where an order makes no date of it.
        """
        a, b, c = self.numbers
        year, month, day = {YEAR_FIRST: (a, b, c), DAY_FIRST: (c, b, a), MONTH_FIRST: (c, a, b)}[
            order
        ]
        if year == 0:
            return None
        try:
            moment = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{self.time}", "us")
        except ValueError:
            return None
        return moment - np.timedelta64(self.zone_minutes, "m")


def read_dates(
    columns: Mapping[str, Any], *, name: str, order: str = ""
) -> tuple[dict[str, Any], str] | None:
    """Read a column of dates in all tables.

    A table tells the order of day and month by a day above 12, or by points (``3.4.2024``); else it
    is that of another table that is written with the same signs.

    Parameters
    ----------
    columns : mapping of str to Series
        The column in each table.
    name : str
        Of the column, for errors.
    order : str
        The order where no table tells it, as of files read before.

    Returns
    -------
    dict of str to Series
        Of ``datetime64``.
    str
        The order, of :data:`ORDERS`.
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
    levels = {label: column.dropna().unique() for label, column in columns.items()}
    if not any(len(texts) for texts in levels.values()):
        return None
    dates: dict[str, dict[str, _Date]] = {}
    for label, texts in levels.items():
        dates[label] = {}
        for text in texts:
            date = _date_of(text)
            if date is None:
                return None
            dates[label][text] = date
    orders = {label: _orders_of(parts.values()) for label, parts in dates.items()}
    if not all(orders.values()):
        return None
    chosen = {
        label: possible[0]
        if len(possible) == 1
        else _order_elsewhere(label, dates, orders) or (order if order in possible else "")
        for label, possible in orders.items()
    }
    if not all(chosen.values()):
        label = next(label for label, how in chosen.items() if not how)
        example = next(
            text for text, date in dates[label].items() if date.numbers[0] != date.numbers[1]
        )
        raise DataError(
            f"The dates of column {name!r} could be days first or months first, such as"
            f" {example!r}.",
            hint="write them as 2024-12-31, drop the column"
            f" (--drop {name}), or declare it a category (--category {name})",
        )
    read = {
        label: _as_dates(column, dates[label], chosen[label]) for label, column in columns.items()
    }
    order = next((how for how in chosen.values() if how != YEAR_FIRST), YEAR_FIRST)
    return read, order


def dates_like(column: Any, order: str) -> Any:
    """Read dates as those of earlier tables; texts that are none stay.

    Examples
    --------
    >>> import pandas as pd
    >>> dates_like(pd.Series(["3/4/2024"]), MONTH_FIRST).dt.month.tolist()
    [3]
    """
    try:
        read = read_dates({"": column}, name=str(column.name), order=order)
    except DataError:
        return column
    return column if read is None else read[0][""]


def could_be_date(text: Any) -> bool:
    """Return whether a text is written as a date, in whatever order.

    Examples
    --------
    >>> [could_be_date(text) for text in ("3/4/2024", "Jan 3, 2024", "31.12.24", "120/80")]
    [True, True, True, False]
    """
    date = _date_of(text, short_years=True)
    return date is not None and bool(_orders_of([date]))


def day_of(text: Any) -> np.datetime64 | None:
    """Return the day of a date.

    ``None`` for other texts, those with a time, and those of two readings.

    Examples
    --------
    >>> [str(day_of(text)) for text in ("31.12.9999", "9999-12-31", "1/2/1900", "9999-12-31 10:00")]
    ['9999-12-31', '9999-12-31', 'None', 'None']
    """
    date = _date_of(text)
    if date is None or not date.time.startswith("00:00:00"):
        return None
    days = {date.moment(YEAR_FIRST if date.is_year_first else how) for how in _orders_of([date])}
    day = days.pop() if len(days) == 1 else None
    return None if day is None else day.astype("datetime64[D]")


def _date_of(text: Any, *, short_years: bool = False) -> _Date | None:
    if not isinstance(text, str):
        return None
    plain = text.strip()
    if match := _DIGITS.fullmatch(plain):
        first, middle, last = match[1], match[3], match[4]
        if {len(first), len(last)} not in ({4, 1}, {4, 2}) and not short_years:
            return None
        numbers = (int(first), int(middle), int(last))
        is_year_first = len(first) > 2 or numbers[0] > 31
        return _with_time(numbers, match["mark"], match, is_year_first=is_year_first)
    if match := _WORDS.fullmatch(plain):
        word = (match["month"] or match["month_first"]).casefold()
        if word not in _MONTHS and word not in _NAMES.split():
            return None
        month, day = _MONTHS.index(word[:3]) + 1, int(match["day"] or match["day_second"])
        return _with_time((int(match["year"]), month, day), "", match, is_year_first=True)
    return None


def _with_time(
    numbers: tuple[int, int, int], mark: str, match: re.Match[str], *, is_year_first: bool
) -> _Date | None:
    hour, half = int(match["hour"] or 0), (match["half"] or "").casefold()[:1]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    if hour > 23:
        return None
    time = f"{hour:02d}:{match['minute'] or '00'}:{match['second'] or '00'}"
    zone = (match["zone"] or "Z").strip().replace(":", "")
    minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[3:])
    part = (match["part"] or "")[:7]  # microseconds
    minutes = -minutes if zone.startswith("-") else minutes
    return _Date(numbers, mark, time + part, minutes, is_year_first)


def _orders_of(dates: Iterable[_Date]) -> tuple[str, ...]:
    """Return the orders in which all texts are dates."""
    dates = list(dates)
    years_first = [date for date in dates if date.is_year_first]
    days_and_months = [date for date in dates if not date.is_year_first]
    if any(date.moment(YEAR_FIRST) is None for date in years_first):
        return ()
    if not days_and_months:
        return (YEAR_FIRST,)
    possible = tuple(
        order
        for order in (DAY_FIRST, MONTH_FIRST)
        if all(date.moment(order) is not None for date in days_and_months)
    )
    equal = all(date.numbers[0] == date.numbers[1] for date in days_and_months)
    # Nowhere are months written before days with points.
    if len(possible) == 2 and (equal or all(date.mark == "." for date in days_and_months)):
        return (DAY_FIRST,)
    return possible


def _order_elsewhere(
    label: str, dates: Mapping[str, dict[str, _Date]], orders: Mapping[str, tuple[str, ...]]
) -> str:
    """Return the order of tables with the same signs in dates."""
    marks = {date.mark for date in dates[label].values()}
    elsewhere = {
        orders[other][0]
        for other, parts in dates.items()
        if len(orders[other]) == 1
        and orders[other][0] != YEAR_FIRST
        and {date.mark for date in parts.values()} & marks
    }
    return elsewhere.pop() if len(elsewhere) == 1 else ""


def _as_dates(column: Any, dates: Mapping[str, _Date], order: str) -> Any:
    import pandas as pd

    codes, texts = pd.factorize(column)
    moments = [
        date.moment(YEAR_FIRST if date.is_year_first else order)
        for date in map(dates.__getitem__, texts)
    ]
    # A missing value has the code -1, which is the last place.
    moments.append(np.datetime64("NaT", "us"))
    values = np.array(moments, "datetime64[us]")[codes]
    return pd.Series(values, index=column.index, name=column.name)
