"""Labels that are a quantity."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.task.task import LabelKind, Task

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
