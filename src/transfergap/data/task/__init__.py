"""Kinds of labels, one a file, and their registry."""

from transfergap.data.task.registry import (
    BINARY,
    MOST_CLASSES,
    MULTICLASS,
    REGRESSION,
    claiming_task,
    find_task,
    has_fractions,
    register_task,
    task_names,
)
from transfergap.data.task.task import LabelKind, Task

__all__ = [
    "BINARY",
    "MOST_CLASSES",
    "MULTICLASS",
    "REGRESSION",
    "LabelKind",
    "Task",
    "claiming_task",
    "find_task",
    "has_fractions",
    "register_task",
    "task_names",
]
