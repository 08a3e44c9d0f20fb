"""Results to stdout, progress to stderr."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import typer

from transfergap.cli._terminal import cleaned, echo, echo_data
from transfergap.cli.request.request import wants_color
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.gate import GateOutcome
    from transfergap.analysis.ranking import SourceRanking
    from transfergap.analysis.result import AuditResult
    from transfergap.report.console.screen import Detail
    from transfergap.report.console.trial_progress import TrialProgress

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
    from transfergap.report.console.screen import render_terminal

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


def print_gate(
    outcome: GateOutcome, result: AuditResult, run: Path, *, format: str, unsettled: str
) -> None:
    """Print the rulings of the gate in one of its formats."""
    from transfergap.experiment.run_directory import RESULT
    from transfergap.report.gate_formats import GateReport, render_gate
    from transfergap.report.wording.names import in_ascii

    # Code hosts want a path within the repository, which is where jobs run.
    place = os.path.relpath(run / RESULT).replace(os.sep, "/")
    report = GateReport(outcome, result, unsettled, quote(place))  # type: ignore[arg-type]
    text = render_gate(report, format)
    if format == "text":
        utf = "utf" in (sys.stdout.encoding or "").lower()
        echo(text if utf else in_ascii(text))
    else:
        echo_data(text)


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
    from transfergap.report.wording.names import in_ascii

    utf = "utf" in (sys.stdout.encoding or "ascii").lower()
    echo(ranking.text if utf else in_ascii(ranking.text))


def next_line(result: AuditResult, directory: Path) -> str | None:
    """Return the command `transfergap fit`, or ``None``.

    ``None`` where the safe model is not the one to use.
    """
    from transfergap.report.choice import best_arm, is_safe

    if is_safe(result, best_arm(result)):
        return f"transfergap fit {shell_path(directory)} -o model.skops"
    return None


def places_of(directory: Path) -> tuple[str, ...]:
    """Return the places that show more of a run.

    They are its page and the longer texts.
    """
    run = shell_path(directory)
    return f"open {run}/report.html", f"transfergap show {run} --why", "--all"


def shell_path(path: Path) -> str:
    """Return a path as a shell takes it."""
    return cleaned(shlex.quote(str(path)))


@contextmanager
def progress(n_total: int, n_done: int, *, quiet: bool, verbose: bool) -> Iterator[TrialProgress]:
    """Yield a callback for each trial, which if quiet reports failures alone."""
    from transfergap.learners.progress import progress_of
    from transfergap.report.console.trial_progress import TrialProgress

    level = 0 if quiet else 1
    with progress_of(n_total, n_done, verbose=level, writer=partial(echo, err=True)) as display:
        yield TrialProgress(display, every_trial=verbose)
