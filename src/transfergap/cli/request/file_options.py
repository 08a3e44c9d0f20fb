"""Options of single files.

NAME:VALUE is of a source or the target, VALUE of all files.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from transfergap.cli.files.dialects import SPELLED, Dialect, usual_delimiter
from transfergap.cli.files.json_tables import json_encoding
from transfergap.cli.files.kinds import SUMMARY, kind_of_file
from transfergap.cli.files.layouts import Layout, layout_of
from transfergap.cli.files.reading import sheets_of, sheets_sentence
from transfergap.cli.request.options import WRITING, Request
from transfergap.errors import ConfigurationError

_MARKED = ("utf-8", "utf-16", "utf-32")  # encodings that a file's first bytes tell by themselves


def name_of(request: Request) -> str:
    """Return the target's name."""
    domain = domain_of(request)
    return request.name or (_stem(request.target) if domain is None else domain[1])


def _stem(path: Path) -> str:
    """Return a file's name without the ends that tell its format."""
    is_packed = path.suffix.lower() in (".gz", ".bz2", ".xz", ".zip")
    return Path(path.stem).stem if is_packed else path.stem


def domain_of(request: Request) -> tuple[str, str] | None:
    """Return the column of domains, and the target's value in it.

    The column parts one file into domains.

    Raises
    ------
    ConfigurationError
    """
    if request.domain is None:
        return None
    column, equals, value = request.domain.partition("=")
    if not (column and equals and value):
        raise ConfigurationError(
            f"--domain is {request.domain!r}, which does not say which rows are yours.",
            hint="write --domain COLUMN=OWN, such as --domain site=cleveland",
        )
    return column, value


def renamings(request: Request) -> dict[str, dict[str, str]]:
    """Return which columns of which source get another name.

    Raises
    ------
    ConfigurationError
    """
    renamed: dict[str, dict[str, str]] = {}
    for text in request.rename:
        source, pair = of_source(text, request, "--rename", "b:old=new")
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise not_so("--rename", text, "b:old=new")
        renamed.setdefault(source, {})[old] = new
    return renamed


def of_source(text: str, request: Request, option: str, example: str) -> tuple[str, str]:
    """Return the source that a text SOURCE:VALUE names, and the value.

    Raises
    ------
    ConfigurationError
    """
    names = request.source_names
    fitting = [name for name in names if text.startswith(f"{name}:")]
    if fitting:
        name = max(fitting, key=len)  # a name may hold a colon itself
        return name, text[len(name) + 1 :]
    source, colon, _ = text.partition(":")
    if not colon:
        raise not_so(option, text, example)
    near = difflib.get_close_matches(source, names, n=1)
    raise ConfigurationError(
        f"{option} {text} is of a source {source!r}, which is not there.",
        hint=f"did you mean {near[0]!r}?" if near else f"sources: {', '.join(names)}",
    )


def not_so(option: str, text: str, example: str) -> ConfigurationError:
    """Return the error for a text not as its option asks."""
    return ConfigurationError(
        f"{option} {text!r} does not say what is called how, and where.",
        hint=f"write {option} {example}",
    )


def dialect_of(request: Request, source: str | None = None) -> Dialect:
    """Return the dialect of the target's or a source's file.

    It holds the typed options.

    Raises
    ------
    ConfigurationError
        If an option names a file that is not there.

    Examples
    --------
    >>> request = Request(Path("a.csv"), "y", {"b": Path("b.csv")}, delimiter=(";", "b:,"))
    >>> dialect_of(request).delimiter, dialect_of(request, "b").delimiter
    (';', ',')
    """
    name = _option_name(request) if source is None else source
    values = {field: _value_for(request, field, name) for field in WRITING}
    several = bool(request.sources) and request.domain is None
    return Dialect(**values, name=name if several else None)


def _option_name(request: Request) -> str | None:
    """Return the target's name in options.

    ``None`` where a source has that name.
    """
    name = name_of(request)
    return None if name in request.source_names else name


def _value_for(request: Request, field: str, name: str | None) -> str | None:
    """Return the option typed last for a file, or else for all."""
    names = [name_of(request), *request.sources]
    for_all, for_file = None, None
    for text in getattr(request, field):
        named = [one for one in names if text.startswith(f"{one}:")]
        if named:
            longest = max(named, key=len)  # a name may hold a colon itself
            value = text[len(longest) + 1 :]
            if not value:
                raise not_so(f"--{field}", text, f"{longest}:VALUE")
            for_file = value if longest == name else for_file
        elif text.find(":") > 0:
            raise _no_such_file(f"--{field}", text, names)
        else:
            for_all = text
    return for_file or for_all


