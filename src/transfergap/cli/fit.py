"""transfergap fit: the safe model, to a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfergap.cli import _options as opt
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.cli._training import Training

SCHEMA = "transfergap/fit/1"  # of --format json


def fit(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET",
            help="Labelled target rows (.csv, .tsv, .parquet), an audit.toml, or the directory of"
            " a run.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The model (.skops).")
    ] = None,
    label: opt.LABEL = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            "-s",
            metavar="NAME=FILE",
            help="Rows, or a summary (.tgsum); repeat for more.",
        ),
    ] = None,
    caution: Annotated[
        str,
        typer.Option(
            "--caution",
            help="How sure to be of no harm: low, medium, high, or a number of standard errors.",
        ),
    ] = "low",
    task: Annotated[
        str | None, typer.Option("--task", help="classes or regression. (default: by the labels)")
    ] = None,
    model: opt.MODEL = None,
    groups: opt.GROUPS = None,
    weight: opt.WEIGHT = None,
    drop: opt.DROP = None,
    category: opt.CATEGORY = None,
    na: opt.NA = None,
    keep_na: opt.KEEP_NA = None,
    keep: opt.KEEP = None,
    columns: opt.COLUMNS = None,
    rename: opt.RENAME = None,
    map: opt.MAP = None,
    delimiter: opt.DELIMITER = None,
    encoding: opt.ENCODING = None,
    decimal: opt.DECIMAL = None,
    name: opt.NAME = None,
    seed: opt.SEED = None,
    format: opt.FORMAT_TEXT_JSON = "text",
) -> None:
    """Fit the safe model, which uses each source as far as the target backs it.

    With a run, all rows of its files: the arm `safe` of the audit.

    Example: transfergap fit target.csv --label y --source b=b.csv -o model.skops
    """
    from transfergap.cli._request import check_format, request_from
    from transfergap.cli.encoder import check_not_input

    check_format(format, ("text", "json"))
    if output is None:
        raise ConfigurationError("It is not said where to write.", hint="add -o model.skops")
    options = {
        "label": label,
        "groups": groups,
        "model": model,
        "drop": drop,
        "category": category,
        "na": na,
        "delimiter": delimiter,
        "encoding": encoding,
        "decimal": decimal,
        "name": name,
        "seed": seed,
        "weight": weight,
        "keep_na": keep_na,
        "keep": keep,
        "columns": columns,
        "rename": rename,
        "map": map,
    }
    level = read_caution(caution)
    if target.is_dir():
        training = _of_run(target, level, {**options, "source": source, "task": task})
    else:
        from transfergap.cli._training import training_from

        request = request_from(target, source, **options)
        check_not_input(output, target, request.target, *request.sources.values())
        training = training_from(request, task=task, caution=level)
    fitted = training.fitted()
    from transfergap.safe.model_file import save_model

    save_model(fitted, output)
    for note in training.notes:
        typer.echo(f"note  {note}", err=True)
    if format == "json":
        typer.echo(json.dumps(_record(training, fitted, output), indent=2))
        return
    typer.echo(_printable(fitted.report_.text))
    typer.echo(f"\n{output}")


def _of_run(run: Path, caution: str | float, options: dict[str, Any]) -> Training:
    from transfergap.cli._training import design_again, training_of

    for name, value in options.items():
        if value is not None and value != []:
            option = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{option} has no part here: {run} is a run, and it knows how its files are read.",
                hint=f"leave {option} out, or name the target's file instead of the run",
            )
    return training_of(design_again(run), caution)


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
    """Return text as this terminal can show it."""
    if "utf" in (sys.stdout.encoding or "").lower():
        return text
    from transfergap.report.names import in_ascii

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
                "reversed_share": use.reversed_share,
                "use": use.use,
            }
            for use in report.sources
        ],
        "notes": list(training.notes),
    }
