"""Rules of reading files: options, CSV, and words for missing values."""

from __future__ import annotations

import difflib
import io
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from transfergap.cli.files.decimals import MARKS
from transfergap.cli.files.dialects import Dialect, separator_in, usual_delimiter
from transfergap.cli.files.faulty_lines import ShortLines, faulty_line, short_lines
from transfergap.cli.files.kinds import (
    BROKEN_PACKING,
    Compression,
    Kind,
    excel_texts,
    kind_of_file,
    readable,
    sheets_with_rows,
)
from transfergap.cli.files.layouts import Layout, layout_of
from transfergap.cli.files.missing_words import missing_words, with_numbers, words_in_blanks
from transfergap.data.notations.decimal_marks import plain_column
from transfergap.data.notations.missing_codes import codes_of, with_days_missing
from transfergap.data.tables.columns import names_alike
from transfergap.errors import DataError, TransferGapError, first_line

PADDED = re.compile(r"[-+]?0\d+")  # a whole number with zeros before it: a code, not a quantity


def padded_columns(texts: Any) -> set[str]:
    """Return text columns of whole numbers with zeros before them.

    Examples
    --------
    >>> import pandas as pd
    >>> sorted(padded_columns(pd.DataFrame({"a": ["0007", "12"], "b": ["0", "0.5"]})))
    ['a']
    """
    return {
        str(name)
        for name in texts.columns
        if any(PADDED.fullmatch(str(v).strip()) for v in texts[name].dropna().unique())
    }


@dataclass(frozen=True)
class Reading:
    """Options of reading a file.

    ``dialect`` is how this file is written, as far as that was typed; ``texts`` are columns that
    are read as text in all files; ``rename`` is of one file. ``part`` is a column and its value:
    the rows of one domain, where one file holds all.
    """

    label: str
    groups: str | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    na: tuple[str, ...] = ()
    dialect: Dialect = field(default_factory=Dialect)
    weight: str | None = None
    time: str | None = None
    keep_na: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)
    part: tuple[str, str] | None = None

    @property
    def named(self) -> set[str]:
        """Columns whose values are names: "None" is one of them."""
        return {name for name in (self.label, self.groups, *self.category) if name}


def csv_layout(path: Path, reading: Reading, packed: Compression | None = None) -> Layout:
    """Return a CSV file's layout, as typed or as it tells.

    Raises
    ------
    DataError
        If it can be read in two ways.
    """
    return layout_of(path, packed, reading.dialect, na=reading.na, drop=reading.drop)


def csv_options(layout: Layout, packed: Compression | None = None) -> dict[str, Any]:
    """Return the options by which pandas reads a CSV file."""
    return {
        "sep": layout.delimiter,
        "encoding": layout.encoding,
        "skiprows": layout.n_skipped,
        "decimal": layout.decimal or ".",
        # By the first bytes, as names of packed files often lie.
        "compression": packed,
    }


