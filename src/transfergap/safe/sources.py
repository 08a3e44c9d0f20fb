"""User-supplied sources, validated against the target: rows, samples or summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import Encoder, GramSummary, LabelCode
from transfergap.data.labels.label_codes import aligned_labels
from transfergap.data.labels.reading import missing_values, narrowed_labels
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.data.problem import Sample, count_rows, take_rows
from transfergap.data.sources.source_files import SourceFile
from transfergap.data.sources.source_samples import checked_rows
from transfergap.data.tables.normal_form import as_column, as_table
from transfergap.data.task import has_fractions
from transfergap.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SourceRows:
    """Rows of one source."""

    name: str
    X: Any
    y: NDArray[Any]
    weights: Floats | None
    groups: NDArray[Any] | None = None

    @property
    def counts(self) -> bool:
        """Return whether any row has a weight above 0."""
        return len(self.y) > 0 and (self.weights is None or bool(self.weights.any()))


def read_sources(
    sources: Mapping[str, Any] | None,
) -> tuple[dict[str, SourceRows], dict[str, GramSummary]]:
    """Return the sources given as rows, and those given as summaries.

    Those of which nothing counts are left out.

    Raises
    ------
    DataError
        For anything else, and for labels that are not one a row.
    """
    if sources is None:
        return {}, {}
    if not isinstance(sources, Mapping):
        raise DataError(
            f"The sources are a {type(sources).__name__}, not names with their data.",
            hint="use sources={'b': (Xb, yb)}",
        )
    rows: dict[str, SourceRows] = {}
    summaries: dict[str, GramSummary] = {}
    if len({str(name) for name in sources}) < len(sources):
        raise DataError(
            "Two sources have one name, as 1 and '1' are.", hint="give each a name of its own"
        )
    for name, data in sources.items():
        if isinstance(data, GramSummary):
            data.check_sound(f"the source {str(name)!r}")
            # Rows of weight 0 are no rows.
            if data.grams[:, -1, -1].any():
                summaries[str(name)] = data
            continue
        source = _rows_of(str(name), data)
        if source.counts:
            rows[source.name] = source
    return rows, summaries


def _rows_of(name: str, data: Any) -> SourceRows:
    if isinstance(data, SourceFile):
        data = data.pinned()[1]
    if isinstance(data, Sample):
        X, y, weights = data.X, data.y, data.weights
    elif isinstance(data, Sequence) and not isinstance(data, str) and len(data) in (2, 3):
        X, y, weights = data[0], data[1], data[2] if len(data) == 3 else None
    else:
        raise DataError(
            f"The source {name!r} is a {type(data).__name__}, not a pair or a summary.",
            hint=f"use sources={{{name!r}: (X, y)}} or GramSummary.load(...)",
        )
    origin = f"the source {name!r}"
    if not isinstance(data, Sample):
        X, y = as_table(X), as_column(y)
    if count_rows_of(X) == 0:
        return SourceRows(name, X, np.empty(0), None)
    # Rows of a sample were checked when the problem was made, and this runs in every trial.
    X = X if isinstance(data, Sample) else checked_rows(X, origin)
    if y is None:
        raise DataError(f"The source {name!r} has no labels.", hint="leave it out, or label it")
    labels = narrowed_labels(y, origin).reshape(-1)
    n_missing = int(missing_values(labels).sum())
    if n_missing:
        raise DataError(f"{n_missing} labels of {origin} are missing.", hint="drop unlabelled rows")
    if len(labels) != count_rows(X):
        raise DataError(
            f"There are {len(labels)} labels for {count_rows(X)} rows of {origin}.",
            hint="give one label for each row",
        )
    values = None if weights is None else np.asarray(weights, float)
    if values is not None and (
        values.shape != labels.shape or not np.isfinite(values).all() or (values < 0).any()
    ):
        raise DataError(
            f"The weights of {origin} must be {len(labels)} finite numbers, none below 0.",
            hint="give one weight for each row; 0 leaves a row out",
        )
    groups = data.groups if isinstance(data, Sample) else None
    return SourceRows(name, X, labels, values, groups)


def with_plain_numbers(
    X: Any, sources: Mapping[str, Any] | None
) -> tuple[Any, Mapping[str, Any] | None, dict[str, tuple[str, ...]]]:
    """Read numbers with marks alike in target and sources.

    Samples come from an audit, whose tables are in one form already.

    Returns
    -------
    table, mapping of str to source
        As they were where they are no tables.
    dict of str to tuple of str
        Columns that were read, with their marks of thousands and decimals, and their notation.
    """
    X = as_table(X)
    parts = dict(sources) if isinstance(sources, Mapping) else {}
    if parts and all(isinstance(data, (Sample, GramSummary)) for data in parts.values()):
        return X, sources, {}
    tables = {
        name: as_table(data[0])
        for name, data in parts.items()
        if isinstance(data, (tuple, list)) and len(data) in (2, 3)
    }
    if not all(hasattr(table, "iloc") and table.ndim == 2 for table in (X, *tables.values())):
        return X, sources, {}
    # The target comes first, under a name that no source has.
    key = max(map(str, tables), key=len, default="") + "."
    read, marks = read_marked_numbers({key: X, **{str(k): table for k, table in tables.items()}})
    if not marks:
        return X, sources, {}
    parts |= {name: (read[str(name)], *parts[name][1:]) for name in tables}
    return read[key], parts, {name: mark.saved() for name, mark in marks.items()}


def count_rows_of(X: Any) -> int:
    """Return how many rows something has that may be no table yet."""
    shape = getattr(X, "shape", None)
    return int(shape[0]) if shape else len(X)


def _numbers_of_texts(y: NDArray[Any]) -> NDArray[Any]:
    """Return texts of numbers as numbers, as the target's are read."""
    try:
        return y if y.dtype.kind in "biuf" else y.astype(float)
    except (TypeError, ValueError):
        return y


