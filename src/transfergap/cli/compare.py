"""transfergap compare: two finished runs side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfergap.cli._terminal import echo, echo_data
from transfergap.cli.request import options as opt

if TYPE_CHECKING:
    from transfergap.analysis.comparison import FinishedRun

_BEFORE = Annotated[Path, typer.Argument(metavar="BEFORE", help="Directory of a run.")]
_AFTER = Annotated[Path, typer.Argument(metavar="AFTER", help="Directory of a later run.")]


def compare(before: _BEFORE, after: _AFTER, format: opt.COMPARISON_FORMAT = "text") -> None:
    """Show what changed between two runs: design, verdicts, gaps, findings.

    Leaves with 0 whatever changed; --format json has `n_verdicts_changed` for scripts.

    Example: transfergap compare runs/monday runs/friday
    """
    from transfergap.analysis.comparison import compare_runs
    from transfergap.cli.request.request import check_format
    from transfergap.report.comparison import COMPARISON_FORMATS, render_comparison
    from transfergap.report.wording.names import in_ascii
    from transfergap.report.wording.numbers import Numbers, decimals_for

    check_format(format, COMPARISON_FORMATS)
    runs = [_finished(path) for path in (before, after)]
    numbers = Numbers(decimals_for(min(run.result.margin for run in runs)))
    text = render_comparison(compare_runs(*runs), numbers, format)
    if format == "text":
        utf = "utf" in (sys.stdout.encoding or "ascii").lower()
        echo(text if utf else in_ascii(text))
    else:
        echo_data(text)


def _finished(directory: Path) -> FinishedRun:
    from transfergap.analysis.comparison import FinishedRun
    from transfergap.auditing.results import load_audit
    from transfergap.experiment.run_directory import DESIGN, read_design

    result = load_audit(directory).result
    # Imported scores have a result, and no design.
    design = read_design(directory) if (directory / DESIGN).exists() else None
    return FinishedRun(str(directory), result, design)
