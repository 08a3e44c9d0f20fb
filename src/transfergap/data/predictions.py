"""Predictions of models, laid out as the target's classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import MetricError

Floats = NDArray[np.float64]


def _aligned(values: Floats, model: Any, classes: NDArray[Any]) -> Floats:
    """Order the columns of ``values`` as the target's classes.

    A class unknown to the model gets 0.
    """
    model_classes = getattr(model, "classes_", None)
    if model_classes is None:
        if values.shape[1] != len(classes):
            raise MetricError(
                f"The model gives {values.shape[1]} columns of probabilities for"
                f" {len(classes)} classes and has no `classes_` to tell which is which."
            )
        return values
    columns = {label: j for j, label in enumerate(np.asarray(model_classes).tolist())}
    aligned = np.zeros((len(values), len(classes)))
    for j, label in enumerate(classes.tolist()):
        if label in columns:
            aligned[:, j] = values[:, columns[label]]
    return aligned


def probabilities(model: Any, X: Any, classes: NDArray[Any]) -> Floats:
    """Return probabilities, shape (n_rows, n_classes), columns as ``classes``.

    Raises
    ------
    MetricError
        If the model has no ``predict_proba``, or the classes of its columns are unknown.
    """
    if not hasattr(model, "predict_proba"):
        raise MetricError(
            f"{type(model).__name__} has no predict_proba, which this metric needs.",
            hint="use accuracy, or wrap the model in CalibratedClassifierCV",
        )
    values = np.asarray(model.predict_proba(X), float)
    if values.ndim == 1:
        values = np.column_stack([1.0 - values, values])
    return _aligned(values, model, classes)


def ranking_scores(model: Any, X: Any, classes: NDArray[Any]) -> Floats:
    """Return the scores that the ROC curve ranks.

    One column if binary, else one a class.
    """
    if hasattr(model, "decision_function") and not hasattr(model, "predict_proba"):
        values = np.asarray(model.decision_function(X), float)
        if values.ndim == 1:
            values = np.column_stack([-values, values])
        values = _aligned(values, model, classes)
    else:
        values = probabilities(model, X, classes)
    return values[:, 1:] if len(classes) == 2 else values
