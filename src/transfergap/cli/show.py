"""Verbs that read a finished run: show, report and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError


def show(
    run: opt.RUN,
    format: opt.FORMAT = "text",
    no_color: opt.NO_COLOR = False,
    sources: opt.SOURCES = False,
    why: Annotated[
        bool, typer.Option("--why", help="Faults, causes and harmed groups below the answer.")
    ] = False,
    all_details: Annotated[
        bool, typer.Option("--all", help="Every judged arm, finding, piece of advice and note.")
    ] = False,
) -> None:
    """Print a finished run's result again, or its sources by harm.

    Example: transfergap show runs/demo-heart --why
    """
    from transfergap.auditing.results import load_audit
    from transfergap.cli._output import next_line, places_of, print_result, print_sources
    from transfergap.cli.request.request import check_format

    check_format(format)
    if sources:
        print_sources(load_audit(run).rank_sources(), format)
        return
    result = load_audit(run).result
    print_result(
        result,
        format=format,
        no_color=no_color,
        next_line=next_line(result, run),
        detail="all" if all_details else "why" if why else "brief",
        places=places_of(run),
    )


def report(
    run: opt.RUN,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File; .html, .md, .json or .txt decides the kind. (default: RUN/report.html)",
        ),
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="Print every section of the page, not one sheet.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write a report of a finished run.

    It is HTML, Markdown, JSON or text, by the suffix.

    Example: transfergap report runs/demo-heart --open
    """
    from transfergap.auditing.results import load_audit
    from transfergap.cli.run_audit import today
    from transfergap.report import save

    file = run / "report.html" if output is None else output
    save(load_audit(run).result, file, made_on=today(), long=long)
    echo(str(file))
    if open_page and typer.launch(str(file)):
        raise ConfigurationError(
            "No program to open the page was found.", hint=f"open {file} in a browser"
        )


HARM, UNSETTLED, INCOMPLETE = 1, 3, 4  # 2 is typer's code for wrong usage
_UNSETTLED = ("fail", "warn", "pass")


def check(
    run: opt.RUN,
    arm: Annotated[
        list[str] | None,
        typer.Option("--arm", help="Arm to judge; repeatable. (default: every judged arm)"),
    ] = None,
    max_harm: Annotated[
        float | None,
        typer.Option(
            "--max-harm", help="Harm you allow, in units of the metric. (default: margin)"
        ),
    ] = None,
    max_subgroup_harm: Annotated[
        float | None,
        typer.Option(
            "--max-subgroup-harm", help="Harm you allow in every subgroup that was looked at."
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Pass arms by their chance of costing more than the margin: expected (15 %),"
            " cautious (5 %), or proven (only what was shown to help)."
        ),
    ] = None,
    unsettled: Annotated[
        str,
        typer.Option(help="What to do where it cannot be told: fail (leave with 3), warn or pass."),
    ] = "fail",
    format: opt.GATE_FORMAT = "text",
) -> None:
    """Check that no arm harms more than allowed.

    Leaves with 0 if none does, 1 if one does, 3 if it cannot be told.

    Example: transfergap check runs/demo-digits --arm "more_scans pooled" --max-harm 0.02
    """
    from transfergap.analysis.gate import gate
    from transfergap.auditing.results import load_audit
    from transfergap.cli._output import print_gate
    from transfergap.cli.request.request import check_format
    from transfergap.report.gate_formats import GATE_FORMATS

    check_format(format, GATE_FORMATS)
    if unsettled not in _UNSETTLED:
        raise ConfigurationError(
            f"There is no way to take unsettled arms called {unsettled!r}.",
            hint=f"known: {', '.join(_UNSETTLED)}",
        )
    result = load_audit(run).result
    outcome = gate(
        result,
        arms=arm,
        max_harm=max_harm,
        max_subgroup_harm=max_subgroup_harm,
        policy=policy,
    )
    print_gate(outcome, result, run, format=format, unsettled=unsettled)
    if outcome.not_judged:
        names = ", ".join(outcome.not_judged)
        echo(f"Too few rows to be judged: {names}.", err=True)
    # Before the ruling: half a run may pass by what it lacks.
    if not outcome.complete:
        echo("The run is incomplete; run the same `transfergap run` again.", err=True)
        raise typer.Exit(INCOMPLETE)
    if outcome.ruling == "unsettled" and unsettled == "warn":
        echo("Not settled: more labelled target rows would tell. It passes.", err=True)
    settled = UNSETTLED if unsettled == "fail" else 0
    raise typer.Exit({"passes": 0, "harm": HARM, "unsettled": settled}[outcome.ruling])
