"""A uniform spelling of values, so that labels and groups match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

_WHOLE = re.compile(r"([-+]?\d+)\.0+")  # whole numbers that a float column wrote
_FEWEST_SIGNS = 32  # of a UUID: its digits
_PADDED = re.compile(r"([-+]?)0+(\d+)")  # zeros that one file pads and another does not

# Dashes, braces and prefix are notation: RFC 9562, and what Microsoft's tools write.
UUID = re.compile(
    r"(?:urn:)?(?:uuid:)?[{(]?(?P<digits>[0-9a-f]{8}(?P<dash>-?)(?:[0-9a-f]{4}(?P=dash)){3}"
    r"[0-9a-f]{12})[)}]?",
    re.IGNORECASE,
)


def as_text(value: Any) -> str:
    """Return a value as a person would write it: 3.0 is 3.

    Examples
    --------
    >>> as_text(3.0), as_text(2.5), as_text(True), as_text(b"yes")
    ('3', '2.5', 'True', 'yes')
    """
    if isinstance(value, bytes):  # texts of HDF5 and of NumPy's own files
        return value.decode("utf-8", errors="replace")
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


def without_blanks(value: Any) -> str:
    """Return a value as text, without outer blanks and trailing ``.0``.

    Examples
    --------
    >>> without_blanks(" 7 "), without_blanks("7.0"), without_blanks("0007"), without_blanks("A.0")
    ('7', '7', '0007', 'A.0')
    """
    text = " ".join(as_text(value).split())
    match = _WHOLE.fullmatch(text)
    return text if match is None else match.group(1)


def without_case(value: Any) -> str:
    """Return a value as text, without case, blanks and ``.0``.

    Accents are composed: an o with two dots is one character, however a file writes it.

    Examples
    --------
    >>> without_case(" Yes"), without_case(1.0), without_case("1.0")
    ('yes', '1', '1')
    """
    return unicodedata.normalize("NFC", without_blanks(value)).casefold()


def uuid_digits(text: str) -> str:
    """Return the 32 digits of a UUID; empty for other texts.

    Examples
    --------
    >>> uuid_digits("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}"), uuid_digits("P-0012")
    ('6ba7b8109dad11d180b400c04fd430c8', '')
    """
    match = UUID.fullmatch(text) if len(text) >= _FEWEST_SIGNS else None
    return "" if match is None else match["digits"].replace("-", "").lower()


def compact(value: Any) -> str:
    """Return a value without case, any blank and a full stop behind.

    Examples
    --------
    >>> compact("> 50K."), compact(">50k")
    ('>50k', '>50k')
    """
    text = "".join(without_case(value).split())
    return text.removesuffix(".") or text


def without_padding(text: str) -> str:
    """Strip the zeros before a whole number.

    Any other text stays as it is.

    Examples
    --------
    >>> without_padding("0007"), without_padding("0"), without_padding("B012")
    ('7', '0', 'B012')
    """
    match = _PADDED.fullmatch(text)
    return text if match is None else match.group(1) + match.group(2)


def listing(texts: Sequence[str], most: int, *, mark: str = ", ", more: str = " and ") -> str:
    """Return the first texts of a list, and count the others.

    Examples
    --------
    >>> listing(["a", "b", "c", "d"], 2)
    'a, b and 2 more'
    """
    n_more = len(texts) - most
    return mark.join(texts[:most]) + (f"{more}{n_more} more" if n_more > 0 else "")
