"""transfergap import: judge scores that were made elsewhere."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from transfergap.cli import _options as opt
from transfergap.errors import ConfigurationError


@opt.takes("name")
def import_scores(
    scores: Annotated[
        Path,
        typer.Argument(
            help="CSV with columns arm, split, seed, score; or arm, seed, step, return."
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
    *,
    options: opt.Options,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="New directory for the result. (default: none)"),
    ] = None,
    format: opt.FORMAT = "text",
    no_color: opt.NO_COLOR = False,
) -> None:
    """Judge scores, or learning curves of agents, made elsewhere; one arm must be called control.

    Example: transfergap import scores.csv --margin 0.01 --metric accuracy -o runs/elsewhere
    """
    from transfergap.analysis.imported_scores import assess_scores
    from transfergap.cli._output import print_result
    from transfergap.cli._request import check_format
    from transfergap.cli._tables import read_scores
    from transfergap.data.metric import is_loss
    from transfergap.experiment.run_directory import RESULT, make_place, write_atomically
    from transfergap.report import result_to_json
    from transfergap.rl import audit_curves
    from transfergap.rl.curve_table import is_curve_table

    check_format(format)
    name = options.get("name")
    table = read_scores(scores)
    more_is_better = not lower_is_better and not is_loss(metric)
    if is_curve_table(list(table.columns)):
        result = audit_curves(
            table,
            margin=margin,
            score="return" if metric == "score" else metric,
            greater_is_better=more_is_better,
            name=name or scores.stem,
            steps=None if steps is None else read_steps(steps),
        ).result
    elif steps is not None:
        raise ConfigurationError(
            "--steps is for learning curves, and this is a table of scores.",
            hint="curves have the columns arm, seed, step, return",
        )
    else:
        result = assess_scores(
            table,
            margin=margin,
            metric=metric,
            greater_is_better=more_is_better,
            independent=independent,
            name=name or scores.stem,
        )
    if output is not None:
        make_place(output)
        write_atomically(output / RESULT, result_to_json(result))
    next_line = (
        None if output is None else f"transfergap report {shlex.quote(str(output))} -o report.html"
    )
    print_result(result, format=format, no_color=no_color, next_line=next_line)


def read_steps(text: str) -> list[float]:
    """Return the steps that FIRST:LAST:COUNT or a list with commas names.

    Examples
    --------
    >>> read_steps("0:100:5"), read_steps("10, 20,40")
    ([0.0, 25.0, 50.0, 75.0, 100.0], [10.0, 20.0, 40.0])
    """
    import numpy as np

    parts = text.split(":")
    try:
        if len(parts) == 3:
            steps = np.linspace(float(parts[0]), float(parts[1]), int(parts[2]))
            return [float(step) for step in steps]
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigurationError(
            f"The steps are {text!r}.", hint="use --steps 50:1000:20, or --steps 50,100,200"
        ) from None
