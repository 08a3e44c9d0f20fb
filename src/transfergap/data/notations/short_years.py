"""Years of two digits: their place in a date, and their century."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise

from transfergap.data.notations.date_notations import ORDERS, WrittenDate

_WINDOW = re.compile(r", years (?P<first>\d{4}) to \d{4}$")
_FEWEST = 10  # different dates of digits alone: fewer may be scores or numbers of sections
_FREE = 40  # years in a row without a date, from which it is clear where years begin; by hand
_LAST = 35  # later years are of the 20th century, where no full year tells; by hand
_SPREAD = 2  # times as many days as years, from which they tell each other; by hand


def with_window(order: str, first_year: int | None) -> str:
    """Return the name of an order with its hundred years.

    Examples
    --------
    >>> with_window("dates, day first", 1971)
    'dates, day first, years 1971 to 2070'
    """
    return order if first_year is None else f"{order}, years {first_year} to {first_year + 99}"


def order_and_window(notation: str) -> tuple[str, int | None]:
    """Return an order and the first year of short ones, as named.

    Examples
    --------
    >>> order_and_window("dates, day first, years 1971 to 2070"), order_and_window("hours")
    (('dates, day first', 1971), ('', None))
    """
    match = _WINDOW.search(notation)
    order = _WINDOW.sub("", notation)
    return (order, int(match["first"]) if match else None) if order in ORDERS else ("", None)


def place_of_year(dates: Collection[WrittenDate]) -> str:
    """Return whether short years of digits alone are ``"first"`` or ``"last"``.

    Days differ more than years, and end at 31. Empty where nothing tells, or where numbers may be
    no dates: few of them, years of one digit, or unpadded ones with dashes.
    """
    place = _place_by_days(dates) if len(dates) >= _FEWEST else ""
    if not place or any(date.widths[0 if place == "first" else 2] != 2 for date in dates):
        return ""
    are_padded = all(min(date.widths) == 2 for date in dates)
    return place if are_padded or not any(date.mark == "-" for date in dates) else ""


def _place_by_days(dates: Collection[WrittenDate]) -> str:
    first, last = ({date.numbers[place] for date in dates} for place in (0, 2))
    if max(last) > 31 or min(last) == 0:
        return "last"
    if max(first) > 31 or min(first) == 0:
        return "first"
    months_first = max(date.numbers[1] for date in dates) > 12
    n_days = len({date.numbers[1] for date in dates}) if months_first else len(first)
    if n_days >= _SPREAD * len(last):
        return "last"
    return "first" if len(last) >= _SPREAD * len(first) else ""


def first_year_of(short_years: Iterable[int], full_years: Collection[int]) -> int | None:
    """Return the first of a hundred years that short ones are of.

    ``None`` where years before and after 2000 cannot be told apart.

    Parameters
    ----------
    short_years : iterable of int
        Of all tables.
    full_years : collection of int
        Of the same column, which tell the century.

    Examples
    --------
    >>> first_year_of([19, 23], []), first_year_of([98, 4], []), first_year_of([60, 95], [])
    (1971, 1951, 1928)
    >>> first_year_of([20, 30], [1925]), first_year_of(range(0, 100, 10), [])
    (1875, None)
    """
    years = sorted(set(short_years))
    gaps = [(after - year - 1, after % 100) for year, after in pairwise([*years, years[0] + 100])]
    free, first = max(gaps)
    if free < _FREE:
        return None
    length = 99 - free  # from the first to the last
    last = (first + length) % 100
    middle = (2000 if last <= _LAST else 1900) + last - length // 2
    if full_years:
        centre = sorted(full_years)[len(full_years) // 2]
        middle += 100 * round((centre - middle) / 100)
    return middle - 50


def years_of(dates: Iterable[tuple[WrittenDate, str]], *, short: bool) -> set[int]:
    """Return the years of dates, short ones or full ones."""
    return {date.year(order) for date, order in dates if date.is_short == short}
