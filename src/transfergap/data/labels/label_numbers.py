"""Labels that are numbers with marks, read alike in all files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from transfergap.data.metric import Metric
from transfergap.data.notations.decimal_marks import decimal_marks
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.data.notations.number_marks import FEWEST_MEASURED, Marks
from transfergap.data.notations.number_notations import (
    APPROXIMATE,
    NOTATIONS,
    factor_of,
    plain_number,
)
from transfergap.data.notations.spelling import listing
from transfergap.data.sample import Sample
from transfergap.data.tables.normal_form import is_text
from transfergap.data.task import claiming_task
from transfergap.errors import DataError

_NAME = "label"
_MOSTLY = 0.5  # of a file's labels, from which words among numbers are gaps; chosen by hand
_MOST_WORDS = 3  # different words that can be typed as codes of missing values
_COMMA = frozenset(",")

LabelKind = Literal["classes", "numbers"]


def labels_as_numbers(
    y: Any,
    sources: Mapping[str, Any],
    name: str,
    *,
    metric: Metric | None = None,
    predicted: LabelKind | None = None,
) -> tuple[Any, dict[str, Any], Marks | None]:
    """Read labels with marks as numbers, where a quantity is predicted.

    Parameters
    ----------
    y : array-like, shape (n_rows,)
        Labels of the target.
    sources : mapping of str to (X, y), Sample or other sources
        Those without labels come back as they are.
    name : str
        What to call the target in errors.
    metric, predicted
        As :func:`transfergap.data.labels.reading.task_of` takes them.

    Returns
    -------
    array-like
    dict of str to sources
    Marks or None
        The marks of the labels, where they were read.

    Raises
    ------
    DataError
        For words among numbers, decimal commas, and marks that can mean two things.

    Examples
    --------
    >>> y = [f"${k},250.50" for k in range(1, 40)]
    >>> values, _, marks = labels_as_numbers(y, {}, "t")
    >>> values.tolist()[:2], str(marks)
    ([1250.5, 2250.5], "thousands marked by ',', without $")
    """
    columns = {"": _as_column(y)}
    columns |= {label: _as_column(_labels_of(source)) for label, source in sources.items()}
    tables = {k: column.to_frame(_NAME) for k, column in columns.items() if column is not None}
    if "" not in tables or not any(is_text(table[_NAME]) for table in tables.values()):
        return y, dict(sources), None
    tasks = None if metric is None else metric.tasks
    texts = {label: table[_NAME] for label, table in tables.items() if is_text(table[_NAME])}
    target = tables[""][_NAME]
    if predicted != "classes" and _is_quantity(target, tasks, predicted):
        for label, column in texts.items():
            _check_numbers(column, f"the source {label!r}" if label else f"the target {name!r}")
    elif not is_text(target) or (metric is None and not _has_many(target)):
        return y, dict(sources), None
    try:
        read, marks = read_marked_numbers(tables)
    except DataError as error:
        if not _has_many(target):
            return y, dict(sources), None  # classes of such names
        raise DataError(
            error.message.replace(f"Column {_NAME!r} holds", "The labels are").replace(
                f"Column {_NAME!r} is", "The labels are"
            ),
            hint="write the labels as plain numbers, in one unit in all files",
        ) from error
    values = {label: table[_NAME].to_numpy() for label, table in read.items()}
    if not marks or not claiming_task(values[""], tasks, predicted).is_quantity:
        return y, dict(sources), None
    changed = {
        label: _with_labels(source, values[label]) if label in texts else source
        for label, source in sources.items()
    }
    return values[""] if "" in texts else y, changed, marks[_NAME]


def _as_column(y: Any) -> Any:
    """Return labels as a column; ``None`` for what is no column."""
    import pandas as pd

    try:
        values = np.asarray(y)
    except ValueError:  # rows of several lengths
        return None
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biufUSO":
        return None
    column = pd.Series(values.astype(object) if values.dtype.kind in "US" else values)
    if not is_text(column):
        return column
    present = column.dropna().tolist()
    if not any(isinstance(value, str) for value in present):
        column = column.infer_objects()
        return None if is_text(column) else column
    return column


def _labels_of(source: Any) -> Any:
    if isinstance(source, Sample):
        return source.y
    is_pair = isinstance(source, (tuple, list)) and len(source) == 2
    return source[1] if is_pair else None


def _with_labels(source: Any, y: Any) -> Any:
    return replace(source, y=y) if isinstance(source, Sample) else (source[0], y)


def _has_many(column: Any) -> bool:
    return bool(column.nunique() > FEWEST_MEASURED)


def _is_quantity(column: Any, tasks: Any, predicted: LabelKind | None) -> bool:
    """Return whether most labels of the target are numbers of a quantity."""
    if not is_text(column):
        values = column.dropna().to_numpy()
        return bool(len(values)) and claiming_task(values, tasks, predicted).is_quantity
    levels = {str(text).strip(): _decimals(text) for text in column.dropna().unique()}
    numbers = [text for text, allowed in levels.items() if allowed is not None]
    if len(numbers) <= FEWEST_MEASURED or not _are_mostly(column, levels):
        return False
    plain = [number for text in numbers if (number := plain_number(text)) is not None]
    if len(plain) < len(numbers):
        return True  # marked: classes of so many numbers with marks are none
    return claiming_task(np.array(plain), tasks, predicted).is_quantity


def _decimals(text: Any) -> frozenset[str] | None:
    """Return the decimal marks of a number; ``None`` for a word."""
    words = str(text).strip()
    allowed = decimal_marks(APPROXIMATE.sub("", factor_of(words)[0]))
    if allowed is None and any(number(words) is not None for number in NOTATIONS.values()):
        return frozenset()
    return allowed


def _are_mostly(column: Any, levels: Mapping[str, Any]) -> bool:
    """Return whether most of a file's labels are numbers."""
    are_numbers = [levels[str(text).strip()] is not None for text in column.dropna()]
    return bool(np.mean(are_numbers) >= _MOSTLY)


def _check_numbers(column: Any, origin: str) -> None:
    """Raise ``DataError`` for decimal commas, and for words among numbers."""
    present = column.dropna()
    levels = {str(text).strip(): _decimals(text) for text in present.unique()}
    if not levels or not _are_mostly(column, levels):
        return
    words = [text for text, allowed in levels.items() if allowed is None]
    if words:
        texts = present.map(lambda text: str(text).strip())
        bad = texts[texts.isin(words)]
        codes = " ".join(f"--na={shlex.quote(word)}" for word in words[:_MOST_WORDS])
        raise DataError(
            f"The labels of {origin} are numbers, but {len(bad)} of {len(column)} are not:"
            f" {listing([repr(word) for word in words], _MOST_WORDS)}; the first is in row"
            f" {int(bad.index[0])}.",
            hint=f"if they mean missing, add {codes}: these rows are left out then (in Python, drop"
            " them); else write numbers there",
        )
    if all(allowed in (frozenset(), _COMMA) for allowed in levels.values()) and _COMMA in (
        levels.values()
    ):
        first = next(text for text, allowed in levels.items() if allowed == _COMMA)
        raise DataError(
            f"The labels of {origin} are written with decimal commas: {first!r}.",
            hint="add --decimal ',' (in Python: pandas.read_csv(..., decimal=','))",
        )
