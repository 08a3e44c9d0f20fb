"""Tables from files, with one clear error for faulty files."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from transfergap.cli.files.faulty_lines import ShortLines
from transfergap.cli.files.json_tables import json_frame
from transfergap.cli.files.kinds import Compression, Kind, kind_of_file
from transfergap.cli.files.reading import (
    Reading,
    no_column,
    padded_columns,
    read_csv,
    short_lines_of,
    with_new_names,
)
from transfergap.cli.request.label_names import label_like, rename_option
from transfergap.data.notations.missing_codes import is_declared, with_codes_missing
from transfergap.data.notations.spelling import as_text
from transfergap.data.sources.parquet_errors import parquet_trouble
from transfergap.errors import ConfigurationError, DataError


@dataclass(frozen=True)
class Table:
    """Features, labels, groups, weights and times of one file.

    ``n_unlabelled`` counts rows that were left out, as --na says that their label is missing.
    """

    X: Any
    y: Any
    groups: Any
    weights: Any = None
    times: Any = None
    n_unlabelled: int = 0
    short_lines: ShortLines = field(default_factory=ShortLines)


def read_table(path: Path, reading: Reading, *, is_target: bool) -> Table:
    """Read a file and separate label, groups and dropped columns.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    from transfergap.data.splitting.order import is_feature

    frame = read_frame(path, reading)
    if reading.label not in frame.columns:
        raise _no_label(path, frame, reading, is_target=is_target)
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
    n_rows, short = len(frame), short_lines_of(path, frame, reading)
    frame = labelled_rows(path, frame, reading)
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
        n_rows - len(frame),
        short,
    )


def _no_label(path: Path, frame: Any, reading: Reading, *, is_target: bool) -> DataError:
    """Return the error for a file without the label.

    The label may have another name there.
    """
    error = no_column(path, frame, reading.label, "--label", reading)
    if is_target or reading.dialect.name is None or frame.shape[1] < 2:
        return error
    names = [str(name) for name in frame.columns]
    old = label_like(reading.label, names)
    option = rename_option(reading.dialect.name, old, reading.label)
    hint = f"if it is called {'otherwise' if old is None else repr(old)} there, add {option}"
    question = str(error.hint).startswith("did you mean")  # which the option answers
    return DataError(error.message, hint=hint if question else f"{error.hint}; {hint}")


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
        value = frame[reading.weight].iloc[row]
        fault = "missing" if pd.isna(value) else f"no number: {str(value)!r}"
        raise DataError(
            f"The weight {reading.weight!r} of row {row} of {path} is {fault}.",
            hint="give every row a number above 0",
        )
    return weights.to_numpy(float)


def padded_in(files: Iterable[tuple[Path, Reading]]) -> frozenset[str]:
    """Return columns with zeros before the digits in any file.

    They are text in all files.

    Parameters
    ----------
    files : iterable of (Path, Reading)
    """
    texts: set[str] = set()
    read = set[tuple[Path, tuple[tuple[str, str], ...]]]()
    for path, reading in files:
        check_there(path)
        kind, packed = kind_of_file(path)
        file = (path, tuple(reading.rename.items()))
        if kind not in ("csv", "excel") or file in read:  # one file may hold all domains
            continue
        read.add(file)
        digits = _digits_of(path, reading, kind, packed)
        # One padded file is enough: '007' of one file must meet '007' of all.
        texts |= padded_columns(digits) - {reading.label, reading.weight}
    return frozenset(texts)


def _digits_of(path: Path, reading: Reading, kind: Kind, packed: Compression | None) -> Any:
    """Return, as text, the columns that may hold whole numbers."""
    import pandas as pd

    frame = read_csv(path, replace(reading, texts=frozenset()), (), kind, packed)
    floats = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)]
    flags = [name for name in frame.columns if pd.api.types.is_bool_dtype(frame[name].dtype)]
    # Whole numbers with blanks are read as floats; without blanks a float is a fraction.
    gappy = [name for name in floats if frame[name].isna().any()]
    texts = [name for name in frame.columns if name not in {*floats, *flags}]
    return read_csv(path, reading, {*texts, *gappy}, kind, packed)[[*texts, *gappy]]


def read_frame(path: Path, reading: Reading, *, texts: Collection[str] = ()) -> Any:
    """Read a file with all columns; those in ``texts`` as text.

    Of one domain, where the file holds several: then its column is left out.

    Raises
    ------
    DataError
        In one line, naming the file.
    """
    frame = _whole_frame(path, reading, texts=texts)
    return frame if reading.part is None else _rows_of(frame, path, reading, *reading.part)


