"""Numbers with marks: units, percent, thousands, read alike in all files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from transfergap.data.notations.dates import read_dates
from transfergap.data.notations.number_marks import (
    FEWEST_MEASURED,
    LIMIT,
    MARK,
    MARKED,
    UNIT,
    Marks,
    are_amounts,
    is_all_text,
    without_mark,
)
from transfergap.data.notations.number_notations import (
    APPROXIMATE,
    AS_TEXT,
    MAGNITUDES,
    are_of_one_kind,
    clock_number,
    factor_of,
    has_factors,
    is_unit,
    notation_of,
)
from transfergap.data.notations.unknown_marks import mark_of_all
from transfergap.data.tables.normal_form import is_text
from transfergap.errors import DataError

_SIGN = re.compile(r"[A-Z]+\$?|[^\d\s.,'+\-\u2212()A-Z]")
# Ways of writing numbers that are no units: pandas reads none of them.
_OTHER_WAYS = {
    "a minus sign": re.compile("\u2212"),
    "a minus behind": re.compile(r"\d\s*-$"),
    "digits of another script": re.compile(r"(?![0-9])\d"),
}


_FEWEST_PLAIN = (
    5  # different numbers without a sign: fewer are bands, such as "<18", "18" and ">65"
)


_MOST_UNITS = 3  # more kinds of letters behind numbers are codes with a number; chosen by hand


def read_marked_numbers(
    frames: Mapping[str, Any], *, times: str = ""
) -> tuple[dict[str, Any], dict[str, Marks]]:
    """Read numbers with marks: ``1,250``, ``$ 3.50``, ``12 %``, ``1.250,5``.

    A column is read alike in all tables. Numbers that a table in memory holds as text are read
    where they have decimals, or are numbers in the target; whole ones stay categories, as codes
    are declared by making them text. The meaning of comma and point is taken from all values
    together: groups of three digits throughout are thousands; ``<1`` and ``>100`` among numbers are
    read as the limit, and counted; where both marks occur the last one
    is the decimal mark. Plain numbers with a comma before decimals are left for an error that
    asks. Columns of dates become dates, as
    :func:`transfergap.data.notations.dates.read_dates` reads them.

    Parameters
    ----------
    frames : mapping of str to DataFrame
    times : str
        A column whose times of day (``12:30``) and dates stay as they are.

    Returns
    -------
    dict of str to DataFrame
    dict of str to Marks
        Columns that were read, and how.

    Raises
    ------
    DataError
        For a column that can be read in two ways.

    Examples
    --------
    >>> import pandas as pd
    >>> tables, how = read_marked_numbers({"t": pd.DataFrame({"pay": ["1,250", "900", "12,000"]})})
    >>> tables["t"].pay.tolist(), str(how["pay"])
    ([1250.0, 900.0, 12000.0], "thousands marked by ','")
    """
    tables, marks_of_columns = dict(frames), {}
    first = next(iter(tables.values()))
    if any(frame.columns.has_duplicates for frame in tables.values()):
        return tables, {}  # an error names them
    all_text = is_all_text(first)
    for header in list(first.columns):
        name = str(header)
        texts = {
            label: frame[header]
            for label, frame in tables.items()
            if header in frame.columns and is_text(frame[header])
        }
        are_dates = texts and name != times
        columns = [frame[header] for frame in tables.values() if header in frame.columns]
        dates = read_dates(texts, name=name, years=_years_of(columns)) if are_dates else None
        if dates is not None:
            for label, column in dates[0].items():
                tables[label] = tables[label].assign(**{name: column})
            marks_of_columns[name] = Marks("", "", (), notation=dates[1])
            continue
        marks = _marks_of(name, list(texts.values()), of_times=name == times)
        if marks is None and texts and are_amounts(texts, first[header], all_text=all_text):
            marks = Marks("", ".", (), notation=AS_TEXT)
        if marks is None and _has_numbers(tables, header):
            marks = _marks_beside_numbers(name, list(texts.values()))
        if marks is None:
            continue
        for label, column in texts.items():
            numbers = column.map(marks.number, na_action="ignore").astype("float64")
            tables[label] = tables[label].copy(deep=False)
            tables[label][header] = numbers
        marks_of_columns[name] = marks
    return tables, marks_of_columns


def _years_of(columns: Iterable[Any]) -> set[int]:
    """Return the years of columns of dates."""
    return {
        int(year) for c in columns if c.dtype.kind == "M" for year in c.dt.year.dropna().unique()
    }


def _has_numbers(tables: Mapping[str, Any], header: Any) -> bool:
    """Return whether a table has numbers in a column."""
    columns = [table[header] for table in tables.values() if header in table.columns]
    return any(
        getattr(column.dtype, "kind", "O") in "iuf" and column.notna().any() for column in columns
    )


def _marks_beside_numbers(name: str, columns: list[Any]) -> Marks | None:
    """Return the marks of texts whose column holds numbers in another table.

    ``None`` unless all are numbers with one mark, whatever it is.
    """
    texts = [[str(text) for text in column.dropna()] for column in columns]
    mark = mark_of_all([text for part in texts for text in part])
    if not mark:
        return None
    texts = [[without_mark(text, mark) for text in part] for part in texts]
    marks = _marks_of_numbers(name, texts)
    if marks is None:
        # Plain numbers, with points or with commas: a comma of thousands would be a mark.
        commas = [[text.replace(",", ".") for text in part] for part in texts]
        if not _are_numbers(commas):
            return None
        marks = Marks("", "." if _are_numbers(texts) else ",", ())
    if marks.notation:
        return None
    return replace(marks, signs=(*marks.signs, mark), notation=f"{MARK}{mark}")


def _marks_of(name: str, columns: list[Any], *, of_times: bool) -> Marks | None:
    """Return the marks in a column.

    ``None`` where it is text, or plain numbers.
    """
    texts = [[str(text).strip() for text in column.dropna()] for column in columns]
    about = any(APPROXIMATE.match(text) for part in texts for text in part)
    texts = [[APPROXIMATE.sub("", text) for text in part] for part in texts] if about else texts
    limits = [text for part in texts for text in part if LIMIT.match(text)]
    if limits:
        if len({text for part in texts for text in part} - set(limits)) < _FEWEST_PLAIN:
            return None
        texts = [[LIMIT.sub("", text) for text in part] for part in texts]
    levels = sorted({text for part in texts for text in part})
    marks = None if of_times else _marks_of_notation(name, levels)
    marks = marks or _marks_of_numbers(name, texts)
    if (limits or about) and marks is None and _are_numbers(texts):
        marks = Marks("", ".", ())
    if about and marks:
        marks = replace(marks, signs=(*marks.signs, "~"))
    return replace(marks, n_limits=len(limits), limit=limits[0]) if limits and marks else marks


def _marks_of_notation(name: str, texts: list[str]) -> Marks | None:
    """Return the marks of times, or of feet and inches.

    Raises
    ------
    DataError
        For times beside other numbers, or with and without seconds.
    """
    if notation := notation_of(texts):
        return Marks("", ".", (), notation=notation)
    times = [text for text in texts if clock_number(text) is not None]
    rest = [text for text in texts if clock_number(text) is None]
    if len(texts) > FEWEST_MEASURED and times and all(map(_is_number, rest)):
        example = min(rest or times, key=len)
        raise DataError(
            f"Column {name!r} holds times in several forms, such as {max(times, key=len)!r} and"
            f" {example!r}.",
            hint="write them alike in all files, leave the column out"
            f" (--drop {name}), or declare it a category (--category {name})",
        )
    return None


def _are_numbers(texts: list[list[str]]) -> bool:
    return all(_is_number(text) for part in texts for text in part)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", text) is not None


def _marks_of_numbers(name: str, texts: list[list[str]]) -> Marks | None:
    """Return the marks in numbers without signs of a limit."""
    factors = _has_factors(name, [text for part in texts for text in part])
    if factors:
        texts = [[factor_of(text)[0] for text in part] for part in texts]
    units = {unit for part in texts for unit in _units_of(name, part)}
    values = [UNIT.sub("", text) if units else text for part in texts for text in part]
    if not values or not any(char.isdigit() for char in values[0]):
        return None
    matches = [match for text in values if (match := MARKED.match(text)) is not None]
    if len(matches) < len(values):
        return None
    signs = tuple(sorted(units | {sign for text in values for sign in _SIGN.findall(text)}))
    if len(signs) > _MOST_UNITS:
        return None  # codes with a number
    if len(set(signs) - {"%"}) > 1:
        raise _several_units(name, signs)
    signs += tuple(way for way, pattern in _OTHER_WAYS.items() if any(map(pattern.search, values)))
    in_brackets = sum(text.startswith("(") for text in values)
    # A list is numbered (1), (2), ...; amounts have decimals, or many values.
    amounts = len(set(values)) > FEWEST_MEASURED or any(match.group("rest") for match in matches)
    if 0 < in_brackets < len(values) or (in_brackets and amounts):
        signs = (*signs, "( )")
    groups = {match.group("group") or match.group("lakh") for match in matches} - {None}
    points = {match.group("rest")[0] for match in matches if match.group("rest")}
    marks = _meaning(name, groups, points, signs, matches)
    if factors:
        return replace(marks or Marks("", ".", signs), notation=MAGNITUDES)
    return marks


def _has_factors(name: str, texts: list[str]) -> bool:
    """Return whether numbers have words for powers of ten behind them.

    Raises
    ------
    DataError
        Where the letter may be a unit.
    """
    numbers = [factor_of(text)[0] for text in texts]
    if not texts or any(MARKED.match(text) is None for text in numbers):
        return False
    words = {text[len(number) :].strip() for text, number in zip(texts, numbers, strict=True)}
    are_levels = len(words) == 1 and len(set(texts)) <= FEWEST_MEASURED
    if are_levels and not any(_SIGN.search(text) for text in numbers):
        return False  # runs of 5k and 10k
    factors = has_factors(texts, _size)
    if factors is None:
        example = next(t for t, number in zip(texts, numbers, strict=True) if t != number)
        raise DataError(
            f"Column {name!r} holds values such as {example!r} beside numbers without a letter:"
            f" {example[-1]!r} may be a unit, or a thousand or million.",
            hint="write the numbers out, or all with the unit; leave the column out"
            f" (--drop {name}), or declare it a category (--category {name})",
        )
    return factors


def _size(text: str) -> float:
    """Return the rough size of a number; one point precedes decimals."""
    match = MARKED.match(text)
    digits = match["digits"] if match is not None else "0"
    return float(digits if digits.count(".") == 1 else re.sub(r"\D", "", digits))


def _units_of(name: str, texts: list[str]) -> set[str]:
    """Return the unit behind a column's numbers, if it has one.

    Numbers without a letter are in the unit of the others.

    Raises
    ------
    DataError
        For several units of one kind, such as kg and g.
    """
    matches = [UNIT.search(text) for text in texts]
    units = {match.group("unit") if match is not None else "" for match in matches}
    padded = any(re.match(r"0\d", text) for text in texts)
    if len(set(texts)) <= FEWEST_MEASURED or padded:
        return set()
    if len(units) == 1:
        return units - {""}
    if not all(MARKED.match(UNIT.sub("", text)) for text in texts):
        return set()
    units -= {""}
    if len(units) > 1 and are_of_one_kind(sorted(units)):
        examples = {m.group("unit"): m.string for m in reversed(matches) if m is not None}
        raise _several_units(name, tuple(sorted(units)), tuple(examples.values()))
    return units if len(units) == 1 and all(map(is_unit, units)) else set()


def _several_units(name: str, signs: tuple[str, ...], examples: tuple[str, ...] = ()) -> DataError:
    such = f", as in {' and '.join(map(repr, examples[:2]))}" if examples else ""
    return DataError(
        f"Column {name!r} is in several units or currencies: {', '.join(signs)}{such}.",
        hint=f"convert it to one in all files, leave it out (--drop {name}), or declare it a"
        f" category (--category {name})",
    )


def _meaning(
    name: str,
    groups: set[str],
    points: set[str],
    signs: tuple[str, ...],
    matches: list[re.Match[str]],
) -> Marks | None:
    several = any(match.group("digits").count(".") > 1 for match in matches)
    # No thousand begins with a zero: 0.346 has decimals.
    points |= {m.group("group") for m in matches if re.match(r"0[.,]", m.group("digits"))}
    if len(points) > 1 or len(groups - points) > 1:
        raise _unclear(name, matches)
    if points & groups:  # 1.250 and 3.5 in one column: groups of three are decimals by chance
        if several:
            raise _unclear(name, matches)
        groups = groups - points
    decimal = next(iter(points), "")
    if not decimal and groups == {"."} and not several:
        if set(signs) <= {"a minus sign", "a minus behind"}:  # a point, as in numbers without
            return Marks("", ".", signs) if signs else None
        raise _unclear(name, matches)  # 3.000 may be three, or three thousand
    group = next(iter(groups), "")
    decimal = decimal or ("," if group == "." else ".")
    if not group and not signs:
        return None
    return Marks(group, decimal, signs)


def _unclear(name: str, matches: list[re.Match[str]]) -> DataError:
    examples = ", ".join(repr(match.string) for match in matches[:3])
    return DataError(
        f"Column {name!r} holds numbers with marks that can mean two things: {examples}.",
        hint="write them without marks of thousands, or declare the column a category"
        f" (--category {name})",
    )
