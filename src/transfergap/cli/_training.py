"""Training data of a safe model.

They come from a run, or from target rows, source rows and summaries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transfergap.cli.files.kinds import SUMMARY
from transfergap.cli.files.reading import Reading, no_column
from transfergap.cli.files.tables import Table, read_table
from transfergap.cli.request.config import request_in
from transfergap.cli.request.options import Request
from transfergap.errors import ConfigurationError, DataError, RunDirectoryError

if TYPE_CHECKING:
    from transfergap.data.encoding import Encoder, GramSummary
    from transfergap.data.problem import Problem, Sample
    from transfergap.experiment.design import Design
    from transfergap.safe.learner import SafeLearner


@dataclass(frozen=True)
class Training:
    """The training data of a safe model, and the changes to it.

    ``words`` are the request's codes of missing values and words that are none, by option.
    """

    problem: Problem
    sources: Mapping[str, Sample | GramSummary]
    learner: SafeLearner
    seed: int
    notes: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fitted(self) -> Any:
        """Return the model, with a bar on a terminal."""
        target, sources = self.problem.target, self.sources
        model = self.learner.fitted(
            target, sources, seed=self.seed, verbose="auto", marks=self.problem.marks
        )
        model.missing_words_ = dict(self.words)  # `predict` reads rows as these were read
        return model


def training_of(
    design: Design, caution: str | float, words: Mapping[str, tuple[str, ...]] | None = None
) -> Training:
    """Return the training data of an audit's arm ``safe``.

    All rows are used.
    """
    from transfergap.auditing.safe_model import safe_learner

    problem = design.problem
    sources = {name: source.sample for name, source in problem.sources.items()}
    learner = safe_learner(design.control.learner, problem, caution=caution)
    return Training(problem, sources, learner, design.seed, tuple(_notes(problem)), words or {})


def words_of(request: Request) -> dict[str, tuple[str, ...]]:
    """Return codes of missing values and words that are none, as typed."""
    return {name: tuple(getattr(request, name)) for name in ("na", "keep_na", "category")}


def words_of_run(directory: Path) -> dict[str, tuple[str, ...]]:
    """Return the words of a run's request; none of a demo."""
    from transfergap.experiment.run_directory import read_request

    record = read_request(directory)
    return {} if "demo" in record else words_of(request_in(record, directory))


def training_from(
    request: Request, *, task: str | None, caution: str | float, margin: float | None = 1.0
) -> Training:
    """Read a request's files: rows, and summaries with suffix ``.tgsum``.

    ``margin`` is taken where none was asked for; ``None`` leaves it to the metric.

    Raises
    ------
    ConfigurationError, DataError
    """
    from transfergap.auditing.safe_model import safe_learner
    from transfergap.cli._names import model_named
    from transfergap.cli.request.file_options import name_of
    from transfergap.cli.request.label_maps import label_maps
    from transfergap.cli.request.request import (
        columns_of,
        readings_of,
        references_of,
        with_facts_of_tables,
    )
    from transfergap.cli.summarize import LABEL_KINDS, check_task
    from transfergap.data.encoding import GramSummary
    from transfergap.data.labels.label_numbers import labels_as_numbers
    from transfergap.data.problem import Sample
    from transfergap.data.tables.identifiers import columns_named_by
    from transfergap.data.validation import make_problem
    from transfergap.experiment.arms import learner_of
    from transfergap.learners.estimator import labels_for

    reading, readings = readings_of(request)
    check_task(task)
    model = None if request.model is None else model_named(request.model)
    files = request.sources
    summaries = {
        name: GramSummary.load(path)
        for name, path in files.items()
        if path.suffix.lower() == SUMMARY
    }
    encoder = next(iter(summaries.values())).encoder if summaries else None
    target = _table(request.target, reading, encoder, is_target=True)
    kind = None if task is None else LABEL_KINDS[task]
    labels, _, _ = labels_as_numbers(target.y, {}, name_of(request), predicted=kind)
    check_task(task, labels, request.target)
    rows, tables = {}, {"": target}
    for name, path in files.items():
        if name not in summaries:
            table = tables[name] = _table(path, readings[name], encoder, is_target=False)
            rows[name] = Sample(table.X, table.y, table.weights, table.groups)
    references = references_of(request)
    if summaries and references:
        raise ConfigurationError(
            "Sources by URL are not joined with summaries.",
            hint=f"download {next(iter(references.values())).url}, or summarize it",
        )
    problem = make_problem(
        target.X,
        target.y,
        sources={**rows, **references},
        metric=request.metric,
        # A fit has no verdict, so any margin above 0 will do.
        margin=margin if request.margin is None else request.margin,
        groups=target.groups,
        sample_weight=target.weights,
        name=name_of(request),
        labels=_labels(task, encoder) or labels_for(model),
        # No folds are made, so few rows and missing sources are no error.
        for_audit=False,
        keep=request.keep,
        columns=columns_of(request),
        label_map=label_maps(request, target.y, {k: s.y for k, s in rows.items()}),
        model_columns=columns_named_by(model, [str(name) for name in target.X.columns]),
    )
    problem = with_facts_of_tables(problem, tables)
    sources: dict[str, Sample | GramSummary] = {
        name: summaries[name] if name in summaries else problem.sources[name].sample
        for name in (*files, *references)
    }
    learner = safe_learner(learner_of(model, problem), problem, caution=caution)
    if summaries and model is None:
        # No model can be fitted on a summary: with it, all sources meet in the linear engine.
        learner = replace(learner, estimator=None)
    notes = [*_notes(problem), *_notes_of_summaries(summaries, request)]
    return Training(problem, sources, learner, request.seed or 0, tuple(notes), words_of(request))


