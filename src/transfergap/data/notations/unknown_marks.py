"""Numbers with a unit or mark that no list knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from transfergap.data.notations.number_marks import FEWEST_MEASURED
from transfergap.data.notations.punctuated_numbers import is_date
from transfergap.data.tables.column_names import name_strength

_NUMBER = r"[-+\u2212]?(?:\d[\d.,]*\d|\d|\.\d+)"
_MARKED = re.compile(rf"^(?P<before>\D*?)(?P<number>{_NUMBER})(?P<after>.*)$", re.DOTALL)
# A decimal number and at most one word: not the first words of a sentence or a title.
_MEASURED = re.compile(
    r"^[^\w\-+\u2212.]*[-+\u2212]?\d*[.,]\d+(?![\d.,]*[.,]\d)"
    r"(?:[x×*·]\s?10\^?[-\u2212]?\d+|\s?\S{0,12})$"
)
_PAIR = re.compile(r"^[-+\u2212]?\d+\.\d+\s?[,;|]\s?[-+\u2212]?\d+\.\d+$")
_IN_UNITS = re.compile(r"^\d+\s?([^\W\d_]{1,4})\.?\s?\d+\s?([^\W\d_]{1,4})\.?$")
# 5.1x10^3: a power of ten, which no unit is.
_POWER = re.compile(r"^\s*(?:[x×*·]\s*10|[eE]|10\s*\^)[\d\s^+\-\u2212⁰¹²³⁴⁵⁶⁷⁸⁹*]*$")
_PADDED = re.compile(r"^0\d")
_MOSTLY = 0.9  # of a column's different values; chosen by hand
_UNLIKE = 0.5  # different values a row, from which texts are no levels; chosen by hand


def mark_of_all(texts: Sequence[str]) -> str:
    """Return the mark before or behind all numbers; empty for none.

    Numbers without it are in the unit of the others. Whole numbers with letters right before them
    are codes, and with several words behind them addresses.

    Parameters
    ----------
    texts : sequence of str

    Examples
    --------
    >>> mark_of_all([f"{k}.5 /mm3" for k in range(20)]), mark_of_all([f"A{k}" for k in range(20)])
    ('/mm3', '')
    """
    levels = {text.strip() for text in texts}
    matches = [match for text in levels if (match := _MARKED.match(text)) is not None]
    if len(levels) <= FEWEST_MEASURED or len(matches) < len(levels):
        return ""
    ends = {(match["before"], match["after"].strip()) for match in matches} - {("", "")}
    if len({(before.strip(), after) for before, after in ends}) != 1:
        return ""
    before, after = next(iter(ends))
    if (before and after) or _POWER.match(after):
        return ""
    numbers = [match["number"] for match in matches]
    whole = not any("." in number or "," in number for number in numbers)
    if any(map(_PADDED.match, numbers)) or (whole and (before[-1:].isalnum() or " " in after)):
        return ""
    return before.strip() or after


def are_measured(name: str, texts: Sequence[str]) -> bool:
    """Return whether texts seem to be measured numbers that cannot be read.

    Nearly all are a decimal number with a word, two decimal numbers, or two numbers in the same two
    units (``1h24m``), or all have one mark; and more differ than levels do. Dates, addresses,
    ordinals, versions, titles and codes are none.

    Parameters
    ----------
    name : str
        Of the column.
    texts : sequence of str
        One a row, repeated where values are.

    Examples
    --------
    >>> are_measured("x", [f"{k}.5 H" for k in range(20)] + [f"{k}.1 L" for k in range(20)])
    True
    >>> are_measured("x", [f"{k} Main St" for k in range(20)])
    False
    """
    counts = Counter(text.strip() for text in texts)
    if len(counts) <= FEWEST_MEASURED or len(counts) < _UNLIKE * sum(counts.values()):
        return False
    if name_strength(name) > 0:
        return False
    if mark_of_all(list(counts)):
        return True
    units = {m.groups() for text in counts if (m := _IN_UNITS.match(text)) is not None}
    patterns = (_MEASURED, _PAIR, *(_IN_UNITS,) * (len(units) == 1))
    n_measured = sum(
        any(pattern.match(text) for pattern in patterns) and not is_date(text) for text in counts
    )
    return n_measured >= _MOSTLY * len(counts)
