"""Marks of the numbers of a column, and columns read by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from transfergap.data.notations.dates import dates_like, is_order
from transfergap.data.notations.number_notations import (
    APPROXIMATE,
    MAGNITUDES,
    NOTATIONS,
    factor_of,
    plain_number,
)
from transfergap.data.tables.normal_form import is_text

# Different values with a unit, or as text: fewer may be levels, such as "36 months".
FEWEST_MEASURED = 10

BLANKS_OF_THOUSANDS = r"\s'\u2019\u00a0\u202f"  # beside comma and point
MARKED = re.compile(
    r"^[\s]*[-+(\u2212]?\s*(?:[$€£¥₹]|[A-Z]{3}\s|R\$)?\s*[-+\u2212]?"
    r"(?P<digits>\d{1,3}(?:(?P<group>[,." + BLANKS_OF_THOUSANDS + r"])\d{3})(?:(?P=group)\d{3})*"
    r"|\d{1,2}(?P<lakh>,)\d{2}(?:,\d{2})*,\d{3}|\d+)"
    r"(?P<rest>[.,]\d+)?\s*(?:[$€£¥₹]|[A-Z]{3})?\s*(?P<percent>%)?[)\u2212-]?\s*$"
)
MARK = "with the mark "  # begins the notation of numbers with a mark that no list knows
UNIT = re.compile(r"(?<=\d)\s*(?P<unit>[A-Za-zµ°]{1,8}(?:/[A-Za-z]{1,8})?)$")
LIMIT = re.compile(r"^\s*(?:[<>]=?|[≤≥~≈])\s*(?=[-+\u2212]?[\d.,])")


@dataclass(frozen=True)
class Marks:
    """The marks in the numbers of a column, and their meaning.

    ``limit`` is the first of ``n_limits`` values that are known up to a limit, such as ``<1``.
    ``notation`` is a name of :data:`transfergap.data.notations.number_notations.NOTATIONS`, the
    order of a date's parts (:func:`transfergap.data.notations.dates.read_dates`), says that
    ``2.5k`` is 2500, or is :data:`MARK` and a mark that all numbers may have.
    """

    group: str
    decimal: str
    signs: tuple[str, ...]
    n_limits: int = 0
    limit: str = ""
    notation: str = ""

    def saved(self) -> tuple[str, ...]:
        """Return what reads other tables alike, as :func:`with_marks_read` takes it."""
        parts = (self.group, self.decimal)
        return (*parts, self.notation) if self.notation else parts

    def without_limit(self, text: Any) -> str:
        """Return a text without the signs of limits and rough numbers."""
        return LIMIT.sub("", APPROXIMATE.sub("", str(text))).strip()

    def reads(self, text: str) -> bool:
        """Return whether a text stands for a number with these marks."""
        if self.notation in NOTATIONS:
            return NOTATIONS[self.notation](text) is not None
        return MARKED.match(UNIT.sub("", self._with_factor(text)[0])) is not None

    def number(self, text: Any) -> float:
        """Return the number that a text with these marks stands for."""
        plain, factor = self._with_factor(self.without_limit(text))
        if self.notation in NOTATIONS:
            value = NOTATIONS[self.notation](plain)
            if value is None:  # asked of `reads` before: no number is made up
                raise ValueError(f"{text!r} is not in the notation {self.notation!r}")
            return value
        plain = UNIT.sub("", plain)
        digits = re.sub(r"[^\d.,]", "", plain)
        digits = digits.replace(self.group, "") if self.group in (",", ".") else digits
        number = factor * float(digits.replace(",", ".") if self.decimal == "," else digits)
        return -number if plain.startswith("(") or "-" in plain or "\u2212" in plain else number

    def _with_factor(self, text: str) -> tuple[str, float]:
        if self.notation.startswith(MARK):
            return without_mark(text, self.notation.removeprefix(MARK)), 1.0
        return factor_of(text) if self.notation == MAGNITUDES else (text, 1.0)

    def __str__(self) -> str:
        parts = [f"thousands marked by {self.group!r}"] if self.group else []
        parts += [f"without {' '.join(self.signs)}"] if self.signs else []
        parts += ["decimals after ','"] if self.decimal == "," else []
        parts += ["k, M and the like multiplied"] if self.notation == MAGNITUDES else []
        parts += [self.notation] if self.notation in NOTATIONS or self.of_dates else []
        values = "value" if self.n_limits == 1 else "values"
        parts += (
            [f"{self.n_limits} {values} such as {self.limit!r} as the limit"]
            if self.n_limits
            else []
        )
        return ", ".join(parts)

    @property
    def of_dates(self) -> bool:
        """Return whether the column holds dates."""
        return is_order(self.notation)


def without_mark(text: str, mark: str) -> str:
    """Return a text without the mark at either end.

    Examples
    --------
    >>> without_mark("85 /mm3", "/mm3"), without_mark("85", "/mm3")
    ('85', '85')
    """
    return text.strip().removesuffix(mark).removeprefix(mark).strip()


def with_marks_read(frame: Any, marks: Mapping[str, tuple[str, ...]]) -> Any:
    """Read a table's marked numbers as those of other tables.

    Parameters
    ----------
    frame : DataFrame
    marks : mapping of str to (str, str) or (str, str, str)
        By column, what parts thousands, what stands before decimals, and the notation if there is
        one. Columns of numbers, and texts that these marks do not turn into numbers, stay as they
        are.

    Examples
    --------
    >>> import pandas as pd
    >>> with_marks_read(pd.DataFrame({"pay": ["1.250 kg"]}), {"pay": (".", ",")}).pay.tolist()
    [1250.0]
    """
    read = {}
    for name, (group, decimal, *notation) in marks.items():
        if name not in frame.columns or not is_text(frame[name]):
            continue
        if notation and is_order(notation[0]):
            read[name] = dates_like(frame[name], notation[0])
            continue
        how = Marks(group, decimal, (), notation=notation[0] if notation else "")
        texts = frame[name].map(how.without_limit, na_action="ignore")
        if texts.dropna().map(how.reads).all():
            read[name] = texts.map(how.number, na_action="ignore").astype("float64")
    return frame.assign(**read) if read else frame


def are_amounts(texts: Mapping[str, Any], target: Any, *, all_text: bool) -> bool:
    """Return whether texts are plain numbers, and no codes.

    They are amounts if the target holds numbers, or if more of them differ than levels do and some
    have decimals; in a target that is all text (``dtype=str``), those of another column may.
    """
    levels = {str(text).strip() for column in texts.values() for text in column.dropna().unique()}
    if not levels or any(plain_number(text) is None for text in levels):
        return False
    if not is_text(target):
        return target.dtype.kind in ("i", "u", "f")
    return len(levels) > FEWEST_MEASURED and (_have_decimals(levels) or all_text)


def _have_decimals(texts: Iterable[str]) -> bool:
    return any((plain_number(text) or 0.0) % 1.0 != 0.0 for text in texts)


def is_all_text(target: Any) -> bool:
    """Return whether a table was read as text, amounts with decimals too."""
    columns = [target.iloc[:, i] for i in range(target.shape[1])]
    if not all(map(is_text, columns)):
        return False
    levels = [{str(text).strip() for text in column.dropna().unique()} for column in columns]
    return any(
        all(plain_number(text) is not None for text in texts) and _have_decimals(texts)
        for texts in levels
    )
