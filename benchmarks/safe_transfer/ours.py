"""SafeTransfer on one task, beside the control it carries."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.safe_transfer.tasks import Task

# As the stored results call them, and as SafeTransfer does.
CAUTIONS = {"balanced": "low", "safe": "medium", "strict": "high"}
SEED = 0


@dataclass(frozen=True, eq=False)
class Answer:
    """Predictions on the test rows, of the model and of its control."""

    predicted: np.ndarray
    control: np.ndarray
    cpu_ms: float
    n_fits: int


def answer(task: Task, **options: Any) -> Answer:
    """Fit the estimator for the task's kind of labels and predict the test rows."""
    from transfergap import SafeTransferClassifier, SafeTransferRegressor

    has_classes = task.kind != "regression"
    estimator = SafeTransferClassifier if has_classes else SafeTransferRegressor
    y = task.y.astype(int) if has_classes else task.y
    sources = {
        name: (Xs, ys.astype(int) if has_classes else ys) for name, (Xs, ys) in task.sources.items()
    }
    model = estimator(random_state=SEED, **options)
    started = time.process_time()
    model.fit(task.X, y, sources=sources)
    cpu_ms = 1e3 * (time.process_time() - started)
    return Answer(
        ranking(model, task.X_test, kind=task.kind),
        ranking(model.control_, task.X_test, kind=task.kind),
        cpu_ms,
        int(model.n_fits_),
    )


def at_each_caution(task: Task) -> dict[str, Answer]:
    """Fit SafeTransfer at each level of caution; its own control is an answer too."""
    answers = {
        f"SafeTransfer {label}": answer(task, caution=level) for label, level in CAUTIONS.items()
    }
    first = answers["SafeTransfer balanced"]
    answers["SafeTransfer's control"] = replace(first, predicted=first.control)
    return answers


def ranking(model: Any, X: np.ndarray, *, kind: str) -> np.ndarray:
    """Return scores that rank rows, probabilities of several classes, or predicted numbers."""
    if kind == "regression":
        return np.asarray(model.predict(X), dtype=float)
    if kind == "classes":
        return np.asarray(model.predict_proba(X), dtype=float)
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(X), dtype=float)
    return np.asarray(model.predict_proba(X)[:, 1], dtype=float)
