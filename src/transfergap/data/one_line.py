"""Texts of anybody, made fit for one line of a terminal."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
# Some paragraphs; messages of other libraries can be far longer.
LONGEST_TEXT = 1200
# Unicode's marks of direction: in a name they could turn the text of a report around.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return ``text`` on one line, without control characters.

    Marks that turn its direction are dropped as well.

    Examples
    --------
    >>> one_line("two\\nlines\\x1b[31m")
    'two lines [31m'
    """
    return shortened(" ".join(printable(text).split()), longest)


def printable(text: str) -> str:
    """Return text without control characters and marks of direction; tabs become spaces.

    Examples
    --------
    >>> printable("a\\x07b")
    'a b'
    """
    if _is_plain(text):
        return text
    return "".join(_printable(letter) for letter in text)


def shortened(text: str, width: int, *, ellipsis: str = ELLIPSIS) -> str:
    """Return ``text`` in at most ``width`` columns.

    Its middle is left out if need be.

    Examples
    --------
    >>> shortened("a_very_long_name pooled", 14)
    'a_very… pooled'
    """
    if columns(text) <= width:
        return text
    room = max(width - columns(ellipsis), 2)
    tail = _fitting(text[::-1], (room + 1) // 2)[::-1]
    return _fitting(text, room - columns(tail)) + ellipsis + tail


def abridged(text: str, width: int) -> str:
    """Return a sentence in at most ``width`` columns.

    Whole words of its middle are left out if need be.

    Examples
    --------
    >>> abridged("the labels of all rows of this file look exchanged", 40)
    'the labels of all … file look exchanged'
    """
    if columns(text) <= width:
        return text
    room = width - columns(ELLIPSIS) - 2
    words, head, tail = text.split(" "), 0, 0
    while True:  # a word at either end in turn, while one fits
        longer = (head + 1, tail) if head <= tail else (head, tail + 1)
        sentence = " ".join(words[: longer[0]] + words[len(words) - longer[1] :])
        if columns(sentence) > room:
            break
        head, tail = longer
    if head == 0:
        return shortened(text, width)
    return " ".join([*words[:head], ELLIPSIS, *words[len(words) - tail :]])


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    return len(text) if _is_plain(text) else sum(_width(letter) for letter in text)


def _is_plain(text: str) -> bool:
    """Return whether all letters are printable ones of ASCII."""
    return text.isascii() and text.isprintable()


def _printable(letter: str) -> str:
    if letter in _BIDI:
        return ""
    kind = unicodedata.category(letter)
    if kind == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return " " if kind in ("Cc", "Zl", "Zp") else letter


def _width(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _fitting(text: str, width: int) -> str:
    letters, used = [], 0
    for letter in text:
        used += _width(letter)
        if used > width:
            break
        letters.append(letter)
    return "".join(letters)
