"""The stored request of a run, which leads back to its files."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.cli._config import Request
from transfergap.errors import RunDirectoryError, renames

if TYPE_CHECKING:
    from transfergap.experiment.design import Design

_FILES = ("target", "sources", "output")


def record_of(request: Request, directory: Path) -> dict[str, Any]:
    """Return a request as JSON values.

    Each file by its path, and relative to the run.
    """
    values = {
        field.name: getattr(request, field.name)
        for field in fields(request)
        if field.name not in _FILES
    }
    return {
        "target": _place(request.target, directory),
        "sources": {name: _place(path, directory) for name, path in request.sources.items()},
        "options": {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
    }


def _place(path: Path, directory: Path) -> dict[str, str]:
    place = path.resolve()
    try:
        beside = Path(os.path.relpath(place, directory.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        beside = place.as_posix()
    return {"path": place.as_posix(), "from_run": beside}


def design_again(directory: Path) -> Design:
    """Rebuild the design of a run from its current files.

    Raises
    ------
    RunDirectoryError
        If it is not known how the run was made, or its files have changed since.
    DataError, ConfigurationError
        If they cannot be read.
    """
    from transfergap.cli._request import design_from
    from transfergap.cli.demo import demo_design
    from transfergap.experiment.run_directory import read_design, read_request

    record = read_request(directory)
    try:
        if "demo" in record:
            design = demo_design(str(record["demo"]), int(record["seed"]))
            files = {"": f"the demo {record['demo']}"}
        else:
            request = _request_of(record, directory)
            files = {"": str(request.target)}
            files |= {name: str(path) for name, path in request.sources.items()}
            design = design_from(request)
    except (KeyError, TypeError, AttributeError) as error:
        raise RunDirectoryError(
            f"The request of {directory} is damaged ({type(error).__name__}: {error}).",
            hint="type the same `transfergap run` again",
        ) from error
    _check_unchanged(read_design(directory), design, directory, files)
    return design


def _request_of(record: dict[str, Any], directory: Path) -> Request:
    current = renames("option", "audit.toml")  # requests of 0.1.0 have old names
    options: dict[str, Any] = {
        current.get(name, name): tuple(value) if isinstance(value, list) else value
        for name, value in record["options"].items()
    }
    return Request(
        target=_path_of(record["target"], directory),
        sources={name: _path_of(place, directory) for name, place in record["sources"].items()},
        **options,
    )


def _path_of(place: dict[str, str], directory: Path) -> Path:
    """Return a file's path, or its new one beside a moved run."""
    path = Path(place["path"])
    beside = Path(os.path.normpath(directory / place["from_run"]))
    return beside if beside.is_file() and not path.is_file() else path


def _check_unchanged(
    before: dict[str, Any], design: Design, directory: Path, files: dict[str, str]
) -> None:
    from transfergap.experiment.fingerprint import design_record

    now = design_record(design)
    changed = [files[""]] if before["target"]["rows"] != now["target"]["rows"] else []
    changed += [
        files.get(name, name)
        for name, digest in now["sources"].items()
        if before["sources"].get(name) != digest
    ]
    if changed:
        raise RunDirectoryError(
            f"{changed[0]} has changed since the run {directory}"
            + (f" (so have: {', '.join(changed[1:])})." if changed[1:] else "."),
            hint="put the file back, or audit the new one with another -o and fit that run",
        )
    if before["control"] != now["control"]:
        raise RunDirectoryError(
            f"The model of the run {directory} has changed: it was {before['control'][:80]!s} and"
            f" is now {now['control'][:80]!s}.",
            hint="put it back, or audit the new one with another -o and fit that run",
        )
