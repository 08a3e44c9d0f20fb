"""How files are read: options, CSV, and words for missing values."""

from __future__ import annotations

import difflib
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transfergap.cli._files import (
    BROKEN_PACKING,
    Compression,
    Kind,
    comment_lines,
    encoding_of,
    excel_texts,
)
from transfergap.errors import DataError, TransferGapError

PADDED = re.compile(r"[-+]?0\d+")  # a whole number with zeros before it: a code, not a quantity
# What pandas.read_csv takes for missing by default (pandas documentation, "NA values").
_USUAL = frozenset(
    [
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    ]
)
_NAMES = "None"  # a class or group is called so more often than missing


def missing_words(
    names: Sequence[str], *, named: Collection[str], na: Sequence[str], keep: Sequence[str]
) -> dict[str, list[str]]:
    """Return which words are missing values in which column.

    Parameters
    ----------
    names : sequence of str
        All columns.
    named : collection of str
        Labels, groups and categories: there "None" is a name like others.
    na : sequence of str
        Further codes of missing values.
    keep : sequence of str
        Words that are never missing values.
    """
    usual = sorted((_USUAL | set(na)) - (set(keep) - set(na)))
    apart = [word for word in usual if word != _NAMES or word in na]
    return {name: apart if name in named else usual for name in names}


def with_numbers(frame: Any, *, named: Collection[str], keep: Sequence[str]) -> Any:
    """Make words missing again in columns that else hold numbers."""
    import pandas as pd

    words = {_NAMES, *keep}
    changed = {}
    for name in frame.columns:
        column = frame[name]
        if not (keep or name in named) or pd.api.types.is_numeric_dtype(column.dtype):
            continue
        is_word = column.isin(words)
        if not is_word.any():
            continue
        values = column[~is_word].dropna()
        numbers = pd.to_numeric(values, errors="coerce")
        if len(values) and numbers.notna().all():
            changed[name] = pd.to_numeric(column.where(~is_word), errors="coerce")
    return frame.assign(**changed) if changed else frame


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
    """Options of reading files, equal for target and sources.

    ``texts`` are columns that are read as text in all files; ``rename`` is of one file. ``part`` is
    a column and its value: the rows of one domain, where one file holds all.
    """

    label: str
    groups: str | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    na: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
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


def csv_options(path: Path, reading: Reading, packed: Compression | None = None) -> dict[str, Any]:
    """Return how pandas is to read a CSV file."""
    tabs = ".tsv" in [suffix.lower() for suffix in path.suffixes]
    delimiter = reading.delimiter or ("\t" if tabs else ",")
    return {
        "sep": "\t" if delimiter == "\\t" else delimiter,
        "encoding": reading.encoding or encoding_of(path, packed),
        "skiprows": comment_lines(path, packed, delimiter),
        "decimal": reading.decimal or ".",
        # By the first bytes, as names of packed files often lie.
        "compression": packed,
    }


@contextmanager
def csv_trouble(path: Path, options: dict[str, Any]) -> Iterator[None]:
    """Turn what pandas raises about a CSV file into one ``DataError``."""
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # A delimiter at the end of each line is one empty field more than the header has.
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            yield
    except TransferGapError:
        raise
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{path} is empty.", hint="check how it was written") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not encoded as {options['encoding']}: byte {error.start} is not part of"
            " any character.",
            hint="add --encoding latin-1 (or cp1252, utf-16, ...)",
        ) from error
    except LookupError as error:
        raise DataError(
            f"There is no encoding called {options['encoding']!r}.", hint="try utf-8 or latin-1"
        ) from error
    except BROKEN_PACKING as error:
        raise DataError(
            f"{path} is packed and cannot be unpacked: {first_line(error)}.",
            hint="copy it again, or unpack it",
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a table: {first_line(error)}.",
            hint=f"is {options['sep']!r} its separator? Otherwise add --delimiter",
        ) from error


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

    options = csv_options(path, reading, packed)
    content: Any = path
    if kind == "excel":
        content = excel_texts(path)
        options |= {"sep": ",", "decimal": ".", "encoding": "utf-8", "compression": None}
        options["skiprows"] = 0
    with csv_trouble(path, options):
        names = list(csv_header(content, options).columns)
        if kind == "excel":
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
    frame = with_new_names(path, frame, reading)
    return frame if all_words else with_numbers(frame, named=reading.named, keep=reading.keep_na)


def missing_words_of(
    names: Sequence[str], reading: Reading, calls: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Return which words are missing values in which column of a file."""
    named = {name for name in names if (calls or {}).get(name, name) in reading.named}
    return missing_words(names, named=named, na=reading.na, keep=reading.keep_na)


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def with_new_names(path: Path, frame: Any, reading: Reading) -> Any:
    """Rename the columns of a table, or raise.

    A name that does not exist, or exists twice, is an error.
    """
    frame = frame.rename(columns=str)
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
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        mark = next(mark for mark in ";\t|" if mark in names[0])
        separator = "\\t" if mark == "\t" else mark
        return DataError(
            f"{path} has a single column, {names[0]!r}: its separator is not"
            f" {reading.delimiter or ','!r}.",
            hint=f"add --delimiter '{separator}'",
        )
    near = difflib.get_close_matches(name, names, n=1)
    # Twelve names, by convention: an error is to be read.
    listed = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    return DataError(
        f"{path} has no column {name!r} ({option}).",
        hint=f"did you mean {near[0]!r}?" if near else f"it has: {listed}",
    )
