"""Guesses of options from the files, shown as the full command."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.files.dialects import Dialect, separator_in
from transfergap.cli.files.kinds import SUMMARY
from transfergap.cli.request.label_names import (
    LABEL_NAMES,
    WEAK_NAMES,
    label_like,
    plain_name,
    rename_option,
)
from transfergap.cli.request.options import Options, Request, spellings
from transfergap.errors import ConfigurationError

# As transfergap.data.splitting.folds has it, which imports science: fewer groups cannot be split.
N_FOLDS = 10

# And whose rows belong together, where they repeat.
GROUP_NAMES = (
    "patient", "patient_id", "patientid", "subject", "subject_id", "subjectid", "person",
    "person_id", "customer", "customer_id", "user", "user_id", "client_id", "household",
    "household_id", "animal_id", "participant", "participant_id",
)  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """A request made whole, and why each option was chosen.

    Parameters
    ----------
    request : Request
    reasons : tuple of str
        A line for each option that was not typed; empty where everything was typed, or is usual.
    notes : tuple of str
        What marks thousands in a file, and which sheet is read: for these there is no option.
    asks : bool
        Whether it has to be confirmed: the column to predict is a guess, how files are written is
        read off them.
    """

    request: Request
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    asks: bool = False


def guessed(request: Request) -> Guess:
    """Return a request with the options that its files suggest.

    Only options that were not typed are added: how each file is written; and, where the column to
    predict is not typed, that and which rows belong together.

    Raises
    ------
    ConfigurationError
        If no column of the target can be the label.
    DataError
        If a file cannot be read, or in two ways.
    """
    if request.target.is_dir():
        raise ConfigurationError(
            f"{request.target} is a folder.", hint="name the file of your own rows first"
        )
    from transfergap.cli.request.domains import with_domains
    from transfergap.cli.request.file_options import dialects_of

    dialects = dialects_of(with_domains(request))
    whole, reasons = dialects.request, list(dialects.reasons)
    if whole.label is not None or not whole.sources:
        return Guess(whole, dialects.reasons, dialects.notes)
    frames = _first_rows(whole)
    target, source_tables = frames[0], frames[1:]
    name, why = _label_of(target, source_tables, whole)
    reasons.append(f"--label {name}: {why}")
    whole = replace(whole, label=name)
    if whole.groups is None and (group := _group_of(target, name)):
        whole = replace(whole, groups=group)
        reasons.append(f"--groups {group}: by its name; rows of one {group} are tested together")
    return Guess(whole, tuple(reasons), dialects.notes, asks=True)


def with_notes(request: Request) -> Request:
    """Return a request with the dialect of each file.

    What it adds is listed on standard error.
    """
    from transfergap.cli.request.file_options import dialects_of

    dialects = dialects_of(request)
    for line in (*dialects.reasons, *dialects.notes):
        echo(f"note  {line}", err=True)
    return dialects.request


def read_alone(path: Path, options: Options) -> Any:
    """Read a file whatever its columns.

    An unusual way of writing is noted on standard error. ``options`` are those of its separator,
    encoding and decimal mark.
    """
    from transfergap.cli.files.tables import check_there, read_frame
    from transfergap.cli.request.request import reading_of

    check_there(path)
    request = Request(path, label="", **options)
    return read_frame(path, reading_of(with_notes(request)))


def _first_rows(request: Request) -> list[Any]:
    """Return the tables of target and sources, the target's first."""
    from transfergap.cli.files.tables import read_frame
    from transfergap.cli.request.request import reading_of
    from transfergap.data.tables.columns import names_alike

    request = replace(request, label="")
    sources = [
        read_frame(path, reading_of(request, name))
        for name, path in request.sources.items()
        if path.suffix.lower() != SUMMARY
    ]
    target = read_frame(request.target, reading_of(request))
    names = list(target.columns)
    return [target, *(s.rename(columns=names_alike(names, list(s.columns))) for s in sources)]


def _label_of(target: Any, source_tables: Sequence[Any], request: Request) -> tuple[str, str]:
    typed = {request.groups, request.weight, request.time, *request.drop}
    common = [
        name
        for name in target.columns
        if name not in typed
        and all(name in table.columns for table in source_tables)
        and _can_be_label(target[name])
    ]
    n_files = len(source_tables) + 1
    _check_common(target, source_tables, request)
    last = common[-1] if common and common[-1] == target.columns[-1] else None
    named = [
        name
        for name in common
        if plain_name(name) in LABEL_NAMES and (name == last or plain_name(name) not in WEAK_NAMES)
    ]
    if len(named) == 1:
        return named[0], f"the column with such a name in {_all(n_files)}"
    if len(named) > 1:
        listed = ", ".join(f"--label {name}" for name in named[:5])
        raise ConfigurationError(
            f"Several columns look like what to predict: {', '.join(named[:5])}.",
            hint=f"say which: {listed}",
        )
    weak = [name for name in common if plain_name(name) in WEAK_NAMES]
    if last is None or weak:
        raise ConfigurationError(
            f"What to predict may be {weak[0]} or {last}."
            if weak and last
            else "No column looks like what to predict: none has such a name, and the last one is"
            " not in all files, or no two rows of it are alike.",
            hint=_label_hint([str(name) for name in target.columns]),
        )
    return last, f"the last column of the target, in {_all(n_files)}"


