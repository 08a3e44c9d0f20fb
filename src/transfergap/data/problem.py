"""The question: a small labelled target, sources, a metric, a margin.

Everything here is frozen. A ``Sample`` is the only container of rows; what an arm may train on is a
``TargetSet`` (the control's: it has no place for a source) or a ``TrainingSet``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric import Metric
from transfergap.data.notations.number_marks import Marks

# Given on from here, as a sample is what a problem is made of.
from transfergap.data.sample import Sample as Sample
from transfergap.data.sample import count_rows as count_rows
from transfergap.data.sample import stack_rows as stack_rows
from transfergap.data.sample import stack_samples as stack_samples
from transfergap.data.sample import take_rows as take_rows
from transfergap.data.splitting.held_out import Splitting
from transfergap.data.tables.total_rows import TotalRow
from transfergap.data.task import Task, find_task
from transfergap.errors import DataError

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class SourceFacts:
    """Counts of differences between a source and the target, and repairs."""

    n_given: int
    n_duplicates_removed: int = 0  # copies of target rows, changed ones among them
    n_changed_copies: int = 0
    changed_columns: tuple[str, ...] = ()  # in which most of these differ
    unit_changes: tuple[str, ...] = ()  # columns whose copies are in another unit, and which
    tells_changed_copies: bool = True  # or columns that lose one value tell a copy no more
    n_coincidences_kept: int = 0
    copy_search: str = "searched"  # or why rows could not be told apart
    n_unlabelled: int = 0  # rows without a label, left out of a file as its reader said
    n_short_lines: int = 0  # with fewer fields than the header of their file
    n_lines_cut_short: int = 0  # of these, in a file whose writer keeps empty fields
    n_foreign_label_rows: int = 0
    foreign_labels: tuple[str, ...] = ()
    missing_labels: tuple[str, ...] = ()
    respelled_labels: tuple[tuple[str, str], ...] = ()  # the source's, and what the target calls it
    extra_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()  # of the target, which the source lacks
    retyped_columns: tuple[str, ...] = ()
    respelled_columns: tuple[str, ...] = ()
    renamed_columns: tuple[tuple[str, str], ...] = ()  # the source's, and what the target's is
    n_shared_groups: int = 0
    n_shared_group_rows: int = 0
    respelled_groups: tuple[tuple[str, str], ...] = ()  # the source's, and what the target writes


@dataclass(frozen=True)
class IdentifierColumn:
    """A column that looks like a name for each row.

    Parameters
    ----------
    name : str
    reason : str
        Kind of identifier, in a few words.
    n_values, n_rows : int
        Different values, and rows, of the target.
    in_use : bool
        Whether models get it all the same, because the user keeps it.
    recurs : tuple of (str, int)
        Sources that hold some of the target's values, and how many.
    as_groups : bool
        Whether more recur than chance explains, so that rows of one value count as one group.
    """

    name: str
    reason: str
    n_values: int
    n_rows: int
    in_use: bool = False
    recurs: tuple[tuple[str, int], ...] = ()
    as_groups: bool = False


@dataclass(frozen=True)
class DataSource:
    """A source given as rows.

    Parameters
    ----------
    name : str
    sample : Sample
        Same columns as the target, in the same order, without copies of target rows.
    facts : SourceFacts
    copies : ndarray of int
        Positions of the copies that were taken out.
    """

    name: str
    sample: Sample
    facts: SourceFacts
    copies: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))


class OpaqueSource(Protocol):
    """A source for learners only: a pretrained model or another task."""

    @property
    def kind(self) -> Literal["model", "task"]:
        """Kind of source: a model or a task."""
        ...

    @property
    def description(self) -> str:
        """It in a few words, for the report."""
        ...

    def digest(self) -> str:
        """Return a digest of everything that training may depend on."""
        ...

    def without_rows_of(self, tested: Sample) -> OpaqueSource:
        """Return what may be trained on while these target rows are tested."""
        ...

    def beside(self, target: Sample) -> OpaqueSource:
        """Return the same, searched once for the rows of this target."""
        ...


@dataclass(frozen=True)
class TargetSet:
    """The control's training set: target rows and no others."""

    target: Sample


@dataclass(frozen=True)
class TrainingSet:
    """A treatment's training set: target rows and its arm's sources.

    ``target`` may have no rows where an arm learns from the sources alone. ``others`` are sources
    that only some learners understand: pretrained models, tasks of another kind.
    """

    target: Sample
    sources: tuple[Sample, ...]
    others: tuple[OpaqueSource, ...] = ()

    def stacked(self) -> Sample:
        """Stack all rows into one sample, target first.

        It has weights only where a part has some.

        Raises
        ------
        DataError
            If there is no row at all.
        """
        parts = [part for part in (self.target, *self.sources) if len(part)]
        if not parts:
            raise DataError(
                "No row is left to train on: every source row belongs to a group that is"
                " tested, or is not earlier than what is tested.",
                hint="this arm needs source rows of other groups, or earlier ones",
            )
        return stack_samples(parts)


