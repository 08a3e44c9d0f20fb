"""Directions of user functions, by perfect predictions and shuffled ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.metric import Metric
from transfergap.data.metric.user_functions import (
    FoldFunction,
    Response,
    RowFunction,
    SklearnScorer,
    perfect_predictions,
)
from transfergap.data.task import Task

# Shuffles of the perfect predictions: that all lie on one side by chance has odds of 1 in 500.
_N_SHUFFLES = 9
Score = Callable[[NDArray[Any], NDArray[Any]], float]


@dataclass(frozen=True)
class Direction:
    """Scores of perfect predictions, and of the same in other orders.

    Parameters
    ----------
    sign : {1, -1, 0}
        1 where perfect predictions have the largest score, -1 where they have the smallest; 0 where
        neither is so, or the function could not be tried.
    perfect, shuffled : float
        Scores; the mean of the shuffled ones.
    """

    sign: int
    perfect: float = np.nan
    shuffled: float = np.nan


def direction_of(
    metric: Metric, task: Task, classes: NDArray[Any], y: NDArray[Any], *, positive: Any = None
) -> Direction:
    """Try a user function on predictions whose quality is known.

    Parameters
    ----------
    metric : Metric
    task : Task
    classes : ndarray
    y : ndarray, shape (n_rows,)
    positive : label, optional

    Examples
    --------
    >>> from transfergap.data.metric import metric_named
    >>> from transfergap.data.task import find_task
    >>> def share_wrong(y_true, y_pred):
    ...     return float(np.mean(y_true != y_pred))
    >>> y = np.array([0, 1, 1, 0, 1])
    >>> direction_of(metric_named(share_wrong), find_task("binary"), np.array([0, 1]), y).sign
    -1
    """
    score = _score_of(metric)
    if score is None:
        return Direction(0)
    response: Response = getattr(metric.computation, "response", "predict")
    predicted = perfect_predictions(y, task, classes, response, positive)
    rng = np.random.default_rng(0)
    orders = [np.arange(len(y)), *(rng.permutation(len(y)) for _ in range(_N_SHUFFLES))]
    try:
        scores = np.array([score(y, predicted[order]) for order in orders], float)
    except Exception:  # whatever it raises: it was tried before, and trials say what fails
        return Direction(0)
    perfect, shuffled = float(scores[0]), scores[1:]
    if not np.isfinite(scores).all() or np.ptp(scores) == 0:
        return Direction(0)
    sign = int((shuffled <= perfect).all()) - int((shuffled >= perfect).all())
    return Direction(sign, perfect, float(shuffled.mean()))


def with_direction(metric: Metric, direction: Direction) -> Metric:
    """Return a metric of unknown direction with the one that was found.

    Only of a user function whose direction nobody stated, which has a note.
    """
    if not metric.note or direction.sign != -1 or metric.sign != 1:
        return metric
    note = (
        f"Of {metric.title} less counts as better: perfect predictions of the target's labels have"
        f" {direction.perfect:.3g}, shuffled ones {direction.shuffled:.3g}. If more is better, say"
        f" make_metric(score={metric.name}, greater_is_better=True)."
    )
    return replace(metric, sign=-1, title=f"{metric.title} (less is better)", note=note)


def _score_of(metric: Metric) -> Score | None:
    """Return a user function as a score of labels and predictions."""
    computation = metric.computation
    if isinstance(computation, RowFunction):
        function = computation.function
        return lambda y, predicted: float(np.mean(function(y, predicted)))
    if isinstance(computation, FoldFunction):
        return computation.value
    if isinstance(computation, SklearnScorer) and computation.response == "predict":
        return computation.value
    return None
