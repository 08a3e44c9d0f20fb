"""Columns whose values are several numbers each: ranges, fractions, errors, places."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from transfergap.data.notations.number_notations import are_of_one_kind, is_unit
from transfergap.data.notations.punctuated_numbers import is_date, is_yearly
from transfergap.data.tables.column_names import name_strength
from transfergap.data.tables.normal_form import is_text
from transfergap.errors import DataError

_NUMBER = r"[-+\u2212]?[$€£]?\s?(?:\d+(?:[.,]\d+)*|[.,]\d+)\s?%?"
_COMPOUND = re.compile(
    rf"^[\[(]?\s*(?:\d+\s+)?(?P<first>{_NUMBER})"
    rf"\s*(?P<mark>±|\+/-|\+-|/|:|[x×*]|-|[–—]|to|\.\.\.?|…|\(|[,;](?=\s))\s*"
    rf"(?P<second>{_NUMBER})(?P<more>(?:\s*(?P=mark)\s*{_NUMBER})*)\s*[\])]?"
    rf"\s*(?P<unit>[A-Za-zµ°]{{0,8}}(?:/[A-Za-z]{{1,8}})?)$"
)
_IN_UNITS = re.compile(r"^(?:\d+(?:[.,]\d+)?\s*[A-Za-zµ°]{1,8}[\s,]*){2,}$")
# Places, as databases and portals write them: POINT (-87.63 41.88), (41.88123, -87.63456).
_DEGREES = r"[-+\u2212]?\d{1,3}\.\d{3,}"
_PLACE = re.compile(
    r"^(?:SRID=\d+;\s*)?(?:POINT\s*(?:ZM?|M)?\s*\(\s*[-+]?\d[^,;()]*\s[-+]?\d[^,;()]*\)"
    rf"|[\[(]?\s*{_DEGREES}\s*[,;\s]\s*{_DEGREES}\s*[\])]?)$",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"^{_NUMBER}$")
_RANGES = frozenset({"-", "–", "—", "to", "..", "...", "…", ",", ";"})
_PADDED = re.compile(r"(?<![\d.,])0\d")  # codes, and months
_MONTHS = re.compile(r"^(1[0-2]|[1-9])[-/](19|20)\d\d$|^(19|20)\d\d[-/:](1[0-2]|[1-9])$")
_MOSTLY, _MANY = 0.9, 0.5  # shares of values that are numbers, and several; chosen by hand
_OF_ONE_SIZE = 2  # digits by which the ends of a range differ, at most: "5-100" is one
_FEWEST = 10  # different values: up to so many are levels


def check_compounds(frames: Sequence[Any], *, skipped: Collection[str] = ()) -> None:
    """Raise ``DataError`` for columns of several numbers a value.

    Bands that do not overlap (``20-29``), dates, months and padded codes are categories, and so is
    what has few levels.

    Parameters
    ----------
    frames : sequence of DataFrame
        The target and its sources, with the same columns.
    skipped : collection of str
        Columns that are not looked at: they name rows, or the model names them.

    Examples
    --------
    >>> import pandas as pd
    >>> check_compounds([pd.DataFrame({"age": [f"{k}0-{k}9" for k in range(1, 13)] * 3})])
    >>> check_compounds([pd.DataFrame({"size": [f"{k}/8" for k in range(20)]})])
    Traceback (most recent call last):
    transfergap.errors.DataError: Column 'size' holds several numbers in one value: '0/8'...
    """
    for name in [str(column) for column in frames[0].columns]:
        if name in skipped or name_strength(name) > 0:
            continue
        columns = [f[name] for f in frames if name in f.columns and is_text(f[name])]
        texts = [str(text).strip() for column in columns for text in column.dropna().unique()]
        if len(set(texts)) > _FEWEST and (example := _compound(texts)):
            parts = "lat and lon" if _PLACE.match(example) else "columns of numbers"
            raise DataError(
                f"Column {name!r} holds several numbers in one value: {example!r}.",
                hint=f"split it into {parts}, leave it out"
                f" (--drop {name}), or declare it a category (--category {name}; in Python:"
                f" X[{name!r}].astype('category'))",
            )


def _compound(texts: Sequence[str]) -> str:
    """Return the first of a column's compound numbers, or an empty text."""
    matches = [
        m
        for m in map(_COMPOUND.match, texts)
        if m is not None and (not m["unit"] or is_unit(m["unit"]))
    ]
    measured = [text for text in texts if _IN_UNITS.match(text)]
    if len(measured) >= _MANY * len(texts) and are_of_one_kind(
        [unit for text in measured for unit in re.findall(r"[A-Za-zµ°]+", text)]
    ):
        return measured[0]  # 2h 30min
    places = [text for text in texts if _PLACE.match(text)]
    if len(places) >= _MOSTLY * len(texts):
        return places[0]
    n_plain = sum(_PLAIN.match(text) is not None for text in texts)
    if len(matches) < _MANY * len(texts) or len(matches) + n_plain < _MOSTLY * len(texts):
        return ""
    compounds = [match.string for match in matches]
    coded = sum(
        bool(is_date(text) or _MONTHS.match(text) or _PADDED.search(text)) for text in compounds
    )
    if coded >= _MANY * len(compounds) or is_yearly(compounds, share=_MOSTLY):
        return ""
    ranges = [match for match in matches if match["mark"] in _RANGES]
    if len(ranges) >= _MANY * len(matches) and not _overlap(ranges):
        return ""
    return compounds[0]


def _overlap(matches: Sequence[re.Match[str]]) -> bool:
    """Return whether values are ranges that overlap; bands follow one another.

    What falls, has ends of other sizes or three numbers is a code.
    """
    pairs = sorted({(_value(match["first"]), _value(match["second"])) for match in matches})
    rises = all(low <= high for low, high in pairs)
    steps = [len(f"{abs(high):.0f}") - len(f"{abs(low):.0f}") for low, high in pairs]
    alike = sum(abs(step) <= _OF_ONE_SIZE for step in steps) >= _MANY * len(steps)
    if not rises or not alike or any(match["more"] for match in matches):
        return False
    return any(high > low for (_, high), (low, _) in pairwise(pairs))


def _value(text: str) -> float:
    *whole, last = re.split("[.,]", re.sub(r"[^\d.,]", "", text))
    number = float(f"{''.join(whole)}.{last}" if whole else last)
    return -number if text.startswith(("-", "\u2212")) else number
