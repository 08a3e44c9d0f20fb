"""Names of all kinds of labels, and the kind of some labels."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from numpy.typing import NDArray

from transfergap.data.task.classes import Classes, TwoClasses
from transfergap.data.task.regression import Regression
from transfergap.data.task.task import LabelKind, Task
from transfergap.errors import ConfigurationError

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
