"""Guesses of options from the files, shown as the full command."""

from __future__ import annotations

import csv
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import typer

from transfergap.cli._options import Request, spellings
from transfergap.cli._terminal import echo
from transfergap.errors import ConfigurationError, DataError

N_FOLDS = (
    10  # as transfergap.data.folds has it, which imports science: fewer groups cannot be split
)

# How people name what is predicted: UCI and OpenML headers, and tutorials of scikit-learn and R.
LABEL_NAMES = (
    "label", "labels", "target", "y", "class", "outcome", "response", "diagnosis", "disease",
    "died", "death", "dead", "survived", "mortality", "churn", "churned", "default", "defaulted",
    "fraud", "is_fraud", "readmitted", "relapse", "event", "status", "result", "income", "price",
    "quality", "score", "grade",
)  # fmt: skip
# Of these, names that features have as well: they count at the end of a table only.
WEAK_NAMES = (
    "disease", "response", "event", "status", "result", "income", "price", "quality", "score",
    "grade",
)  # fmt: skip
# And whose rows belong together, where they repeat.
GROUP_NAMES = (
    "patient", "patient_id", "patientid", "subject", "subject_id", "subjectid", "person",
    "person_id", "customer", "customer_id", "user", "user_id", "client_id", "household",
    "household_id", "animal_id", "participant", "participant_id",
)  # fmt: skip
_SAMPLE = 64 * 1024  # bytes of a file that are looked at
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")
_DECIMAL_POINT = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Guess:
    """A request made whole, and why each option was chosen.

    Parameters
    ----------
    request : Request
    reasons : tuple of str
        A line for each option that was guessed; empty where everything was typed.
    """

    request: Request
    reasons: tuple[str, ...]


def guessed(request: Request) -> Guess:
    """Return a request with the options that its files suggest.

    Only options that were not typed are guessed: the column to predict, and, where that is guessed
    too, how the files are written and which rows belong together.

    Raises
    ------
    ConfigurationError
        If no column of the target can be the label.
    DataError
        If a file cannot be read.
    """
    if request.target.is_dir():
        raise ConfigurationError(
            f"{request.target} is a folder.", hint="name the file of your own rows first"
        )
    from transfergap.cli._domains import with_domains

    request = with_domains(request)
    if request.label is not None or not request.sources:
        return Guess(request, ())
    whole, reasons = _with_writing(request)
    frames = _first_rows(whole)
    target, others = frames[0], frames[1:]
    name, why = _label_of(target, others, whole)
    reasons.append(f"--label {name}: {why}")
    whole = replace(whole, label=name)
    if whole.groups is None and (group := _group_of(target, name)):
        whole = replace(whole, groups=group)
        reasons.append(f"--groups {group}: by its name; rows of one {group} are tested together")
    return Guess(whole, tuple(reasons))


def _with_writing(request: Request) -> tuple[Request, list[str]]:
    """Return the request with separator and decimal mark of its CSV files."""
    from transfergap.cli._files import encoding_of, kind_of_file

    reasons: list[str] = []
    path = request.target
    if not path.exists() or kind_of_file(path) != ("csv", None):
        return request, reasons
    encoding = request.encoding or encoding_of(path, None)
    with path.open("rb") as file:
        data = file.read(_SAMPLE)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(data) - 4:  # else a character was cut in two
            request = replace(request, encoding="cp1252")
            reasons.append(
                f"--encoding cp1252: byte {error.start} of {path.name} is not {encoding}"
            )
        text = data.decode(request.encoding or encoding, "replace")
    delimiter = request.delimiter or _delimiter_of(text, path)
    if request.delimiter is None and delimiter not in (",", "\t" if _has_tabs(path) else ","):
        request = replace(request, delimiter="\\t" if delimiter == "\t" else delimiter)
        reasons.append(f"--delimiter {delimiter!r}: what separates the names in line 1")
    if request.decimal is None and delimiter != "," and _has_decimal_commas(text, delimiter):
        request = replace(request, decimal=",")
        reasons.append("--decimal ',': numbers are written 1,5 and none 1.5")
    return request, reasons


def _has_tabs(path: Path) -> bool:
    return ".tsv" in [suffix.lower() for suffix in path.suffixes]


