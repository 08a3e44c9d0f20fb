"""Designs from requests, by files, problem and arms."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transfergap.cli.files.kinds import SUMMARY
from transfergap.cli.request.file_options import (
    dialect_of,
    domain_of,
    name_of,
    renamings,
)
from transfergap.cli.request.label_maps import label_maps
from transfergap.cli.request.options import Request
from transfergap.cli.request.references import DIGEST
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.analysis.subgroups import Grouping
    from transfergap.cli.files.reading import Reading
    from transfergap.cli.files.tables import Table
    from transfergap.data.problem import Problem
    from transfergap.data.sources.source_files import SourceFile
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
    from transfergap.cli.files.tables import read_table
    from transfergap.data.problem import Sample
    from transfergap.data.tables.identifiers import columns_named_by
    from transfergap.data.validation import make_problem
    from transfergap.learners.estimator import labels_for

    reading, readings = readings_of(request)
    model = None if request.model is None else model_named(request.model)
    target = read_table(request.target, reading, is_target=True)
    samples: dict[str, Sample] = {}
    tables = {"": target}
    for name, path in request.sources.items():
        if name not in readings:
            raise ConfigurationError(
                f"{path} is a summary, and this needs the rows of {name!r}.",
                hint="use it in `transfergap fit` or `screen`, or leave it out (docs/summaries.md)",
            )
        table = tables[name] = read_table(path, readings[name], is_target=False)
        samples[name] = Sample(table.X, table.y, table.weights, table.groups, times=table.times)
    sources: dict[str, Sample | SourceFile] = {**samples, **references_of(request)}
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
        label_map=label_maps(request, target.y, {k: s.y for k, s in samples.items()}),
        other_units=other_units,
    )
    return model, with_facts_of_tables(problem, tables)


def with_facts_of_tables(problem: Problem, tables: Mapping[str, Table]) -> Problem:
    """Return a problem that tells what reading its files changed.

    ``tables`` are by source, and the target's under an empty name.
    """
    from transfergap.data.problem import with_facts

    return with_facts(problem, {name: _facts_of_table(table) for name, table in tables.items()})


def _facts_of_table(table: Table) -> dict[str, int]:
    """Return facts of a file under their names in :class:`SourceFacts`."""
    return {
        "n_unlabelled": table.n_unlabelled,
        "n_short_lines": table.short_lines.n,
        "n_lines_cut_short": 0 if table.short_lines.is_habit else table.short_lines.n,
    }


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
    from transfergap.cli.files.reading import no_column
    from transfergap.cli.files.tables import labelled_rows, read_frame

    names = request.subgroups
    if not names or names in ((AUTO,), (FIND,)):
        return group_rows(problem, names[0] if names else AUTO)
    if names == ("none",) and "none" not in problem.column_names:
        return None
    outside = [name for name in names if name not in problem.column_names]
    columns = {name: problem.target.X[name] for name in names if name not in outside}
    if outside:  # left out of the features on purpose, or the groups themselves
        reading = reading_of(request)
        frame = labelled_rows(request.target, read_frame(request.target, reading), reading)
        for name in outside:
            if name not in frame.columns:
                raise no_column(request.target, frame, name, "--subgroups", reading)
        columns |= {name: frame[name] for name in outside}
    return group_rows(problem, {name: columns[name] for name in names})


def reading_of(request: Request, source: str | None = None) -> Reading:
    """Return the reading of the target's file, or of a source's.

    Raises
    ------
    ConfigurationError
        If it is not said which column to predict.
    """
    from transfergap.cli.files.reading import Reading

    if request.label is None:
        raise ConfigurationError(
            "It is not said which column to predict.", hint="add --label COLUMN"
        )
    part = domain_of(request)
    return Reading(
        request.label,
        request.groups,
        tuple(request.drop),
        tuple(request.category),
        tuple(request.na),
        dialect_of(request, source),
        request.weight,
        request.time,
        tuple(request.keep_na),
        rename={} if source is None else renamings(request).get(source, {}),
        part=part if part is None or source is None else (part[0], source),
    )


def readings_of(request: Request) -> tuple[Reading, dict[str, Reading]]:
    """Return the readings of the target and each source of rows.

    Columns of digits are read alike in all.

    Raises
    ------
    ConfigurationError, DataError
    """
    from transfergap.cli.files.tables import padded_in

    target = reading_of(request)
    rows = {name: path for name, path in request.sources.items() if path.suffix.lower() != SUMMARY}
    sources = {name: reading_of(request, name) for name in rows}
    files = [(request.target, target), *((rows[name], sources[name]) for name in rows)]
    texts = padded_in(files)
    return replace(target, texts=texts), {
        name: replace(reading, texts=texts) for name, reading in sources.items()
    }


def references_of(request: Request) -> dict[str, SourceFile]:
    """Return sources by reference, as options say how to read them.

    Raises
    ------
    ConfigurationError
        If it is not said which column to predict, or a digest is none.
    """
    from transfergap.data.sources.source_files import SourceFile

    files = {}
    for name, url in request.references.items():
        reading = reading_of(request, name)
        place, _, digest = url.partition(DIGEST)
        files[name] = SourceFile(
            place,
            reading.label,
            groups=reading.groups,
            weight=reading.weight,
            time=reading.time,
            may_lack=True,
            drop=reading.drop,
            rename=reading.rename,
            category=reading.category,
            na=reading.na,
            digest=digest or None,
        )
    return files


def columns_of(request: Request) -> Literal["common", "error"]:
    """Return the treatment of columns that a source lacks.

    Raises
    ------
    ConfigurationError
    """
    if request.columns in (None, "common"):
        return "common"
    if request.columns == "error":
        return "error"
    raise ConfigurationError(f"--columns is {request.columns!r}.", hint="use common or error")


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