def _no_such_file(option: str, text: str, names: list[str]) -> ConfigurationError:
    file = text.partition(":")[0]
    near = difflib.get_close_matches(file, names, n=1)
    return ConfigurationError(
        f"{option} {text} is of a file {file!r}, which is not there.",
        hint=f"did you mean {near[0]!r}?" if near else f"files: {', '.join(names)}",
    )


@dataclass(frozen=True)
class Dialects:
    """A request that tells how each text file is written.

    Parameters
    ----------
    request : Request
    reasons : tuple of str
        Why each option that was not typed is thought so.
    notes : tuple of str
        What marks thousands in a file, and which sheet is read: for these there is no option.
    """

    request: Request
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def dialects_of(request: Request) -> Dialects:
    """Read off how each text file is written.

    Typed options stay. Usual values are not listed.

    Raises
    ------
    DataError
        If a file can be read in two ways.
    """
    layouts = dict(_layouts_of(request))
    words = {field: _words_of(request, field, layouts) for field in WRITING}
    reasons = [
        f"--{field} {shlex.quote(word)}: {why}"
        for field in WRITING
        for word, why in words[field].items()
    ]
    notes = [layout.thousands for layout in layouts.values() if layout.thousands is not None]
    for path in dict.fromkeys(_files_of(request).values()):
        if path.suffix.lower() != SUMMARY and (sheets := sheets_of(path)):
            notes.append(f"{path.name}: {sheets_sentence(sheets)}")
    whole = replace(
        request,
        delimiter=(*request.delimiter, *words["delimiter"]),
        encoding=(*request.encoding, *words["encoding"]),
        decimal=(*request.decimal, *words["decimal"]),
    )
    return Dialects(whole, tuple(reasons), tuple(notes))


def _words_of(request: Request, field: str, layouts: Mapping[Path, Layout]) -> dict[str, str]:
    """Return the values to type for files written unusually, and why."""
    files = {name: path for name, path in _files_of(request).items() if path in layouts}
    typed = {name: getattr(dialect_of(request, name), field) for name in files}
    values = {
        name: typed[name] or _unusual(layouts[path], field, path) for name, path in files.items()
    }
    alike = len(set(values.values())) == 1
    words: dict[str, str] = {}
    for name, value in values.items():
        if value is not None and not typed[name]:
            word = SPELLED.get(value, value)
            word = word if alike else f"{_label(request, name)}:{word}"
            words.setdefault(word, getattr(layouts[files[name]], f"{field}_reason") or "")
    return words


def _files_of(request: Request) -> dict[str | None, Path]:
    """Return the files of a request by the names of sources.

    The target's name is ``None``.
    """
    files: dict[str | None, Path] = {None: request.target}
    files.update(request.sources)
    return files


def _layouts_of(request: Request) -> Iterator[tuple[Path, Layout]]:
    """Yield path and layout of each text file that is there."""
    visited: set[Path] = set()
    for name, path in _files_of(request).items():
        if path in visited or not path.is_file() or path.suffix.lower() == SUMMARY:
            continue
        visited.add(path)
        kind, packed = kind_of_file(path)
        dialect = dialect_of(request, name)
        if kind == "csv":
            yield path, layout_of(path, packed, dialect, na=request.na, drop=request.drop)
        elif kind == "json":
            encoding, no_utf8 = json_encoding(path, packed, dialect)
            if no_utf8 is not None:  # all else is as JSON is
                reason = f"byte {no_utf8} of {path.name} is not utf-8"
                yield path, Layout(usual_delimiter(path), encoding, encoding_reason=reason)


def _unusual(layout: Layout, field: str, path: Path) -> str | None:
    """Return a value of a layout, where it is not the default."""
    value: str | None = getattr(layout, field)
    usual = {"delimiter": (usual_delimiter(path),), "encoding": _MARKED, "decimal": (".", None)}
    return None if value in usual[field] else value


def _label(request: Request, source: str | None) -> str:
    """Return a file's name in options.

    Raises
    ------
    ConfigurationError
        If a source is called as the target.
    """
    name = _option_name(request) if source is None else source
    if name is None:
        called = name_of(request)
        raise ConfigurationError(
            f"{request.target} and the source {request.sources[called]} are both called"
            f" {called!r}, and they are written differently.",
            hint=f"call the source otherwise: -s NAME={request.sources[called]}",
        )
    return name
