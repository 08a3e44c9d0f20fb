"""Kind of labels: a name, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LabelKind = Literal["classes", "numbers"]


class Task(str):
    """A kind of labels.

    Its defaults are those of numbers, and children say what differs. It is a string, equal to its
    name, so that files, designs and users' scripts write and compare names; it has no other state.

    Examples
    --------
    >>> from transfergap.data.task import find_task
    >>> task = find_task("binary")
    >>> task == "binary", task.has_two_classes, task.default_metric
    (True, True, 'roc_auc')
    """

    __slots__ = ()

    has_classes: ClassVar[bool] = False
    has_two_classes: ClassVar[bool] = False
    is_quantity: ClassVar[bool] = False  # whether differences and means of labels have a meaning
    default_metric: ClassVar[str]

    @property
    def label_kind(self) -> LabelKind:
        """Word for the labels."""
        return "classes" if self.has_classes else "numbers"

    def claims(
        self, labels: NDArray[Any], tasks: Collection[str] | None, predicted: LabelKind | None
    ) -> bool:
        """Return whether these labels are of this kind.

        Here: if the metric is for this kind alone.

        Parameters
        ----------
        labels : ndarray, shape (n_rows,)
        tasks : collection of str, optional
            The kinds that the metric is for; ``None`` where none was named.
        predicted : {"classes", "numbers"}, optional
            Kind of the model's predictions; ``None`` if it does not tell.
        """
        return tasks is not None and set(tasks) == {self}

    def check(self, y: NDArray[Any], origin: str) -> None:
        """Raise ``DataError`` for labels that are none of this kind."""

    def convert(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the target's labels in their type for training."""
        return y.astype(float)

    def classes_of(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the sorted classes; none for numbers."""
        return np.empty(0)

    def strata(self, y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp] | None:
        """Return the stratum of each row, which folds hold in proportion."""
        return None

    def smallest_stratum(self, y: NDArray[Any], classes: NDArray[Any]) -> int:
        """Return the rows of the rarest stratum; all of them without strata."""
        return len(y)

    def as_numbers(self, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return labels as numbers: of classes their place in the order."""
        return np.asarray(y, float)

    def as_one_response(self, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return labels as one response: of classes the commonest or not."""
        return np.asarray(y, float)

    def n_responses(self, n_classes: int) -> int:
        """Return how many columns of responses the linear engine has."""
        return 1

    def n_outputs(self, n_classes: int) -> int:
        """Return how many outputs a network's head has."""
        return 1

    def has_enough_classes(self, n_classes: int) -> bool:
        """Return whether an encoder can have so many classes."""
        return True

    def can_be_learned(self, y: NDArray[Any]) -> bool:
        """Return whether a model can be fitted to these labels."""
        return True

    @property
    def predictions_are_labels(self) -> bool:
        """True if predictions are labels, which squared losses compare."""
        return self.has_classes or self.is_quantity

    def default_model(self, *, balanced: bool = False) -> Any:
        """Return the linear model of the default learner.

        Parameters
        ----------
        balanced : bool
            Whether classes count the same, however rare.
        """
        from sklearn.linear_model import Ridge

        return Ridge()

    def label_text(self, classes: NDArray[Any]) -> str:
        """Return the labels in two words, for error messages."""
        return self.label_kind

    def listing(self, classes: Collection[str]) -> str:
        """Return the labels as an encoder shows them, at most five."""
        return self.label_kind

    def shares(self, y: NDArray[Any]) -> tuple[tuple[str, int], ...]:
        """Return each class with its number of rows; nothing for numbers."""
        return ()

    def summary(self, y: NDArray[Any], classes: NDArray[Any]) -> str:
        """Return the labels in a few words."""
        return ""