def _rows_of(frame: Any, path: Path, reading: Reading, column: str, value: str) -> Any:
    """Return the rows of a domain, without the column that tells it."""
    if column not in frame.columns:
        raise no_column(path, frame, column, "--domain", reading)
    blank = int(frame[column].isna().sum())
    if blank:
        raise DataError(
            f"{blank} rows of {path} have no {column!r} (--domain).",
            hint="give every row its domain",
        )
    in_domain = frame[column].astype(str).to_numpy() == value
    return frame.loc[in_domain].drop(columns=column).reset_index(drop=True)


def domains_of(path: Path, reading: Reading, column: str) -> list[str]:
    """Return the domains of a file, in order of occurrence.

    They are the values of the column that parts it.
    """
    frame = _whole_frame(path, reading, texts=[column])
    if column not in frame.columns:
        raise no_column(path, frame, column, "--domain", reading)
    return [str(value) for value in dict.fromkeys(frame[column].dropna())]


def _whole_frame(path: Path, reading: Reading, *, texts: Collection[str] = ()) -> Any:
    """Read a file with all rows and columns."""
    import pandas as pd

    if reading.part is not None:
        texts = {*texts, reading.part[0]}
    check_there(path)
    kind, packed = kind_of_file(path)
    # Groups are names: as numbers '01' and '1' would be one person.
    texts = {*texts, *reading.texts, *([] if reading.groups is None else [reading.groups])}
    if kind in ("csv", "excel"):
        return read_csv(path, reading, texts, kind, packed)
    if kind == "json":
        frame = json_frame(path, packed, reading.dialect)
    else:
        readers: dict[Kind, Any] = {"parquet": pd.read_parquet, "arrow": pd.read_feather}
        with parquet_trouble(path):
            frame = readers[kind](path)
    return with_new_names(path, with_codes_missing(frame, reading.na, reading.rename), reading)


def labelled_rows(path: Path, frame: Any, reading: Reading) -> Any:
    """Return the rows with a label.

    The others are left out if their code was typed.

    Raises
    ------
    DataError
        For a label that is missing by a word or blank that --na does not name.
    """
    missing = frame[reading.label].isna().to_numpy()
    if not missing.any():
        return frame
    rows = missing.nonzero()[0].tolist()
    words = _words_of_label(path, reading)
    undeclared = [row for row in rows if not is_declared(words[row], reading.label, reading.na)]
    if not undeclared:
        return _with_whole_labels(frame.loc[~missing].reset_index(drop=True), reading.label)
    word = next((words[row] for row in undeclared if words[row]), "")
    code, count = shlex.quote(word), f"{len(undeclared)} of {len(missing)} labels of {path}"
    if word:
        raise DataError(
            f"{count} are missing: the word {word!r} was read as missing.",
            hint=f"if it is a class, keep it: --keep-na {code}; to leave these rows out, add"
            f" --na={code}",
        )
    raise DataError(
        f"{count} are missing; the first is in row {undeclared[0]}.",
        hint=f"nobody can be judged on a label that is not there: fill it in, or add --na={code} to"
        " leave these rows out",
    )


def _with_whole_labels(frame: Any, label: str) -> Any:
    """Turn labels back into whole numbers, which gaps had made fractions."""
    import pandas as pd

    labels = frame[label]
    if not pd.api.types.is_float_dtype(labels.dtype) or (labels % 1.0 != 0.0).any():
        return frame
    return frame.assign(**{label: labels.astype("int64")})


def _words_of_label(path: Path, reading: Reading) -> list[str]:
    """Return the labels of a file as they are written.

    A label that is not there is blank.
    """
    kind, packed = kind_of_file(path)
    if kind not in ("csv", "excel"):
        frame = read_frame(path, replace(reading, na=()))
    else:
        # With nothing missing, to see which word was lost.
        frame = read_csv(
            path,
            replace(reading, na=(), keep_na=("",)),
            {reading.label, *([reading.part[0]] if reading.part else [])},
            kind,
            packed,
            all_words=True,
        )
        frame = frame if reading.part is None else _rows_of(frame, path, reading, *reading.part)
    labels = frame[reading.label]
    words = [as_text(label).strip() for label in labels.tolist()]
    return ["" if gap else word for word, gap in zip(words, labels.isna(), strict=True)]


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
