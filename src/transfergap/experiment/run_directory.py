"""Run directories, and the digests of what they belong to."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from transfergap._version import __version__
from transfergap.data.digests import sample_digest
from transfergap.data.metric import Metric, metric_named, metric_names
from transfergap.data.replaced_file import remove_leftovers, replace_file
from transfergap.errors import RunDirectoryError, StorageError
from transfergap.experiment.arm import CONTROL
from transfergap.experiment.design import Design
from transfergap.experiment.run_lock import LOCK, RunLock
from transfergap.experiment.store import TrialStore
from transfergap.learners import describe

SCHEMA = "transfergap/design/1"


@cache
def versions() -> dict[str, str]:
    """Return the versions on which the numbers of a run depend."""
    record = {"python": platform.python_version(), "transfergap": __version__}
    # Libraries that change numbers; others can be updated between runs.
    return record | {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}


def design_record(design: Design) -> dict[str, Any]:
    """Return what ``design.json`` holds: everything that decides which trials there are."""
    problem = design.problem
    return {
        "schema": SCHEMA,
        "target": {"name": problem.name, "rows": sample_digest(problem.target)},
        "sources": {name: sample_digest(s.sample) for name, s in problem.sources.items()}
        | {name: source.digest() for name, source in problem.others.items()},
        "metric": problem.metric.name,
        "scorer": _computation(problem.metric),
        "margin": problem.margin,
        "precision": str(design.effort),
        "seed": design.seed,
        **_where_there(design),
        "control": describe(design.control.learner),
        "arms": [
            {
                "name": arm.name,
                "sources": list(arm.sources),
                "learner": describe(arm.learner),
                "judged": arm.judged,
            }
            for arm in design.treatments
        ],
        "versions": versions(),
    }


def _where_there(design: Design) -> dict[str, Any]:
    """Return what only some designs have.

    Absent elsewhere, so that records of runs made without it stay the same.
    """
    record: dict[str, Any] = {}
    if design.problem.splitting is not None:
        record["folds"] = design.problem.splitting.digest()
    if design.untried:
        record["untried"] = list(design.untried)
    if design.max_source_rows is not None:
        record["max_source_rows"] = design.max_source_rows
    return record


# Keys that a record lacks where there is nothing to say.
_OPTIONAL = ("folds", "untried", "max_source_rows")


def _computation(metric: Metric) -> str:
    """Return the identity of a metric's computation, beside its name.

    It tells the class of a score, or the body of a function.
    """
    built_in = metric_named(metric.name) if metric.name in metric_names() else None
    if (
        built_in is not None
        and built_in.has_row_values
        and built_in.computation == metric.computation
    ):
        return ""
    parts = dict(vars(metric.computation))
    # The scoring function inside a scikit-learn scorer, whose own name says nothing.
    parts |= {"inner": getattr(parts.get("scorer"), "_score_func", None)}
    inside = ", ".join(f"{name}={describe(value)}" for name, value in parts.items())
    return f"{type(metric.computation).__name__}({inside})"


def fingerprint(record: dict[str, Any]) -> str:
    """Return a short digest of a design record."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