def with_labels_of(source: SourceRows, labels: LabelCode) -> tuple[SourceRows, str]:
    """Align a source's labels, and drop rows of other classes.

    Also returns a sentence on the dropped rows, as an audit does.

    Raises
    ------
    DataError
        If the labels are of another task than the target's, or no row is left.
    """
    if labels.kind.has_classes and has_fractions(source.y):
        raise DataError(
            f"The labels of the source {source.name!r} are fractions such as {source.y[0]:g}, the"
            " target's are classes.",
            hint="cut them into the target's classes, or use SafeTransferRegressor",
        )
    y = source.y if labels.kind.has_classes else _numbers_of_texts(source.y)
    y, has_class, facts = aligned_labels(
        y, np.asarray(labels.classes), labels.task, source.name, may_map=False
    )
    note = ""
    if not has_class.all():
        note = (
            f"{source.name}: {facts.n_foreign_label_rows:,} of {facts.n_given:,} rows left out"
            f" whose label the target lacks ({', '.join(facts.foreign_labels[:5])})."
        )
    if has_class.all():  # no copy of what may be large
        return SourceRows(source.name, source.X, y, source.weights), note
    weights = None if source.weights is None else source.weights[has_class]
    return SourceRows(source.name, take_rows(source.X, has_class), y[has_class], weights), note


def common_encoder(summaries: Mapping[str, GramSummary], task: str) -> Encoder:
    """Return the encoder that all summaries were made with.

    Raises
    ------
    DataError
        If they differ in encoding or round, or are of another task.
    """
    names = list(summaries)
    first = summaries[names[0]]
    for name in names[1:]:
        try:
            first.check_joins(summaries[name])
        except DataError as error:
            raise DataError(
                f"The summaries {names[0]!r} and {name!r} do not fit: {error.message}",
                hint=error.hint,
            ) from error
    summary_task = first.encoder.labels.task
    if summary_task != task:
        raise DataError(
            f"The summaries are of a {summary_task} task, the target's labels are {task}.",
            hint="use the classifier for classes and the regressor for numbers, and one label",
        )
    return first.encoder
