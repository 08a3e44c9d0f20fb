"""Labels as the responses of closed forms, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.column_values import coded
from transfergap.data.notations.spelling import as_text
from transfergap.data.task import Task, find_task, task_names
from transfergap.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelCode:
    """The map from labels to responses.

    Standardised numbers, or -1 and 1 a class.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    classes : tuple
        Sorted labels of the target; empty for regression.
    centre, scale : float
        Of the target's numbers; 0 and 1 for classes.

    Examples
    --------
    >>> code = LabelCode.of(np.array(["no", "yes", "no"]), "binary")
    >>> code.responses(np.array(["yes", "no"])).tolist()
    [[1.0], [-1.0]]
    """

    task: str
    classes: tuple[Any, ...] = ()
    centre: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(
        cls, y: NDArray[Any], task: str, weights: NDArray[np.float64] | None = None
    ) -> LabelCode:
        """Fit the code of a target's labels.

        A weight of 2 counts as the row given twice.
        """
        task = str(task)  # a file of the model knows strings only
        if find_task(task).has_classes:
            return cls(task, tuple(np.unique(y).tolist()))
        centre = float(np.average(y, weights=weights))
        spread = float(np.sqrt(np.average((y - centre) ** 2, weights=weights)))
        differ = spread > 1e-12 * abs(centre)  # below, they differ by rounding only
        return cls(task, (), centre, spread if differ else 1.0)

    @property
    def kind(self) -> Task:
        """Kind of labels, with all that hangs on it."""
        return find_task(self.task)

    @property
    def n_responses(self) -> int:
        """Number of responses: one a class; one for binary or numeric labels."""
        return self.kind.n_responses(len(self.classes))

    def foreign(self, y: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which labels are classes that the target lacks.

        None are for regression.
        """
        values = np.asarray(y)
        if not self.kind.has_classes:
            return np.zeros(len(values), bool)
        return self._positions(values) < 0

    def positions(
        self, y: NDArray[Any], origin: str = "the data", *, option: str = ""
    ) -> NDArray[np.intp]:
        """Return each label's position among the classes.

        1, 1.0 and '1' are one label.

        ``option`` names what leaves other labels out, where the caller has such a thing.

        Raises
        ------
        DataError
            For a label that the target lacks.
        """
        values = np.asarray(y)
        place = self._positions(values)
        foreign = place < 0
        if foreign.any():
            raise DataError(
                f"{int(foreign.sum())} rows of {origin} have labels that the target lacks:"
                f" {', '.join(sorted({str(v) for v in values[foreign].tolist()})[:5])}.",
                hint="write the labels as the target does"
                f" ({', '.join(map(str, self.classes[:5]))}), or leave those rows out"
                + (f" ({option})" if option else ""),
            )
        return place

    def _positions(self, values: NDArray[Any]) -> NDArray[np.intp]:
        classes = np.asarray(self.classes)
        if values.dtype.kind in "biuf" and classes.dtype.kind in "biuf":
            numbers, class_numbers = values.astype(float), classes.astype(float)
            place = np.minimum(np.searchsorted(class_numbers, numbers), len(class_numbers) - 1)
            return np.where(class_numbers[place] == numbers, place, -1)
        codes, texts = coded(values)
        places = {as_text(label): position for position, label in enumerate(self.classes)}
        return np.array([*(places.get(text, -1) for text in texts), -1], dtype=np.intp)[codes]

    def responses(self, y: NDArray[Any], origin: str = "the data") -> Floats:
        """Return the regression responses, shape (n_rows, n_responses).

        Raises
        ------
        DataError
            For a label that the target lacks, or numbers that are not finite.
        """
        if not self.kind.has_classes:
            return self._standardised(np.asarray(y), origin)
        position = self.positions(y, origin)
        # Two classes have one response, 1 for the second.
        coded_classes = np.arange(self.n_responses) + int(self.kind.has_two_classes)
        flags = position[:, None] == coded_classes
        return np.where(flags, 1.0, -1.0)

    def _standardised(self, y: NDArray[Any], origin: str) -> Floats:
        try:
            numbers = y.astype(np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"The labels of {origin} are text, the target's are numbers.",
                hint="both must measure the same thing in the same unit",
            ) from None
        if not np.isfinite(numbers).all():
            raise DataError(
                f"{int((~np.isfinite(numbers)).sum())} labels of {origin} are missing or infinite.",
                hint="drop unlabelled rows",
            )
        return np.asarray(((numbers - self.centre) / self.scale)[:, None], dtype=np.float64)

    def as_record(self) -> dict[str, Any]:
        """Return the code as JSON knows it."""
        return {
            "task": self.task,
            "classes": list(self.classes),
            "centre": self.centre,
            "scale": self.scale,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> LabelCode:
        """Return the code that :meth:`as_record` wrote.

        Raises
        ------
        DataError
            If no labels have that code.
        """
        task, classes = record["task"], tuple(record["classes"])
        if task not in task_names():
            raise DataError(
                f"There is no task called {task!r}.", hint="make the encoder again at its site"
            )
        code = cls(task, classes, float(record["centre"]), float(record["scale"]))
        has_enough = code.kind.has_enough_classes(len(classes))
        are_plain = all(isinstance(label, (str, bool, int, float)) for label in classes)
        if not (has_enough and are_plain and len(set(map(as_text, classes))) == len(classes)):
            raise DataError(
                f"The encoder's task is {task} with the {len(classes)} labels {classes!r:.80}.",
                hint="make the encoder again at its site",
            )
        if not (np.isfinite([code.centre, code.scale]).all() and code.scale > 0):
            raise DataError(
                "The encoder's labels have an impossible centre or scale.",
                hint="make the encoder again at its site",
            )
        return code
