"""File kinds by first bytes, whatever the name, and their tables."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from transfergap.errors import DataError, first_line

# The suffix decides, as summaries are named on the command line among files of rows.
SUMMARY = ".tgsum"
Kind = Literal["csv", "parquet", "arrow", "json", "excel"]
Compression = Literal["gzip", "bz2", "xz", "zip"]
# What the standard library raises for packed files that are cut off or damaged.
BROKEN_PACKING = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<div")
_FIRST = 16  # bytes: the longest signature below has sixteen
# First bytes by the formats' specifications (RFC 1952 for gzip).
_PACKED: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", "save it as .xlsx or as CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "write the table as CSV or Parquet"),
    (b"\x80\x04", "a pickle, which may run code when read", "write the table as Parquet"),
    (b"\x80\x05", "a pickle, which may run code when read", "write the table as Parquet"),
    (b"%PDF", "a PDF", "write the table as CSV"),
    (b"\x89HDF", "an HDF5 file", "write the table as Parquet"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it"),
    (b"Rar!", "a packed archive", "unpack it"),
    (b"7z\xbc\xaf", "a packed archive", "unpack it"),
)


def kind_of_file(path: Path) -> tuple[Kind, Compression | None]:
    """Return a file's table kind and compression.

    Raises
    ------
    DataError
        For a summary, an old Excel file, a database and what else is no table that is read here.
    """
    if path.suffix.lower() == SUMMARY:
        raise DataError(
            f"{path} is a summary, which can be fitted (`transfergap fit`), not audited.",
            hint="an audit needs rows: name a file of rows, or use `transfergap fit`",
        )
    with path.open("rb") as file:
        first = file.read(_FIRST)
    for start, content, hint in _REFUSED:
        if first.startswith(start):
            raise DataError(f"{path} is {content}.", hint=hint)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        raise DataError(
            f"{path} is a web page or XML, whatever its name says.",
            hint="open it in a spreadsheet and save it as .xlsx or CSV",
        )
    # The suffix too: a truncated Parquet file gets Parquet's error.
    if first.startswith(b"PAR1") or path.suffix.lower() in (".parquet", ".pq"):
        return "parquet", None
    if first.startswith((b"ARROW1", b"FEA1")):
        return "arrow", None
    if first.startswith(b"PK"):
        return _of_archive(path)
    packed = next((name for start, name in _PACKED if first.startswith(start)), None)
    if packed is not None:
        return ("json" if _first_byte(path, packed) in b"{[" else "csv"), packed
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise DataError(
            f"{path} is no Excel file, whatever its name says.", hint="save it again, or as CSV"
        )
    # A byte order mark and blanks may come before JSON.
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start and start in b"{[" and (path.suffix.lower() not in (".csv", ".tsv") or _is_json(path)):
        return "json", None
    return "csv", None


def _of_archive(path: Path) -> tuple[Kind, Compression | None]:
    excel = path.suffix.lower() in (".xlsx", ".xlsm")
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        content = "an Excel file" if excel else "a zip archive"
        raise DataError(
            f"{path} looks like {content}, but it is broken.", hint="was it copied to its end?"
        ) from error
    if any(name.startswith("xl/") for name in names):
        return "excel", None
    if "content.xml" in names:
        raise DataError(
            f"{path} is a spreadsheet of OpenDocument (.ods).", hint="save it as .xlsx or as CSV"
        )
    if excel:
        raise DataError(
            f"{path} is no Excel file: there is no sheet in it.", hint="save it again, or as CSV"
        )
    # Archives of macOS hold a second file of attributes for each.
    names = [name for name in names if not name.startswith("__MACOSX")]
    if len(names) != 1:
        raise DataError(
            f"{path} is a zip archive of {len(names)} files, not of one table.", hint="unpack it"
        )
    return ("json" if _first_byte(path, "zip") in b"{[" else "csv"), "zip"


def _first_byte(path: Path, packed: Compression) -> bytes:
    return unpacked(path, packed, size=_FIRST).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] or b" "


def unpacked(path: Path, packed: Compression | None, *, size: int = -1) -> bytes:
    """Return the first bytes of a file's unpacked content.

    All of them by default.

    Raises
    ------
    DataError
        If the file is broken, or no reader of its packing is there.
    """
    try:
        with opened(path, packed) as file:
            content: bytes = file.read(size)
    except (*BROKEN_PACKING, ValueError) as error:
        raise packing_error(path, packed, error) from error
    return content


def packing_error(path: Path, packed: Compression | None, error: Exception) -> DataError:
    """Return the error for a file that cannot be unpacked, or not be read at all."""
    state = "cannot be read" if packed is None else f"is packed ({packed}) and cannot be unpacked"
    return DataError(f"{path} {state}: {first_line(error)}.", hint="unpack it, or copy it again")


@contextmanager
def opened(path: Path, packed: Compression | None) -> Iterator[Any]:
    """Open a file's unpacked content."""
    if packed == "zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.startswith("__MACOSX")]
            with archive.open(names[0]) as file:
                yield file
        return
    readers: dict[str | None, Any] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}
    with readers.get(packed, open)(path, "rb") as file:
        yield file


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        # A CSV may begin with a bracket; only a line that parses is JSON.
        line = file.readline(1 << 16).strip()
    try:
        json.loads(line)
    except ValueError:
        return line in (b"[", b"{")
    return True


def json_frame(path: Path, packed: Compression | None) -> Any:
    """Return the table of a JSON file.

    A list of records, one record a line, or columns by name.

    Raises
    ------
    DataError
    """
    import pandas as pd

    text = unpacked(path, packed).decode("utf-8-sig", errors="replace")
    try:
        try:
            content = json.loads(text)
        except json.JSONDecodeError:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
        # A single record of plain values is a table of one row; columns by name are lists.
        if isinstance(content, dict):
            nested = all(isinstance(v, (list, dict)) for v in content.values())
            content = content if nested else [content]
        frame = pd.DataFrame(content)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{path} is JSON, but no table: {first_line(error)}.",
            hint='write records, [{"a": 1, "y": 0}, ...], or one record a line',
        ) from error
    if frame.shape[1] == 0 or not all(isinstance(name, str) for name in frame.columns):
        raise DataError(
            f"{path} is JSON, but its values have no names.",
            hint='write records, [{"a": 1, "y": 0}, ...], or one record a line',
        )
    return frame


def excel_texts(path: Path) -> Any:
    """Return an Excel file's first sheet as CSV text.

    Raises
    ------
    DataError
        If the file cannot be read.
    MissingExtraError
        Without the extra ``[excel]``.
    """
    import pandas as pd

    from transfergap.errors import require

    require("openpyxl", extra="excel")
    try:
        frame = pd.read_excel(
            path, dtype=object, keep_default_na=False, na_values=[], engine="openpyxl"
        )
    except Exception as error:  # openpyxl raises many kinds for sheets that are not well-formed
        raise DataError(
            f"{path} is an Excel file that cannot be read: {first_line(error)}.",
            hint="open it and save it again, or save the sheet as CSV",
        ) from error
    if frame.shape[1] == 0:
        raise DataError(f"The first sheet of {path} is empty.", hint="move the table there")
    buffer = io.StringIO()
    # Through CSV, so that one set of rules reads all files.
    frame.to_csv(buffer, index=False)
    buffer.seek(0)
    return buffer
