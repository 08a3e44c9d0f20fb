"""Everything on one task beside SafeTransfer's own control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.safe_transfer.cache import Record
from benchmarks.safe_transfer.ours import Answer
from benchmarks.safe_transfer.scoring import HARM_POINTS, harm_p_value, score
from benchmarks.safe_transfer.tasks import Task


def rivals_found(task: Task, oracle: float, methods: dict[str, Any]) -> Record:
    """Return what rivals did, in the form that both parts store."""
    return {
        "task": str(task.id),
        "cluster": task.cluster,
        "n_sources": len(task.sources),
        "n_features": task.X.shape[1],
        "n_test": len(task.y_test),
        "oracle": oracle,
        "methods": methods,
    }


def compared(
    task: Task,
    rivals: Record,
    answers: Mapping[str, Answer],
    control: np.ndarray,
    rival_prediction: Callable[[dict[str, Any]], np.ndarray],
) -> Record:
    """Score SafeTransfer's answers; for all that is a point worse, test whether it is worse."""
    own = {
        name: {
            "score": score(task.y_test, one.predicted, kind=task.kind),
            "cpu_ms": one.cpu_ms,
            "n_fits": one.n_fits,
        }
        for name, one in answers.items()
    }
    base = score(task.y_test, control, kind=task.kind)
    harm_p = {}
    for name, method in {**rivals["methods"], **own}.items():
        if method["score"] < base - HARM_POINTS:
            mine = name in answers
            treated = answers[name].predicted if mine else rival_prediction(method)
            harm_p[name] = harm_p_value(task.y_test, treated, control, kind=task.kind)
    return {"task": str(task.id), "control": base, "methods": own, "harm_p": harm_p}
