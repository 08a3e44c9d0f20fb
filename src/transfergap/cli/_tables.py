"""Tables from files, with one clear error for faulty files."""

from __future__ import annotations

import difflib
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from transfergap.cli._files import (
    BROKEN_PACKING,
    Compression,
    Kind,
    comment_lines,
    encoding_of,
    excel_texts,
    json_frame,
    kind_of_file,
)
from transfergap.cli._words import missing_words, padded_columns, with_numbers
from transfergap.errors import ConfigurationError, DataError, TransferGapError


@dataclass(frozen=True)
class Reading:
    """Options of reading files, equal for target and sources.

    ``texts`` are columns that are read as text in all files; ``rename`` is of one file.
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

    @property
    def named(self) -> set[str]:
        """Columns whose values are names: "None" is one of them."""
        return {name for name in (self.label, self.groups, *self.category) if name}


@dataclass(frozen=True)
class Table:
    """Features, labels, groups, weights and times of one file."""

    X: Any
    y: Any
    groups: Any
    weights: Any = None
    times: Any = None


def read_table(path: Path, reading: Reading, *, is_target: bool) -> Table:
    """Read a file and separate label, groups and dropped columns.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    from transfergap.data.order import is_feature

    frame = read_frame(path, reading)
    if reading.label not in frame.columns:
        raise no_column(path, frame, reading.label, "--label", reading)
    if reading.groups is not None and reading.groups not in frame.columns and is_target:
        raise no_column(path, frame, reading.groups, "--groups", reading)
    if reading.time is not None and reading.time not in frame.columns and is_target:
        raise no_column(path, frame, reading.time, "--time", reading)
    for option, names in (("--drop", reading.drop), ("--category", reading.category)):
        if reading.label in names:
            raise ConfigurationError(
                f"{option} names the label {reading.label!r}.", hint="it is never a feature"
            )
    if is_target:
        for option, names in (("--drop", reading.drop), ("--category", reading.category)):
            for name in names:
                if name not in frame.columns:
                    raise no_column(path, frame, name, option, reading)
    _check_label(path, frame, reading)
    groups = frame[reading.groups] if reading.groups in frame.columns else None
    if groups is not None and groups.isna().any():
        raise DataError(
            f"{int(groups.isna().sum())} rows of {path} have no {reading.groups!r}.",
            hint="give every row a group; a row on its own is a group of one",
        )
    weights = _weights(path, frame, reading, is_target=is_target)
    # What is no feature: it would tell the label, or the fold.
    out = {reading.label, reading.groups, reading.weight, *reading.drop}
    # Times that are numbers stay a feature: a trend is a legitimate one.
    times = frame[reading.time] if reading.time in frame.columns else None
    if times is not None and not is_feature(times):
        out.add(reading.time)
    X = frame[[name for name in frame.columns if name not in out]]
    for name in reading.category:
        if name in X.columns:
            X = X.assign(**{name: X[name].astype("category")})
    if X.shape[1] == 0:
        raise DataError(f"{path} has no column besides the label.", hint="a model needs features")
    return Table(
        X,
        frame[reading.label].to_numpy(),
        None if groups is None else groups.to_numpy(),
        weights,
        times,
    )


def _weights(path: Path, frame: Any, reading: Reading, *, is_target: bool) -> Any:
    """Return the row weights of a file; ``None`` without a column.

    A source may lack the column.

    Raises
    ------
    DataError
        If the target lacks the column, or a weight is no number.
    """
    import pandas as pd

    if reading.weight is None or (reading.weight not in frame.columns and not is_target):
        return None
    if reading.weight not in frame.columns:
        raise no_column(path, frame, reading.weight, "--weight", reading)
    if reading.weight in (reading.label, reading.groups):
        raise ConfigurationError(
            f"--weight names {reading.weight!r}, which is the label or the groups.",
            hint="name a column of numbers above 0",
        )
    weights = pd.to_numeric(frame[reading.weight], errors="coerce")
    if weights.isna().any():
        row = int(weights.isna().to_numpy().argmax())
        raise DataError(
            f"The weight {reading.weight!r} of row {row} of {path} is no number:"
            f" {frame[reading.weight].iloc[row]!r}.",
            hint="give every row a number above 0",
        )
    return weights.to_numpy(float)


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


