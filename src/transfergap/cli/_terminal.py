"""Writer of everything that reaches the terminal but styled reports."""

from __future__ import annotations

import sys

import typer


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Write text without control characters and marks of direction.

    Names of files, columns, sources and arms, and messages of other libraries could otherwise
    recolour the terminal, rename its window or hide a line.
    """
    typer.echo(cleaned(text), err=err, nl=nl)


def cleaned(text: str) -> str:
    """Return text without control characters, its lines as they are.

    Examples
    --------
    >>> cleaned("a\\x1b[31mb\\nc")
    'a [31mb\\nc'
    """
    from transfergap.data.one_line import printable

    return "\n".join(printable(line) for line in text.split("\n"))


def echo_line(head: str, text: str) -> None:
    """Write one line to standard error.

    It is shortened where a name or a message is endless.
    """
    from transfergap.data.one_line import one_line

    typer.echo(f"{head}{one_line(text)}", err=True)


def echo_data(text: str, *, nl: bool = True) -> None:
    """Write data to standard output as they are.

    They are cleaned where a terminal shows them.
    """
    typer.echo(cleaned(text) if sys.stdout.isatty() else text, nl=nl)
