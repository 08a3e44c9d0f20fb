"""Lines of a text file that are no rows of its table."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from transfergap.cli.files.encodings import text_of
from transfergap.cli.files.kinds import Compression
from transfergap.cli.files.layouts import Layout


@dataclass(frozen=True)
class FaultyLine:
    """A line that is no row of a table, and why.

    Parameters
    ----------
    number : int
        Of the line, from 1.
    n_fields, n_names : int
        Fields of the line and of the header; 0 where the line opens a quote that never ends.
    """

    number: int
    n_fields: int = 0
    n_names: int = 0

    def __str__(self) -> str:
        if self.n_fields:
            plural = "s" if self.n_names != 1 else ""
            return (
                f"line {self.number} has {self.n_fields} fields, the header {self.n_names}"
                f" name{plural}"
            )
        return f"a quote that opens in line {self.number} is never closed"

    def hint(self, mark: str) -> str:
        """Return a hint on how to mend the line."""
        if self.n_fields:
            return (
                f"mend that line (a field with {mark!r} in it stands in quotes), or give a column"
                " of row names a name in the header"
            )
        return "close the quote, or take it out"


def faulty_line(
    path: Path, layout: Layout, packed: Compression | None = None, *, in_quote: bool = False
) -> FaultyLine | None:
    """Return the first line that is no row of the table.

    ``None`` where each is, and for separators of several signs. An empty field at the end of a line
    is no fault.

    Parameters
    ----------
    path : Path
    layout : Layout
    packed : {"gzip", "bz2", "xz", "zip"}, optional
    in_quote : bool
        Whether the file ends within a quote: then its last row begins where the quote opens.
    """
    if len(layout.delimiter) != 1:
        return None
    number, n_names = 0, 0
    for number, row in _rows(path, layout, packed):
        if row is None:  # a field that is longer than any: its quote is open
            return FaultyLine(number)
        n_names = n_names or len(row)
        if not in_quote and any(map(str.strip, row[n_names:])):
            return FaultyLine(number, len(row), n_names)
    return FaultyLine(number) if in_quote else None


@dataclass(frozen=True)
class ShortLines:
    """Lines with fewer fields than the header has names.

    Parameters
    ----------
    n : int
    number : int
        Of the first one, from 1; 0 without any.
    n_fields, n_names : int
        Fields of that line and of the header.
    is_cut : bool
        Whether the only one is the last and does not end as a line does.
    is_habit : bool
        Whether no line ends with an empty field: the program that wrote the file drops them.
    """

    n: int = 0
    number: int = 0
    n_fields: int = 0
    n_names: int = 0
    is_cut: bool = False
    is_habit: bool = False


def short_lines(path: Path, layout: Layout, packed: Compression | None = None) -> ShortLines:
    """Return the lines that lack their last fields.

    Blank lines do not count. None are looked for where the separator has several signs.

    None are looked for where the separator has several signs.

    Parameters
    ----------
    path : Path
    layout : Layout
    packed : {"gzip", "bz2", "xz", "zip"}, optional
    """
    if len(layout.delimiter) != 1:
        return ShortLines()
    n_names, is_last, is_habit, short = 0, False, True, list[tuple[int, int]]()
    for number, row in _rows(path, layout, packed):
        if row is None:
            break
        n_names = n_names or len(row)
        is_last = len(row) < n_names
        if is_last:
            short.append((number, len(row)))
        elif not row[-1].strip():
            is_habit = False
    if not short:
        return ShortLines()
    is_cut = is_last and len(short) == 1 and not _ends_in_line_break(path, layout, packed)
    return ShortLines(len(short), *short[0], n_names, is_cut=is_cut, is_habit=is_habit)


def _ends_in_line_break(path: Path, layout: Layout, packed: Compression | None) -> bool:
    with text_of(path, packed, layout.encoding) as text:
        [last] = deque(text, maxlen=1)
    return last.endswith(("\n", "\r"))


def _rows(
    path: Path, layout: Layout, packed: Compression | None
) -> Iterator[tuple[int, list[str] | None]]:
    """Yield rows with the number of the line in which they begin.

    ``None`` for a row that cannot be read, the last one.
    """
    n_lines = layout.n_skipped
    with text_of(path, packed, layout.encoding) as text:
        reader = csv.reader(islice(text, layout.n_skipped, None), delimiter=layout.delimiter)
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                yield n_lines + 1, None
                return
            if row is None:
                return
            if row:
                yield n_lines + 1, row
            n_lines = layout.n_skipped + reader.line_num
