"""Names and texts of users, made fit for one line."""

from __future__ import annotations

import unicodedata

from transfergap.data.one_line import ELLIPSIS as ELLIPSIS
from transfergap.data.one_line import abridged as abridged
from transfergap.data.one_line import columns as columns
from transfergap.data.one_line import one_line as one_line
from transfergap.data.one_line import printable as printable
from transfergap.data.one_line import shortened as shortened

# Two lines of a terminal: longer names lose their middle.
LONGEST_NAME = 160
_ASCII = str.maketrans("−–—─·×●○┊│✓✗≈‹›“”‘’", "----|xo.:|+x~<>\"\"''") | str.maketrans(
    {"…": "...", "±": "+/-", "→": "->", "←": "<-", "≤": "<=", "≠": "!="}
)


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


def distinct_labels(
    names: tuple[str, ...], width: int, *, ellipsis: str = ELLIPSIS
) -> tuple[str, ...] | None:
    """Return shortened names, or ``None`` if two of them would look alike."""
    labels = tuple(shortened(name, width, ellipsis=ellipsis) for name in names)
    return labels if len(set(labels)) == len(set(names)) else None


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
