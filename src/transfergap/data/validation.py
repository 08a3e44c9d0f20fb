"""Checked :class:`Problem` from user input: one error, or facts for findings."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from transfergap.data.copies import tells_rows_apart
from transfergap.data.digests import are_copies, row_keys
from transfergap.data.labels.label_codes import check_label_maps
from transfergap.data.labels.label_numbers import labels_as_numbers
from transfergap.data.labels.reading import checked_labels, task_of
from transfergap.data.metric import AnyMetric, Metric, check_weights, fitted_to, metric_named
from transfergap.data.notations.compound_numbers import check_compounds
from transfergap.data.notations.spelling import without_case
from transfergap.data.problem import (
    DataSource,
    OpaqueSource,
    Problem,
    Sample,
    SourceFacts,
    count_rows,
)
from transfergap.data.sources.leaks import without_leaks
from transfergap.data.sources.models_and_tasks import divided
from transfergap.data.sources.source_files import SourceFile, reading_source_files
from transfergap.data.sources.source_samples import (
    Pair,
    checked_rows,
    source_sample,
    target_weights,
    weighed,
)
from transfergap.data.splitting.folds import check_enough_rows
from transfergap.data.splitting.groups import checked_groups, groups_alike, respelled_groups
from transfergap.data.splitting.order import Order, splitting_of, with_times
from transfergap.data.splitting.times import times_of_index
from transfergap.data.tables.columns import aligned_tables
from transfergap.data.tables.constant_columns import constant_columns
from transfergap.data.tables.identifiers import identifier_columns, without_columns
from transfergap.data.tables.normal_form import as_column
from transfergap.data.tables.one_form import check_order, in_one_form
from transfergap.data.tables.total_rows import total_rows
from transfergap.errors import ConfigurationError, DataError, old_names
from transfergap.stats.gap import check_margin

__getattr__ = old_names(__name__)

DEFAULT_MARGIN = 0.01  # one point of most scores; by convention, and users should set theirs
FEW_COPIES = 0.01  # of the target's rows: too few to matter, and grouping rules the closed form out


@reading_source_files
def make_problem(
    X: Any,
    y: Any,
    *,
    sources: Mapping[str, Pair | Sample | SourceFile | OpaqueSource],
    metric: AnyMetric | None = None,
    margin: float | None = None,
    groups: Any = None,
    sample_weight: Any = None,
    positive: Any = None,
    name: str = "target",
    labels: Literal["classes", "numbers"] | None = None,
    for_audit: bool = True,
    time: Any = None,
    gap: Any = 0,
    cv: Any = None,
    keep: Sequence[str] = (),
    columns: Literal["common", "error"] = "common",
    model_columns: Sequence[str] = (),
    label_map: Mapping[str, Mapping[Any, Any]] | None = None,
    other_units: bool = True,
    earlier: Mapping[str, DataSource] | None = None,
) -> Problem:
    """Validate target and sources into a problem, or raise one error.

    Parameters
    ----------
    X : array, DataFrame, sparse matrix or list of str
        Target rows, shape (n_rows, n_features).
    y : array-like, shape (n_rows,)
        Target labels.
    sources : mapping of str to (X, y), Sample, SourceFile, ModelSource or TaskSource
        At least one; rows have the same columns as the target. Give a ``Sample`` to add groups or
        weights, a ``SourceFile`` for a Parquet file that workers read themselves, a ``ModelSource``
        for a pretrained model, a ``TaskSource`` for another task.
    metric : str, callable or Metric, optional
        Default: ROC AUC for two classes, accuracy for more, R2 for numbers.
    margin : float, optional
        Smallest difference that matters, in units of the metric; default 0.01, but none for
        metrics in units of the label.
    groups : array-like, shape (n_rows,), optional
        Rows of one group are tested together, and are the unit of every interval.
    sample_weight : array-like, shape (n_rows,), optional
        Weights of the target rows, above 0: exposure, or how many people a row stands for. They
        count in training and in the score. A source's rows weigh what its ``Sample`` says, else as
        much as an average target row.
    positive : label, optional
        The positive class of two, which F1, precision, recall and average precision are of;
        default: the larger label.
    name : str
        What to call the target.
    labels : {"classes", "numbers"}, optional
        Kind of label that the model predicts; read off the labels and the metric if not given.
    for_audit : bool
        ``False`` where a model is to be fitted and nothing judged: then there may be no source of
        rows (but summaries), and the target may be too small for folds.
    time : str or array-like, shape (n_rows,), optional
        Numbers or dates, or the column of ``X`` that holds them: forward folds then. A source has
        times as ``Sample(..., times=...)`` or in a column of that name.
    gap : str or number
        Kept free between training rows and a tested block: ``"5 rows"``, ``"7 days"``, or a number
        in the unit of the times.
    cv : splitter or iterable of (train, test), optional
        How to hold target rows out instead.
    keep : sequence of str
        Columns that models get although they look like names of rows, or hold one value.
    columns : {"common", "error"}
        Whether columns of the target that a source lacks are left out of all, or an error.
    model_columns : sequence of str
        Columns that the model names: they are kept, and no source may lack them.
    label_map : mapping of str to mapping, optional
        What labels of a source are called in the target: ``{"b": {1: 0, 2: 1}}``; ``None`` for a
        class that the target does not have.
    other_units : bool
        Whether copies of target rows are searched in other units too: most of the time of many
        sources.
    earlier : mapping of str to DataSource, optional
        What an earlier call with the same rows came to: its search for copies is taken over.

    Raises
    ------
    DataError, MetricError, ConfigurationError

    Notes
    -----
    Source rows that are target rows, equal or changed a little, are taken out here, before anything
    is trained, and so are rows whose label the target does not have; both are counted in
    ``DataSource.facts``. Columns that name rows are left out of target and sources, and so are
    columns of tables that are empty, or the same in all rows of all of them. Target rows that are
    copies of each other become a group, if there are more than one in a hundred and the
    columns tell rows apart: they are tested together and count once.
    """
    requested = None if metric is None else metric_named(metric)
    order = Order(time, gap, cv)
    if not isinstance(sources, Mapping):
        raise DataError(
            f"The sources are a {type(sources).__name__}, not names with their data.",
            hint="use sources={'b': (Xb, yb)}",
        )
    index_times = times_of_index(X)
    for values in (y, groups, sample_weight):
        check_order(X, values, f"the target {name!r}")
    X, sources, marks = in_one_form(X, sources, name, times=time if isinstance(time, str) else "")
    y, groups = as_column(y), as_column(groups)
    y, sources, label_marks = labels_as_numbers(
        y, sources, name, metric=requested, predicted=labels
    )
    totals = total_rows({"": (X, y), **sources})
    X, times, sources = order.taken_out(X, sources)
    X = checked_rows(X, f"the target {name!r}")
    values = checked_labels(y, count_rows(X), f"the target {name!r}")
    task = task_of(values, requested, labels)
    task.check(values, f"the target {name!r}")
    values = task.convert(values)
    classes = task.classes_of(values)
    chosen = requested or metric_named(task.default_metric)
    measure = fitted_to(chosen, task, classes, positive=positive, y=values)
    origin = f"the target {name!r}"
    weights = target_weights(sample_weight, len(values), origin)
    if weights is not None and for_audit:
        check_weights(measure, task)
    target = Sample(X, values, weights, checked_groups(groups, len(values), origin))
    target = with_times(target, times, origin)
    if for_audit and not sources:
        raise DataError(
            "There are no sources: nothing can help or hurt the target.",
            hint="give at least one, e.g. sources={'b': (Xb, yb)} or --source b=b.csv",
        )
    non_tabular, rows = divided(sources)
    check_label_maps(label_map, list(rows))
    checked = {
        label: source_sample(label, data, classes, task, target.times, (label_map or {}).get(label))
        for label, data in rows.items()
    }
    checked = {label: (weighed(s, target), facts) for label, (s, facts) in checked.items()}
    target, checked, non_tabular = _with_groups_alike(target, checked, non_tabular)
    target, checked, renamed, unshared = _aligned(
        target, checked, name, columns=columns, needed=model_columns
    )
    tables = {label: sample.X for label, (sample, _) in checked.items()}
    of_time = (time,) if isinstance(time, str) else ()
    _check_kept(keep, target.X, name)
    identifiers = identifier_columns(
        target.X, target.y, tables, keep=(*keep, *model_columns, *of_time)
    )
    excluded = tuple(column.name for column in identifiers)
    if hasattr(target.X, "iloc"):
        check_compounds([target.X, *tables.values()], skipped={*excluded, *keep, *model_columns})
    persons = next((c.name for c in identifiers if c.as_groups and not c.in_use), None)
    if persons is not None and target.groups is None:
        grouped, samples = _grouped_by(persons, target, checked)
        target, checked, non_tabular = _with_groups_alike(grouped, samples, non_tabular)
    target, repeated = _with_copies_grouped(target, excluded)
    if non_tabular:
        # Tasks may hold the target's rows under other labels; they find them by position.
        target = replace(target, ids=np.arange(len(target)))
        non_tabular = {label: extra.beside(target) for label, extra in non_tabular.items()}
    leak_free = {
        label: without_leaks(
            label,
            sample,
            facts,
            target,
            excluded=excluded,
            other_units=other_units,
            earlier=(earlier or {}).get(label),
        )
        for label, (sample, facts) in _with_facts(checked, renamed).items()
    }
    # A pretrained model may need a column that is the same here.
    constant = (
        constant_columns([target.X, *tables.values()], keep={*keep, *model_columns, *excluded})
        if hasattr(target.X, "iloc") and not non_tabular
        else ()
    )
    unused = (*(column.name for column in identifiers if not column.in_use), *constant)
    problem = Problem(
        target=_without(target, unused),
        sources={
            label: replace(source, sample=_without(source.sample, unused))
            for label, source in leak_free.items()
        },
        metric=measure,
        task=task,
        margin=_checked_margin(margin, measure),
        classes=classes,
        name=name,
        target_facts={
            **repeated,
            "kind_declared": int(labels is not None or requested is not None),
        },
        others=non_tabular,
        splitting=splitting_of(order, target, task) if for_audit else None,
        identifiers=tuple(c for c in identifiers if c.name not in of_time),
        constant_columns=constant,
        unshared=unshared,
        marks=marks,
        label_marks=label_marks,
        total_rows=totals,
        index_times=index_times,
    )
    if for_audit:
        check_enough_rows(problem)
    return problem


def _grouped_by(
    name: str, target: Sample, sources: dict[str, tuple[Sample, SourceFacts]]
) -> tuple[Sample, dict[str, tuple[Sample, SourceFacts]]]:
    """Return samples whose groups are the values of a column, blanks alone."""

    def grouped(sample: Sample) -> Sample:
        column = sample.X[name] if hasattr(sample.X, "iloc") else sample.X[:, int(name)]
        values = pd.Series(np.asarray(column)).map(without_case, na_action="ignore")
        alone = pd.Series([f"row {k}" for k in range(len(values))])
        return replace(sample, groups=values.where(values.notna(), alone).to_numpy(object))

    import pandas as pd

    return grouped(target), {k: (grouped(s), facts) for k, (s, facts) in sources.items()}


def _without(sample: Sample, names: Sequence[str]) -> Sample:
    return replace(sample, X=without_columns(sample.X, names)) if names else sample


def _check_kept(keep: Sequence[str], X: Any, name: str) -> None:
    """Raise ``ConfigurationError`` for a column to keep that is not there."""
    if not keep or not hasattr(X, "iloc"):
        return
    names = [str(column) for column in X.columns]
    for column in keep:
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            raise ConfigurationError(
                f"The target {name!r} has no column {column!r} to keep.",
                hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(names[:12])}",
            )


def _with_copies_grouped(target: Sample, excluded: Sequence[str]) -> tuple[Sample, dict[str, int]]:
    """Group copies of a row in the target, and count repeats.

    Rows that record numbers tell apart, and no other column does, are no copies; nor are equal rows
    where all columns together are too coarse to tell two people apart.
    """
    fine = tells_rows_apart(target.X, excluded=excluded)
    keys = row_keys(_without_columns(target.X, excluded) if fine else target.X)
    n_repeated = len(keys) - len(set(keys.tolist()))
    copies = fine and n_repeated > 0 and target.groups is None and are_copies(keys, target.y)
    grouped = copies and n_repeated > FEW_COPIES * len(keys)
    if grouped:
        target = replace(target, groups=np.unique(keys, return_inverse=True)[1])
    return target, {
        "n_repeated_rows": n_repeated,
        "copies": int(copies),
        "coarse": int(not fine),
        "grouped": int(grouped),
    }


def _without_columns(X: Any, names: Sequence[str]) -> Any:
    return X.drop(columns=list(names)) if names and hasattr(X, "iloc") else X


def _with_groups_alike(
    target: Sample, checked: dict[str, tuple[Sample, SourceFacts]], non_tabular: dict[str, Any]
) -> tuple[Sample, dict[str, tuple[Sample, SourceFacts]], dict[str, Any]]:
    """Write groups in one form in all files.

    Where the target has none, those of the sources are dropped.
    """
    rows = {label: sample.groups for label, (sample, _) in checked.items()}
    tasks = {
        label: checked_groups(extra.groups, len(extra.y), f"the source {label!r}")
        for label, extra in non_tabular.items()
        if getattr(extra, "groups", None) is not None
    }
    if target.groups is None:
        checked = {label: (replace(s, groups=None), facts) for label, (s, facts) in checked.items()}
        return target, checked, non_tabular
    grouped = {label: groups for label, groups in {**rows, **tasks}.items() if groups is not None}
    named = {f"the source {label!r}": groups for label, groups in grouped.items()}
    alike = groups_alike({"the target": target.groups, **named})
    written = {label: alike[f"the source {label!r}"] for label in grouped}
    checked = {
        label: _regrouped(sample, facts, written.get(label), alike["the target"])
        for label, (sample, facts) in checked.items()
    }
    non_tabular = {
        label: replace(extra, groups=written[label]) if label in tasks else extra
        for label, extra in non_tabular.items()
    }
    return replace(target, groups=alike["the target"]), checked, non_tabular


def _regrouped(
    sample: Sample, facts: SourceFacts, groups: Any, target_groups: Any
) -> tuple[Sample, SourceFacts]:
    if groups is None or sample.groups is None:
        return replace(sample, groups=None), facts
    respelled = respelled_groups(sample.groups, groups, target_groups)
    return replace(sample, groups=groups), replace(facts, respelled_groups=respelled)


def _aligned(
    target: Sample,
    checked: dict[str, tuple[Sample, SourceFacts]],
    name: str,
    *,
    columns: Literal["common", "error"],
    needed: Sequence[str],
) -> tuple[Sample, dict[str, tuple[Sample, SourceFacts]], dict[str, Any], Any]:
    """Give every source the target's columns in order, or raise."""
    kinds = {_kind(target.X): f"the target {name!r}"}
    for label, (sample, _) in checked.items():
        kinds.setdefault(_kind(sample.X), f"the source {label!r}")
    if len(kinds) > 1:
        kinds_by_file = ", ".join(f"{file} is {kind}" for kind, file in kinds.items())
        raise DataError(
            f"Target and sources are not of one kind: {kinds_by_file}.", hint="use one kind for all"
        )
    if hasattr(target.X, "iloc"):
        frames = {label: sample.X for label, (sample, _) in checked.items()}
        tables = aligned_tables(target.X, frames, columns=columns, needed=needed)
        moved = {
            label: (replace(s, X=tables.sources[label]), f) for label, (s, f) in checked.items()
        }
        return replace(target, X=tables.target), moved, tables.changes, tables.unshared
    if not isinstance(target.X, list):
        for label, (sample, _) in checked.items():
            if sample.X.shape[1] != target.X.shape[1]:
                raise DataError(
                    f"The source {label!r} has {sample.X.shape[1]} columns and the target"
                    f" {target.X.shape[1]}.",
                    hint="give both the same columns in the same order",
                )
    return target, checked, {}, None


def _kind(X: Any) -> str:
    if isinstance(X, list):
        return "a list of texts"
    if hasattr(X, "tocsr"):
        return "a sparse matrix"
    return "a table with column names" if hasattr(X, "iloc") else "an array"


def _with_facts(
    checked: dict[str, tuple[Sample, SourceFacts]], changes: dict[str, Any]
) -> dict[str, tuple[Sample, SourceFacts]]:
    return {
        label: (sample, replace(facts, **changes.get(label, {})))
        for label, (sample, facts) in checked.items()
    }


def _checked_margin(margin: float | None, metric: Metric) -> float:
    if margin is None:
        if metric.in_label_units:
            raise ConfigurationError(
                f"{metric.title} has a unit of its own, so its margin has no default.",
                hint="give the smallest difference that matters, e.g. margin=0.5 (--margin 0.5)",
            )
        return DEFAULT_MARGIN
    check_margin(margin)
    return float(margin)
