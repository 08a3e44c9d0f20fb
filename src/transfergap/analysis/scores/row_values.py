"""Values a row whose mean is a probe's score."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.labels import ClassCodes, Quantities, Responses
from transfergap.errors import ConfigurationError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Accuracy:
    """Share of rows whose class is predicted; balanced counts each class alike.

    Examples
    --------
    >>> labels = ClassCodes(np.array([0, 0, 0, 1]), 2)
    >>> outputs = np.array([[1.0, 0.0]] * 4)
    >>> float(Accuracy(labels).values(outputs, slice(0, 4)).mean())
    0.75
    >>> float(Accuracy(labels, balanced=True).values(outputs, slice(0, 4)).mean())
    0.5
    """

    labels: ClassCodes
    balanced: bool = False
    is_right_or_wrong = True

    @property
    def name(self) -> str:
        """Return the name of the score."""
        return "balanced accuracy" if self.balanced else "accuracy"

    def of_labels(self, labels: Responses) -> RowValues:
        """Return the same score of the labels in another order."""
        assert isinstance(labels, ClassCodes)
        return replace(self, labels=labels)

    def values(self, outputs: Floats, rows: slice | NDArray[np.intp]) -> Floats:
        """Return 1 where the prediction is right, with weights if balanced."""
        codes = self.labels.codes[rows]
        right: Floats = (outputs.argmax(axis=1) == codes).astype(float)
        if not self.balanced:
            return right
        counts = np.bincount(self.labels.codes, minlength=self.labels.n_classes)
        # Classes without rows have no part in the mean.
        weights = len(self.labels.codes) / (np.maximum(counts, 1) * np.count_nonzero(counts))
        values: Floats = right * weights[codes]
        return values


@dataclass(frozen=True)
class ExplainedVariance:
    """R2: squared errors over variance, less than one.

    Examples
    --------
    >>> labels = Quantities(np.array([[0.0], [2.0]]))
    >>> ExplainedVariance(labels).values(np.array([[0.0], [2.0]]), slice(0, 2)).tolist()
    [1.0, 1.0]
    """

    labels: Quantities
    name = "R2"
    is_right_or_wrong = False

    def of_labels(self, labels: Responses) -> RowValues:
        """Return the same score of the labels in another order."""
        assert isinstance(labels, Quantities)
        return replace(self, labels=labels)

    def values(self, outputs: Floats, rows: slice | NDArray[np.intp]) -> Floats:
        """Return values whose mean over all rows is R2."""
        variance = np.maximum(self.labels.values.var(axis=0), np.finfo(float).tiny)
        errors = np.square(self.labels.values[rows] - outputs) / variance
        values: Floats = 1.0 - errors.mean(axis=1)
        return values


RowValues = Accuracy | ExplainedVariance


def row_values(labels: Responses, metric: str | None) -> RowValues:
    """Return the score of a name: accuracy, balanced_accuracy or r2.

    Raises
    ------
    ConfigurationError
        If the score is for labels of another kind, or of no kind.
    """
    if isinstance(labels, ClassCodes) and metric in (None, "accuracy", "balanced_accuracy"):
        return Accuracy(labels, balanced=metric == "balanced_accuracy")
    if isinstance(labels, Quantities) and metric in (None, "r2"):
        return ExplainedVariance(labels)
    names = "accuracy or balanced_accuracy" if labels.has_classes else "r2"
    raise ConfigurationError(
        f"The score {metric!r} cannot rank features here.",
        hint=f"use {names}, which is a mean over rows",
    )