def _labels(task: str | None, encoder: Encoder | None) -> Literal["classes", "numbers"] | None:
    """Return the label kind, as given or as summaries have it."""
    from transfergap.cli.summarize import LABEL_KINDS

    kind = None if task is None else LABEL_KINDS[task]
    if encoder is None:
        return kind
    made_for = encoder.labels.kind
    if kind not in (None, made_for.label_kind):
        raise ConfigurationError(
            f"--task is {task}, but the summaries are of a {made_for} task.",
            hint="leave --task out: the summaries decide",
        )
    return made_for.label_kind


def _table(path: Path, reading: Reading, encoder: Encoder | None, *, is_target: bool) -> Table:
    """Read rows, with the encoder's columns where there are summaries."""
    if encoder is None:
        return read_table(path, reading, is_target=is_target)
    from transfergap.data.encoding import CategoryColumn

    if not encoder.named:
        raise DataError(
            "The summaries' encoder was made from an array, so it knows no names of columns.",
            hint="make it from a table: `transfergap encoder`",
        )
    names = [column.name for column in encoder.columns]
    if reading.label in names:
        raise DataError(
            f"The label {reading.label!r} is a column of the summaries' encoder, so they are of"
            " another label.",
            hint="name the column that the summaries predict with --label",
        )
    # The encoder's columns decide; options about columns have no part.
    table = read_table(path, replace(reading, drop=(), category=()), is_target=is_target)
    for name in names:
        if name not in table.X.columns:
            raise no_column(path, table.X, name, "the summaries'", reading)
    kinds = {c.name: "category" for c in encoder.columns if isinstance(c, CategoryColumn)}
    return replace(table, X=table.X[names].astype(kinds))


def _short(n_lines: int) -> str:
    return f"{n_lines:,} lines have fewer fields than the header; the last ones count as missing"


def _notes(problem: Problem) -> Iterator[str]:
    """Yield the changes made to rows before fitting."""
    for column in problem.identifiers:
        if not column.in_use:
            yield f"{column.name!r} looks like {column.reason} and was left out; --keep keeps it"
    for name in problem.constant_columns:
        yield f"{name!r} is empty or the same in all rows of all files and was left out"
    if n_rows := problem.target_facts.get("n_unlabelled", 0):
        yield f"{problem.name}: {n_rows:,} rows left out that have no label"
    if n_lines := problem.target_facts.get("n_short_lines", 0):
        yield f"{problem.name}: {_short(n_lines)}"
    for name, source in problem.sources.items():
        facts = source.facts
        if facts.n_unlabelled:
            yield f"{name}: {facts.n_unlabelled:,} rows left out that have no label"
        if facts.n_short_lines:
            yield f"{name}: {_short(facts.n_short_lines)}"
        if facts.n_duplicates_removed:
            yield f"{name}: {facts.n_duplicates_removed:,} rows left out that are target rows"
        if facts.n_coincidences_kept:
            yield (
                f"{name}: {facts.n_coincidences_kept:,} rows equal target rows, as coarse columns"
                " explain; kept"
            )
        if facts.n_foreign_label_rows:
            labels = ", ".join(facts.foreign_labels[:5])
            yield (
                f"{name}: {facts.n_foreign_label_rows:,} rows left out whose label the target"
                f" lacks ({labels})"
            )
    if problem.target_facts.get("grouped"):
        copies = problem.target_facts["n_repeated_rows"]
        yield f"{problem.name}: {copies:,} rows are copies of others; copies are left out together"


def _notes_of_summaries(summaries: Mapping[str, GramSummary], request: Request) -> Iterator[str]:
    if summaries:
        names = ", ".join(summaries)
        yield (
            f"{names}: made of rows that are not here, so they could not be searched for target"
            " rows"
        )
        if request.drop or request.category:
            yield "--drop and --category have no part: the columns are those of the summaries"


def design_again(directory: Path) -> Design:
    """Rebuild the design of a run from its current files.

    Raises
    ------
    RunDirectoryError
        If it is not known how the run was made, or its files have changed since.
    DataError, ConfigurationError
        If they cannot be read.
    """
    from transfergap.cli.demo import demo_design
    from transfergap.cli.request.request import design_from
    from transfergap.experiment.run_directory import read_design, read_request

    record = read_request(directory)
    try:
        if "demo" in record:
            design = demo_design(str(record["demo"]), int(record["seed"]))
            files = {"": f"the demo {record['demo']}"}
        else:
            request = request_in(record, directory)
            files = {"": str(request.target)}
            files |= {name: str(path) for name, path in request.sources.items()}
            files |= request.references
            design = design_from(request)
    except (KeyError, TypeError, AttributeError) as error:
        raise RunDirectoryError(
            f"The request of {directory} is damaged ({type(error).__name__}: {error}).",
            hint="type the same `transfergap run` again",
        ) from error
    _check_unchanged(read_design(directory), design, directory, files)
    return design


def _check_unchanged(
    before: dict[str, Any], design: Design, directory: Path, files: dict[str, str]
) -> None:
    from transfergap.experiment.run_directory import design_record

    now = design_record(design)
    changed = [files[""]] if before["target"]["rows"] != now["target"]["rows"] else []
    changed += [
        files.get(name, name)
        for name, digest in now["sources"].items()
        if before["sources"].get(name) != digest
    ]
    if changed:
        raise RunDirectoryError(
            f"{changed[0]} has changed since the run {directory}"
            + (f" (so have: {', '.join(changed[1:])})." if changed[1:] else "."),
            hint="put the file back, or audit the new one with another -o and fit that run",
        )
    if before["control"] != now["control"]:
        raise RunDirectoryError(
            f"The model of the run {directory} has changed: it was {before['control'][:80]!s} and"
            f" is now {now['control'][:80]!s}.",
            hint="put it back, or audit the new one with another -o and fit that run",
        )
