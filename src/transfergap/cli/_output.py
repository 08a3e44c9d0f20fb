"""Results to stdout, progress to stderr."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

from transfergap.cli._request import wants_color
from transfergap.cli._terminal import cleaned, echo, echo_data
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.first_look import FirstLook
    from transfergap.analysis.ranking import SourceRanking
    from transfergap.analysis.result import AuditResult
    from transfergap.experiment.trial import Trial
    from transfergap.report.terminal import Detail

WIDTH = 88  # columns; by convention


def print_result(
    result: AuditResult,
    *,
    format: str,
    no_color: bool,
    next_line: str | None,
    detail: Detail = "brief",
    places: Sequence[str] = (),
) -> None:
    """Print a result in one of the formats."""
    from transfergap.report import render

    if format != "text":
        echo_data(render(result, format), nl=False)
        return
    from transfergap.report.terminal import render_terminal

    encoding = (sys.stdout.encoding or "ascii").lower()
    text = render_terminal(
        result,
        width=min(WIDTH, max(shutil.get_terminal_size((WIDTH, 24)).columns, 60)),
        ascii="utf" not in encoding,
        color=wants_color(no_color),
        detail=detail,
        next_line=next_line,
        places=places,
    )
    typer.echo(text, nl=not text.endswith("\n"), color=True)


def print_sources(ranking: SourceRanking, format: str) -> None:
    """Print a ranking of sources as text or as JSON.

    Raises
    ------
    ConfigurationError
        For another format.
    """
    if format == "json":
        echo(json.dumps(asdict(ranking), indent=2))
        return
    if format != "text":
        raise ConfigurationError(
            f"The sources by harm are not printed as {format}.", hint="use text or json"
        )
    from transfergap.report.names import in_ascii

    utf = "utf" in (sys.stdout.encoding or "ascii").lower()
    echo(ranking.text if utf else in_ascii(ranking.text))


def next_line(result: AuditResult, directory: Path) -> str | None:
    """Return `transfergap fit` where the safe model is the one to use; else nothing."""
    from transfergap.report.advice import best_arm
    from transfergap.report.choice import is_safe

    if is_safe(result, best_arm(result)):
        return f"transfergap fit {shell_path(directory)} -o model.skops"
    return None


def places_of(directory: Path) -> tuple[str, ...]:
    """Return where more of a run is to be seen: its page, and the longer texts."""
    run = shell_path(directory)
    return f"open {run}/report.html", f"transfergap show {run} --why", "--all"


def shell_path(path: Path) -> str:
    """Return a path as a shell takes it."""
    return cleaned(shlex.quote(str(path)))


class Progress(Protocol):
    """A callback for every trial."""

    n_done: int
    n_total: int

    def expect(self, n_more: int) -> None:
        """Count on more trials than was known at first."""
        ...

    def look(self, look: FirstLook) -> None:
        """Show what the trials tell so far."""
        ...

    def __call__(self, trial: Trial) -> None:
        """Count one trial."""
        ...


class _Lines:
    """A line every ten per cent, for logs."""

    def __init__(self, n_total: int, n_done: int, *, quiet: bool, verbose: bool) -> None:
        self.n_total, self.n_done, self.quiet, self.verbose = n_total, n_done, quiet, verbose
        self.n_failed = 0
        self._messages: set[str] = set()

    def expect(self, n_more: int) -> None:
        self.n_total += n_more
        if n_more and not self.quiet:
            self._write(f"looking for causes: {n_more} more trials")

    def __call__(self, trial: Trial) -> None:
        # A line each tenth of the trials.
        before = 10 * self.n_done // max(self.n_total, 1)
        self.n_done += 1
        self._say_failure(trial)
        after = 10 * self.n_done // max(self.n_total, 1)
        if self.verbose:
            self._write(f"{trial.cell.arm} {trial.cell.split}")
        if after > before and not self.quiet:
            failed = f", {self.n_failed} failed" if self.n_failed else ""
            self._write(f"{10 * after:3d} %  {self.n_done}/{self.n_total} trials{failed}")

    def look(self, look: FirstLook) -> None:
        # In a log one look a stage, when it is complete.
        if look.is_complete:
            for line in _look_lines(look, sys.stderr.encoding):
                self._write(line)

    def _say_failure(self, trial: Trial) -> None:
        error = getattr(trial, "error", None)
        if error is None:
            return
        self.n_failed += 1
        # Five different errors, each once: thousands of trials may fail alike.
        if error not in self._messages and len(self._messages) < 5:
            self._messages.add(error)
            self._write(f"! {trial.cell.arm}, {trial.cell.split} failed: {error}")

    def _write(self, text: str) -> None:
        echo(text, err=True)


class _Bar(_Lines):
    """A bar with counts, elapsed and remaining time, on a terminal."""

    def __init__(self, n_total: int, n_done: int, *, verbose: bool) -> None:
        super().__init__(n_total, n_done, quiet=True, verbose=verbose)
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
            TextColumn("{task.fields[failed]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            # Progress on stderr, so that stdout can be piped.
            console=(console := Console(stderr=True)),
        )
        # A first look above the bar goes when the result comes: it is none.
        self.live = Live(self.bar, console=console, transient=True)
        self._stacked = Group
        self._task = self.bar.add_task("trials", total=n_total, completed=n_done, failed="")

    def expect(self, n_more: int) -> None:
        super().expect(n_more)
        self.bar.update(self._task, total=self.n_total)

    def look(self, look: FirstLook) -> None:
        from rich.text import Text

        lines = _look_lines(look, sys.stderr.encoding, all_stages=True)
        text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        self.live.update(self._stacked(text, self.bar))

    def __call__(self, trial: Trial) -> None:
        super().__call__(trial)
        failed = f"{self.n_failed} failed" if self.n_failed else ""
        self.bar.update(self._task, advance=1, failed=failed)

    def _write(self, text: str) -> None:
        from rich.markup import escape

        self.live.console.print(escape(cleaned(text)), highlight=False)


def _look_lines(look: FirstLook, encoding: str | None, **options: bool) -> tuple[str, ...]:
    from transfergap.report.first_look import look_lines
    from transfergap.report.names import in_ascii

    utf = "utf" in (encoding or "ascii").lower()
    return tuple(line if utf else in_ascii(line) for line in look_lines(look, **options))


@contextmanager
def progress(n_total: int, n_done: int, *, quiet: bool, verbose: bool) -> Iterator[Progress]:
    """Yield what to call with each trial."""
    # A moving bar in a log file is noise.
    if quiet or not sys.stderr.isatty():
        yield _Lines(n_total, n_done, quiet=quiet, verbose=verbose)
        return
    bar = _Bar(n_total, n_done, verbose=verbose)
    with bar.live:
        yield bar
