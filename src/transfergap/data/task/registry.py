"""Kinds of labels: numbers, classes, two classes, and their registry."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.task.task import Floats, LabelKind, Task
from transfergap.errors import ConfigurationError


class Classes(Task):
    """Labels are classes, more than two of them."""

    __slots__ = ()

    has_classes = True
    default_metric = "accuracy"

    def claims(
        self, labels: NDArray[Any], tasks: Collection[str] | None, predicted: LabelKind | None
    ) -> bool:
        """Return True: all labels that no other kind claims are classes."""
        return True

    def convert(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the labels as they are."""
        return y

    def classes_of(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the sorted classes."""
        return np.unique(y)

    def strata(self, y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp] | None:
        """Return each row's place among the classes."""
        return np.searchsorted(classes, y)

    def smallest_stratum(self, y: NDArray[Any], classes: NDArray[Any]) -> int:
        """Return the rows of the rarest class."""
        return min(int(np.count_nonzero(y == label)) for label in classes)

    def as_numbers(self, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return each row's place among the classes as a number."""
        return np.searchsorted(classes, y).astype(float)

    def as_one_response(self, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return 1 for rows of the commonest class, 0 for the others."""
        counts = [np.count_nonzero(y == label) for label in classes]
        commonest: Floats = (y == classes[int(np.argmax(counts))]).astype(float)
        return commonest

    def n_responses(self, n_classes: int) -> int:
        """Return one a class."""
        return n_classes

    def n_outputs(self, n_classes: int) -> int:
        """Return one a class, and at least two."""
        return max(n_classes, 2)

    def has_enough_classes(self, n_classes: int) -> bool:
        """Return whether there are two classes or more."""
        return n_classes > 1

    def can_be_learned(self, y: NDArray[Any]) -> bool:
        """Return whether there are two classes to tell apart."""
        return len(np.unique(y)) > 1

    def default_model(self, *, balanced: bool = False) -> Any:
        """Return logistic regression with scikit-learn's own penalty."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=1000, class_weight="balanced" if balanced else None)

    def label_text(self, classes: NDArray[Any]) -> str:
        """Return the number of classes."""
        return f"{len(classes)} classes"

    def listing(self, classes: Collection[str]) -> str:
        """Return the first five classes."""
        return ", ".join([*classes][:5]) + (", ..." if len(classes) > 5 else "")

    def shares(self, y: NDArray[Any]) -> tuple[tuple[str, int], ...]:
        """Return each class with its number of rows."""
        labels, counts = np.unique(y, return_counts=True)
        return tuple((str(v), int(n)) for v, n in zip(labels.tolist(), counts, strict=True))

    def summary(self, y: NDArray[Any], classes: NDArray[Any]) -> str:
        """Return the number of classes."""
        return f"{len(classes)} classes"


class TwoClasses(Classes):
    """Labels are two classes."""

    __slots__ = ()

    has_two_classes = True
    default_metric = "roc_auc"

    def claims(
        self, labels: NDArray[Any], tasks: Collection[str] | None, predicted: LabelKind | None
    ) -> bool:
        """Return whether there are two different labels."""
        return len(np.unique(labels)) == 2

    def n_responses(self, n_classes: int) -> int:
        """Return one: the second class against the first."""
        return 1

    def has_enough_classes(self, n_classes: int) -> bool:
        """Return whether there are two classes."""
        return n_classes == 2

    def summary(self, y: NDArray[Any], classes: NDArray[Any]) -> str:
        """Return the share of the second class."""
        return f"{100 * float((y == classes[1]).mean()):.0f} % {classes[1]!s}"


MOST_CLASSES = 30  # whole numbers with more different values than this are a quantity


class Regression(Task):
    """Labels are a quantity."""

    __slots__ = ()

    is_quantity = True
    default_metric = "r2"

    def claims(
        self, labels: NDArray[Any], tasks: Collection[str] | None, predicted: LabelKind | None
    ) -> bool:
        """Return whether the model predicts numbers, or the labels are a quantity.

        Numbers with fractions are, and so are more than 30 different whole ones unless the metric
        only knows classes.
        """
        if predicted is not None or labels.dtype.kind not in "biuf":
            return predicted == "numbers"
        if super().claims(labels, tasks, predicted) or has_fractions(labels):
            return True
        only_classes = tasks is not None and self not in tasks
        return len(np.unique(labels)) > MOST_CLASSES and not only_classes


def has_fractions(labels: NDArray[Any]) -> bool:
    """Return whether labels are numbers that are not all whole.

    Examples
    --------
    >>> has_fractions(np.array([1.0, 2.0])), has_fractions(np.array([1.5, 2.0]))
    (False, True)
    """
    return labels.dtype.kind == "f" and bool((labels != np.round(labels)).any())


BINARY = TwoClasses("binary")
MULTICLASS = Classes("multiclass")
REGRESSION = Regression("regression")
# In the order in which they are asked for their labels; kinds of other packages come before these.
_TASKS: dict[str, Task] = {task: task for task in (REGRESSION, BINARY, MULTICLASS)}


def register_task(task: Task) -> Task:
    """Add a kind of labels.

    It is asked first whether labels are its own.

    Examples
    --------
    >>> register_task(find_task("regression"))
    'regression'
    """
    if task not in _TASKS:
        others = dict(_TASKS)
        _TASKS.clear()
        _TASKS.update({task: task, **others})
    elif type(_TASKS[task]) is not type(task):
        raise ConfigurationError(
            f"There is a task called {str(task)!r} already.", hint="choose another name"
        )
    return task


def task_names() -> tuple[str, ...]:
    """Return the names of all tasks, in the order of asking.

    Examples
    --------
    >>> task_names()[-1]
    'multiclass'
    """
    return tuple(map(str, _TASKS))


def find_task(name: str) -> Task:
    """Return the task of a name.

    Raises
    ------
    ConfigurationError
        If none has that name.

    Examples
    --------
    >>> find_task("multiclass").label_kind
    'classes'
    """
    if isinstance(name, Task):
        return name
    if name not in _TASKS:
        raise ConfigurationError(
            f"There is no task called {name!r}.", hint=f"known: {', '.join(_TASKS)}"
        )
    return _TASKS[name]


def claiming_task(
    labels: NDArray[Any], tasks: Collection[str] | None, predicted: LabelKind | None
) -> Task:
    """Return the first task that claims these labels, see :meth:`Task.claims`."""
    return next(task for task in _TASKS.values() if task.claims(labels, tasks, predicted))
