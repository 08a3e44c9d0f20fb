"""Sheet of terminal lines: at most so many columns, styled, hanging."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from transfergap.report.choice import MARKS
from transfergap.report.console.verdict_table import STYLES
from transfergap.report.wording.names import columns, in_ascii
from transfergap.report.wording.sentences import Sentence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Columns of labels, such as TG101, with a blank on either side.
_INDENT = 8


class Sheet:
    """Collects lines of at most ``width`` columns."""

    def __init__(self, width: int, *, ascii: bool, color: bool) -> None:
        from rich.console import Console

        self.width, self.ascii = width, ascii
        self._file = io.StringIO()
        # Nothing is read from the environment: the same result gives the same text everywhere.
        self._console: Console = Console(
            file=self._file,
            width=width,
            force_terminal=color,
            force_jupyter=False,
            color_system="standard" if color else None,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    def text(self) -> str:
        """Return all lines."""
        lines = self._file.getvalue().split("\n")
        return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"

    def blank(self) -> None:
        """Write an empty line."""
        self._console.print()

    def n_lines(self) -> int:
        """Return how many lines hold something."""
        return sum(bool(line.strip()) for line in self._file.getvalue().split("\n"))

    def beside(self, mark: str, text: str, style: str) -> None:
        """Write a paragraph with a mark before it."""
        from rich.text import Text

        head = Text(f" {self.encoded(mark)} " if mark else " ", style)
        self._hanging(head, Text(self.encoded(text), "bold"))

    def tagged(self, label: str, text: str, tag: str) -> None:
        """Write a sentence beside a label, its tag last."""
        from rich.text import Text

        body = Text(self.encoded(text)).append(f"  {tag}" if tag else "", "dim")
        self._hanging(Text(f" {label:<{_INDENT - 1}}", "bold"), body)

    def numbered(self, label: str, number: str, text: str) -> None:
        """Write a sentence beside a label and its number."""
        from rich.text import Text

        head = Text(f" {label:<{_INDENT - 1}}", "bold").append(number)
        self._hanging(head, Text(self.encoded(text)))

    def row(self, pieces: Iterable[tuple[str, str]]) -> None:
        """Write one line of styled pieces that fits already."""
        from rich.text import Text

        line = Text(no_wrap=True)
        for piece, style in pieces:
            line.append(self.encoded(piece), style)
        line.rstrip()
        self._console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)

    def plain(self, text: str, style: str = "") -> None:
        """Write a paragraph."""
        from rich.text import Text

        self._hanging(Text(" "), Text(self.encoded(text), style))

    def hung(self, head: str, text: str) -> None:
        """Write a paragraph that starts with a name.

        Its further lines are indented a little.
        """
        from rich.text import Text

        # Room for the indent of further lines.
        lines = Text(self.encoded(head + text)).wrap(self._console, self.width - 5)
        for i, line in enumerate(lines):
            line.rstrip()
            self._console.print(" " if i == 0 else "    ", line, sep="", end="\n", soft_wrap=True)

    def labelled(self, label: str, sentences: Iterable[str]) -> None:
        """Write sentences beside a label, each with hanging indent."""
        from rich.text import Text

        for i, sentence in enumerate(sentences):
            head = Text(f" {label if i == 0 else '':<{_INDENT - 1}}", "bold")
            self._hanging(head, Text(self.encoded(sentence)))

    def listed(self, label: str, sentences: Sequence[str]) -> None:
        """Write sentences beside a label, dashed if several."""
        from rich.text import Text

        dash = "- " if len(sentences) > 1 else ""
        for i, sentence in enumerate(sentences):
            head = Text(f" {label if i == 0 else '':<{_INDENT - 1}}", "bold")
            self._hanging(head.append(dash), Text(self.encoded(sentence)))

    def marked(self, sentence: Sentence) -> None:
        """Write a sentence with the mark of its verdict."""
        from rich.text import Text

        style = "bold" if sentence.verdict is None else STYLES[sentence.verdict]
        mark = "" if sentence.verdict is None else MARKS[sentence.verdict]
        body = Text(self.encoded(sentence.before))
        body.append(self.encoded(sentence.claim), style)
        body.append(self.encoded(sentence.after))
        self._hanging(Text(f" {self.encoded(mark)} " if mark else " ", style), body)

    def _hanging(self, head: Text, body: Text) -> None:
        indent = columns(head.plain)
        lines = body.wrap(self._console, self.width - indent)
        for i, line in enumerate(lines):
            line.rstrip()
            start = head if i == 0 else " " * indent
            self._console.print(start, line, sep="", end="\n", soft_wrap=True)

    def encoded(self, text: str) -> str:
        """Return ``text`` as it may be shown."""
        return in_ascii(text) if self.ascii else text
