"""transfergap import: judge scores that were made elsewhere."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli.request import options as opt


@opt.takes("name", *opt.WRITING)
def import_scores(
    scores: Annotated[
        Path,
        typer.Argument(
            help="CSV with columns arm, split, seed, score; arm, seed, step, return; or"
            " participant, group, trial, score."
        ),
    ],
    margin: Annotated[float, typer.Option("--margin", help="Smallest difference that matters.")],
    metric: Annotated[str, typer.Option("--metric", help="What the score is called.")] = "score",
    lower_is_better: Annotated[
        bool, typer.Option("--lower-is-better", help="The scores are losses.")
    ] = False,
    independent: Annotated[
        bool,
        typer.Option(
            "--independent",
            help="Pairs share no rows (separate seeds, users); otherwise splits are folds.",
        ),
    ] = False,
    steps: Annotated[
        str | None,
        typer.Option(
            "--steps",
            help="For learning curves scored at different steps: where to compare them, as"
            " FIRST:LAST:COUNT (50:1000:20) or a list (50,100,200).",
        ),
    ] = None,
    from_start: Annotated[
        bool,
        typer.Option(
            "--from-start",
            help="Count the steps of each run from its own first one: of agents that were resumed.",
        ),
    ] = False,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help="Learning curves of people, whatever their columns are called.",
        ),
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="WHAT=NAME",
            help="Of people: the column of participant, group, trial or score, where it is called"
            " otherwise; repeat for more.",
        ),
    ] = None,
    control: Annotated[
        str,
        typer.Option("--control", help="The arm trained on the target alone, or such a group."),
    ] = "control",
    judged_by: Annotated[
        str | None,
        typer.Option(
            "--judged-by",
            help="Measure of the verdicts: area or final of agents (default: area); mean, first,"
            " last or saved of people (default: mean).",
        ),
    ] = None,
    design: Annotated[
        str | None,
        typer.Option("--design", help="Of people: `between` or `within` subjects."),
    ] = None,
    ended: Annotated[
        str | None,
        typer.Option(
            "--ended",
            help="Of people with fewer trials than others: `hold` the last score, or `drop` them.",
        ),
    ] = None,
    criterion: Annotated[
        float | None,
        typer.Option(
            "--criterion",
            help="Score that counts as learned. (default: halfway from start to end of all)",
        ),
    ] = None,
    best: Annotated[
        float | None,
        typer.Option("--best", help="Of people: the best score that there is."),
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option(
            "--prior",
            metavar="GROUP=TRIALS",
            help="Of people: trials that a group spent before; repeat for more.",
        ),
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option(
            "--clusters",
            metavar="COLUMN",
            help="Of people: classes, schools or litters, which are compared in their place.",
        ),
    ] = None,
    *,
    options: opt.Options,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="New directory for the result. (default: none)"),
    ] = None,
    format: opt.FORMAT = "text",
    no_color: opt.NO_COLOR = False,
) -> None:
    """Judge scores, or learning curves of agents or people, made elsewhere.

    One arm is the control: trained on the target alone, or people who learned nothing before.

    Example: transfergap import scores.csv --margin 0.01 --metric accuracy -o runs/elsewhere
    """
    from transfergap.cli._imported import CurveOptions, PeopleOptions, ScoreOptions, imported_result
    from transfergap.cli._output import print_result
    from transfergap.cli.request.request import check_format
    from transfergap.experiment.run_directory import RESULT, make_place, write_atomically
    from transfergap.report import result_to_json

    check_format(format)
    common = ScoreOptions(
        margin,
        metric,
        lower_is_better=lower_is_better,
        independent=independent,
        name=options.get("name"),
        control=control,
    )
    result = imported_result(
        scores,
        common,
        CurveOptions(steps, judged_by, criterion, from_start),
        PeopleOptions(
            people, tuple(column or ()), design, ended, best, tuple(prior or ()), clusters
        ),
        {name: options[name] for name in opt.WRITING if name in options},
    )
    if output is not None:
        make_place(output)
        write_atomically(output / RESULT, result_to_json(result))
    next_line = (
        None if output is None else f"transfergap report {shlex.quote(str(output))} -o report.html"
    )
    print_result(result, format=format, no_color=no_color, next_line=next_line)
