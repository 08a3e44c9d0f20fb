"""A metric fitted to a target's task, classes and positive class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from transfergap.data.metric.catalogue import BUILT_IN
from transfergap.data.metric.class_order import with_class_order
from transfergap.data.metric.direction import direction_of, with_direction
from transfergap.data.metric.kinds import NeedsClasses
from transfergap.data.metric.metric import Metric
from transfergap.data.metric.user_functions import FoldFunction, ModelFunction, SklearnScorer
from transfergap.data.task import Task, find_task
from transfergap.errors import MetricError


def fitted_to(
    metric: Metric,
    task: str,
    classes: NDArray[Any],
    *,
    positive: Any = None,
    y: NDArray[Any] | None = None,
) -> Metric:
    """Fit ``metric`` to labels, and name the positive class in its title.

    Parameters
    ----------
    metric : Metric
    task : {"binary", "multiclass", "regression"}
    classes : ndarray
        Sorted labels; empty for regression.
    positive : label, optional
        The positive class of two; the larger label if not given.
    y : ndarray, optional
        Labels on which user functions are tried, so that they fail at once.

    Raises
    ------
    MetricError
        If the metric does not fit the labels, or there is no such class.
    """
    kind = find_task(task)
    check_task(metric, kind)
    fixed = getattr(metric.computation, "pos_label", None) if kind.has_two_classes else None
    label = positive_class(positive if fixed is None else fixed, kind, classes)
    has_two = positive is not None and fixed is not None
    if has_two and positive_class(positive, kind, classes) != label:
        raise MetricError(
            f"The positive class is to be {positive!r}, but {metric.title} is made for {fixed!r}.",
            hint="leave one of the two out",
        )
    if not isinstance(metric.computation, NeedsClasses):
        return with_class_order(replace(metric, positive=label), classes)
    computation = metric.computation.fitted(kind, classes, label, y)
    metric = replace(metric, computation=computation, positive=label)
    if metric.note and y is not None:
        direction = direction_of(metric, kind, classes, y, positive=label)
        metric = with_direction(metric, direction)
    title = metric.title
    if label is not None and getattr(computation, "names_positive", False):
        title = f"{title} of {class_words(label)}"
    return with_class_order(replace(metric, title=title), classes)


def class_words(label: Any) -> str:
    """Return a class as a sentence names it.

    Examples
    --------
    >>> class_words("sick"), class_words(1)
    ("'sick'", 'class 1')
    """
    return repr(str(label)) if isinstance(label, str) else f"class {label}"


def positive_class(positive: Any, task: Task, classes: NDArray[Any]) -> Any:
    """Return the positive class of two, in the labels' type.

    ``None`` for other labels.

    Raises
    ------
    MetricError
        If there is no such class, or there are not two.
    """
    if not task.has_two_classes:
        if positive is not None:
            raise MetricError(
                f"The positive class is {positive!r}, but the labels are"
                f" {task.label_text(classes)}, not two classes.",
                hint="leave the positive class out",
            )
        return None
    labels = classes.tolist()
    if positive is None:
        return labels[-1]
    for label in labels:
        if label == positive or str(label) == str(positive) or _equal_numbers(label, positive):
            return label
    raise MetricError(
        f"There is no class {positive!r} to be the positive one.",
        hint=f"the classes are: {', '.join(map(str, labels))}",
    )


def _equal_numbers(label: Any, positive: Any) -> bool:
    try:
        return float(label) == float(positive)
    except (TypeError, ValueError):
        return False


def check_task(metric: Metric, task: Task) -> None:
    """Raise ``MetricError`` if the metric does not fit the labels."""
    if task in metric.tasks:
        return
    good = [name for name, candidate in BUILT_IN.items() if task in candidate.tasks]
    kinds = " or ".join(sorted(metric.tasks))
    raise MetricError(
        f"The metric {metric.name!r} is for {kinds} labels, but the target's are"
        f" {task.label_kind} ({task}).",
        hint=f"use one of: {', '.join(good)}",
    )


def check_weights(metric: Metric, task: Task) -> None:
    """Raise ``MetricError`` if rows cannot be weighted under a metric."""
    if metric.takes_weights:
        return
    raise MetricError(
        f"{metric.title} takes no weights of rows.",
        hint=_weight_hint(metric, task),
    )


def _weight_hint(metric: Metric, task: Task) -> str:
    """Return what to do about weights under a metric without them."""
    if isinstance(metric.computation, (FoldFunction, ModelFunction, SklearnScorer)):
        return (
            "give its function a parameter sample_weight, make a metric with row losses"
            " (make_metric(loss=...)), or leave the weights out"
        )
    weighted = [
        name for name, other in BUILT_IN.items() if other.takes_weights and task in other.tasks
    ]
    return f"leave the weights out, or use a metric that takes them: {', '.join(weighted)}"