@contextmanager
def csv_trouble(
    path: Path, layout: Layout, dialect: Dialect, packed: Compression | None = None
) -> Iterator[None]:
    """Turn what pandas raises about a CSV file into one ``DataError``.

    Values that pandas would leave out, beyond the names in the header, are one too.
    """
    import pandas as pd

    try:
        with warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            yield
        for note in notes:
            if not issubclass(note.category, pd.errors.ParserWarning):
                warnings.warn_explicit(note.message, note.category, note.filename, note.lineno)
        # A delimiter at the end of each line is one empty field more than the header has.
        if any(issubclass(note.category, pd.errors.ParserWarning) for note in notes):
            _check_lines(path, layout, packed, None)
    except TransferGapError:
        raise
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path} is empty.", hint="check how it was written") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not encoded as {layout.encoding}: byte {error.start} is not part of"
            " any character.",
            hint=f"add {dialect.flag('encoding', 'latin-1')} (or cp1252, utf-16, ...)",
        ) from error
    except BROKEN_PACKING as error:
        raise DataError(
            f"{path} is packed and cannot be unpacked: {first_line(error)}.",
            hint="copy it again, or unpack it",
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        _check_lines(path, layout, packed, error)
        raise DataError(
            f"{path} cannot be read as a table: {first_line(error)}.",
            hint=f"is {layout.delimiter!r} its separator? Otherwise add"
            f" {dialect.flag('delimiter', ';')}",
        ) from error


def _check_lines(
    path: Path, layout: Layout, packed: Compression | None, error: Exception | None
) -> None:
    """Raise ``DataError`` for the line that cannot be read.

    Nothing is raised where no line can be told.
    """
    if kind_of_file(path)[0] != "csv":
        return
    is_open = error is not None and "EOF inside string" in str(error)
    fault = faulty_line(path, layout, packed, in_quote=is_open)
    if fault is not None and fault.n_names != 1:
        raise DataError(
            f"{path} cannot be read as a table: {fault}.", hint=fault.hint(layout.delimiter)
        ) from error


def short_lines_of(path: Path, frame: Any, reading: Reading) -> ShortLines:
    """Return a CSV file's lines with fewer fields than its header.

    Raises
    ------
    DataError
        If the file ends within its last line.
    """
    kind, packed = kind_of_file(path)
    # Fields that are not there are missing values of the last column.
    if kind != "csv" or not frame.iloc[:, -1].isna().any():
        return ShortLines()
    lines = short_lines(path, csv_layout(path, reading, packed), packed)
    if lines.is_cut:
        raise DataError(
            f"{path} ends within line {lines.number}, which has {lines.n_fields} of"
            f" {lines.n_names} fields.",
            hint="was it cut off? Copy it again, or take that line out",
        )
    return lines


def csv_header(path: Path, options: dict[str, Any]) -> Any:
    """Return the header as an empty frame; doubled names raise.

    Raises
    ------
    DataError
    """
    import pandas as pd

    header = pd.read_csv(path, header=None, nrows=1, dtype=str, **options)
    names = [str(name) for name in header.iloc[0].dropna()]
    doubled = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubled:
        raise DataError(
            f"Column {doubled[0]!r} occurs {names.count(doubled[0])} times in {path}.",
            hint="rename or remove one of them in the file",
        )
    return pd.DataFrame(columns=names)


def read_csv(
    path: Path,
    reading: Reading,
    texts: Collection[str],
    kind: Kind = "csv",
    packed: Compression | None = None,
    *,
    all_words: bool = False,
) -> Any:
    """Read a text file, or an Excel sheet as CSV text."""
    import pandas as pd

    layout = Layout() if kind == "excel" else csv_layout(path, reading, packed)
    content, compression = (excel_texts(path), None) if kind == "excel" else readable(path, packed)
    options = csv_options(layout, compression)
    with csv_trouble(path, layout, reading.dialect, packed):
        names = list(csv_header(content, options).columns)
        reading = with_names_alike(reading, names)
        if not isinstance(content, Path):
            content.seek(0)
        calls = {name: reading.rename.get(name, name) for name in names}
        # A column without a name is called so by pandas.
        unnamed = [f"Unnamed: {place}" for place in range(len(names) + 2)]
        words = missing_words_of([*names, *unnamed], reading, calls)
        frame = pd.read_csv(
            content,
            na_values={name: [""] for name in names} if all_words else words,
            keep_default_na=False,
            # Types by the whole column: chunks would mix numbers and texts.
            low_memory=False,
            index_col=False,
            dtype={name: str for name in names if calls[name] in texts},
            **options,
        )
    if len(frame) == 0:
        raise DataError(f"{path} has a header but no rows.", hint="check how it was written")
    if not all_words:
        text_names = {name for name in names if calls[name] in texts}
        frame = with_blanks_missing(frame, words, layout, text_names)
    frame = with_new_names(path, frame, reading)
    if all_words:
        return frame
    frame = with_days_missing(frame, reading.na, {new: old for old, new in calls.items()})
    frame = with_plain_numbers(frame, layout, texts)
    return with_numbers(frame, named=reading.named, keep=reading.keep_na)


def with_blanks_missing(
    frame: Any, words: Mapping[str, Collection[str]], layout: Layout, texts: Collection[str]
) -> Any:
    """Make blank fields, and missing words with blanks around them, missing.

    Blank fields hold nothing but blanks. Columns that were text for these alone are what the others
    tell; those in ``texts`` stay text.
    """
    import pandas as pd

    changed = {}
    for name in frame.columns:
        column = frame[name]
        if not (pd.api.types.is_object_dtype(column.dtype) or column.dtype == "str"):
            continue
        blank = words_in_blanks(column, set(words.get(str(name), ())))
        if blank:
            filled = column.mask(column.isin(blank))
            changed[name] = filled if name in texts else _read_again(filled, layout.decimal)
    return frame.assign(**changed) if changed else frame


def with_plain_numbers(frame: Any, layout: Layout, texts: Collection[str]) -> Any:
    """Read columns of numbers with thousands marks or commas beside signs.

    The commas are decimal ones. Columns in ``texts`` stay text, in plain writing.
    """
    import pandas as pd

    changed = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype) or layout.decimal not in (None, *MARKS):
            continue
        plain = plain_column(column, layout.decimal)
        if plain is not None:
            changed[name] = plain if name in texts else _read_again(plain)
    return frame.assign(**changed) if changed else frame


