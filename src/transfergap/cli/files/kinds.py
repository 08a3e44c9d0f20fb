"""File kinds by first bytes, whatever the name, and their tables."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from transfergap.cli.files.signatures import N_FIRST, check_signature
from transfergap.errors import DataError, first_line

# The suffix decides, as summaries are named on the command line among files of rows.
SUMMARY = ".tgsum"
Kind = Literal["csv", "parquet", "arrow", "json", "excel"]
Compression = Literal["gzip", "bz2", "xz", "zip"]
# What the standard library raises for packed files that are cut off or damaged.
BROKEN_PACKING = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<div")
# First bytes by the formats' specifications (RFC 1952 for gzip).
_PACKED: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
# Byte order marks of UTF-8, UTF-16 and UTF-32, their zeros, and blanks.
_BEFORE_JSON = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


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
        first = file.read(N_FIRST)
    check_signature(path, first)
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
        return _of_packed(path, packed)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise DataError(
            f"{path} is no Excel file, whatever its name says.", hint="save it again, or as CSV"
        )
    start = first.lstrip(_BEFORE_JSON)[:1]
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
    names = _tables_of(names)
    if len(names) != 1:
        raise DataError(
            f"{path} is a zip archive of {len(names)} files, not of one table.", hint="unpack it"
        )
    return _of_packed(path, "zip")


def _tables_of(names: Iterable[str]) -> list[str]:
    """Return the files of an archive that may be tables.

    Folders, and the files that macOS adds, are left out.
    """
    return [
        name
        for name in names
        if not name.startswith("__MACOSX")
        and not name.endswith("/")
        and not name.rpartition("/")[2].startswith(".")
    ]


def readable(path: Path, packed: Compression | None) -> tuple[Any, Compression | None]:
    """Return a packed file as pandas reads it, and its compression then.

    It reads archives of a single entry alone: others are unpacked in memory.
    """
    if packed == "zip":
        with zipfile.ZipFile(path) as archive:
            if len(archive.namelist()) > 1:
                return io.BytesIO(unpacked(path, packed)), None
    return path, packed


def _of_packed(path: Path, packed: Compression) -> tuple[Kind, Compression | None]:
    first = unpacked(path, packed, size=N_FIRST)
    check_signature(path, first)
    start = first.lstrip(_BEFORE_JSON)[:1] or b" "
    return ("json" if start in b"{[" else "csv"), packed


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
    """Return the error for a file that cannot be unpacked or read."""
    state = "cannot be read" if packed is None else f"is packed ({packed}) and cannot be unpacked"
    return DataError(f"{path} {state}: {first_line(error)}.", hint="unpack it, or copy it again")


@contextmanager
def opened(path: Path, packed: Compression | None) -> Iterator[Any]:
    """Open a file's unpacked content."""
    if packed == "zip":
        with zipfile.ZipFile(path) as archive:
            (name,) = _tables_of(archive.namelist())
            with archive.open(name) as file:
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


def sheets_with_rows(path: Path) -> tuple[str, ...]:
    """Return an Excel file's first sheet, and others that hold rows.

    Nothing where there is one table, or the file cannot be read.
    """
    import pandas as pd

    try:
        with pd.ExcelFile(path, engine="openpyxl") as file:
            first, *further_sheets = file.book.worksheets
            # A sheet of one line holds no table; some files do not say how many lines it has.
            titles = [s.title for s in further_sheets if s.max_row is None or s.max_row > 1]
            return (first.title, *titles) if titles else ()
    except Exception:  # of many kinds; reading the table raises the one that tells what is wrong
        return ()
