"""Notations of a date as text, and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

YEAR_FIRST = "dates, year first"
DAY_FIRST = "dates, day first"
MONTH_FIRST = "dates, month first"
ORDERS = (YEAR_FIRST, DAY_FIRST, MONTH_FIRST)
# By their first letters, in English, French, Spanish, Portuguese, Italian, Dutch, German, Danish.
_MONTHS = (
    ("january janvier enero janeiro gennaio januari januar jänner jan janv ene gen"),
    ("february février fevrier febrero fevereiro febbraio februari februar feb febr févr fév fev"),
    ("march mars marzo março marco maart märz marts mar mrz mrt mär"),
    ("april avril abril aprile apr avr abr"),
    ("may mai mayo maio maggio mei maj mag"),
    ("june juin junio junho giugno juni jun giu"),
    ("july juillet julio julho luglio juli jul juil lug"),
    ("august août aout agosto augustus aug aoû ago"),
    ("september septembre septiembre setembro settembre sept sep set"),
    ("october octobre octubre outubro ottobre oktober oct okt out ott"),
    ("november novembre noviembre novembro nov"),
    ("december décembre decembre diciembre dezembro dicembre dezember dec déc dez dic"),
)
_MONTH_OF = {word: n for n, words in enumerate(_MONTHS, start=1) for word in words.split()}
_TIME = (
    r"(?:(?:[T ]|, ?)(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?P<part>\.\d+)?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?(?P<zone>Z| ?[+-]\d\d:?\d\d)?)?"
)
# Marks may differ (31/12-2024).
_DIGITS = re.compile(
    r"(?P<first>\d{1,4})(?P<mark>[-/.]) ?(?P<middle>\d{1,2})(?P<other_mark>[-/.]) ?"
    rf"(?P<last>\d{{1,4}})\.?{_TIME}"
)
_HAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")
_LETTERS = r"[^\W\d_]{3,10}"
_WORDS = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?\.?[- /]?(?:of |de )?(?P<month>{_LETTERS})"
    rf"|(?P<month_first>{_LETTERS})\.?[- /](?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?)"
    rf"(?:\.|,)?(?:[- /]| de )?(?P<year>\d{{4}}|['’]?\d{{2}}){_TIME}"
)
_YEAR_THEN_WORD = re.compile(
    rf"(?P<year>\d{{4}})[- /.]?(?P<month>{_LETTERS})[- /.]?(?P<day>\d{{1,2}}){_TIME}"
)
_WEEKDAY = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|mié|mie|jeu|jue|gio|ven|vie|sam|sáb|sab|dim|dom"
    r"|mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo)[^\W\d_]{0,8}[.,]* +",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WrittenDate:
    """A date as written: its numbers in order.

    ``is_short`` is of years of two digits, ``widths`` are the digits of numbers between marks.
    """

    numbers: tuple[int, int, int]
    mark: str
    time: str
    zone_minutes: int
    is_year_first: bool
    is_short: bool = False
    widths: tuple[int, int, int] = (0, 0, 0)

    def moment(self, order: str) -> np.datetime64 | None:
        """Return the moment in UTC.

        ``None`` where an order makes no date of it. Short years are those from 2000 on.
        """
        a, b, c = self.numbers
        year, month, day = {YEAR_FIRST: (a, b, c), DAY_FIRST: (c, b, a), MONTH_FIRST: (c, a, b)}[
            YEAR_FIRST if self.is_year_first else order
        ]
        year += 2000 * self.is_short
        if year == 0:
            return None
        try:
            moment = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{self.time}", "us")
        except ValueError:
            return None
        return moment - np.timedelta64(self.zone_minutes, "m")

    def year(self, order: str) -> int:
        """Return the year as written."""
        return self.numbers[0 if self.is_year_first or order == YEAR_FIRST else 2]

    def in_century(self, order: str, first_year: int) -> WrittenDate:
        """Return the same date with all digits of its year.

        It lies in the hundred years from ``first_year`` on.
        """
        if not self.is_short:
            return self
        place = 0 if self.is_year_first or order == YEAR_FIRST else 2
        numbers = list(self.numbers)
        numbers[place] = first_year + (numbers[place] - first_year) % 100
        return replace(self, numbers=(numbers[0], numbers[1], numbers[2]), is_short=False)


def written_date(text: Any) -> WrittenDate | None:
    """Return the parts of a date, in whatever notation.

    ``None`` for other texts. The names of months are read in eight languages; a day of the week
    before a date tells nothing.

    Examples
    --------
    >>> [written_date(text).numbers for text in ("Tue 31 Dec 2024", "31/12-2024", "05-Jun-23")]
    [(2024, 12, 31), (31, 12, 2024), (23, 6, 5)]
    >>> [written_date(text) for text in ("12-Jan-07A", "31/12-2024-X", "120/80")]
    [None, None, None]
    """
    if not isinstance(text, str) or not any(char.isdigit() for char in text):
        return None
    plain = _HAN.sub(r"\1-\2-\3", text.strip())
    date = _date_in(plain)
    weekday = _WEEKDAY.match(plain) if date is None else None
    return date if weekday is None else _date_in(plain[weekday.end() :])


def _date_in(plain: str) -> WrittenDate | None:
    if match := _DIGITS.fullmatch(plain):
        return _of_digits(match)
    match = _WORDS.fullmatch(plain) or _YEAR_THEN_WORD.fullmatch(plain)
    if match is None:
        return None
    parts = {"month_first": None, **match.groupdict()}
    month = _MONTH_OF.get(str(parts["month"] or parts["month_first"]).casefold())
    if month is None:
        return None
    year = str(parts["year"]).lstrip("'’")
    # Three words apart may be anything: set 3 12.
    if len(year) == 2 and parts["month_first"] is not None and not re.search("[-/,'’]", plain):
        return None
    numbers = (int(year), month, int(parts["day"] or match["day_second"]))
    return _with_time(WrittenDate(numbers, "", "", 0, True, len(year) == 2), match)


def _of_digits(match: re.Match[str]) -> WrittenDate | None:
    parts = match["first"], match["middle"], match["last"]
    lengths = {len(parts[0]), len(parts[2])}
    is_short = lengths <= {1, 2}
    same_marks = match["mark"] == match["other_mark"]
    if lengths not in ({4, 1}, {4, 2}) and not (is_short and same_marks):
        return None
    mark = match["mark"] if same_marks else match["mark"] + match["other_mark"]
    is_year_first = not is_short and len(parts[0]) == 4
    widths = (len(parts[0]), len(parts[1]), len(parts[2]))
    numbers = (int(parts[0]), int(parts[1]), int(parts[2]))
    return _with_time(WrittenDate(numbers, mark, "", 0, is_year_first, is_short, widths), match)


def _with_time(date: WrittenDate, match: re.Match[str]) -> WrittenDate | None:
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
    return replace(
        date, time=time + part, zone_minutes=-minutes if zone.startswith("-") else minutes
    )


def orders_of(dates: Iterable[WrittenDate]) -> tuple[str, ...]:
    """Return the orders in which all texts are dates.

    Examples
    --------
    >>> orders_of([written_date("3/4/2024")]), orders_of([written_date("3.4.2024")])
    (('dates, day first', 'dates, month first'), ('dates, day first',))
    """
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


def order_elsewhere(
    label: str,
    dates: Mapping[str, Mapping[str, WrittenDate]],
    orders: Mapping[str, tuple[str, ...]],
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
