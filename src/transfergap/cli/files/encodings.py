"""Encodings of text files, by byte order marks or by bytes."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

from transfergap.cli.files.dialects import Dialect
from transfergap.cli.files.kinds import BROKEN_PACKING, Compression, opened, packing_error
from transfergap.errors import DataError, first_line

_BLOCK = 1 << 20  # bytes that are decoded at a time
_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
WESTERN = "cp1252"  # what Excel and R write on Windows in Western Europe and America
# Signs of cp1252 that stand between letters in words: apostrophes, dashes, the Catalan point.
_IN_WORDS = "‘’´`·–—\xad"
_SIGNS = re.escape(
    "".join(
        sign
        for sign in bytes(range(0x80, 0x100)).decode(WESTERN, "ignore")
        if not sign.isalpha() and sign not in _IN_WORDS
    )
)
_SIGN_IN_WORD = re.compile(rf"(?<=[^\W\d_])[{_SIGNS}](?=[^\W\d_])")
_HIGH_LETTERS = re.compile(r"[^\W\d_\x00-\x7f]+")
_PART_OF_UTF8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_TRIED = "cp1250 (Polish, Czech), cp1251 (Russian), cp1253 (Greek), cp850 (DOS), shift_jis"


def encoding_of(path: Path, packed: Compression | None, dialect: Dialect) -> tuple[str, int | None]:
    """Return a text file's encoding and the end of its UTF-8.

    Parameters
    ----------
    path : Path
    packed : {"gzip", "bz2", "xz", "zip"}, optional
    dialect : Dialect
        For the option that an error names.

    Returns
    -------
    str
    int or None
        Where UTF-8 ends, for a file that is no UTF-8 but reads well as cp1252.

    Raises
    ------
    DataError
        If it is neither, so that nothing tells which of many encodings it is.
    """
    decoder, place = codecs.getincrementaldecoder("utf-8")(), 0
    for block in _blocks(path, packed):
        if place == 0 and (encoding := _marked(block)) is not None:
            return encoding, None
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            if b"\x00" in block:  # text in one of these encodings has none
                raise DataError(
                    f"{path} is a binary file, not a table in text.",
                    hint="write the table as CSV or Parquet with the program that made it",
                ) from error
            # Bytes of a character that was cut between blocks are counted in this one.
            place += error.start - (len(error.object) - len(block))
            return _western(path, packed, place, dialect), place
        place += len(block)
    if decoder.getstate()[0]:  # it ends within a character
        return _western(path, packed, place - len(decoder.getstate()[0]), dialect), place
    return "utf-8", None


def check_encoding(encoding: str) -> None:
    """Raise ``DataError`` unless there is an encoding of that name, of text."""
    try:
        b"".decode(encoding)
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise DataError(
            f"There is no encoding called {encoding!r}.", hint="try utf-8 or latin-1"
        ) from error


@contextmanager
def text_of(path: Path, packed: Compression | None, encoding: str) -> Iterator[TextIO]:
    """Open a text file, packed or not.

    Line ends are newlines, and its byte order mark is left out.

    Raises
    ------
    DataError
        If it cannot be unpacked.
    """
    encoding = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        with (
            opened(path, packed) as file,
            io.TextIOWrapper(file, encoding, errors="replace", newline=None) as text,
        ):
            yield text
    except UnicodeError as error:  # not UTF-16, for example
        raise DataError(
            f"{path} is not encoded as {encoding}: {first_line(error)}.",
            hint="leave --encoding out, or name another one",
        ) from error
    except BROKEN_PACKING as error:
        raise packing_error(path, packed, error) from error


def _blocks(path: Path, packed: Compression | None) -> Iterator[bytes]:
    try:
        with opened(path, packed) as file:
            while block := file.read(_BLOCK):
                yield block
    except (*BROKEN_PACKING, ValueError) as error:
        raise packing_error(path, packed, error) from error


def _marked(start: bytes) -> str | None:
    """Return the encoding that the first bytes mark, or ``None``.

    A byte order mark names it, or zeros in every second byte tell it.
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    # Latin letters in UTF-16 without a mark; a text file has no zeros otherwise.
    first, second = start[: 1 << 12 : 2], start[1 : 1 << 12 : 2]
    for encoding, letters, zeros in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if zeros and letters.count(0) == 0 and zeros.count(0) > len(zeros) / 2:
            return encoding
    return None


def _western(path: Path, packed: Compression | None, place: int, dialect: Dialect) -> str:
    """Return cp1252 for a file whose words are such as it writes.

    Raises
    ------
    DataError
        If a word holds a sign, letters beyond ASCII mostly stand side by side, as those of other
        scripts do, or parts of the file are UTF-8.
    """
    # Latin letters with accents stand alone in words of Western languages, but for a few.
    n_runs = n_long = 0
    decoder = codecs.getincrementaldecoder(WESTERN)()
    for block in _blocks(path, packed):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError:
            _raise_unclear(path, place, dialect)
        if _SIGN_IN_WORD.search(text) is not None or _PART_OF_UTF8.search(block) is not None:
            _raise_unclear(path, place, dialect)
        runs = _HIGH_LETTERS.findall(text)
        n_runs += len(runs)
        n_long += sum(len(run) > 1 for run in runs)
    if n_long > n_runs / 2:
        _raise_unclear(path, place, dialect)
    return WESTERN


def _raise_unclear(path: Path, place: int, dialect: Dialect) -> NoReturn:
    raise DataError(
        f"{path} is not encoded as utf-8 (byte {place}), and nothing tells which encoding it is.",
        hint=f"add {dialect.flag('encoding', 'latin-1')}, or {_TRIED}",
    )
