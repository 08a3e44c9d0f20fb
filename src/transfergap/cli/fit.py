"""transfergap fit: the safe model, to a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfergap.cli._terminal import echo
from transfergap.cli.request import options as opt
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.cli._training import Training

SCHEMA = "transfergap/fit/1"  # of --format json


@opt.takes(
    "label",
    "sources",
    "groups",
    "weight",
    "seed",
    "model",
    *opt.READING,
    "name",
    sources="Rows, or a summary (.tgsum); repeat for more.",
)
def fit(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET",
            help="Labelled target rows (.csv, .tsv, .parquet), an audit.toml, or the directory of"
            " a run.",
        ),
    ],
    source_paths: opt.SOURCE_PATHS = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The model (.skops).")
    ] = None,
    *,
    options: opt.Options,
    caution: Annotated[
        str,
        typer.Option(
            "--caution",
            help="How close to stay to the target alone: low, medium, high, or a number 0 to 4.",
        ),
    ] = "low",
    task: opt.TASK = None,
    yes: opt.YES = False,
    format: opt.FORMAT_TEXT_JSON = "text",
) -> None:
    """Fit the safe model on target and sources.

    The model uses each source as far as the target backs it. A model card is written beside.

    With a run, all rows of its files: the arm `safe` of the audit.

    Example: transfergap fit own.csv other.csv --label y -o model.skops
    """
    from transfergap.cli.request.guessing import confirmed, guessed
    from transfergap.cli.request.request import check_format

    check_format(format, ("text", "json"))
    if output is None:
        raise ConfigurationError("It is not said where to write.", hint="add -o model.skops")
    level = read_caution(caution)
    if target.is_dir():
        typed = {**options, **({} if task is None else {"task": task})}
        training = _of_run(target, level, typed, source_paths or ())
    else:
        from transfergap.cli._training import training_from

        request = _request_of(target, options, source_paths or (), output)
        more = ["-o", str(output), *([] if caution == "low" else ["--caution", caution])]
        more += [] if task is None else ["--task", task]
        request = confirmed(guessed(request), verb="fit", yes=yes, more=more)
        training = training_from(request, task=task, caution=level)
    fitted = training.fitted()
    from transfergap.safe.model_file import save_model

    save_model(fitted, output)
    for note in training.notes:
        echo(f"note  {note}", err=True)
    record = _record(training, fitted, output)
    card = output.with_suffix(".md")
    _write_card(card, record, target)
    if format == "json":
        echo(json.dumps(record, indent=2))
        return
    echo(_printable(fitted.report_.text))
    echo(f"\n{card}  what it is, how it was judged, for whom it is worse\n{output}")


def _write_card(card: Path, record: dict[str, Any], target: Path) -> None:
    """Write the model card.

    A file that is no card is not overwritten.
    """
    from transfergap.auditing.results import load_audit
    from transfergap.experiment.run_directory import RESULT, write_atomically
    from transfergap.report.model_card import TITLE, model_card

    if card.exists() and not card.read_text(encoding="utf-8", errors="replace").startswith(TITLE):
        echo(f"note  {card} is no model card and was left as it is", err=True)
        return
    audited = target.is_dir() and (target / RESULT).exists()
    result = load_audit(target).result if audited else None
    write_atomically(card, model_card(record, result))


def _request_of(
    target: Path, options: opt.Options, source_paths: Sequence[Path], output: Path
) -> opt.Request:
    """Return the request of files, none of which may be the output."""
    from transfergap.cli.request.config import request_from
    from transfergap.cli.summarize import check_not_input

    request = request_from(target, options, source_paths)
    check_not_input(output, target, request.target, *request.sources.values())
    return request


def _of_run(
    run: Path, caution: str | float, options: opt.Options, source_paths: Sequence[Path]
) -> Training:
    from transfergap.cli._training import design_again, training_of, words_of_run

    if source_paths:
        raise ConfigurationError(
            f"{run} is a run, and it knows its sources; {source_paths[0]} was named, too.",
            hint="name the run alone, or the target's file instead of the run",
        )
    for name in options:
        option = "--task" if name == "task" else opt.spellings(name)[name].flags[0]
        raise ConfigurationError(
            f"{option} has no part here: {run} is a run, and it knows how its files are read.",
            hint=f"leave {option} out, or name the target's file instead of the run",
        )
    return training_of(design_again(run), caution, words_of_run(run))


def read_caution(text: str) -> str | float:
    """Return a caution as it was typed: a name, or a number.

    Raises
    ------
    ConfigurationError
    """
    from transfergap.safe.dial import caution_level

    try:
        level: str | float = float(text)
    except ValueError:
        level = text
    caution_level(level)
    return level


def _printable(text: str) -> str:
    """Return text in signs that this terminal can show."""
    if "utf" in (sys.stdout.encoding or "").lower():
        return text
    from transfergap.report.wording.names import in_ascii

    return in_ascii(text.replace("█", "#"))


def _record(training: Training, fitted: Any, output: Path) -> dict[str, Any]:
    from transfergap.data.problem import Sample

    report, problem = fitted.report_, training.problem
    gain = report.gain
    n_rows = {
        name: len(source) if isinstance(source, Sample) else source.n_rows
        for name, source in training.sources.items()
    }
    return {
        "schema": SCHEMA,
        "model": str(output),
        "target": problem.name,
        "task": problem.task,
        "n_rows": len(problem.target),
        "caution": report.caution,
        "alpha": report.alpha,
        "credibility": report.credibility,
        "expected_gain": {
            "estimate": gain.estimate,
            "low": gain.low,
            "high": gain.high,
            "unit": gain.unit,
        },
        "sources": [
            {
                "name": use.name,
                "n_rows": n_rows[use.name],
                "influence": use.influence,
                "target_rows": use.rows,
                "reversed_share": use.reversed_share,
                "use": use.use,
            }
            for use in report.sources
        ],
        "notes": list(training.notes),
    }