def _delimiter_of(text: str, path: Path) -> str:
    try:
        return csv.Sniffer().sniff("\n".join(text.splitlines()[:50]), ",;\t|").delimiter
    except csv.Error:  # one column, or none that repeats
        return "\t" if _has_tabs(path) else ","


def _has_decimal_commas(text: str, delimiter: str) -> bool:
    lines = text.splitlines()[1:-1]
    cells = [cell.strip(" \"'") for line in lines for cell in line.split(delimiter)]
    # 1,896 may be thousands: it tells nothing, and the reader asks or says how it took it.
    tells = [cell for cell in cells if not _THOUSANDS.fullmatch(cell)]
    return any(map(_DECIMAL_COMMA.fullmatch, tells)) and not any(
        map(_DECIMAL_POINT.fullmatch, cells)
    )


def _first_rows(request: Request) -> list[Any]:
    """Return the tables of target and sources, the target's first."""
    from transfergap.cli._request import reading_of, reading_of_source
    from transfergap.cli._tables import read_frame

    reading = reading_of(replace(request, label=""))
    sources = [
        read_frame(path, reading_of_source(reading, name, {}))
        for name, path in request.sources.items()
    ]
    return [read_frame(request.target, reading), *sources]


def _label_of(target: Any, others: Sequence[Any], request: Request) -> tuple[str, str]:
    typed = {request.groups, request.weight, request.time, *request.drop}
    common = [
        name
        for name in target.columns
        if name not in typed
        and all(name in other.columns for other in others)
        and _can_be_label(target[name])
    ]
    n_files = len(others) + 1
    _check_common(target, others, request)
    last = common[-1] if common and common[-1] == target.columns[-1] else None
    named = [
        name
        for name in common
        if _plain(name) in LABEL_NAMES and (name == last or _plain(name) not in WEAK_NAMES)
    ]
    if len(named) == 1:
        return named[0], f"the column with such a name in {_all(n_files)}"
    if len(named) > 1:
        listed = ", ".join(f"--label {name}" for name in named[:5])
        raise ConfigurationError(
            f"Several columns look like what to predict: {', '.join(named[:5])}.",
            hint=f"say which: {listed}",
        )
    weak = [name for name in common if _plain(name) in WEAK_NAMES]
    if last is None or weak:
        raise ConfigurationError(
            f"What to predict may be {weak[0]} or {last}."
            if weak and last
            else "No column looks like what to predict: none has such a name, and the last one is"
            " not in all files, or no two rows of it are alike.",
            hint="add --label COLUMN; the target has: " + ", ".join(map(str, target.columns[:12])),
        )
    return last, f"the last column of the target, in {_all(n_files)}"


def _all(n_files: int) -> str:
    return "both files" if n_files == 2 else f"all {n_files} files"


def _check_common(target: Any, others: Sequence[Any], request: Request) -> None:
    """Raise where the only column that is named as labels are is of no use, or not in a source."""
    named = [name for name in target.columns if _plain(name) in LABEL_NAMES]
    if len(named) == 1 and not _can_be_label(target[named[0]]):
        n_rows, n_values = int(target[named[0]].notna().sum()), target[named[0]].nunique()
        raise ConfigurationError(
            f"{named[0]} looks like what to predict, but {request.target} has {n_values} different"
            f" values of it in {n_rows} rows.",
            hint="two classes or more, each with some rows, or numbers can be predicted; --label"
            " COLUMN names another column",
        )
    for path, other in zip(request.sources.values(), others, strict=True):
        if len(named) == 1 and named[0] not in other.columns:
            columns = ", ".join(map(str, other.columns[:12]))
            raise ConfigurationError(
                f"{named[0]} looks like what to predict, but {path} has no such column.",
                hint=f"it has: {columns}; are both files written alike (separator, encoding,"
                " spelling)? --rename SOURCE:OLD=NEW renames a column",
            )


def _can_be_label(values: Any) -> bool:
    """Return whether a column may be predicted: no constant, date, text or number of rows."""
    import pandas as pd

    n_values, n_rows = values.nunique(), int(values.notna().sum())
    if n_values < 2 or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return False
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return bool(n_values <= max(n_rows / 2, 2))
    spread = float(values.max()) - float(values.min())
    is_count = n_values == n_rows and pd.api.types.is_integer_dtype(values.dtype)
    return not (is_count and spread == n_rows - 1)