REQUEST_SCHEMA = "transfergap/request/1"
DESIGN, TRIALS, RESULT = "design.json", "trials.sqlite", "result.json"
REPORT, REQUEST = "report.html", "request.json"


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` atomically.

    A reader sees the old file or the new one, never half of either.

    Raises
    ------
    StorageError
    """
    hint = "check the disk and the permissions; the stored trials are kept"
    replace_file(path, text.encode(), hint=hint)


def open_run(
    directory: str | Path, record: dict[str, Any], *, extend: bool | None = False
) -> TrialStore:
    """Open the run of a design, new or to be resumed.

    Parameters
    ----------
    directory : str or Path
    record : dict
        From :func:`transfergap.experiment.run_directory.design_record`.
    extend : bool or None
        ``None`` for runs that cannot be extended, so that no message says so. True takes a
        directory whose design has another margin, other arms, or fewer or more sources. Of
        what is stored, trials of arms that are as they were are used.

    Raises
    ------
    RunDirectoryError
        If the directory holds another design, or something else, or another process is at work
        there.
    StorageError
        If it cannot be made.

    Notes
    -----
    The lock of the directory is held until the store is closed.
    """
    path = Path(directory)
    _make(path)
    foreign = [entry.name for entry in path.iterdir() if not _is_of_a_run(entry)]
    if foreign and not (path / DESIGN).exists():
        raise RunDirectoryError(
            f"{path} holds files ({foreign[0]}), but no {DESIGN}: it is not a run of transfergap.",
            hint="choose an empty or new directory with -o",
        )
    lock = RunLock(path)
    try:
        remove_leftovers(path)
        return _opened(path, record, lock, extend)
    except BaseException:
        lock.release()
        raise


def _is_of_a_run(entry: Path) -> bool:
    """Return whether a run that died at its start leaves such files."""
    return entry.name == LOCK or entry.suffix == ".part"


def _opened(path: Path, record: dict[str, Any], lock: RunLock, extend: bool | None) -> TrialStore:
    design_file = path / DESIGN
    before = read_design(path) if design_file.exists() else record
    differences = design_differences(before, record)
    if any(not (extend and d.extensible) for d in differences):
        raise _refused(path, differences, extend)
    if not design_file.exists():  # before the store: trials without a design are nobody's
        write_atomically(design_file, _text_of(record))
    store = TrialStore(path / TRIALS, lock)
    if differences:
        # It is of the design before, and would pass for the new one's until that is run.
        (path / RESULT).unlink(missing_ok=True)
        arms = [arm for arm in record["arms"] if arm in before["arms"]]
        if len(arms) < len(before["arms"]):
            # Repairs and curves of the other arms go with them.
            store.forget_all_but([CONTROL, *(arm["name"] for arm in arms)])
        write_atomically(design_file, _text_of(record))
    return store


def _text_of(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1) + "\n"


def make_place(directory: Path) -> None:
    """Make a directory for a result without trials.

    Or take one that holds no other files.

    Raises
    ------
    RunDirectoryError
        If it holds a run, or files of something else.
    """
    _make(directory)
    foreign_files = [path.name for path in directory.iterdir() if path.name not in (RESULT, REPORT)]
    if foreign_files:
        raise RunDirectoryError(
            f"{directory} holds other files ({foreign_files[0]}).",
            hint="choose an empty or new directory with -o",
        )


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The run directory {path} cannot be made: {error.strerror or error}.",
            hint="choose another with -o",
        ) from error


def read_design(directory: str | Path) -> dict[str, Any]:
    """Return the design record of a run.

    Raises
    ------
    RunDirectoryError
        If there is none, or it is of another program or version.
    """
    path = Path(directory) / DESIGN
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunDirectoryError(
            f"{directory} is not a readable run of transfergap ({error}).",
            hint="name the directory that `transfergap run ... -o` made",
        ) from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RunDirectoryError(
            f"{path} was not written by this version of transfergap.",
            hint="start a new run with another -o",
        )
    return record


def keep_request(directory: str | Path, record: dict[str, Any]) -> None:
    """Write the request of a run, to read its files again.

    It is no part of the design.

    Raises
    ------
    StorageError
    """
    text = json.dumps({"schema": REQUEST_SCHEMA, **record}, indent=1) + "\n"
    write_atomically(Path(directory) / REQUEST, text)


def read_request(directory: str | Path) -> dict[str, Any]:
    """Return the request of a run.

    Raises
    ------
    RunDirectoryError
        If it was not kept: the run was made from Python, or by an earlier version.
    """
    path = Path(directory) / REQUEST
    read_design(directory)  # says so if this is no run at all
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunDirectoryError(
            f"{directory} does not say which files it was made from: it was not made on the command"
            " line, or by an earlier version.",
            hint="in Python, use result.fit_safe(); on the command line, type the same `transfergap"
            " run` again, or name the files: transfergap fit TARGET --label ... --source ...",
        ) from error
    except (OSError, ValueError) as error:
        raise RunDirectoryError(
            f"{path} cannot be read ({error}).", hint="type the same `transfergap run` again"
        ) from error
    if not isinstance(record, dict) or record.get("schema") != REQUEST_SCHEMA:
        raise RunDirectoryError(
            f"{path} was not written by this version of transfergap.",
            hint="type the same `transfergap run` again",
        )
    return record


@dataclass(frozen=True)
class Difference:
    """Difference between a stored design and the one asked for."""

    text: str
    extensible: bool


def design_differences(before: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    """Return what changed between two design records, a clause each."""
    # Of other keys, one that only an older version wrote does not count.
    keys = dict.fromkeys((*now, *_OPTIONAL))
    changed = [key for key in keys if before.get(key) != now.get(key)]
    differences: list[Difference] = []
    for key in changed:
        if key == "sources":
            differences += _source_differences(before.get(key) or {}, now[key])
        elif key == "arms":
            differences.append(Difference("its arms differ", extensible=True))
        elif isinstance(now.get(key), (str, int, float, type(None))):
            name = "effort" if key == "precision" else key  # as 0.1.0 called it
            text = f"{name} was {before.get(key)!r} and is now {now.get(key)!r}"
            differences.append(Difference(text, extensible=key == "margin"))
        elif key == "versions":
            differences += _version_differences(before.get(key) or {}, now[key])
        else:
            differences.append(Difference(f"{_DESCRIBED.get(key, key)} differs", extensible=False))
    return differences


_DESCRIBED = {
    "target": "the target",
    "control": "the model",
    "untried": "the choice among many sources (--max-sources)",
}


def _version_differences(before: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    return [
        Difference(f"{name} was {before.get(name)} and is now {now[name]}", extensible=False)
        for name in now
        if before.get(name) != now[name]
    ]


def _source_differences(before: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    changed = [name for name in now if name in before and before[name] != now[name]]
    added = [name for name in now if name not in before]
    removed = [name for name in before if name not in now]
    return [
        *(Difference(f"the rows of source {name!r} differ", extensible=False) for name in changed),
        *(Difference(f"source {name!r} is new", extensible=True) for name in added),
        *(Difference(f"source {name!r} is gone", extensible=True) for name in removed),
    ]


def _refused(path: Path, differences: list[Difference], extend: bool | None) -> RunDirectoryError:
    hint = "give the changed design a directory of its own with -o"
    if all(d.extensible for d in differences) and extend is False:
        hint = "add --extend (extend=True) to use what is stored and run what is new, or " + hint
    blocking = [d.text for d in differences if not (extend and d.extensible)]
    return RunDirectoryError(f"{path} holds another design: {'; '.join(blocking)}.", hint=hint)
