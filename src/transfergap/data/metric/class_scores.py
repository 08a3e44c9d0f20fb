"""Scores of whole test folds that need to know the target's classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.entries import class_metric
from transfergap.data.metric.kinds import Floats, Kind
from transfergap.data.metric.metric import Metric
from transfergap.data.predictions import ranking_scores
from transfergap.data.task import Task
from transfergap.errors import MetricError

ConfusionName = Literal["f1", "precision", "recall", "jaccard"]


@dataclass(frozen=True)
class ConfusionScore:
    """F1, precision, recall or Jaccard index.

    Of the positive class of two, else a macro average.
    """

    function: ConfusionName
    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    names_positive: ClassVar[bool] = True
    takes_weights: ClassVar[bool] = True

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> ConfusionScore:
        """Return the score of this positive class."""
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from sklearn import metrics

        score = getattr(metrics, f"{self.function}_score")
        options: dict[str, Any] = (
            {"pos_label": self.positive}
            if len(classes) == 2
            else {"average": "macro", "labels": classes}
        )
        predicted = model.predict(X)
        value = score(y, predicted, zero_division=0.0, sample_weight=weights, **options)
        return np.array([float(value)])


@dataclass(frozen=True)
class AveragePrecision:
    """Compute average precision: of the positive class, else a macro average."""

    positive: Any = None
    kind: ClassVar[Kind] = "scorer"
    names_positive: ClassVar[bool] = True
    takes_weights: ClassVar[bool] = True

    def fitted(
        self, task: Task, classes: NDArray[Any], positive: Any, y: NDArray[Any] | None
    ) -> AveragePrecision:
        """Return the score of this positive class."""
        return replace(self, positive=positive)

    def outputs(
        self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any], weights: Floats | None
    ) -> Floats:
        """Return the score."""
        from sklearn.metrics import average_precision_score

        if len(classes) == 2:
            truth, scores = (
                (y == self.positive)[:, None],
                positive_scores(model, X, classes, self.positive)[:, None],
            )
        else:
            truth, scores = y[:, None] == classes, ranking_scores(model, X, classes)
        present = truth.any(axis=0)
        if not present.any():
            raise MetricError("A test fold holds no positive row, so it has no average precision.")
        value = average_precision_score(
            truth[:, present], scores[:, present], sample_weight=weights
        )
        return np.array([float(value)])


def positive_scores(model: Any, X: Any, classes: NDArray[Any], positive: Any) -> Floats:
    """Return each row's score of the positive class of two.

    In the model's scale: probabilities or decision values.
    """
    scores = ranking_scores(model, X, classes)[:, 0]
    return scores if positive == classes[1] else -scores


def _confusion_share(name: ConfusionName, title: str) -> Metric:
    return class_metric(name, title, title, 1, ConfusionScore(name), is_share=True)


METRICS = (
    class_metric(
        "average_precision", "average precision", "AP", 1, AveragePrecision(), is_share=True
    ),
    _confusion_share("f1", "F1"),
    _confusion_share("precision", "precision"),
    _confusion_share("recall", "recall"),
    _confusion_share("jaccard", "Jaccard"),
)
