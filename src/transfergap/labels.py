"""Labels: checked, read as classes or numbers, and laid beside the target's."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError
from transfergap.metric import Metric, Task
from transfergap.problem import SourceFacts

MOST_CLASSES = 30  # whole numbers with more different values than this are a quantity


def checked_labels(
    y: Any, n_rows: int, where: str, *, may_be_constant: bool = False
) -> NDArray[Any]:
    """Return ``y`` as a flat array without gaps.

    Raises
    ------
    DataError
        For a wrong length, missing or infinite labels, or a single label in the target.
    """
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n_rows,):
        raise DataError(
            f"There are {values.size} labels of shape {values.shape} for {n_rows} rows of {where}.",
            hint="give one label for each row",
        )
    missing = missing_values(values)
    if missing.any():
        raise DataError(
            f"{int(missing.sum())} of {n_rows} labels of {where} are missing; the first is in"
            f" row {int(np.flatnonzero(missing)[0])}.",
            hint="drop unlabelled rows: nobody can be judged on a label that is not there",
        )
    if values.dtype.kind == "f" and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise DataError(
            f"The label of row {row} of {where} is infinite.", hint="mend or drop that row"
        )
    if values.dtype.kind == "O":
        kinds = {type(value) for value in values.tolist()}
        if len(kinds) > 1:
            values = np.array([str(value) for value in values.tolist()], dtype=object)
    if not may_be_constant and len(np.unique(values)) < 2:
        raise DataError(
            f"All {n_rows} labels of {where} are {values[0]!s}.",
            hint="a model needs at least two different labels to tell apart",
        )
    return values


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
    """Return what kind of labels these are.

    What the model predicts decides, then a metric that only knows numbers; otherwise numbers with
    fractions are a quantity, and so are more than 30 different whole ones unless the metric only
    knows classes.

    Raises
    ------
    DataError
        If the model predicts numbers and the labels are text, or classes and they are fractions.

    Examples
    --------
    >>> task_of(np.array([0, 1, 1]), None)
    'binary'
    """
    are_numbers = labels.dtype.kind in "biuf"
    if predicted == "numbers":
        if not are_numbers:
            raise DataError(
                f"The model predicts numbers, but the labels are text ({labels[0]!r}).",
                hint="use a classifier, or labels that are numbers",
            )
        return "regression"
    fractions = labels.dtype.kind == "f" and bool((labels != np.round(labels)).any())
    if predicted == "classes" and fractions:
        raise DataError(
            f"The model is a classifier, but the labels are fractions such as {labels[0]:g}.",
            hint="use a regressor, or cut the labels into classes",
        )
    if are_numbers and predicted is None and _is_quantity(labels, metric):
        return "regression"
    return "binary" if len(np.unique(labels)) == 2 else "multiclass"


def _is_quantity(labels: NDArray[Any], metric: Metric | None) -> bool:
    if metric is not None and metric.tasks == frozenset({"regression"}):
        return True
    if labels.dtype.kind == "f" and bool((labels != np.round(labels)).any()):
        return True
    only_classes = metric is not None and "regression" not in metric.tasks
    return len(np.unique(labels)) > MOST_CLASSES and not only_classes


def aligned_labels(
    labels: NDArray[Any], classes: NDArray[Any], task: Task, where: str
) -> tuple[NDArray[Any], SourceFacts]:
    """Return a source's labels in the target's type, with what is missing or too many.

    Raises
    ------
    DataError
        If the two cannot be compared, or no label is common to both.
    """
    if task == "regression":
        if labels.dtype.kind not in "biuf":
            raise DataError(
                f"The labels of {where} are text ({labels[0]!r}), the target's are numbers.",
                hint="both must measure the same thing in the same unit",
            )
        return labels.astype(float), SourceFacts(n_given=len(labels))
    if (labels.dtype.kind in "biuf") != (classes.dtype.kind in "biuf"):
        raise DataError(
            f"The labels of {where} look like {labels.tolist()[0]!r}, the target's like"
            f" {classes.tolist()[0]!r}.",
            hint="write the same labels in both",
        )
    foreign = ~np.isin(labels, classes)
    if foreign.all():
        raise DataError(
            f"No label of {where} occurs in the target, which has"
            f" {', '.join(map(str, classes.tolist()[:5]))}.",
            hint="write the same labels in both",
        )
    own = set(np.unique(labels).tolist())
    facts = SourceFacts(
        n_given=len(labels),
        n_foreign_label_rows=int(foreign.sum()),
        foreign_labels=tuple(str(v) for v in np.unique(labels[foreign]).tolist()),
        missing_labels=tuple(str(v) for v in classes.tolist() if v not in own),
    )
    if labels.dtype != classes.dtype and not foreign.any():
        labels = labels.astype(classes.dtype)
    return labels, facts
