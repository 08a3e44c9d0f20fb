"""Tables from files, with one clear error for everything that files do wrong."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transfergap.errors import ConfigurationError, DataError, TransferGapError


@dataclass(frozen=True)
class Reading:
    """How files are read: the same way for target and sources."""

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


@dataclass(frozen=True)
class Table:
    """Features, labels, groups, weights and times of one file."""

    X: Any
    y: Any
    groups: Any
    weights: Any = None
    times: Any = None


def read_table(path: Path, reading: Reading, *, is_target: bool) -> Table:
    """Read one file and take label, groups and dropped columns out of it.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    from transfergap.order import is_feature

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
    groups = frame[reading.groups] if reading.groups in frame.columns else None
    if groups is not None and groups.isna().any():
        raise DataError(
            f"{int(groups.isna().sum())} rows of {path} have no {reading.groups!r}.",
            hint="give every row a group; a row on its own is a group of one",
        )
    weights = _weights(path, frame, reading, is_target=is_target)
    out = {reading.label, reading.groups, reading.weight, *reading.drop}
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
    """Return the row weights of a file; ``None`` where nobody named a column, or a source lacks it.

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
    """Return the error for a column that a file lacks, with the nearest name it has."""
    names = [str(column) for column in frame.columns]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        mark = next(mark for mark in ";\t|" if mark in names[0])
        shown = "\\t" if mark == "\t" else mark
        return DataError(
            f"{path} has a single column, {names[0]!r}: its separator is not"
            f" {reading.delimiter or ','!r}.",
            hint=f"add --delimiter '{shown}'",
        )
    near = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    return DataError(
        f"{path} has no column {name!r} ({option}).",
        hint=f"did you mean {near[0]!r}?" if near else f"it has: {listed}",
    )


def read_frame(path: Path, reading: Reading, *, texts: Collection[str] = ()) -> Any:
    """Read one file with all its columns; those in ``texts`` as text, also if they are numbers.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    import pandas as pd

    check_there(path)
    if is_parquet(path):
        with parquet_trouble(path):
            return pd.read_parquet(path).rename(columns=str)
    return _read_csv(path, reading, texts)


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
    """Return whether a file is Parquet, by its name."""
    return path.suffix.lower() in (".parquet", ".pq")


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


def csv_options(path: Path, reading: Reading) -> dict[str, Any]:
    """Return how pandas is to read a CSV file."""
    delimiter = reading.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    return {
        "sep": "\t" if delimiter == "\\t" else delimiter,
        "encoding": reading.encoding or "utf-8",
        "decimal": reading.decimal or ".",
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
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a table: {_first_line(error)}.",
            hint=f"is {options['sep']!r} its separator? Otherwise add --delimiter",
        ) from error


def csv_header(path: Path, options: dict[str, Any]) -> Any:
    """Return the names of the columns as a frame of no rows; doubled names are an error.

    Raises
    ------
    DataError
    """
    import pandas as pd

    header = pd.read_csv(path, header=None, nrows=1, dtype=str, **options)
    names = [str(name) for name in header.iloc[0].dropna()]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DataError(
            f"Column {doubled[0]!r} occurs {names.count(doubled[0])} times in {path}.",
            hint="rename or remove one of them in the file",
        )
    return pd.DataFrame(columns=names)


def _read_csv(path: Path, reading: Reading, texts: Collection[str]) -> Any:
    import pandas as pd

    options = csv_options(path, reading)
    with csv_trouble(path, options):
        there = csv_header(path, options).columns
        frame = pd.read_csv(
            path, na_values=list(reading.na), low_memory=False, index_col=False,
            dtype={name: str for name in texts if name in there}, **options,
        )  # fmt: skip
    if len(frame) == 0:
        raise DataError(f"{path} has a header but no rows.", hint="check how it was written")
    return frame.rename(columns=str)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def read_scores(path: Path) -> Any:
    """Read a CSV or Parquet file of scores, whatever its columns."""
    return read_frame(path, Reading(label="score"))
