"""Decimal marks of text files, by all of their numbers together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.missing_words import USUAL_WORDS
from transfergap.data.notations.decimal_marks import decimal_marks, marks_of_column
from transfergap.errors import DataError

MARKS = (",", ".")
_COUNTERPART = {",": ".", ".": ","}


@dataclass(frozen=True)
class DecimalMark:
    """The decimal mark of a file.

    Parameters
    ----------
    decimal : str, optional
        ``None`` where nothing tells it.
    reason : str, optional
        Why it is a comma, where it was read off the file.
    thousands : str, optional
        What marks thousands, with an example.
    """

    decimal: str | None = None
    reason: str | None = None
    thousands: str | None = None


# A column's name and its different values.
Columns = Sequence[tuple[str, list[str]]]


def decimal_of(columns: Columns, path: Path, dialect: Dialect, *, comma: bool) -> DecimalMark:
    """Return the decimal mark of a file by its columns of numbers.

    One number such as ``0.5`` or ``1.250,5`` tells it. Where all marks could be of thousands, a
    whole number of three digits beside them does: ``436`` and ``1,896`` are of one size.

    Parameters
    ----------
    columns : sequence of (str, list of str)
    path : Path
    dialect : Dialect
    comma : bool
        Whether fields are separated by commas: their numbers are read with points then, where
        nothing tells otherwise.

    Raises
    ------
    DataError
        If ``1.250`` may be a thousand, or ``1,250`` in a file that commas do not separate.
    """
    decimal, example = dialect.decimal or None, None
    if decimal is None:
        decimal, example = _read_off(columns, path, dialect, comma=comma)
    if decimal not in MARKS:
        return DecimalMark(decimal)
    reason = f"numbers of {path.name} are written as {example}"
    thousand = next(_texts_with(columns, _COUNTERPART[decimal]), None)
    note = f"{path.name}: {_COUNTERPART[decimal]!r} marks thousands, as in {thousand}"
    return DecimalMark(
        decimal,
        None if example is None or decimal != "," else reason,
        None if thousand is None else note,
    )


def _read_off(
    columns: Columns, path: Path, dialect: Dialect, *, comma: bool
) -> tuple[str | None, str | None]:
    """Return the decimal mark, and a number that tells it.

    It is read off columns of numbers.
    """
    examples = {mark: next(_texts_of(columns, mark), None) for mark in MARKS}
    marks = [mark for mark in MARKS if examples[mark] is not None]
    if len(marks) > 1:
        if comma:
            return None, None  # columns are looked at, and asked about
        # Each column that has a mark tells it by itself.
        _raise_where_unclear(columns, path, dialect)
    if marks:
        return marks[0], examples[marks[0]]
    decimal = _by_size(columns, comma=comma)
    if decimal is not None:
        thousand = next(_texts_with(columns, _COUNTERPART[decimal]))
        return decimal, f"{thousand} beside whole ones of three digits"
    if not comma:
        _raise_where_unclear(columns, path, dialect)
    return None, None


def number_columns(
    rows: Sequence[Sequence[str]], *, na: Collection[str] = (), drop: Collection[str] = ()
) -> Columns:
    """Return the columns of numbers among rows below a header.

    Each is a name with the column's different values. ``na`` are codes of missing values.
    """
    if not rows:
        return []
    missing = {*USUAL_WORDS, *na}
    columns = []
    for name, *cells in _first_columns(rows, len(rows[0])):
        texts = [text for text in dict.fromkeys(map(str.strip, cells)) if text not in missing]
        if name not in drop and marks_of_column(texts) is not None:
            columns.append((name, texts))
    return columns


def tell_decimals(columns: Columns) -> bool:
    """Return whether a number tells the decimal mark."""
    return any(next(_texts_of(columns, mark), None) is not None for mark in MARKS)


def _first_columns(rows: Sequence[Sequence[str]], n_columns: int) -> list[tuple[str, ...]]:
    """Return the first columns of rows.

    Fields that a row lacks are blank.
    """
    return list(zip_longest(*rows, fillvalue=""))[:n_columns]


def _texts_of(columns: Columns, mark: str) -> Iterator[str]:
    """Yield numbers in which only this mark can be the decimal one."""
    for _, texts in columns:
        yield from (text for text in texts if decimal_marks(text) == frozenset(mark))


def _texts_with(columns: Columns, mark: str) -> Iterator[str]:
    """Yield numbers that a mark parts into thousands.

    There are none if the mark is the one of decimals.
    """
    for _, texts in columns:
        yield from (
            text
            for text in texts
            if mark in text and _COUNTERPART[mark] in (decimal_marks(text) or ())
        )


def _by_size(columns: Columns, *, comma: bool) -> str | None:
    """Return the decimal mark, by whole numbers.

    It can be told where the other mark is of thousands.
    """
    decimals = set()
    for mark in MARKS[:1] if comma else MARKS:
        for _, texts in columns:
            parted = any(mark in text and len(decimal_marks(text) or ()) > 1 for text in texts)
            whole = any(text.isdigit() and len(text) == 3 and text[0] != "0" for text in texts)
            decimals |= {_COUNTERPART[mark]} if parted and whole else set()
    return decimals.pop() if len(decimals) == 1 else None


def _raise_where_unclear(columns: Columns, path: Path, dialect: Dialect) -> None:
    """Raise ``DataError`` for a column that does not tell its mark.

    No number in it tells which mark is the decimal one.
    """
    for name, texts in columns:
        marks = [decimal_marks(text) or frozenset() for text in texts]
        text = next((t for t, allowed in zip(texts, marks, strict=True) if len(allowed) > 1), None)
        if text is not None and not any(len(allowed) == 1 for allowed in marks):
            mark = "," if "," in text else "."
            raise DataError(
                f"{text} in column {name!r} of {path} may be {text.replace(',', '.')} or"
                f" {text.replace(mark, '')}, and no other number tells.",
                hint=f"add {dialect.flag('decimal', mark)} where {mark!r} stands before decimals,"
                f" or {dialect.flag('decimal', _COUNTERPART[mark])} where it marks thousands",
            )
