"""Sources named by a URL: Parquet files that each worker reads itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from transfergap.errors import ConfigurationError

# Two letters at least: C:/ is a drive. A path has lost one of two slashes.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//?)(?=.)")
DIGEST = "#sha256="  # behind a URL, as pip has it


def is_url(text: str) -> bool:
    """Return whether a text names a file by its URL.

    Examples
    --------
    >>> is_url("s3://bucket/b.parquet"), is_url("C:/b.parquet"), is_url("b.csv")
    (True, False, False)
    """
    return "://" in text and _SCHEME.match(text) is not None


def url_of(path: Path) -> str | None:
    """Return the URL that was typed as a path, or ``None``.

    Examples
    --------
    >>> url_of(Path("s3://bucket/b.parquet")), url_of(Path("file:///b.parquet")), url_of(Path("b"))
    ('s3://bucket/b.parquet', 'file:///b.parquet', None)
    """
    text = path.as_posix()
    scheme = _SCHEME.match(text)
    if scheme is None or path.exists():
        return None
    start, location = scheme[1], text[scheme.end() :]
    return f"{start}:///{location}" if start == "file" else f"{start}://{location}"


def name_of_url(url: str) -> str:
    """Return the name of a source by its URL.

    Examples
    --------
    >>> name_of_url("https://host/data/b.2019.parquet?key=1#sha256=00")
    'b.2019'
    """
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return last.removesuffix(".parquet").replace("=", "-") or url


def references_among(texts: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Part ``NAME=FILE`` options; return those of files, and URLs by name.

    Raises
    ------
    ConfigurationError
        For a name that occurs twice.
    """
    files: list[str] = []
    urls: dict[str, str] = {}
    for text in texts:
        name, _, place = text.partition("=")
        if is_url(text):
            name, place = name_of_url(text), text
        if not is_url(place):
            files.append(text)
            continue
        if name in urls:
            raise ConfigurationError(
                f"Two sources are called {name!r}: {urls[name]} and {place}.",
                hint="give every source its own name: -s NAME=URL",
            )
        urls[name] = place
    return files, urls


def check_names(files: Mapping[str, Path], urls: Mapping[str, str]) -> None:
    """Raise ``ConfigurationError`` where a file and a URL have one name."""
    for name in files.keys() & urls.keys():
        raise ConfigurationError(
            f"Two sources are called {name!r}: {files[name]} and {urls[name]}.",
            hint="give every source its own name: -s NAME=URL",
        )
