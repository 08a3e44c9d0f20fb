"""Decimal marks that a text allows, and numbers in plain writing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from transfergap.data.notations.number_marks import BLANKS_OF_THOUSANDS, LIMIT, MARKED, UNIT

# Marks between digits that no reader of plain numbers takes.
_UNREADABLE = re.compile(r"\d,\d|\d\.\d+\.\d")
_BARE = re.compile(r"[-+]?(?P<mark>[.,])\d+")  # SPSS and SAS write ,5 for 0,5
_DIGIT = re.compile(r"\d")
_EXPONENT = re.compile(r"(?<=\d)[eE][-+]?\d+$")
_OTHER = {",": ".", ".": ","}
_POINT = frozenset(".")


def decimal_marks(text: str) -> frozenset[str] | None:
    """Return the decimal marks that the text of a number allows.

    Parameters
    ----------
    text : str

    Returns
    -------
    frozenset of str, or None
        Empty for a number without a mark, which tells nothing; both for ``1,250``, which may be
        a thousand; a point for ``4,16,850``, as India parts lakhs; ``None`` for text that is no
        number.

    Examples
    --------
    >>> [sorted(decimal_marks(text)) for text in ("12", "1,5", "1.250,5", "0,250", "1,250")]
    [[], [','], [','], [','], [',', '.']]
    >>> decimal_marks("12.05.2020") is None
    True
    """
    number = LIMIT.sub("", text).strip()
    mantissa = _EXPONENT.sub("", number)
    number = UNIT.sub("", mantissa)
    if (bare := _BARE.fullmatch(number)) is not None:
        return frozenset(bare["mark"])
    match = MARKED.match(number)
    if match is None:
        return None
    group, decimals = match["group"] or match["lakh"], match["rest"]
    if decimals:
        return None if decimals[0] == group else frozenset(decimals[0])
    if group not in _OTHER:  # spaces and apostrophes part thousands only
        return frozenset()
    if match["digits"].count(group) > 1:
        return frozenset(_OTHER[group])
    # No thousand begins with a zero, and none has an exponent.
    is_decimal = match["digits"].startswith("0") or mantissa != LIMIT.sub("", text).strip()
    return frozenset(group) if is_decimal else frozenset(_OTHER)


def marks_of_column(texts: Iterable[str]) -> list[frozenset[str]] | None:
    """Return what each number of a column allows.

    ``None`` unless it is a column of numbers. Words without digits, such as codes of missing
    values, may be up to half of it.

    Examples
    --------
    >>> [sorted(marks) for marks in marks_of_column(["1,5", "unknown", "2"])]
    [[','], []]
    >>> marks_of_column(["1,5", "A7"]) is None
    True
    """
    marks, n_words = list[frozenset[str]](), 0
    for text in texts:
        if _DIGIT.search(text) is None:
            n_words += 1
        elif (allowed := decimal_marks(text)) is not None:
            marks.append(allowed)
        else:
            return None
    return marks if marks and n_words <= len(marks) else None


def plain_text(text: str, decimal: str) -> str:
    """Return a number's text in plain writing.

    It has a point before decimals, and no mark of thousands. Text that is no number with this
    decimal mark stays as it is.

    Examples
    --------
    >>> [plain_text(text, ",") for text in ("1.250,5", "1 250", "<0,5 mg", "no", "12.05.2020")]
    ['1250.5', '1250', '<0.5 mg', 'no', '12.05.2020']
    >>> plain_text("4,16,850.50", "."), plain_text("4,16,850", ",")
    ('416850.50', '4,16,850')
    """
    allowed = decimal_marks(text)
    if allowed is None or (allowed and decimal not in allowed):
        return text
    thousands = rf"(?<=\d)[{_OTHER[decimal]}{BLANKS_OF_THOUSANDS}](?=\d{{3}}(?!\d))"
    plain = re.sub(thousands, "", text.strip()).replace(decimal, ".")
    if decimal == ".":  # what is left are commas of lakhs and crores
        plain = re.sub(r"(?<=\d),(?=\d{2}(?:,\d{2})*\d{3}(?!\d))", "", plain)
    return text if _UNREADABLE.search(plain) else plain


def plain_column(column: Any, decimal: str | None) -> Any:
    """Return a text column with its numbers in plain writing.

    ``None`` where nothing changes. In a file of decimal commas a column may have points: ``54.2``
    can be nothing else.

    Parameters
    ----------
    column : Series of str
    decimal : {",", "."}, optional
        ``None`` where nothing tells it: then only spaces and apostrophes mark thousands.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_column(pd.Series(["1.250", "3,5", None]), ",").tolist()[:2]
    ['1250', '3.5']
    >>> plain_column(pd.Series(["1.250", "3.5"]), ",").tolist()
    ['1.250', '3.5']
    >>> plain_column(pd.Series(["1,250", "3,5"]), ".") is None
    True
    """
    import pandas as pd

    levels = [text for text in pd.unique(column.dropna()) if isinstance(text, str)]
    marks = marks_of_column(levels) or []
    has_points = decimal == "," and {allowed for allowed in marks if len(allowed) == 1} == {_POINT}
    mark = "." if has_points else decimal
    if not marks or any(allowed and mark not in allowed for allowed in marks):
        return None
    plain = {text: plain_text(text, mark or ".") for text in levels}
    if not has_points and all(text == number for text, number in plain.items()):
        return None
    return column.map(plain, na_action="ignore")