@dataclass(frozen=True)
class Problem:
    """A target, its sources, and how a difference between models is measured.

    Build one with :func:`transfergap.make_problem` (or let :func:`transfergap.audit` do it), which
    checks the data; the constructor trusts its arguments.

    Parameters
    ----------
    target : Sample
    sources : mapping of str to DataSource
    metric : Metric
    task : Task
        Kind of labels: equal to ``"binary"``, ``"multiclass"``, ``"regression"`` or another name.
    margin : float
        Differences smaller than this do not matter to the user; in units of the metric, > 0.
    classes : ndarray
        Sorted labels of the target; empty for regression.
    name : str
        What to call the target.
    target_facts : mapping
        Counts found while the target was checked (duplicate rows, rare classes).
    others : mapping of str to OpaqueSource
        Sources without rows of this kind: pretrained models and other tasks.
    splitting : Splitting, optional
        Which rows are held out together, in order of time or by a splitter; ``None`` for ten
        shuffled folds.
    identifiers : tuple of IdentifierColumn
        Columns that name rows; those not in use were left out of target and sources.
    constant_columns : tuple of str
        Columns that are empty, or the same in all rows of all files; left out of all.
    unshared : DataFrame, optional
        Columns of the target that some source lacks, left out of all.
    marks : mapping of str to Marks
        Columns of numbers with marks, and how they were read.
    label_marks : Marks, optional
        Marks of the labels, where these were read as numbers.
    total_rows : mapping of str to TotalRow
        By source, and ``""`` for the target, a row that is the sum or mean of the others.
    index_times : ndarray, shape (n_rows,), optional
        Dates of the target rows where its table has them as index: no column, but an order.
    """

    target: Sample
    sources: Mapping[str, DataSource]
    metric: Metric
    task: Task
    margin: float
    classes: NDArray[Any]
    name: str = "target"
    target_facts: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, OpaqueSource] = field(default_factory=dict)
    splitting: Splitting | None = None
    identifiers: tuple[IdentifierColumn, ...] = ()
    constant_columns: tuple[str, ...] = ()
    unshared: Any = None
    marks: Mapping[str, Marks] = field(default_factory=dict)
    label_marks: Marks | None = None
    total_rows: Mapping[str, TotalRow] = field(default_factory=dict)
    index_times: Any = None
    # Set by make_problem where a source is a file; a changed problem has none.
    recipe: Callable[[], Problem] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "task", find_task(self.task))

    def losses(self, outputs: NDArray[np.float64], rows: Rows | None = None) -> NDArray[np.float64]:
        """Return the losses of target rows, weighted as the target is.

        Parameters
        ----------
        outputs : ndarray, shape (n_rows,)
            From ``metric.outputs``.
        rows : ndarray of int, optional
            Positions of these rows in the target; all of them if not given.
        """
        y, weights = self.target.y, self.target.weights
        return self.metric.losses(
            outputs,
            y if rows is None else y[rows],
            y,
            weights=weights if weights is None or rows is None else weights[rows],
            weights_all=weights,
        )

    def fold_loss(self, outputs: NDArray[np.float64], rows: Rows | None = None) -> float:
        """Return the mean loss of a test fold's rows.

        In units of the score; NaN where they cannot be ranked. All rows if not given.
        """
        if self.metric.has_row_losses:
            return float(self.losses(outputs, rows).mean())
        y, weights = self.target.y, self.target.weights
        if rows is not None:
            y, weights = y[rows], self.row_weights(rows)
        return self.metric.fold_loss(outputs, y, self.classes, weights)

    def loss_roots(
        self, residuals: NDArray[np.float64], rows: Rows | None = None
    ) -> NDArray[np.float64]:
        """Return residuals whose squares are the weighted losses."""
        weights = self.target.weights
        if weights is None:
            return residuals
        return residuals * np.sqrt(weights if rows is None else weights[rows])

    def row_weights(self, rows: Rows) -> NDArray[np.float64] | None:
        """Return target weights at these positions; ``None`` where there are none."""
        return None if self.target.weights is None else self.target.weights[rows]

    @property
    def loss_bound(self) -> float | None:
        """Largest loss of a target row, weighted; ``None`` without a bound."""
        return self.metric.bound(self.target.y, self.target.weights)

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of all sources, those with rows first."""
        return (*self.sources, *self.others)

    def source_samples(self, names: Iterable[str]) -> tuple[Sample, ...]:
        """Return the samples of named sources that have rows, in order."""
        return tuple(self.sources[name].sample for name in names if name in self.sources)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns; empty where the rows have none (arrays, texts)."""
        columns = getattr(self.target.X, "columns", None)
        return () if columns is None else tuple(str(column) for column in columns)

    @property
    def n_features(self) -> int | None:
        """Number of columns, or ``None`` for texts."""
        return None if isinstance(self.target.X, list) else int(self.target.X.shape[1])

    def all_rows(self) -> Any:
        """Return the rows of target and sources on top of each other."""
        return stack_rows([self.target.X, *(s.sample.X for s in self.sources.values())])

    @property
    def kind(self) -> Literal["texts", "sparse", "table", "array"]:
        """The container of the rows."""
        if isinstance(self.target.X, list):
            return "texts"
        if hasattr(self.target.X, "tocsr"):
            return "sparse"
        return "table" if hasattr(self.target.X, "iloc") else "array"


def with_facts(problem: Problem, facts: Mapping[str, Mapping[str, int]]) -> Problem:
    """Return a problem that tells more of how its rows came about.

    Parameters
    ----------
    problem : Problem
    facts : mapping of str to mapping of str to int
        Fields of :class:`SourceFacts` by source, and the target's under an empty name; those that
        are 0 change nothing.
    """
    counts: dict[str, dict[str, Any]]
    counts = {name: {k: n for k, n in one.items() if n} for name, one in facts.items()}
    if not any(counts.values()):
        return problem
    sources = {
        name: replace(source, facts=replace(source.facts, **counts.get(name, {})))
        for name, source in problem.sources.items()
    }
    target_facts = {**problem.target_facts, **counts.get("", {})}
    problem_with_facts = replace(problem, sources=sources, target_facts=target_facts)
    # The rows are the same, so they are made again in the same way.
    object.__setattr__(problem_with_facts, "recipe", problem.recipe)
    return problem_with_facts
