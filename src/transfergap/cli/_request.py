"""From a request to a design: read the files, pose the problem, make the arms."""

from __future__ import annotations

import re
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.cli._config import Request, named_files, read_config
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.cli._tables import Reading
    from transfergap.design import Design
    from transfergap.problem import Problem
    from transfergap.subgroups import Grouping

FORMATS = ("text", "json", "markdown", "github")


def request_from(target: Path, source: list[str] | None, **options: Any) -> Request:
    """Return what was asked for; options win over an ``audit.toml``."""
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.items()
        if value is not None and value != []
    }
    known = {field.name for field in fields(Request)}
    assert set(said) <= known, set(said) - known
    files = named_files(source)
    if target.suffix.lower() != ".toml":
        return Request(target=target, sources=files, **said)
    base = read_config(target)
    return replace(base, sources={**base.sources, **files}, **said)


def design_from(request: Request) -> Design:
    """Read the files and return the design.

    Raises
    ------
    ConfigurationError, DataError, MetricError, LearnerError
    """
    from transfergap.auditing import design_audit
    from transfergap.cli._names import model_named
    from transfergap.cli._tables import read_table
    from transfergap.intake import pose
    from transfergap.learners.estimator import labels_for
    from transfergap.problem import Sample

    reading = reading_of(request)
    model = None if request.model is None else model_named(request.model)
    target = read_table(request.target, reading, is_target=True)
    sources = {}
    for name, path in request.sources.items():
        table = read_table(path, reading, is_target=False)
        sources[name] = Sample(table.X, table.y, table.weights, table.groups, times=table.times)
    problem = pose(
        target.X,
        target.y,
        sources=sources,
        metric=request.metric,
        margin=request.margin,
        groups=target.groups,
        sample_weight=target.weights,
        positive=request.positive,
        name=name_of(request),
        labels=labels_for(model),
        time=target.times,
        gap=request.gap or 0,
    )
    return design_audit(
        model,
        problem,
        arms=list(request.arms) or None,
        precision=request.precision or "full",
        seed=request.seed or 0,
    )


def grouping_from(request: Request, problem: Problem) -> Grouping | None:
    """Return the subgroups asked for; their columns need not be features.

    Raises
    ------
    ConfigurationError, DataError
    """
    from transfergap.cli._tables import no_column, read_frame
    from transfergap.subgroups import FIND, group_rows

    asked = request.subgroups
    if not asked or asked == (FIND,):
        return group_rows(problem, asked or None)  # none named: searched for, if there is room
    others = [name for name in asked if name not in problem.column_names]
    columns = {name: problem.target.X[name] for name in asked if name not in others}
    if others:  # left out of the features on purpose, or the groups themselves
        reading = reading_of(request)
        frame = read_frame(request.target, reading)
        for name in others:
            if name not in frame.columns:
                raise no_column(request.target, frame, name, "--subgroups", reading)
        columns |= {name: frame[name] for name in others}
    return group_rows(problem, {name: columns[name] for name in asked})


def reading_of(request: Request) -> Reading:
    """Return how the files of a request are read.

    Raises
    ------
    ConfigurationError
        If it is not said which column to predict.
    """
    from transfergap.cli._tables import Reading

    if request.label is None:
        raise ConfigurationError(
            "It is not said which column to predict.", hint="add --label COLUMN"
        )
    return Reading(
        request.label,
        request.groups,
        request.drop,
        request.category,
        request.na,
        request.delimiter,
        request.encoding,
        request.decimal,
        request.weight,
        request.time,
    )


def name_of(request: Request) -> str:
    """Return what to call the target."""
    return request.name or request.target.stem


def run_directory_of(request: Request) -> Path:
    """Return where the run goes: as asked, or runs/NAME."""
    plain = re.sub(r"[^\w.-]+", "_", name_of(request)).strip("._")[:80]
    return request.output or Path("runs") / (plain or "target")


def check_format(name: str, known: tuple[str, ...] = FORMATS) -> None:
    """Raise ``ConfigurationError`` unless the output format exists."""
    if name not in known:
        raise ConfigurationError(
            f"There is no format called {name!r}.", hint=f"known: {', '.join(known)}"
        )


def wants_color(no_color: bool) -> bool:
    """Return whether results may be coloured: on a terminal that nobody asked to be plain."""
    import os

    return not no_color and "NO_COLOR" not in os.environ and sys.stdout.isatty()
