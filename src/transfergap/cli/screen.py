"""transfergap screen: sources by their chance to help, before an audit."""

from __future__ import annotations

from typing import Annotated

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt

FORMATS = ("text", "json")
# Options that decide what is fitted and how long in an audit, and a screening has not.
_OF_AUDITS = frozenset(
    {"output", "arms", "max_sources", "max_source_rows", "effort", "explain", "subgroups"}
    | {"learning_curve", "time", "gap"}
)


@opt.takes(*(name for name in opt.ALL if name not in _OF_AUDITS))
def screen(
    target: opt.TARGET,
    source_paths: opt.SOURCE_PATHS = None,
    *,
    options: opt.Options,
    fits: Annotated[
        int, typer.Option("--fits", help="Fits of the model to spend; 0 takes closed forms only.")
    ] = 0,
    yes: opt.YES = False,
    format: opt.FORMAT_TEXT_JSON = "text",
) -> None:
    """Rank sources by their chance to help, at no fits or few.

    Example: transfergap screen target.csv --label y --source b=b.csv --source c=c.csv
    """
    from transfergap.auditing.source_screening import MOST_SEARCHED_IN_UNITS, screen_problem
    from transfergap.cli._names import model_named
    from transfergap.cli._training import training_from
    from transfergap.cli.files.kinds import SUMMARY
    from transfergap.cli.request.config import request_from
    from transfergap.cli.request.guessing import confirmed, guessed
    from transfergap.cli.request.request import check_format, problem_from
    from transfergap.data.encoding import GramSummary

    check_format(format, FORMATS)
    request = request_from(target, options, source_paths or ())
    request = confirmed(guessed(request), verb="screen", yes=yes)
    if any(path.suffix.lower() == SUMMARY for path in request.sources.values()):
        training = training_from(request, task=None, caution="low", margin=None)
        summaries = {n: s for n, s in training.sources.items() if isinstance(s, GramSummary)}
        screening = screen_problem(
            training.problem,
            None if request.model is None else model_named(request.model),
            summaries=summaries,
            fits=fits,
            seed=training.seed,
        )
    else:
        model, problem = problem_from(
            request, other_units=len(request.sources) <= MOST_SEARCHED_IN_UNITS
        )
        screening = screen_problem(problem, model, fits=fits, seed=request.seed or 0)
    echo(screening.to_json() if format == "json" else screening.to_text(), nl=False)
