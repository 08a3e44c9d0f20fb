"""Numbers in groups of digits: dates, telephone, insurance and network numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

_FIELDS = re.compile(r"^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(\D.*)?$")
_YEARS = range(1000, 2200)
_YEAR_AND_NUMBER = re.compile(r"^(?P<year>(?:19|20)\d\d)[-_/.](?P<number>\d{3,})$")
_DAYS = 366  # of a year: "2024-123" may be a day

MAC = re.compile(r"^([0-9a-f]{2}([:-]))([0-9a-f]{2}\2){4,6}[0-9a-f]{2}$", re.IGNORECASE)
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
IP = re.compile(rf"^{_OCTET}(\.{_OCTET}){{3}}$")

_GROUPS = re.compile(r"^\(?\d+\)?(?:[-/. ]{1,2}\(?\d+\)?)+(?:-[A-Za-z])?$")
_FROM_ABROAD = re.compile(r"^(\+|00)[1-9][-/. ()\d]{6,}$")
_DIALLED = range(8, 16)  # digits of an international number: ITU-T E.164 allows fifteen
_DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
_THOUSANDS = re.compile(r"^\d{1,3}([. ])\d{3}(\1\d{3})*$")
# Letters and digits: a blood pressure with its pulse has seven, insurance numbers nine and more.
_FEWEST_SIGNS, _FEWEST_NAMED = 8, 6
_FEWEST_GROUPS, _FEWEST_NAMED_GROUPS = 3, 2
_MOST_SHAPES = 3  # of groups in one column; chosen by hand


def is_date(text: str) -> bool:
    """Return whether three numbers can be a date.

    Examples
    --------
    >>> [is_date(text) for text in ("2024-01-31", "31.1.24 12:30", "01/31/2024", "2024-31-31")]
    [True, True, True, False]
    >>> [is_date(text) for text in ("133-65-9789", "12-65-1978", "12-05-9789")]
    [False, False, False]
    """
    match = _FIELDS.match(text)
    if match is None:
        return False
    first, middle, last = match[1], match[3], match[4]
    if len(first) > 2:
        return _is_year(first) and _is_day(middle, last)
    if len(last) > 2:
        return _is_year(last) and _is_day(first, middle)
    return _is_day(first, middle) or _is_day(middle, last)


def _is_year(text: str) -> bool:
    return len(text) == 4 and int(text) in _YEARS


def _is_day(one: str, other: str) -> bool:
    """Return whether two numbers can be day and month.

    0 is an unknown one.
    """
    low, high = sorted((int(one), int(other)))
    return max(len(one), len(other)) <= 2 and low <= 12 and high <= 31


def is_yearly(texts: Sequence[str] | NDArray[Any], *, share: float) -> bool:
    """Return whether texts are a year and a number counted in it.

    Two years are a period, and three digits may be a day of the year.

    Examples
    --------
    >>> is_yearly(["2024-12856", "2023-00077"], share=0.9), is_yearly(["2010-2015"], share=0.9)
    (True, False)
    """
    matches = [match for text in texts if (match := _YEAR_AND_NUMBER.match(text)) is not None]
    numbers = [match["number"] for match in matches]
    years = sum(len(number) == 4 and int(number) in _YEARS for number in numbers)
    days = sum(len(number) == 3 and int(number) <= _DAYS for number in numbers)
    return len(matches) >= share * len(texts) and max(years, days) < share * len(texts)


def is_issued(texts: Sequence[str] | NDArray[Any], *, named: bool, share: float) -> bool:
    """Return whether texts are telephone, insurance or tax numbers.

    Digits in groups of few shapes, none of them a decimal, or an international prefix.

    Parameters
    ----------
    texts : sequence or array of str
    named : bool
        Whether the column's name tells it: then fewer digits do, in more shapes.
    share : float
        Share of the texts that have the form, at least.

    Examples
    --------
    >>> [is_issued([text], named=False, share=0.9) for text in ("133-65-9789", "12.345.678-K")]
    [True, True]
    >>> [is_issued([text], named=False, share=0.9) for text in ("120/80", "52.5200 13.4050")]
    [False, False]
    """
    needed = share * len(texts)
    if sum(_is_dialled(text) for text in texts) >= needed:
        return True
    grouped = [text for text in texts if _is_grouped(text, named)]
    shapes = Counter(re.sub(r"\d", "9", text) for text in grouped)
    if named:
        return len(grouped) >= needed
    return sum(n for _, n in shapes.most_common(_MOST_SHAPES)) >= needed


def _is_dialled(text: str) -> bool:
    n_digits = sum(char.isdigit() for char in text)
    return _FROM_ABROAD.match(text) is not None and n_digits in _DIALLED


def _is_grouped(text: str, named: bool) -> bool:
    if not _GROUPS.match(text) or _DECIMAL.search(text) or _THOUSANDS.match(text):
        return False
    n_signs = sum(char.isalnum() for char in text)
    n_groups = len(re.findall(r"[^\W_]+", text))
    if named:
        return n_signs >= _FEWEST_NAMED and n_groups >= _FEWEST_NAMED_GROUPS
    return n_signs >= _FEWEST_SIGNS and n_groups >= _FEWEST_GROUPS
