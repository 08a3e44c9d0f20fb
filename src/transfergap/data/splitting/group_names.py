"""Ways of writing one person's or place's name, brought to one form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from transfergap.data.notations.spelling import uuid_digits, without_blanks

_PLAIN = re.compile(r"(?:([A-Za-z]+)[-_ ]?)?0*(\d+)", re.ASCII)
_QUOTED = re.compile(r"^b?(['\"`´‘’‚“”„«»])(.*)(['\"`´‘’“”«»])$")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_SCIENTIFIC = re.compile(r"[-+]?\d+([.,]\d*)?e\+?\d{1,2}")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}([,' ])\d{3}(\1\d{3})*")
_WHOLE = re.compile(r"[-+]?\d+([.,]0+)?")
_DECIMAL = re.compile(r"[-+]?\d+\.\d+")  # where zeros count: 1.01 is not 1.1
_PADDING = re.compile(r"(?<!\d)0+(?=\d)")
_SEPARATORS = re.compile(r"[\s_./\\:#-]+")
_BETWEEN_KINDS = re.compile(r"(?<=[^\W\d_]) (?=\d)|(?<=\d) (?=[^\W\d_])")
_LAST_NAME_FIRST = re.compile(r"([^\W\d_][^,]*), ?([^\W\d_][^,]*)")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?(Z|\+00:00)?$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_SLASHED_DATE = re.compile(r"(?<!\d)(\d{1,2})([-/])(\d{1,2})\2\d{4}(?!\d)")


@dataclass(frozen=True)
class NameForm:
    """Form of a name, by the differences left out of account.

    Parameters
    ----------
    case, separators, padding, notation : bool
        Whether upper case, marks between letters and digits, zeros before digits, and the notation
        of whole numbers, dates and UUIDs are left out of account.
    month_first : bool or None
        Whether dates such as 3/4/2021 begin with the month; ``None`` where the file does not tell.

    Examples
    --------
    >>> NameForm().of("AB-001"), NameForm().of("'ab1'"), NameForm().of("1.000E+05")
    ('ab1', 'ab1', '100000')
    >>> NameForm().of("02.01.1999"), NameForm().of("2021/17"), NameForm(padding=False).of("P01")
    ('1999-01-02', '2021 17', 'p01')
    >>> NameForm().of("urn:uuid:6BA7B810-9DAD-11D1-80B4-00C04FD430C8")
    '6ba7b8109dad11d180b400c04fd430c8'
    """

    case: bool = True
    separators: bool = True
    padding: bool = True
    notation: bool = True
    month_first: bool | None = None

    def of(self, name: str) -> str:
        """Return a name in this form."""
        if self.case and self.separators and self.padding and self.notation and len(name) < 32:
            plain = _PLAIN.fullmatch(name)  # most names of large files: the same, ten times as fast
            if plain is not None:
                return (plain.group(1) or "").lower() + plain.group(2)
        text = plain_text(name)
        if self.notation and (digits := uuid_digits(text)):
            return digits
        if self.case:
            text = text.casefold()
        if self.notation and (number := self._number_or_date(text)):
            return number
        if self.separators and (names := _LAST_NAME_FIRST.fullmatch(text)):
            text = f"{names.group(2)} {names.group(1)}"
        if _DECIMAL.fullmatch(text):
            return text
        if self.padding:
            text = _PADDING.sub("", text)
        if self.separators and not _WHOLE.fullmatch(text):
            # Between two numbers one mark is as good as another, but none would make one number.
            text = _BETWEEN_KINDS.sub("", _SEPARATORS.sub(" ", text).strip())
        return text

    def _number_or_date(self, text: str) -> str:
        if not text or not (text[0].isdigit() or text[0] in "+-"):
            return ""
        if _SCIENTIFIC.fullmatch(text.casefold()):
            return _whole(text.replace(",", "."))
        if _THOUSANDS.fullmatch(text):
            text = re.sub("[,' ]", "", text)
        if _WHOLE.fullmatch(text):
            return _whole(text.replace(",", ".")) if self.padding or text[0] != "0" else text
        return self._date(_MIDNIGHT.sub("", text))

    def _date(self, text: str) -> str:
        if match := _YEAR_FIRST.fullmatch(text):
            return _iso(match.group(1), match.group(3), match.group(4))
        if match := _YEAR_LAST.fullmatch(text):
            first, mark, second, year = match.groups()
            if mark == ".":  # so the day comes first, in every country that writes points
                return _iso(year, second, first)
            if self.month_first is not None:
                return _iso(year, *((first, second) if self.month_first else (second, first)))
        return ""


def plain_text(value: Any) -> str:
    """Return a name without quotes, marks of bytes, and look-alike signs.

    Examples
    --------
    >>> plain_text(b"P1"), plain_text("b'P1'"), plain_text(' "P1" '), plain_text("A\\u2013" + "1")
    ('P1', 'P1', 'P1', 'A-1')
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="backslashreplace")
    text = without_blanks(value)
    if not text.isascii():
        text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    while (quoted := _QUOTED.match(text)) and quoted.group(2).strip():
        text = without_blanks(quoted.group(2))
    return text


def _whole(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ""
    return str(int(number)) if number == number.to_integral_value() else ""


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def forms() -> Iterator[NameForm]:
    """Yield forms, the one that leaves most out of account first.

    Examples
    --------
    >>> len(list(forms())), next(forms())
    (16, NameForm(case=True, separators=True, padding=True, notation=True, month_first=None))
    """
    switches = ("notation", "case", "separators", "padding")
    for code in sorted(range(16), key=lambda k: (k.bit_count(), k)):
        yield NameForm(**{name: not code >> k & 1 for k, name in enumerate(switches)})


def for_file(form: NameForm, names: Iterable[str]) -> NameForm:
    """Return a form for the order in which a file writes dates.

    Examples
    --------
    >>> for_file(NameForm(), ["3/4/2021", "3/25/2021"]).of("3/4/2021")
    '2021-03-04'
    """
    dates = [match for name in names if (match := _SLASHED_DATE.search(name))]
    first, second = (any(int(match.group(k)) > 12 for match in dates) for k in (1, 3))
    return replace(form, month_first=second) if first != second else form


def dates_of_two_readings(names: Collection[str]) -> tuple[set[str], set[str]]:
    """Return dates such as 3/4/2021 read day first, and month first.

    Empty where a file tells which it is.

    Examples
    --------
    >>> day_first, month_first = dates_of_two_readings(["3/4/2021"])
    >>> day_first, month_first
    ({'2021-04-03'}, {'2021-03-04'})
    """
    slashed = [name for name in names if _SLASHED_DATE.search(name)]
    if not slashed or for_file(NameForm(), slashed).month_first is not None:
        return set(), set()
    day, month = NameForm(month_first=False), NameForm(month_first=True)
    return {day.of(name) for name in slashed}, {month.of(name) for name in slashed}
