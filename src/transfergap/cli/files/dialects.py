"""Dialects of text files, as far as they are typed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

SPELLED = {"\t": "\\t"}  # as it is typed


@dataclass(frozen=True)
class Dialect:
    """Dialect of a file, as far as it was typed.

    Parameters
    ----------
    delimiter, encoding, decimal : str, optional
    name : str, optional
        What options call the file, where a command reads several.
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    name: str | None = None

    def flag(self, option: str, value: str) -> str:
        """Return the option that gives a value for this file.

        Examples
        --------
        >>> Dialect(name="b").flag("delimiter", ";"), Dialect().flag("decimal", ",")
        ("--delimiter 'b:;'", '--decimal ,')
        """
        value = SPELLED.get(value, value)
        return f"--{option} {shlex.quote(value if self.name is None else f'{self.name}:{value}')}"


def separator_in(header: str, name: str | None = None) -> str | None:
    """Return what seems to separate the names in a one-column header.

    The header was read as one name. Rare signs and blanks do only if the header has the name that
    is looked for, or none is.

    Examples
    --------
    >>> separator_in("a;b;y"), separator_in("a b y", "y"), separator_in("blood pressure", "y")
    (';', ' ', None)
    >>> separator_in("   a    b    y")
    '\\\\s+'
    """
    usual = next((mark for mark in ",;\t|" if mark in header), None)
    if usual is not None:
        return usual
    for mark in ("^", "~", ":", None):
        parts = [part.strip() for part in header.split(mark)]
        if len(parts) > 1 and (name is None or name in parts):
            return mark or (" " if header == " ".join(parts) else r"\s+")
    return None


def usual_delimiter(path: Path) -> str:
    """Return the separator that the name of a file stands for."""
    return "\t" if ".tsv" in [suffix.lower() for suffix in path.suffixes] else ","
