"""Layouts of text files, as typed or by their first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from transfergap.cli.files.decimals import decimal_of, number_columns, tell_decimals
from transfergap.cli.files.dialects import Dialect, usual_delimiter
from transfergap.cli.files.encodings import check_encoding, encoding_of, text_of
from transfergap.cli.files.kinds import Compression
from transfergap.errors import DataError

_SAMPLE = 1 << 18  # letters that are looked at for separator and decimal mark: thousands of rows
_FEWEST_LINES = 20  # of wide tables; chosen by hand, as the two below
_MOST_LINES = 5000  # further down
_MARK = re.compile(r"\d[.,]\d")
_SEPARATORS = (",", ";", "\t", "|")
_N_ROWS = 200  # rows that are parted on trial: chosen by hand
_MOSTLY = 0.9  # share of rows with as many fields as the header, where not all have; by hand
# Excel writes this line, and reads it, where the separator is not that of the country.
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(?P<mark>\\t|.)"?(?P=mark)*\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """Layout of a file, as typed or as its content tells.

    Parameters
    ----------
    delimiter, encoding : str
    decimal : {",", "."} or other, optional
        ``None`` where no number tells it; numbers are read with points then.
    n_skipped : int
        Lines before the header.
    delimiter_reason, encoding_reason, decimal_reason, thousands : str, optional
        Why it is not the usual one, where it was read off the file; and what marks thousands.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str | None = None
    n_skipped: int = 0
    delimiter_reason: str | None = None
    encoding_reason: str | None = None
    decimal_reason: str | None = None
    thousands: str | None = None


def layout_of(
    path: Path,
    packed: Compression | None = None,
    dialect: Dialect | None = None,
    *,
    na: Collection[str] = (),
    drop: Collection[str] = (),
) -> Layout:
    """Return the layout of a text file.

    Parameters
    ----------
    path : Path
    packed : {"gzip", "bz2", "xz", "zip"}, optional
    dialect : Dialect, optional
        Typed options are not read off the file.
    na : collection of str
        Codes of missing values: they tell nothing about numbers.
    drop : collection of str
        Columns that tell nothing.

    Raises
    ------
    DataError
        If the file can be read in two ways, or there is no encoding of the name.
    """
    dialect = dialect or Dialect()
    encoding, no_utf8 = dialect.encoding, None
    if not encoding:
        encoding, no_utf8 = encoding_of(path, packed, dialect)
    check_encoding(encoding)
    with text_of(path, packed, encoding) as text:
        lines = _first_lines(text)
        body, n_skipped, announced = _without_preamble(lines)
        mark, reason = _mark_of(body, announced, path, dialect)
        n_skipped -= _is_header(lines[max(n_skipped - 1, 0) : n_skipped + 1], mark)
        columns = number_columns(records(body, mark), na=na, drop=drop)
        if mark != "," and not dialect.decimal and not tell_decimals(columns):
            # 1.250 may stand far down, below whole numbers.
            rows = records([*body, *_lines_with_marks(text)], mark)
            columns = number_columns(rows, na=na, drop=drop)
    number = decimal_of(columns, path, dialect, comma=mark == ",")
    return Layout(
        mark,
        encoding,
        number.decimal,
        n_skipped,
        reason if mark != usual_delimiter(path) else None,
        None if no_utf8 is None else f"byte {no_utf8} of {path.name} is not utf-8",
        number.reason,
        number.thousands,
    )


def _mark_of(
    lines: Sequence[str], announced: str | None, path: Path, dialect: Dialect
) -> tuple[str, str | None]:
    """Return the separator of a file, and how it was found.

    It is as typed, as a line announces it, or as rows are parted by it.
    """
    typed = _typed(dialect.delimiter)
    if typed is not None:
        return typed, None
    if announced is not None:
        return announced, f"line 1 of {path.name} says so"
    mark = _separator_of(lines, path, dialect)
    if any(mark in line for line in lines):
        return mark, f"what separates the names in the header of {path.name}"
    return mark, f"no row has it, as {path.name} is one column"