def _group_of(target: Any, label: str) -> str | None:
    """Return the column of patients, customers, ...: named so, and with repeated values."""
    from transfergap.data.folds import N_FOLDS  # fewer groups cannot be split

    for name in target.columns:
        values = target[name].dropna()
        repeats = N_FOLDS <= values.nunique() < len(values)
        if name != label and _plain(name) in GROUP_NAMES and repeats:
            return str(name)
    return None


def _plain(name: Any) -> str:
    without_remarks = re.sub(r"\(.*?\)|\[.*?\]", "", str(name))
    return re.sub(r"\W+", "_", without_remarks).strip("_").casefold()


def command_of(request: Request, verb: str = "run") -> str:
    """Return the command line of a request, as a shell takes it."""
    words = ["transfergap", verb, _as_argument(request.target)]
    table = spellings()
    for name in (field.name for field in fields(Request) if field.name in table):
        value, flag = getattr(request, name), table[name].flags[-1]
        if name == "sources" and request.domain is not None:
            continue
        if name == "sources":
            words += [word for source, path in value.items() for word in (flag, f"{source}={path}")]
        elif value is True:
            words.append(flag)
        elif isinstance(value, tuple):
            words += [word for one in value for word in (flag, str(one))]
        elif value not in (None, False):
            words += [flag, str(value)]
    return shlex.join(words)


def _as_argument(path: Path) -> str:
    """Return a path that is not taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def confirmed(guess: Guess, *, verb: str, yes: bool) -> Request:
    """Show a guess as the full command, and ask on a terminal whether to go on.

    Raises
    ------
    ConfigurationError
        In a script without ``--yes``: there is no one to confirm the guess.
    """
    if not guess.reasons:
        return guess.request
    command = command_of(guess.request, verb)
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        reasons = "; ".join(guess.reasons)
        raise ConfigurationError(
            f"This was guessed from the files, and nobody is here to ask: {reasons}.",
            hint=f"add --yes, or type: {command}",
        )
    echo(f"read as  {command}", err=True)  # quiet or not: what is predicted has to be seen
    for reason in guess.reasons:
        echo(f"         {reason}", err=True)
    if yes:
        return guess.request
    if not typer.confirm("go on?", default=True, err=True):
        raise ConfigurationError(
            "Nothing was run.", hint="a wrong guess costs one option, such as --label COLUMN"
        )
    return guess.request


# What a folder of tables holds; .json is as often a configuration, and is read where it is named.
_TABLES = (".csv", ".tsv", ".parquet", ".feather", ".xlsx", ".gz", ".bz2", ".xz", ".zip")


def _tables_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if not file.name.startswith((".", "~$")))
    tables = [file for file in files if file.suffix.lower() in _TABLES]
    if tables and len(tables) < len(files):
        rest = ", ".join(file.name for file in files if file not in tables)
        echo(f"note  {path}: read as sources are its tables, not {rest}", err=True)
    if not tables:
        raise DataError(
            f"There is no table in the folder {path}.",
            hint="it may hold .csv, .tsv, .parquet, .feather and .xlsx files, packed or not",
        )
    return tables


def name_of_file(path: Path) -> str:
    """Return what a source is called by its file.

    Examples
    --------
    >>> name_of_file(Path("data.2019.csv.gz")), name_of_file(Path("a=b.csv"))
    ('data.2019', 'a-b')
    """
    name = path.name
    while (end := Path(name).suffix).lower() in (*_TABLES, ".json") and name != end:
        name = name.removesuffix(end)
    return name.replace("=", "-")


def named_sources(files: Sequence[Path], before: dict[str, Path], target: Path) -> dict[str, Path]:
    """Return sources with the names of their files, after those that have names.

    A folder stands for the tables in it, but the target.

    Raises
    ------
    DataError
        If two have one name, or a folder holds no table.
    """
    sources = dict(before)
    for path in (one for file in files for one in _tables_in(file)):
        if path.resolve() == target.resolve():
            if path in files:
                raise DataError(
                    f"{path} is the target itself.", hint="name files of other data after it"
                )
            continue
        name = name_of_file(path)
        if name in sources:
            words = shlex.join(["-s", f"{name}={sources[name]}", "-s", f"{name}2={path}"])
            raise DataError(
                f"Two sources are called {name!r}: {sources[name]} and {path}.",
                hint=f"name them: {words}",
            )
        sources[name] = path
    return sources
