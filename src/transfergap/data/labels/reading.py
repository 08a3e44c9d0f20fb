"""Labels: checked, narrowed to a type, read as classes or numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric import Metric
from transfergap.data.notations.spelling import as_text
from transfergap.data.splitting.times import looks_like_date
from transfergap.data.tables.normal_form import LARGEST_NUMBER, check_numbers
from transfergap.data.task import MOST_CLASSES, Task, claiming_task, has_fractions
from transfergap.errors import DataError

_TIMES = {
    "datetime64": "dates",
    "datetime": "dates",
    "date": "dates",
    "timedelta64": "durations",
    "timedelta": "durations",
    "time": "times of day",
    "period": "periods",
    "interval": "intervals",
}
_SURVIVAL = (
    "censored times are not judged here: predict the event within a fixed time (a class) among rows"
    " observed that long, or the time among rows with an event"
)
_COLLECTIONS = (list, tuple, set, frozenset, np.ndarray)
_LOOKED_AT = 1000  # labels tested for dates: enough to see a column's kind


def checked_labels(
    y: Any, n_rows: int, origin: str, *, may_be_constant: bool = False
) -> NDArray[Any]:
    """Return ``y`` as a flat array of one type without gaps.

    Raises
    ------
    DataError
        For a wrong length, dates and other labels that are neither classes nor numbers, missing or
        infinite ones, or a single label in the target.
    """
    if y is None:
        raise DataError(
            f"There are no labels of {origin}.", hint="label some rows, or leave the source out"
        )
    if np.isscalar(y) or getattr(y, "ndim", 1) == 0:
        raise DataError(
            f"The labels of {origin} are {y!r} alone, not one for each row.",
            hint="give the labels themselves: y=X['label'], and X.drop(columns='label') as rows",
        )
    values = narrowed_labels(y, origin)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n_rows,):
        raise DataError(
            f"There are {values.size} labels of shape {values.shape} for {n_rows} rows"
            f" of {origin}.",
            hint="give one label for each row"
            + (": audit one column at a time" if values.ndim == 2 else ""),
        )
    missing = missing_values(values)
    if missing.any():
        raise DataError(
            f"{int(missing.sum())} of {n_rows} labels of {origin} are missing; the first is in"
            f" row {int(np.flatnonzero(missing)[0])}.",
            hint="drop unlabelled rows: nobody can be judged on a label that is not there",
        )
    if values.dtype.kind == "f":
        check_numbers(values, f"The labels of {origin} hold", "mend or drop that row")
        _check_differences(values, origin)
    if not may_be_constant and len(np.unique(values)) < 2:
        subject = (
            f"All {n_rows} labels of {origin} are" if n_rows > 1 else f"The label of {origin} is"
        )
        raise DataError(
            f"{subject} {values[0]!s}.",
            hint="a model needs at least two different labels to tell apart",
        )
    return values


def _check_differences(values: NDArray[Any], origin: str) -> None:
    """Raise ``DataError`` for labels that hardly differ as floats."""
    spread = float(np.ptp(values))
    if 0.0 < spread < 1.0 / LARGEST_NUMBER:
        raise DataError(
            f"The labels of {origin} differ by {spread:.3g} at most, too little for powers.",
            hint=f"multiply them, say by {10.0 ** -np.floor(np.log10(spread)):.0e}",
        )


def narrowed_labels(y: Any, origin: str) -> NDArray[Any]:
    """Return labels as numbers, booleans or texts.

    Whole numbers, fractions, decimals and booleans in an object array become an array of their type
    type; a mixture of kinds becomes text. Missing ones stay.

    Raises
    ------
    DataError
        For dates, durations, survival records and what else is neither class nor number.

    Examples
    --------
    >>> narrowed_labels(np.array([0, 1, 1], dtype=object), "the target").dtype.kind
    'i'
    """
    _refuse_types(y, origin)
    values = _as_array(y, origin)
    _refuse_columns(values, origin)
    if values.dtype.kind in "US":
        _refuse_date_texts(values, origin)
    if values.dtype.kind != "O" or values.ndim != 1:
        return values
    return _of_objects(values, origin)


def _of_objects(values: NDArray[Any], origin: str) -> NDArray[Any]:
    import pandas as pd

    missing = missing_values(values)
    present = values[~missing]
    kind = pd.api.types.infer_dtype(present, skipna=True) if len(present) else "string"
    if kind in _TIMES:
        raise _no_label(origin, _TIMES[kind], present[0])
    if kind in ("boolean", "integer") and not missing.any():
        try:
            return values.astype(bool if kind == "boolean" else np.int64)
        except OverflowError:  # longer than 64 bits: a name, not a quantity
            return np.array([str(value) for value in values.tolist()], dtype=object)
    if kind in ("boolean", "integer", "floating", "mixed-integer-float", "decimal"):
        return np.where(missing, np.nan, values).astype(float)
    if kind in ("complex", "mixed") and not any(isinstance(v, (str, bytes)) for v in present):
        numbers = [v for v in present if isinstance(v, (bool, int, float, np.number, Decimal))]
        if len(numbers) < len(present):
            raise _no_label(origin, f"values of type {type(present[0]).__name__}", present[0])
        return np.where(missing, np.nan, values).astype(float)
    words = [v if gap else as_text(v) for v, gap in zip(values, missing, strict=True)]
    texts = np.array(words, dtype=object)
    _refuse_date_texts(texts[~missing], origin)
    return texts


def _refuse_types(y: Any, origin: str) -> None:
    """Raise ``DataError`` for label types that are neither classes nor numbers."""
    kind: Any = getattr(y, "dtype", None)
    name = str(kind)
    if getattr(kind, "names", None):
        raise DataError(
            f"The labels of {origin} are a structured array with the fields"
            f" {', '.join(map(str, kind.names))}, as survival records are.",
            hint=_SURVIVAL,
        )
    for start, kinds in (
        ("datetime", "dates"),
        ("timedelta", "durations"),
        ("period", "periods"),
        ("interval", "intervals"),
        ("complex", "complex numbers"),
    ):
        if name.startswith(start):
            raise _no_label(origin, kinds, [*np.asarray(y).reshape(-1), ""][0])


def _as_array(y: Any, origin: str) -> NDArray[Any]:
    """Return labels as an array; raise ``DataError`` for rows of several lengths."""
    try:
        values = np.asarray(y)
    except ValueError as error:  # rows of several lengths
        if "inhomogeneous" not in str(error):
            raise
        raise _several(origin, next(iter(y))) from error
    first: Any = values[0] if values.ndim == 1 and len(values) else None
    if values.dtype.kind == "O" and isinstance(first, _COLLECTIONS) and not _is_pair(first):
        raise _several(origin, first)
    if values.dtype.kind == "S":
        texts: NDArray[Any] = np.vectorize(as_text, otypes=[object])(values)
        return texts
    return values


def _several(origin: str, first: Any) -> DataError:
    return DataError(
        f"The labels of {origin} are several in a row, such as {first!r}.",
        hint="labels of several classes at once (multilabel) are not judged here: audit one class"
        " at a time, such as ['a' in row for row in y]",
    )


def _refuse_columns(values: NDArray[Any], origin: str) -> None:
    """Raise ``DataError`` for a column a class, and for survival records."""
    first: Any = values.reshape(-1)[0] if values.size else None
    pairs = values.ndim == 1 and _is_pair(first)
    if values.ndim == 2 and values.shape[1] > 1:
        binary = [_is_binary(values[:, j]) for j in range(values.shape[1])]
        if all(binary):
            raise _indicators(values, origin)
        pairs = any(binary) and values.shape[1] == 2
    if pairs:
        raise DataError(
            f"The labels of {origin} are pairs in each row, as survival records (event, time) are.",
            hint=_SURVIVAL,
        )


def _is_pair(value: Any) -> bool:
    """Return whether a label is a pair such as (True, 3.5)."""
    if type(value).__name__ not in ("tuple", "list", "void") or len(value) != 2:
        return False
    return not any(isinstance(part, (str, bytes)) for part in value)


def _is_binary(column: NDArray[Any]) -> bool:
    words = set(np.unique(column.astype(str)).tolist())
    return len(words) == 2 and words <= {"0", "1", "0.0", "1.0", "True", "False"}


def _indicators(values: NDArray[Any], origin: str) -> DataError:
    """Return the error for labels that are columns of 0 and 1."""
    n_columns = values.shape[1]
    if (values.astype(float).sum(axis=1) == 1).all():
        return DataError(
            f"The labels of {origin} are {n_columns} columns of 0 and 1, one a class (one-hot).",
            hint="give one label for each row: y.argmax(axis=1), or names of classes",
        )
    return DataError(
        f"The labels of {origin} are {n_columns} columns of 0 and 1: several labels a row.",
        hint="labels of several classes at once (multilabel) are not judged here: audit one column"
        " at a time, such as y[:, 0]",
    )


def _refuse_date_texts(values: NDArray[Any], origin: str) -> None:
    """Raise ``DataError`` for texts that are dates, nearly all of them different."""
    texts = [str(value) for value in values[:_LOOKED_AT].tolist()]
    different = len(set(texts))
    # A few dates may be classes (terms, waves); many different ones are times.
    if different > min(MOST_CLASSES, 0.5 * len(texts)) and all(map(looks_like_date, texts)):
        raise _no_label(origin, "dates", texts[0])


def _no_label(origin: str, kinds: str, first: Any) -> DataError:
    return DataError(
        f"The labels of {origin} are {kinds} such as {first!s}, neither classes nor numbers.",
        hint="predict a number, such as the days since a date or seconds, or a class made of it",
    )


def missing_values(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where values are missing: NaN, None or pandas' NA."""
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind == "O":
        # NaN is the only thing that differs from itself; pandas' NA has no truth value.
        return np.array([v is None or type(v).__name__ == "NAType" or v != v for v in values])
    return np.zeros(len(values), bool)


def task_of(
    labels: NDArray[Any],
    metric: Metric | None,
    predicted: Literal["classes", "numbers"] | None = None,
) -> Task:
    """Return the task kind of these labels.

    A metric for one kind of another package decides, then the model; see :meth:`Task.claims`.

    Raises
    ------
    DataError
        If the model predicts numbers and the labels are text, or classes and they are fractions.

    Examples
    --------
    >>> task_of(np.array([0, 1, 1]), None)
    'binary'
    """
    if predicted == "numbers" and labels.dtype.kind not in "biuf":
        raise DataError(
            f"The model predicts numbers, but the labels are text ({str(labels[0])!r}).",
            hint="use a classifier, or labels that are numbers, such as y.astype(float)",
        )
    if predicted == "classes" and has_fractions(labels):
        raise DataError(
            f"The model is a classifier, but the labels are fractions such as {labels[0]:g}.",
            hint="use a regressor, or cut the labels into classes",
        )
    return claiming_task(labels, None if metric is None else metric.tasks, predicted)