def reading_alike(reading: Reading, files: Mapping[Path, Mapping[str, str]]) -> Reading:
    """Read zero-padded columns of any file as text in all.

    Padded means zeros before the digits.

    Parameters
    ----------
    reading : Reading
    files : mapping of Path to mapping of str to str
        Files, with the columns that are renamed in them.
    """
    out = {reading.label, reading.weight}
    texts: set[str] = set()
    for path, rename in files.items():
        check_there(path)
        kind, packed = kind_of_file(path)
        if kind not in ("csv", "excel"):
            continue
        digits = _digits_of(path, replace(reading, rename=rename), kind, packed)
        # One padded file is enough: '007' of one file must meet '007' of all.
        texts |= padded_columns(digits) - out
    return replace(reading, texts=frozenset(texts))


def _digits_of(path: Path, reading: Reading, kind: Kind, packed: Compression | None) -> Any:
    """Return, as text, the columns that may hold whole numbers."""
    import pandas as pd

    frame = _read_csv(path, replace(reading, texts=frozenset()), (), kind, packed)
    floats = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)]
    flags = [name for name in frame.columns if pd.api.types.is_bool_dtype(frame[name].dtype)]
    # Whole numbers with blanks are read as floats; without blanks a float is a fraction.
    gappy = [name for name in floats if frame[name].isna().any()]
    texts = [name for name in frame.columns if name not in {*floats, *flags}]
    return _read_csv(path, reading, {*texts, *gappy}, kind, packed)[[*texts, *gappy]]


def read_frame(path: Path, reading: Reading, *, texts: Collection[str] = ()) -> Any:
    """Read a file with all columns; those in ``texts`` as text.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    import pandas as pd

    check_there(path)
    kind, packed = kind_of_file(path)
    # Groups are names: as numbers '01' and '1' would be one person.
    texts = {*texts, *reading.texts, *([] if reading.groups is None else [reading.groups])}
    if kind in ("csv", "excel"):
        return _read_csv(path, reading, texts, kind, packed)
    if kind == "json":
        return _renamed(path, json_frame(path, packed), reading)
    with parquet_trouble(path):
        read = pd.read_parquet if kind == "parquet" else pd.read_feather
        return _renamed(path, read(path), reading)


def _renamed(path: Path, frame: Any, reading: Reading) -> Any:
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


def _check_label(path: Path, frame: Any, reading: Reading) -> None:
    """Raise ``DataError`` where a label was read as missing."""
    missing = frame[reading.label].isna().to_numpy()
    kind, packed = kind_of_file(path)
    if not missing.any() or kind not in ("csv", "excel"):
        return
    # Read again with nothing missing, to see which word was lost.
    words = _read_csv(
        path,
        replace(reading, na=(), keep_na=("",), rename=reading.rename),
        {reading.label},
        kind,
        packed,
        all_words=True,
    )[reading.label]
    lost_words = sorted({str(word) for word in words[missing].dropna() if str(word).strip()})
    if not lost_words:
        return
    raise DataError(
        f"{int(missing.sum())} of {len(missing)} labels of {path} are missing: the word"
        f" {lost_words[0]!r} was read as missing.",
        hint=f"if it is a class, keep it: --keep-na {lost_words[0]}; else drop unlabelled rows",
    )


def check_there(path: Path) -> None:
    """Raise ``DataError`` unless the file exists."""
    if not path.is_file():
        near = difflib.get_close_matches(
            path.name, [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else [], n=1
        )
        raise DataError(
            f"There is no file {path}.",
            hint=f"did you mean {path.parent / near[0]}?" if near else "check the path",
        )


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, by first bytes or name."""
    return kind_of_file(path)[0] == "parquet"


@contextmanager
def parquet_trouble(path: Path) -> Iterator[None]:
    """Turn what Parquet readers raise into one ``DataError``."""
    try:
        yield
    except Exception as error:
        if isinstance(error, TransferGapError):
            raise
        raise DataError(
            f"{path} cannot be read as Parquet: {_first_line(error)}.",
            hint="is it complete, and really a Parquet file?",
        ) from error


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
            f"{path} is packed and cannot be unpacked: {_first_line(error)}.",
            hint="copy it again, or unpack it",
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a table: {_first_line(error)}.",
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


def _read_csv(
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
    frame = _renamed(path, frame, reading)
    return frame if all_words else with_numbers(frame, named=reading.named, keep=reading.keep_na)


def missing_words_of(
    names: Sequence[str], reading: Reading, calls: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Return which words are missing values in which column of a file."""
    named = {name for name in names if (calls or {}).get(name, name) in reading.named}
    return missing_words(names, named=named, na=reading.na, keep=reading.keep_na)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def read_scores(path: Path) -> Any:
    """Read a CSV or Parquet file of scores, whatever its columns."""
    return read_frame(path, Reading(label="score"))
