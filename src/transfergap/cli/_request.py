"""From a request to a design: files, problem, arms."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transfergap.cli._options import Request
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.subgroups import Grouping
    from transfergap.cli._reading import Reading
    from transfergap.data.problem import Problem
    from transfergap.experiment.design import Design

FORMATS = ("text", "json", "markdown", "github")


def problem_from(request: Request, *, other_units: bool = True) -> tuple[Any, Problem]:
    """Read the files and return model and problem.

    Copies in other units may be left unsearched, which takes most of the time of many sources.

    Raises
    ------
    ConfigurationError, DataError, MetricError, LearnerError
    """
    from transfergap.cli._names import model_named
    from transfergap.cli._tables import read_table
    from transfergap.data.identifiers import columns_named_by
    from transfergap.data.problem import Sample
    from transfergap.data.validation import make_problem
    from transfergap.learners.estimator import labels_for

    renamed = renamings(request)
    reading = reading_for_all(request, renamed)
    model = None if request.model is None else model_named(request.model)
    target = read_table(request.target, reading, is_target=True)
    sources = {}
    for name, path in request.sources.items():
        of_source = reading_of_source(reading, name, renamed.get(name, {}))
        table = read_table(path, of_source, is_target=False)
        sources[name] = Sample(table.X, table.y, table.weights, table.groups, times=table.times)
    # Times that are numbers are a feature too, though they may look like row numbers.
    of_time = [name for name in target.X.columns if name == request.time]
    problem = make_problem(
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
        keep=(*request.keep, *of_time),
        columns=columns_of(request),
        model_columns=columns_named_by(model, [str(name) for name in target.X.columns]),
        label_map=label_maps(request),
        other_units=other_units,
    )
    return model, problem


def design_from(request: Request) -> Design:
    """Read the files and return the design.

    Raises
    ------
    ConfigurationError, DataError, MetricError, LearnerError
    """
    from transfergap.auditing.audit import make_design

    model, problem = problem_from(request)
    return make_design(
        model,
        problem,
        arms=list(request.arms) or None,
        effort=request.effort or "full",
        random_state=request.seed or 0,
        max_sources=request.max_sources,
        max_source_rows=request.max_source_rows,
    )


def grouping_from(request: Request, problem: Problem) -> Grouping | None:
    """Return the subgroups asked for; their columns need not be features.

    Raises
    ------
    ConfigurationError, DataError
    """
    from transfergap.analysis.subgroups import AUTO, FIND, group_rows
    from transfergap.cli._reading import no_column
    from transfergap.cli._tables import read_frame

    names = request.subgroups
    if not names or names in ((AUTO,), (FIND,)):
        return group_rows(problem, names[0] if names else AUTO)
    if names == ("none",) and "none" not in problem.column_names:
        return None
    outside = [name for name in names if name not in problem.column_names]
    columns = {name: problem.target.X[name] for name in names if name not in outside}
    if outside:  # left out of the features on purpose, or the groups themselves
        reading = reading_of(request)
        frame = read_frame(request.target, reading)
        for name in outside:
            if name not in frame.columns:
                raise no_column(request.target, frame, name, "--subgroups", reading)
        columns |= {name: frame[name] for name in outside}
    return group_rows(problem, {name: columns[name] for name in names})


def reading_of(request: Request) -> Reading:
    """Return how the files of a request are read.

    Raises
    ------
    ConfigurationError
        If it is not said which column to predict.
    """
    from transfergap.cli._reading import Reading

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
        request.keep_na,
        part=domain_of(request),
    )


def domain_of(request: Request) -> tuple[str, str] | None:
    """Return the column that parts one file, and the target's value of it.

    Raises
    ------
    ConfigurationError
    """
    if request.domain is None:
        return None
    column, equals, value = request.domain.partition("=")
    if not (column and equals and value):
        raise ConfigurationError(
            f"--domain is {request.domain!r}, which does not say which rows are yours.",
            hint="write --domain COLUMN=OWN, such as --domain site=cleveland",
        )
    return column, value


def reading_of_source(reading: Reading, name: str, rename: Mapping[str, str]) -> Reading:
    """Return how the rows of a source are read: its names, and its part of one file."""
    part = None if reading.part is None else (reading.part[0], name)
    return replace(reading, rename=rename, part=part)


def reading_for_all(request: Request, renamed: Mapping[str, Mapping[str, str]]) -> Reading:
    """Return the reading of a request's files, digit columns alike.

    Raises
    ------
    ConfigurationError, DataError
    """
    from transfergap.cli._tables import reading_alike

    rows = {name: path for name, path in request.sources.items() if path.suffix != ".tgsum"}
    files: dict[Path, Mapping[str, str]] = {request.target: {}}
    files |= {path: renamed.get(name, {}) for name, path in rows.items()}
    return reading_alike(reading_of(request), files)


def columns_of(request: Request) -> Literal["common", "error"]:
    """Return what to do about columns that a source lacks.

    Raises
    ------
    ConfigurationError
    """
    if request.columns in (None, "common"):
        return "common"
    if request.columns == "error":
        return "error"
    raise ConfigurationError(f"--columns is {request.columns!r}.", hint="use common or error")


def renamings(request: Request) -> dict[str, dict[str, str]]:
    """Return which columns of which source get another name.

    Raises
    ------
    ConfigurationError
    """
    renamed: dict[str, dict[str, str]] = {}
    for text in request.rename:
        source, pair = _of_source(text, request, "--rename", "b:old=new")
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise _not_so("--rename", text, "b:old=new")
        renamed.setdefault(source, {})[old] = new
    return renamed


def label_maps(request: Request) -> dict[str, dict[str, str | None]]:
    """Return what labels of which source are called in the target.

    Raises
    ------
    ConfigurationError
    """
    maps: dict[str, dict[str, str | None]] = {}
    for text in request.map:
        source, pairs = _of_source(text, request, "--map", "b:1=0,2=1")
        for pair in pairs.split(","):
            # From the right: a label may hold an equals sign.
            old, equals, new = pair.rpartition("=")
            if not (old and equals):
                raise _not_so("--map", text, "b:1=0,2=1")
            maps.setdefault(source, {})[old] = new or None
    return maps


def _of_source(text: str, request: Request, option: str, example: str) -> tuple[str, str]:
    names = [name for name in request.sources if text.startswith(f"{name}:")]
    if names:
        name = max(names, key=len)  # a name may hold a colon itself
        return name, text[len(name) + 1 :]
    source, colon, _ = text.partition(":")
    if not colon:
        raise _not_so(option, text, example)
    near = difflib.get_close_matches(source, list(request.sources), n=1)
    raise ConfigurationError(
        f"{option} {text} is of a source {source!r}, which is not there.",
        hint=f"did you mean {near[0]!r}?" if near else f"sources: {', '.join(request.sources)}",
    )


def _not_so(option: str, text: str, example: str) -> ConfigurationError:
    return ConfigurationError(
        f"{option} {text!r} does not say what is called how, and where.",
        hint=f"write {option} {example}",
    )


def name_of(request: Request) -> str:
    """Return what to call the target."""
    domain = domain_of(request)
    return request.name or (request.target.stem if domain is None else domain[1])


def run_directory_of(request: Request) -> Path:
    """Return where the run goes: as asked, or runs/NAME."""
    # A name may hold slashes; a directory may not. Eighty letters fit every file system.
    plain = re.sub(r"[^\w.-]+", "_", name_of(request)).strip("._")[:80]
    return request.output or Path("runs") / (plain or "target")


def check_format(name: str, formats: tuple[str, ...] = FORMATS) -> None:
    """Raise ``ConfigurationError`` unless the output format exists."""
    if name not in formats:
        raise ConfigurationError(
            f"There is no format called {name!r}.", hint=f"known: {', '.join(formats)}"
        )


def wants_color(no_color: bool) -> bool:
    """Return whether results may be coloured.

    On a terminal, unless options or the environment ask for plain text.
    """
    import os

    # NO_COLOR: no-color.org.
    return not no_color and "NO_COLOR" not in os.environ and sys.stdout.isatty()
