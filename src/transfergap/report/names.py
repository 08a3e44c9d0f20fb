"""Names and texts of users, made fit for one line."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
# Two lines of a terminal: longer names lose their middle.
LONGEST_NAME = 160
# Some paragraphs; messages of other libraries can be far longer.
LONGEST_TEXT = 1200
# Unicode's marks of direction: in a name they could turn the text of a report around.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ASCII = str.maketrans("−–—─·×●┊│✓✗≈‹›“”‘’", "----|xo:|+x~<>\"\"''") | str.maketrans(
    {"…": "...", "±": "+/-", "→": "->", "←": "<-", "≤": "<=", "≠": "!="}
)


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
    return "".join(_printable(letter) for letter in text)


def named(name: str) -> str:
    """Return a user's name for use within a sentence.

    An empty one is shown as two quotes.
    """
    return one_line(name, longest=LONGEST_NAME) or '""'


def quoted(name: str) -> str:
    """Return a name between backticks, which formats may turn into code.

    Examples
    --------
    >>> quoted("all balanced")
    '`all balanced`'
    """
    return "`" + named(name).replace("`", "'") + "`"


def listed(names: tuple[str, ...], *, limit: int = 5, quote: bool = True) -> str:
    """Return names as they are read aloud, the first few of many.

    Examples
    --------
    >>> listed(("a", "b", "c"), quote=False)
    'a, b and c'
    >>> listed(("a", "b", "c", "d"), limit=2, quote=False)
    'a, b and 2 more'
    """
    words = [quoted(name) if quote else named(name) for name in names[:limit]]
    if len(names) > limit:
        words.append(f"{len(names) - limit} more")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


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


def distinct_labels(
    names: tuple[str, ...], width: int, *, ellipsis: str = ELLIPSIS
) -> tuple[str, ...] | None:
    """Return shortened names, or ``None`` if two of them would look alike."""
    labels = tuple(shortened(name, width, ellipsis=ellipsis) for name in names)
    return labels if len(set(labels)) == len(set(names)) else None


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    return sum(_width(letter) for letter in text)


def in_ascii(text: str) -> str:
    """Return ``text`` in ASCII.

    Marks get their fallbacks, accents are dropped, and other letters are escaped.

    Examples
    --------
    >>> in_ascii("Köln −0.180 ✗ 北")
    'Koln -0.180 x \\\\u5317'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.encode("ascii", "backslashreplace").decode("ascii")


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
