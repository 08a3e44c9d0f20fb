"""Losses a row where labels are classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.entries import class_metric
from transfergap.data.metric.kinds import Floats, Kind, WholeTarget
from transfergap.data.predictions import probabilities
from transfergap.data.task import Task
from transfergap.errors import MetricError


@dataclass(frozen=True)
class WrongClass:
    """Row loss of 1 where the predicted class is wrong.

    Balanced, each class counts alike.
    """

    balanced: bool = False
    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = True
    wrong_above: ClassVar[float | None] = 0.5
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return 1 where the prediction is wrong."""
        wrong: Floats = np.not_equal(np.asarray(model.predict(X)).reshape(len(y)), y).astype(float)
        return wrong

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs, times the weight of each row's class where balanced."""
        return outputs * _class_weights(y, whole) if self.balanced else outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the outputs of the class that most rows have."""
        wrong: Floats = (whole.y != classes[int(np.argmax(_shares(whole, classes)))]).astype(float)
        return wrong

    def bound(self, whole: WholeTarget) -> float:
        """Return the largest loss."""
        return float(_class_weights(whole.y, whole).max()) if self.balanced else 1.0


@dataclass(frozen=True)
class LogLoss:
    """Take minus the log of the probability of the true class."""

    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = float(np.log(2.0))  # a probability of one half
    closed_form: ClassVar[Literal["squared", "log"] | None] = "log"

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the loss of each row."""
        return self._of(probabilities(model, X, classes), y, classes)

    def _of(self, p: Floats, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        true = p[np.arange(len(y)), np.searchsorted(classes, y)]
        smallest = np.finfo(float).eps  # as in scikit-learn's log_loss
        losses: Floats = -np.log(np.clip(true, smallest, 1.0))
        return losses

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs."""
        return outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the losses of the class shares."""
        return self._of(_constant_shares(whole, classes), whole.y, classes)

    def bound(self, whole: WholeTarget) -> None:
        """Return ``None``: there is no largest loss."""
        return


@dataclass(frozen=True)
class Brier:
    """Squared distance of probabilities from the truth; halved for two classes."""

    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[float | None] = 0.25  # a probability of one half
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the loss of each row."""
        return self._of(probabilities(model, X, classes), y, classes)

    def _of(self, p: Floats, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        onehot = np.eye(len(classes))[np.searchsorted(classes, y)]
        squares: Floats = ((p - onehot) ** 2).sum(axis=1)
        return squares / (2.0 if len(classes) == 2 else 1.0)

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs."""
        return outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the losses of the class shares."""
        return self._of(_constant_shares(whole, classes), whole.y, classes)

    def bound(self, whole: WholeTarget) -> float:
        """Return 1 for two classes, 2 for more."""
        return 1.0 if len(np.unique(whole.y)) == 2 else 2.0


@dataclass(frozen=True)
class CaseCost:
    """Cost of a prediction, from a table with true classes in rows.

    Parameters
    ----------
    costs : tuple of tuple of float
        ``costs[i][j]`` is paid for a row of class i that is predicted as class j; classes in
        sorted order. Negative costs are gains.
    """

    costs: tuple[tuple[float, ...], ...]
    kind: ClassVar[Kind] = "loss"
    zero_one: ClassVar[bool] = True
    wrong_above: ClassVar[float | None] = None
    closed_form: ClassVar[Literal["squared", "log"] | None] = None

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> CaseCost:
        """Return the costs, checked to have a row and column a class."""
        if len(self.costs) != len(classes):
            raise MetricError(
                f"The costs are a table of {len(self.costs)} by {len(self.costs)}, but the target"
                f" has {len(classes)} classes: {', '.join(map(str, classes.tolist()[:8]))}.",
                hint="give a row for each true class and a column for each predicted one, in this"
                " order",
            )
        return replace(self)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the cost of each row."""
        predicted = np.asarray(model.predict(X)).reshape(len(y))
        foreign = ~np.isin(predicted, classes)
        if foreign.any():
            first = predicted[foreign].tolist()[0]
            raise MetricError(
                f"The model predicts {first!r}, a class that has no costs.",
                hint="leave source rows of that class out",
            )
        table = np.array(self.costs)
        costs: Floats = table[np.searchsorted(classes, y), np.searchsorted(classes, predicted)]
        return costs

    def losses(self, outputs: Floats, y: NDArray[Any], whole: WholeTarget) -> Floats:
        """Return the outputs."""
        return outputs

    def constant(self, whole: WholeTarget, classes: NDArray[Any]) -> Floats:
        """Return the costs of the class that costs least for all rows."""
        table = np.array(self.costs)
        best = int(np.argmin(_shares(whole, classes) @ table))
        costs: Floats = table[np.searchsorted(classes, whole.y), best]
        return costs

    def bound(self, whole: WholeTarget) -> float:
        """Return the largest difference between two predictions of one row."""
        table = np.array(self.costs)
        return float((table.max(axis=1) - table.min(axis=1)).max())


def _shares(whole: WholeTarget, classes: NDArray[Any]) -> Floats:
    weights = whole.row_weights
    counts = np.array([weights[whole.y == label].sum() for label in classes])
    shares: Floats = counts / counts.sum()
    return shares


def _constant_shares(whole: WholeTarget, classes: NDArray[Any]) -> Floats:
    return np.tile(_shares(whole, classes), (len(whole.y), 1))


def _class_weights(y: NDArray[Any], whole: WholeTarget) -> Floats:
    """Return n / (number of classes * rows of the class).

    Balanced accuracy weighs rows so.
    """
    classes, codes = np.unique(whole.y, return_inverse=True)
    totals = np.bincount(codes, weights=whole.row_weights)
    weights: Floats = (totals.sum() / (len(classes) * totals))[np.searchsorted(classes, y)]
    return weights


METRICS = (
    class_metric("accuracy", "accuracy", "acc.", 1, WrongClass(), is_share=True),
    class_metric(
        "balanced_accuracy", "balanced accuracy", "bal. acc.", 1, WrongClass(True), is_share=True
    ),
    class_metric("log_loss", "log loss", "log loss", -1, LogLoss()),
    class_metric("brier", "Brier score", "Brier", -1, Brier(), is_share=True),
)
