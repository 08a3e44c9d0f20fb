"""Progress of many fits.

It is a bar in a terminal, a display in a notebook, and lines in a log.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from transfergap.data.one_line import printable
from transfergap.errors import ConfigurationError

Verbosity = int | Literal["auto"]
_EVERY_S = 0.2  # faster than anybody reads
_SHORT_S = 5.0  # of a rest that is not worth a word
Writer = Callable[[str], None]


class Progress(Protocol):
    """Display of how much is done."""

    n_done: int
    n_total: int
    is_log: bool
    is_shown: bool

    def advance(self, detail: str = "") -> None:
        """Count one, with a few words on the state of all."""
        ...

    def expect(self, n_more: int) -> None:
        """Count on more than was known at first."""
        ...

    def news(self, lines: Sequence[str], *, is_last: bool) -> None:
        """Show lines until the next ones.

        ``is_last`` tells that a stage ends with them.
        """
        ...

    def write(self, line: str) -> None:
        """Write a line that stays."""
        ...


class NoProgress:
    """Counter that shows nothing.

    It writes only where it is given a writer.

    Examples
    --------
    >>> counter = NoProgress(3)
    >>> counter.advance()
    >>> counter.n_done, counter.n_total
    (1, 3)
    """

    is_log, is_shown = False, False

    def __init__(self, n_total: int, n_done: int = 0, *, writer: Writer | None = None) -> None:
        self.n_total, self.n_done, self._writer = n_total, n_done, writer

    def advance(self, detail: str = "") -> None:
        """Count one."""
        self.n_done += 1

    def expect(self, n_more: int) -> None:
        """Count on more than was known at first."""
        self.n_total += n_more

    def news(self, lines: Sequence[str], *, is_last: bool) -> None:
        """Show nothing."""

    def write(self, line: str) -> None:
        """Write a line, if there is somewhere to."""
        if self._writer is not None:
            self._writer(line)


class LogProgress(NoProgress):
    """A line each tenth, for logs.

    Parameters
    ----------
    n_total, n_done : int
    noun : str
        Noun for the counted things, in the plural.
    writer : callable, optional
        Takes one line; standard error if not given.

    Examples
    --------
    >>> log = LogProgress(2, noun="fits", writer=print)
    >>> log.advance()
     50 %  1/2 fits
    """

    is_log, is_shown = True, True

    def __init__(
        self, n_total: int, n_done: int = 0, *, noun: str = "trials", writer: Writer | None = None
    ) -> None:
        super().__init__(n_total, n_done, writer=writer or _to_stderr)
        self.noun = noun
        self._first, self._started = n_done, time.monotonic()

    def advance(self, detail: str = "") -> None:
        """Count one; write at each tenth."""
        before = 10 * self.n_done // max(self.n_total, 1)
        super().advance()
        after = 10 * self.n_done // max(self.n_total, 1)
        if after > before:
            tail = "".join(f", {text}" for text in (detail, self._remaining_time()) if text)
            self.write(f"{10 * after:3d} %  {self.n_done}/{self.n_total} {self.noun}{tail}")

    def _remaining_time(self) -> str:
        """Return about how long the rest takes; nothing where that is seconds."""
        pace = (time.monotonic() - self._started) / max(self.n_done - self._first, 1)
        seconds = pace * (self.n_total - self.n_done)
        if seconds < _SHORT_S:
            return ""
        return (
            f"about {seconds:.0f} s left" if seconds < 120 else f"about {seconds / 60:.0f} min left"
        )

    def news(self, lines: Sequence[str], *, is_last: bool) -> None:
        """Write the last lines of each stage."""
        for line in lines if is_last else ():
            self.write(line)


class BarProgress(NoProgress):
    """Bar on standard error with counts, elapsed and remaining time.

    It is gone at the end.
    """

    is_shown = True

    def __init__(self, n_total: int, n_done: int = 0, *, noun: str = "trials") -> None:
        super().__init__(n_total, n_done)
        from rich.console import Console, Group
        from rich.live import Live
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(noun),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            # Progress on stderr, so that stdout can be piped.
            console=(console := Console(stderr=True)),
        )
        # News above the bar go when the result comes: they are none.
        self.live = Live(self.bar, console=console, transient=True)
        self._stacked = Group
        self._task = self.bar.add_task("work", total=n_total, completed=n_done, detail="")

    def advance(self, detail: str = "") -> None:
        """Move the bar by one."""
        super().advance()
        self.bar.update(self._task, advance=1, detail=detail)

    def expect(self, n_more: int) -> None:
        """Lengthen the bar."""
        super().expect(n_more)
        self.bar.update(self._task, total=self.n_total)

    def news(self, lines: Sequence[str], *, is_last: bool) -> None:
        """Show lines above the bar, instead of those before."""
        from rich.text import Text

        text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        self.live.update(self._stacked(text, self.bar))

    def write(self, line: str) -> None:
        """Write a line above the bar."""
        from rich.markup import escape

        self.live.console.print(escape(printable(line)), highlight=False)


class NotebookProgress(NoProgress):
    """Display below a notebook's cell, which needs no widgets.

    It is emptied at the end.
    """

    is_shown = True

    def __init__(self, n_total: int, n_done: int = 0, *, noun: str = "trials") -> None:
        super().__init__(n_total, n_done, writer=_to_stderr)
        from IPython.display import display

        self._noun, self._first, self._started = noun, n_done, time.monotonic()
        self._news, self._detail, self._written_at = "", "", 0.0
        self._handle: Any = display(self._content(), display_id=True)  # type: ignore[no-untyped-call]

    def advance(self, detail: str = "") -> None:
        """Count one; redraw a few times a second."""
        super().advance()
        self._detail = detail
        if time.monotonic() - self._written_at >= _EVERY_S:
            self._draw()

    def news(self, lines: Sequence[str], *, is_last: bool) -> None:
        """Show lines below the bar, instead of those before."""
        self._news = "\n".join(lines)
        self._draw()

    def end(self) -> None:
        """Empty the display."""
        from IPython.display import HTML

        self._handle.update(HTML(""))  # type: ignore[no-untyped-call]

    def _draw(self) -> None:
        self._written_at = time.monotonic()
        self._handle.update(self._content())

    def _content(self) -> Any:
        from html import escape

        from IPython.display import HTML

        total = max(self.n_total, self.n_done)  # some are only planned on the way
        words = [
            f"{self.n_done:,} of {total:,} {self._noun}",
            self._detail,
            self._remaining_time(total),
        ]
        news = f"<pre>{escape(self._news)}</pre>" if self._news else ""
        return HTML(  # type: ignore[no-untyped-call]
            f'<progress max="{max(total, 1)}" value="{self.n_done}"></progress>'
            f" {escape(', '.join(filter(None, words)))}{news}"
        )

    def _remaining_time(self, total: int) -> str:
        """Return the time that is left, at the pace so far."""
        n_new = self.n_done - self._first
        if n_new < 1 or self.n_done >= total:
            return ""
        left_s = (time.monotonic() - self._started) / n_new * (total - self.n_done)
        return f"about {round(left_s // 60)}:{round(left_s % 60):02d} left"


@contextmanager
def progress_of(
    n_total: int,
    n_done: int = 0,
    *,
    noun: str = "trials",
    verbose: Verbosity = "auto",
    writer: Writer | None = None,
) -> Iterator[Progress]:
    """Yield a display of progress that fits the place.

    The place is a notebook, a terminal or a log.

    Parameters
    ----------
    n_total, n_done : int
    noun : str
        Noun for the counted things, in the plural.
    verbose : {0, 1, "auto"}
        Nothing; something anywhere; or something only in a notebook and on a terminal.
    writer : callable, optional
        Takes the lines of a log; standard error if not given.

    Raises
    ------
    ConfigurationError
        For another ``verbose``.

    Examples
    --------
    >>> with progress_of(1, verbose=0) as progress:
    ...     progress.advance()
    """
    if verbose != "auto" and not (isinstance(verbose, int) and verbose >= 0):
        raise ConfigurationError(
            f"verbose is {verbose!r}.", hint='use 0 (quiet), 1 or "auto" (where somebody looks)'
        )
    if verbose == 0:
        yield NoProgress(n_total, n_done, writer=writer)
    elif in_notebook():
        display = NotebookProgress(n_total, n_done, noun=noun)
        try:
            yield display
        finally:
            display.end()
    elif sys.stderr.isatty():
        bar = BarProgress(n_total, n_done, noun=noun)
        with bar.live:
            yield bar
    # A moving bar in a log file is noise.
    elif verbose == "auto":
        yield NoProgress(n_total, n_done)
    else:
        yield LogProgress(n_total, n_done, noun=noun, writer=writer)


def in_notebook() -> bool:
    """Return whether a notebook's kernel runs this.

    It may be of Jupyter, VS Code or Colab.
    """
    # Whoever is in a notebook has imported it; nobody else needs it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{printable(line)}\n")
    sys.stderr.flush()
