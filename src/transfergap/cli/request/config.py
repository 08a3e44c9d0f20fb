"""Requests for audits: options over a TOML file, and stored ones."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from transfergap.cli._terminal import echo
from transfergap.cli.request.options import Options, Request, spellings
from transfergap.cli.request.references import check_names, is_url, references_among, url_of
from transfergap.errors import ConfigurationError, rename_message, renames

_FILES = ("target", "sources", "output")


def _keys(section: str) -> dict[str, str]:
    return {name: name for name, s in spellings().items() if s.section == section}


# Section -> key -> field of Request. The whole configuration language.
_KEYS: dict[str, dict[str, str]] = {
    "target": {"path": "target", **_keys("target")},
    "data": _keys("data"),
    "design": _keys("design"),
}


def named_files(texts: Iterable[str]) -> dict[str, Path]:
    """Read ``NAME=FILE`` options.

    Raises
    ------
    ConfigurationError
        For a missing name or file, or a name that occurs twice.
    """
    from transfergap.cli.request.source_names import name_of_file

    files: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals and name.strip():
            name, equals, path = name_of_file(Path(name)), "=", name
        if not equals or not name.strip() or not path.strip():
            raise ConfigurationError(
                f"--source {text!r} does not say which name has which file.",
                hint=f"write --source b={text or 'b.csv'}",
            )
        if name in files:
            raise ConfigurationError(
                f"Two sources are called {name!r}: {files[name]} and {path}.",
                hint="give every source its own name",
            )
        files[name] = Path(path)
    return files


def request_from(target: Path, options: Options, source_paths: Sequence[Path] = ()) -> Request:
    """Build the request; options win over an ``audit.toml``.

    ``source_paths`` are files or folders of sources, which are called as the files are.
    """
    from transfergap.cli.request.source_names import named_sources

    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    named_urls = [url for path in source_paths if (url := url_of(path)) is not None]
    typed, urls = references_among([*values.pop("sources", ()), *named_urls])
    paths = [path for path in source_paths if url_of(path) is None]
    files = named_sources(paths, named_files(typed), target)
    check_names(files, urls)
    if target.suffix.lower() != ".toml":
        return Request(target=target, sources=files, references=urls, **values)
    base = read_config(target)
    # Options win over the file, source by source.
    sources = {name: path for name, path in base.sources.items() if name not in urls} | files
    references = {name: url for name, url in base.references.items() if name not in files} | urls
    return replace(base, sources=sources, references=references, **values)


def read_config(path: Path) -> Request:
    """Read an ``audit.toml``; paths in it are relative to the file.

    Raises
    ------
    ConfigurationError
        With the line, and the nearest key that exists.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}.", hint="see docs/quickstart.md"
        ) from error
    values: dict[str, Any] = {}
    for section, body in content.items():
        if section == "sources":
            values["sources"], values["references"] = _sources(body, path)
            continue
        if section not in _KEYS or not isinstance(body, dict):
            raise _unknown_key_error(
                path, text, section, [*_KEYS, "sources"], f"no section [{section}]"
            )
        for written, value in body.items():
            key = _current_key(written, path)
            if key not in _KEYS[section]:
                raise _unknown_key_error(
                    path, text, key, list(_KEYS[section]), f"no key `{key}`", section
                )
            name, kind = _KEYS[section][key], _toml_type(section, key)
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                line = _line_of(text, written)
                raise ConfigurationError(
                    f"{path.name} line {line}: `{key}` of [{section}] is {value!r}.",
                    hint=f"give it a {_type_name(kind)}",
                )
            values[name] = _field_value(name, value)
    if "positive" in values:
        values["positive"] = str(values["positive"])
    if "target" not in values:
        raise ConfigurationError(
            f"{path.name} names no target.", hint='add [target] with path = "target.csv"'
        )
    for key in ("target", "output"):
        if key in values:
            values[key] = path.parent / values[key]
    return Request(**values)


def _current_key(key: str, path: Path) -> str:
    after = renames("option", "audit.toml").get(key)
    if after is None:
        return key
    echo(f"note  {path.name}: {rename_message(key, after)}", err=True)
    return after


def _sources(body: Any, path: Path) -> tuple[dict[str, Path], dict[str, str]]:
    if not isinstance(body, dict) or not all(isinstance(file, str) for file in body.values()):
        raise ConfigurationError(
            f"{path.name}: [sources] must name files.", hint='write b = "b.csv" below [sources]'
        )
    urls = {name: file for name, file in body.items() if is_url(file)}
    return {name: path.parent / file for name, file in body.items() if name not in urls}, urls


def _field_value(name: str, value: Any) -> Any:
    """Return a stored value as the request has it.

    Lists are tuples, and one text may be a list.
    """
    spelling = spellings().get(name)
    if spelling is not None and spelling.kind is list and not isinstance(value, list):
        return () if value is None else (value,)
    return tuple(map(str, value)) if isinstance(value, list) else value


def _toml_type(section: str, key: str) -> type | tuple[type, ...]:
    spelling = spellings().get(_KEYS[section][key])
    if spelling is None or spelling.kind is Path:
        return str
    return spelling.toml or ((int, float) if spelling.kind is float else spelling.kind)


_TYPE_NAMES: Mapping[type, str] = {
    str: "text",
    int: "whole number",
    bool: "true or false, without quotes",
}


def _type_name(kind: type | tuple[type, ...]) -> str:
    if kind is list:
        return "list of texts"
    if kind == (str, list):
        return "text or list of texts"
    return _TYPE_NAMES.get(kind, "number") if isinstance(kind, type) else "number"


def _unknown_key_error(
    path: Path, text: str, key: str, names: list[str], message: str, section: str | None = None
) -> ConfigurationError:
    # The nearest name, as misspelled keys are the common mistake.
    near = difflib.get_close_matches(key, names, n=1)
    place = f"[{section}] has {message}" if section else f"there is {message}"
    return ConfigurationError(
        f"{path.name} line {_line_of(text, key)}: {place}",
        hint=f"did you mean `{near[0]}`?" if near else f"known: {', '.join(names)}",
    )


def _line_of(text: str, key: str) -> int:
    pattern = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[\]=.]")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return number
    return 1


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


def request_in(record: dict[str, Any], directory: Path) -> Request:
    """Return the request that :func:`record_of` wrote."""
    current = renames("option", "audit.toml")  # requests of 0.1.0 have old names
    options: dict[str, Any] = {}
    for name, value in record["options"].items():
        field = current.get(name, name)
        # Earlier requests have one delimiter for all files, or null.
        options[field] = _field_value(field, value)
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