def _read_again(column: Any, decimal: str | None = None) -> Any:
    """Return texts as the column that they are in CSV.

    The column is the same to the last bit.
    """
    import pandas as pd

    buffer = io.StringIO()
    column.to_csv(buffer, index=False)
    buffer.seek(0)
    frame = pd.read_csv(
        buffer,
        na_values=[""],
        keep_default_na=False,
        skip_blank_lines=False,
        low_memory=False,
        decimal=decimal or ".",
    )
    return frame.iloc[:, 0].set_axis(column.index)


def missing_words_of(
    names: Sequence[str], reading: Reading, calls: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Return which words are missing values in which column of a file."""
    named = {name for name in names if (calls or {}).get(name, name) in reading.named}
    words = missing_words(names, named=named, na=reading.na, keep=reading.keep_na)
    for old, new in (calls or {}).items():
        if old != new:
            words[old] = [*words[old], *codes_of(new, reading.na)]
    return words


def with_names_alike(reading: Reading, names: Sequence[str]) -> Reading:
    """Return a reading that calls columns as typed.

    It does where case and blanks alone differ. Of the label, groups, weights and times; as
    :func:`transfergap.data.tables.columns.names_alike` pairs them.
    """
    calls = {reading.rename.get(name, name) for name in names}
    typed = (reading.label, reading.groups, reading.weight, reading.time)
    absent = [name for name in typed if name and name not in calls]
    if not absent:
        return reading
    free = [name for name in names if name not in {*reading.rename, *reading.drop}]
    return replace(reading, rename={**reading.rename, **names_alike(absent, free)})


def with_new_names(path: Path, frame: Any, reading: Reading) -> Any:
    """Rename the columns of a table, or raise.

    A name that does not exist, or exists twice, is an error.
    """
    frame = frame.rename(columns=str)
    reading = with_names_alike(reading, list(frame.columns))
    for old, new in reading.rename.items():
        if old not in frame.columns:
            raise no_column(path, frame, old, "--rename", reading)
        if new in frame.columns and new not in reading.rename:
            raise DataError(
                f"{path} has a column {new!r} besides {old!r}, which --rename calls so.",
                hint=f"rename the other one too (--rename ...:{new}=...)",
            )
    return frame.rename(columns=dict(reading.rename))


def no_column(path: Path, frame: Any, name: str, option: str, reading: Reading) -> DataError:
    """Return the error for an absent column, with the nearest name."""
    names = [str(column) for column in frame.columns]
    mark = separator_in(names[0], name) if len(names) == 1 else None
    if mark is not None:
        usual = reading.dialect.delimiter or usual_delimiter(path)
        return DataError(
            f"{path} has a single column, {names[0]!r}: its separator is not {usual!r}.",
            hint=f"add {reading.dialect.flag('delimiter', mark)}",
        )
    near = difflib.get_close_matches(name, names, n=1)
    # Twelve names, by convention: an error is to be read.
    listed = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    hint = f"did you mean {near[0]!r}?" if near else f"it has: {listed}"
    sheets = sheets_of(path)
    if sheets:
        hint += f"; {sheets_sentence(sheets)}: move the table to the front, or save it as CSV"
    return DataError(f"{path} has no column {name!r} ({option}).", hint=hint)


def sheets_of(path: Path) -> tuple[str, ...]:
    """Return the sheets of an Excel file that holds several tables."""
    is_excel = path.is_file() and kind_of_file(path)[0] == "excel"
    return sheets_with_rows(path) if is_excel else ()


def sheets_sentence(sheets: Sequence[str]) -> str:
    """Return a sentence on which sheet is read, and which are not."""
    first, *unread_sheets = map(repr, sheets)
    return f"the first of its sheets is read, {first}, and not {', '.join(unread_sheets)}"