def _label_hint(names: Sequence[str]) -> str:
    mark = separator_in(names[0]) if len(names) == 1 else None
    if mark is not None:
        option = Dialect().flag("delimiter", mark)
        return (
            f"the target has a single column, {names[0]!r}: if it should be several, add {option}"
        )
    return "add --label COLUMN; the target has: " + ", ".join(names[:12])


def _all(n_files: int) -> str:
    if n_files == 1:  # the sources are summaries
        return "the file of rows"
    return "both files" if n_files == 2 else f"all {n_files} files"


def _check_common(target: Any, source_tables: Sequence[Any], request: Request) -> None:
    """Raise where the only column with a label's name cannot be one.

    It is of no use as a label, or not in a source.
    """
    named = [
        name
        for name in target.columns
        if plain_name(name) in LABEL_NAMES
        and (name == target.columns[-1] or plain_name(name) not in WEAK_NAMES)
    ]
    if len(named) == 1 and not _can_be_label(target[named[0]]):
        n_rows, n_values = int(target[named[0]].notna().sum()), target[named[0]].nunique()
        raise ConfigurationError(
            f"{named[0]} looks like what to predict, but {request.target} has {n_values} different"
            f" values of it in {n_rows} rows.",
            hint="two classes or more, each with some rows, or numbers can be predicted; --label"
            " COLUMN names another column",
        )
    rows = {k: path for k, path in request.sources.items() if path.suffix.lower() != SUMMARY}
    for (source, path), table in zip(rows.items(), source_tables, strict=True):
        if len(named) == 1 and named[0] not in table.columns:
            columns = ", ".join(map(str, table.columns[:12]))
            old = label_like(named[0], [name for name in table.columns if name not in target])
            raise ConfigurationError(
                f"{named[0]} looks like what to predict, but {path} has no such column.",
                hint=f"it has: {columns}; are both files written alike (separator, encoding,"
                f" spelling)? {rename_option(source, old, named[0])} renames a column",
            )


def _can_be_label(values: Any) -> bool:
    """Return whether a column may be predicted.

    It may not be a constant, a date, free text or the number of the row.
    """
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
    """Return the column of patients, customers and the like.

    Its name is such, and its values repeat.
    """
    from transfergap.data.splitting.folds import N_FOLDS  # fewer groups cannot be split

    for name in target.columns:
        values = target[name].dropna()
        repeats = N_FOLDS <= values.nunique() < len(values)
        if name != label and plain_name(name) in GROUP_NAMES and repeats:
            return str(name)
    return None


def command_of(request: Request, verb: str = "run", *more: str) -> str:
    """Return the command line of a request, quoted for a shell.

    ``more`` are further words of it.
    """
    words = ["transfergap", verb, _as_argument(request.target)]
    table = spellings()
    for name in (field.name for field in fields(Request) if field.name in table):
        value, flag = getattr(request, name), table[name].flags[-1]
        if name == "sources" and request.domain is not None:
            continue
        if name == "sources":
            places = {**value, **request.references}
            words += [
                word for source, path in places.items() for word in (flag, f"{source}={path}")
            ]
        elif value is True:
            words.append(flag)
        elif isinstance(value, tuple):
            words += [word for one in value for word in _words(flag, str(one))]
        elif value not in (None, False):
            words += _words(flag, str(value))
    return shlex.join([*words, *more])


def _words(flag: str, value: str) -> list[str]:
    """Return an option as typed.

    A value that begins with a dash needs the equals sign.
    """
    is_long = flag.startswith("--")
    return [f"{flag}={value}"] if is_long and value.startswith("-") else [flag, value]


def _as_argument(path: Path) -> str:
    """Return a path that is not taken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def confirmed(guess: Guess, *, verb: str, yes: bool, more: Sequence[str] = ()) -> Request:
    """Show a guess as a command, and ask whether to go on.

    It is the full command, and a terminal is needed to ask. How files are written is shown, and not
    asked. ``more`` are words of the command beside the options of the request.

    Raises
    ------
    ConfigurationError
        In a script without ``--yes``: there is no one to confirm the guess.
    """
    if not guess.reasons:
        for note in guess.notes:
            echo(f"note  {note}", err=True)
        return guess.request
    command = command_of(guess.request, verb, *more)
    if guess.asks and not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        reasons = "; ".join(guess.reasons)
        raise ConfigurationError(
            f"This was guessed from the files, and nobody is here to ask: {reasons}.",
            hint=f"add --yes, or type: {command}",
        )
    echo(f"read as  {command}", err=True)  # quiet or not: what is predicted has to be seen
    for line in (*guess.reasons, *guess.notes):
        echo(f"         {line}", err=True)
    if yes or not guess.asks:
        return guess.request
    if not typer.confirm("go on?", default=True, err=True):
        raise ConfigurationError(
            "Nothing was run.", hint="a wrong guess costs one option, such as --label COLUMN"
        )
    return guess.request
