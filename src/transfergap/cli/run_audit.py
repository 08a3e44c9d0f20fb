"""transfergap run: run or resume an audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from transfergap.cli._signals import exit_code_of
from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.subgroups import Grouping
    from transfergap.auditing.results import Audit
    from transfergap.experiment.design import Design
    from transfergap.report.console.trial_progress import TrialProgress


@opt.takes(*opt.ALL)
def run(
    target: opt.TARGET,
    source_paths: opt.SOURCE_PATHS = None,
    *,
    options: opt.Options,
    yes: opt.YES = False,
    jobs: opt.JOBS = 1,
    executor: opt.EXECUTOR = None,
    format: opt.FORMAT = "text",
    log: opt.LOG = None,
    retry_failed: opt.RETRY = False,
    extend: opt.EXTEND = False,
    no_color: opt.NO_COLOR = False,
    quiet: opt.QUIET = False,
    verbose: opt.VERBOSE = False,
) -> None:
    """Say whether each source helps or hurts.

    Run the same command again to go on.

    Example: transfergap run own.csv other.csv --label y -o runs/x
    """
    from transfergap.cli._output import next_line, places_of, print_result
    from transfergap.cli.request.config import record_of, request_from
    from transfergap.cli.request.guessing import confirmed, guessed
    from transfergap.cli.request.request import (
        check_format,
        design_from,
        grouping_from,
        run_directory_of,
    )
    from transfergap.report.trackers import check_tracker

    check_format(format)
    for tracker in log or ():
        check_tracker(tracker)
    request = request_from(target, options, source_paths or ())
    request = confirmed(guessed(request), verb="run", yes=yes)
    directory = run_directory_of(request)
    design = design_from(request)
    audited = conducted(
        design,
        directory,
        request=record_of(request, directory),
        jobs=jobs,
        executor=executor,
        retry_failed=retry_failed,
        extend=extend,
        quiet=quiet,
        verbose=verbose,
        explain=request.explain,
        subgroups=grouping_from(request, design.problem),
        learning_curve=bool(request.learning_curve),
    )
    for tracker in log or ():
        audited.log(tracker)
    print_result(
        audited.result,
        format=format,
        no_color=no_color,
        next_line=next_line(audited.result, directory),
        places=places_of(directory),
    )


def conducted(
    design: Design,
    directory: Path,
    *,
    request: dict[str, Any],
    jobs: int,
    retry_failed: bool,
    quiet: bool,
    verbose: bool,
    explain: str | None = None,
    subgroups: Grouping | None = None,
    learning_curve: bool = False,
    extend: bool = False,
    executor: str | None = None,
) -> Audit:
    """Run or resume a design, and write result and page.

    Progress goes to stderr.

    ``request`` is kept beside the design, for ``transfergap fit RUN``.

    Raises
    ------
    typer.Exit
        With 130 when interrupted, 143 when terminated, 129 when the terminal went away.
    """
    from transfergap.analysis.curves import check_curve
    from transfergap.analysis.estimation import first_round
    from transfergap.analysis.repairs import explain_named
    from transfergap.auditing.audit import add_curve, run_design
    from transfergap.experiment.run_directory import design_record, keep_request, open_run
    from transfergap.report import save
    from transfergap.report.wording.numbers import counted

    if jobs == 0:
        raise ConfigurationError("--jobs is 0.", hint="use 1 for this process, -1 for every core")
    repairs = explain_named(explain or "harmful")
    check_curve(design, learning_curve)
    show = {"quiet": quiet, "verbose": verbose}
    # Made before anything runs, so that a changed design is refused at once.
    store = open_run(directory, design_record(design), extend=extend)
    store.close()
    if store.n_damaged:
        n = counted(store.n_damaged, "stored trial")
        note = f"note    {n} of {directory} had been damaged; what is missing runs again"
        echo(note, err=True)
    keep_request(directory, request)
    with _counted(design, first_round(design), directory, show) as on_trial:
        audited = run_design(
            design,
            run_dir=directory,
            n_jobs=jobs,
            executor=executor,
            on_trial=on_trial,
            retry_failed=retry_failed,
            subgroups=subgroups,
            explain=repairs,
            on_more=on_trial.expect,
            on_look=None if quiet else on_trial.look,
        )
    if learning_curve:
        with _counted(design, _curve_of(audited, design), directory, show) as on_trial:
            audited = add_curve(audited, n_jobs=jobs, executor=executor, on_trial=on_trial)
    save(audited.result, directory / "report.html", made_on=today())
    return audited


@contextmanager
def _counted(
    design: Design,
    stage: Design | None,
    directory: Path,
    show: dict[str, bool],
) -> Iterator[TrialProgress]:
    """Show progress of a stage.

    Says how to go on when the stage is interrupted.
    """
    from transfergap.cli._output import progress
    from transfergap.experiment.run_directory import design_record, open_run

    cells = [] if stage is None else list(stage.cells())
    store = open_run(directory, design_record(design))
    stored = store.ids()
    store.close()
    n_done = sum(cell.id in stored for cell in cells)
    with progress(len(cells), n_done, **show) as on_trial:
        try:
            yield on_trial
        except KeyboardInterrupt as stop:
            stopped = (
                f"stopped at {on_trial.n_done}/{on_trial.n_total}, nothing is lost;"
                " the same command goes on from here."
            )
            echo(stopped, err=True)
            raise typer.Exit(exit_code_of(stop)) from None


def _curve_of(audited: Audit, design: Design) -> Design | None:
    """Return the curve's design; ``None`` where no arm gets one."""
    from transfergap.analysis.curves import arms_for_curve, curve_design
    from transfergap.auditing.results import verdicts_by_clearness

    arms = arms_for_curve(design, verdicts_by_clearness(audited.result))
    return curve_design(design, arms) if arms else None


def today() -> str:
    """Return the date for the head of a page."""
    import datetime

    return datetime.datetime.now(tz=datetime.UTC).strftime("%d %b %Y").lstrip("0")