def _typed(delimiter: str | None) -> str | None:
    return "\t" if delimiter == "\\t" else (delimiter or None)


def _first_lines(text: TextIO) -> list[str]:
    """Return the first lines of a text.

    They hold a fixed number of letters, but are some lines at least.
    """
    lines, n_letters = list[str](), 0
    for line in text:
        lines.append(line)
        n_letters += len(line)
        if n_letters >= _SAMPLE and len(lines) >= _FEWEST_LINES:
            break
    return lines


def _lines_with_marks(text: TextIO) -> list[str]:
    """Return the next lines with marks in numbers.

    A point or a comma stands between digits there. The number of lines has a limit.
    """
    return list(islice((line for line in text if _MARK.search(line)), _MOST_LINES))


def _without_preamble(lines: Sequence[str]) -> tuple[Sequence[str], int, str | None]:
    """Split the lines before a table off.

    Returns the table's lines, the number of lines before them, and the separator they name.
    """
    n, mark = 0, None
    for line in lines:
        match = _SEPARATOR_LINE.fullmatch(line.removesuffix("\n")) if mark is None else None
        if match is not None:
            mark = _typed(match["mark"])
        elif not line.startswith("#"):
            break
        n += 1
    return lines[n:], n, mark


def _is_header(lines: Sequence[str], mark: str) -> bool:
    """Return whether a comment is the header.

    It has as many fields as the line below it.
    """
    counts = [line.count(mark) for line in lines]
    return len(counts) == 2 and lines[0].startswith("#") and counts[0] == counts[1] > 0


def _separator_of(lines: Sequence[str], path: Path, dialect: Dialect) -> str:
    """Return the separator that gives all rows the header's number of fields.

    Of one column it is one that no row has: commas are part of its numbers and texts.

    Raises
    ------
    DataError
        If there are two.
    """
    usual = usual_delimiter(path)
    shares = {mark: _share_of_even_rows(lines, mark) for mark in _SEPARATORS}
    even = [mark for mark, share in shares.items() if share == 1.0]
    if len(even) > 1 and any(line.strip() for line in lines[1:]):
        first, second = even[:2]
        raise DataError(
            f"{path} may be separated by {first!r} or by {second!r}: every row has as many of each"
            " as the header.",
            hint=f"add {dialect.flag('delimiter', first)} or {dialect.flag('delimiter', second)}",
        )
    if even or shares[usual] >= _MOSTLY:
        return even[0] if even and usual not in even else usual
    # Rows are uneven, or there is one column: the header tells.
    header = next((line for line in lines if line.strip()), "")
    named = [mark for mark in _SEPARATORS if len(next(iter(records([header], mark)), ())) > 1]
    if named:
        return usual if usual in named else max(named, key=lambda mark: shares[mark])
    return next((m for m in (usual, *_SEPARATORS) if not any(m in t for t in lines)), usual)


def _share_of_even_rows(lines: Sequence[str], mark: str) -> float:
    """Return the share of rows with the header's number of fields.

    A row may have an empty one more.
    """
    rows = records(lines, mark, n_rows=_N_ROWS + 1)
    if not rows or len(rows[0]) < 2:
        return 0.0
    n_fields = len(rows[0])
    n_even = sum(
        len(row) == n_fields or (len(row) == n_fields + 1 and not row[-1].strip())
        for row in rows[1:]
    )
    return n_even / max(len(rows) - 1, 1) if len(rows) > 1 else 1.0


def records(lines: Sequence[str], mark: str, n_rows: int | None = None) -> list[list[str]]:
    """Return the fields of rows that are not blank, the header's first.

    Empty where quotes are broken.
    """
    try:
        if len(mark) != 1:  # a pattern, as pandas takes it
            return [re.split(mark, line.strip()) for line in lines[:n_rows] if line.strip()]
        rows = csv.reader(lines, delimiter=mark)
        return list(islice((row for row in rows if any(map(str.strip, row))), n_rows))
    except (csv.Error, re.error, ValueError):
        return []
