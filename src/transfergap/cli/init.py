"""transfergap init: the guesses of `run` as a file.

They are written as an audit.toml to read and change.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError

_DEFAULTS = (
    "# margin = 0.01      # the smallest difference that matters; choose it before you look",
    '# metric = "roc_auc"  # transfergap list metrics',
    '# effort = "full"     # quick, full, thorough or race',
)


@opt.takes(*opt.ALL)
def init(
    target: opt.TARGET,
    source_paths: opt.SOURCE_PATHS = None,
    *,
    options: opt.Options,
    file: Annotated[Path, typer.Option("--file", help="Where to write.")] = Path("audit.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write an audit.toml of typed and guessed options; nothing is run.

    Example: transfergap init own.csv other.csv
    """
    from transfergap.cli.request.config import request_from
    from transfergap.cli.request.guessing import guessed
    from transfergap.experiment.run_directory import write_atomically

    if file.suffix.lower() != ".toml":
        raise ConfigurationError(f"{file} is no .toml file.", hint="write --file audit.toml")
    if file.exists() and not force:
        raise ConfigurationError(f"{file} is there already.", hint="--force replaces it")
    guess = guessed(request_from(target, options, source_paths or ()))
    write_atomically(file, toml_of(guess.request, file.parent))
    for line in (*guess.reasons, *guess.notes):
        echo(line, err=True)
    echo(f"{file}  now: transfergap run {file}")


def toml_of(request: opt.Request, folder: Path) -> str:
    """Return a request as an ``audit.toml`` in a folder.

    Its paths are relative to the folder.

    Examples
    --------
    >>> print(toml_of(opt.Request(Path("a.csv"), "y", {"b": Path("b.csv")}), Path(".")))
    [target]
    path = "a.csv"
    label = "y"
    <BLANKLINE>
    [sources]
    b = "b.csv"
    <BLANKLINE>
    [design]
    # margin = 0.01      # the smallest difference that matters; choose it before you look
    # metric = "roc_auc"  # transfergap list metrics
    # effort = "full"     # quick, full, thorough or race
    <BLANKLINE>
    """
    table = opt.spellings()
    lines: dict[str, list[str]] = {"target": [f"path = {_place(request.target, folder)}"]}
    for field in fields(request):
        value = getattr(request, field.name)
        if field.name in ("target", "sources", "references") or value in (None, False, ()):
            continue
        if str in table[field.name].toml and isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        written = _place(value, folder) if isinstance(value, Path) else _value(value)
        lines.setdefault(table[field.name].section, []).append(f"{field.name} = {written}")
    if request.domain is None:
        lines["sources"] = [
            f"{_key(name)} = {_place(path, folder)}" for name, path in request.sources.items()
        ] + [f"{_key(name)} = {_value(url)}" for name, url in request.references.items()]
    typed = " ".join(lines.get("design", ()))
    more = [text for text in _DEFAULTS if f"{text.split()[1]} =" not in typed]
    lines["design"] = [*lines.get("design", ()), *more]
    order = [name for name in ("target", "sources", "data", "design") if name in lines]
    return "\n".join(f"[{name}]\n" + "\n".join(lines[name]) + "\n" for name in order)


def _place(path: Path, folder: Path) -> str:
    return _value(Path(os.path.relpath(str(path), str(folder))).as_posix())


def _key(name: str) -> str:
    """Return a key, in quotes unless it has plain letters only."""
    return (
        name
        if name.replace("_", "").replace("-", "").isalnum() and name.isascii()
        else _value(name)
    )


def _value(value: Any) -> str:
    """Return a value in the notation of TOML.

    Its texts and numbers are those of JSON.
    """
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
