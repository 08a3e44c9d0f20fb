"""Scores of whole test folds that need to know the target's classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import MetricError
from transfergap.predictions import ranking_scores


@dataclass(frozen=True)
class ClassScorer:
    """F1 or average precision with the target's own classes; a value, so that it pickles."""

    name: str
    classes: tuple[Any, ...]

    def __call__(self, model: Any, X: Any, y: NDArray[Any]) -> float:
        from sklearn.metrics import average_precision_score, f1_score

        classes = np.asarray(self.classes)
        binary = len(classes) == 2
        if self.name == "f1":
            options: dict[str, Any] = (
                {"pos_label": self.classes[1]}
                if binary
                else {"average": "macro", "labels": classes}
            )
            return float(f1_score(y, model.predict(X), zero_division=0.0, **options))
        scores = ranking_scores(model, X, classes)
        truth = y[:, None] == (classes[1:] if binary else classes)
        present = truth.any(axis=0)
        if not present.any():
            raise MetricError("A test fold holds no positive row, so it has no average precision.")
        return float(average_precision_score(truth[:, present], scores[:, present]))
