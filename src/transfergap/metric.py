"""Metrics: how well a model does on target rows, and what one row contributes.

Direction dies here. A metric turns predictions into *outputs* a row, outputs into *losses* a row
(smaller is better), and scores into the units a person reads. After this module every difference is
``control - treated`` loss, so that positive means that the transfer helps.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import MetricError
from transfergap.predictions import probabilities, ranking_scores
from transfergap.scorers import ClassScorer

Task = Literal["binary", "multiclass", "regression"]
Kind = Literal["loss", "residual", "ranking", "scorer"]
Floats = NDArray[np.float64]
_CLASSES: frozenset[Task] = frozenset({"binary", "multiclass"})
_NUMBERS: frozenset[Task] = frozenset({"regression"})


@dataclass(frozen=True)
class Metric:
    """A score of a model on labelled rows, with its unit and what single rows contribute.

    Parameters
    ----------
    name, title, unit : str
        ``"roc_auc"``, ``"ROC AUC"`` and ``"AUC"``: for files, for headings, for columns of a table.
    kind : {"loss", "residual", "ranking", "scorer"}
        Whether the score is a mean of losses a row, a function of the mean squared residual, an
        area under the ROC curve, or anything else (then only whole test folds have a score).
    tasks : frozenset of {"binary", "multiclass", "regression"}
    sign : {1, -1}
        1 where a larger score is better. Only this module reads it.
    zero_one : bool
        Whether a row's loss is right-or-wrong.
    scorer : callable, optional
        ``scorer(model, X, y)`` for kind ``"scorer"``.

    Examples
    --------
    >>> metric_named("rmse").title
    'RMSE'
    """

    name: str
    title: str
    unit: str
    kind: Kind
    tasks: frozenset[Task]
    sign: int
    zero_one: bool = False
    scorer: Callable[[Any, Any, Any], float] | None = None

    def outputs(self, model: Any, X: Any, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return what is stored of a model's predictions for ``X``.

        Returns
        -------
        ndarray
            Shape (n_rows,) for losses and residuals, (n_rows, n_columns) for ranking scores, (1,)
            for a scorer: the score itself.

        Raises
        ------
        MetricError
            If the model cannot give what the metric needs, or predicts NaN or infinity.
        """
        if self.kind == "scorer":
            assert self.scorer is not None
            values = np.array([float(self.scorer(model, X, y))])
        elif self.kind == "residual" or self.name == "mae":
            values = np.asarray(y, float) - np.asarray(model.predict(X), float).reshape(len(y))
        elif self.kind == "ranking":
            values = ranking_scores(model, X, classes)
        elif self.zero_one:
            values = np.not_equal(np.asarray(model.predict(X)).reshape(len(y)), y).astype(float)
        else:
            values = self._probability_losses(probabilities(model, X, classes), y, classes)
        if not np.isfinite(values).all():
            n_bad = int((~np.isfinite(values)).sum())
            raise MetricError(f"The model's predictions gave {n_bad} values that are not finite.")
        return values

    def _probability_losses(self, p: Floats, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        true = np.searchsorted(classes, y)
        if self.name == "log_loss":
            smallest = np.finfo(float).eps  # as in scikit-learn's log_loss
            losses: Floats = -np.log(np.clip(p[np.arange(len(y)), true], smallest, 1.0))
            return losses
        onehot = np.eye(len(classes))[true]
        squares: Floats = ((p - onehot) ** 2).sum(axis=1)
        return squares / (2.0 if len(classes) == 2 else 1.0)

    def constant_outputs(self, y: NDArray[Any], classes: NDArray[Any]) -> Floats:
        """Return the outputs of the best constant prediction, from the labels themselves."""
        if self.kind == "residual" or self.name == "mae":
            labels: Floats = np.asarray(y, float)
            return labels - (np.median(labels) if self.name == "mae" else np.mean(labels))
        counts = np.array([np.count_nonzero(y == label) for label in classes])
        if self.zero_one:
            wrong: Floats = (y != classes[int(np.argmax(counts))]).astype(float)
            return wrong
        shares = np.tile(counts / counts.sum(), (len(y), 1))
        return self._probability_losses(shares, y, classes)

    def losses(self, outputs: Floats, y: NDArray[Any], y_all: NDArray[Any]) -> Floats:
        """Return each row's loss, scaled so that its mean over all target rows is in score units.

        ``y`` are the labels of the rows in ``outputs``; ``y_all`` the labels of the whole target,
        which fix the class weights of balanced accuracy and the variance behind R2.
        """
        if self.kind == "residual":
            return outputs**2 / (np.var(np.asarray(y_all, float)) if self.name == "r2" else 1.0)
        if self.name == "mae":
            return np.abs(outputs)
        if self.name == "balanced_accuracy":
            return outputs * _balancing_weights(y, y_all)
        return outputs

    def score(self, mean_loss: float) -> float:
        """Return the score, in the units a person reads, of a mean of :meth:`losses`."""
        if self.name == "rmse":
            return float(np.sqrt(mean_loss))
        return 1.0 - mean_loss if self.sign > 0 else mean_loss

    def gap_scale(self, control_loss: float, treated_loss: float) -> float:
        """Return what turns a difference of mean losses into a difference of scores.

        RMSE_c - RMSE_t = (MSE_c - MSE_t) / (RMSE_c + RMSE_t); 1 for every other metric.
        """
        if self.name != "rmse":
            return 1.0
        total = float(np.sqrt(control_loss) + np.sqrt(treated_loss))
        return 1.0 / total if total > 0 else 0.0

    def gain(self, *, of: float, over: float) -> float:
        """Return by how much score ``of`` is better than score ``over``; positive is better."""
        return self.sign * (of - over)

    def bound(self, y_all: NDArray[Any]) -> float | None:
        """Return the largest loss a row can have, or ``None`` if there is no bound."""
        if self.name == "balanced_accuracy":
            return float(_balancing_weights(y_all, y_all).max())
        if self.name == "brier":
            return 1.0 if len(np.unique(y_all)) == 2 else 2.0
        return 1.0 if self.zero_one else None

    def check_task(self, task: Task) -> None:
        """Raise ``MetricError`` if the metric does not fit the labels."""
        if task in self.tasks:
            return
        good = [name for name, metric in _BUILT_IN.items() if task in metric.tasks]
        labels = "numbers" if task == "regression" else "classes"
        kinds = " or ".join(sorted(self.tasks))
        raise MetricError(
            f"The metric {self.name!r} is for {kinds} labels, but the target's are {labels}"
            f" ({task}).",
            hint=f"use one of: {', '.join(good)}",
        )


def _balancing_weights(y: NDArray[Any], y_all: NDArray[Any]) -> Floats:
    classes, counts = np.unique(y_all, return_counts=True)
    weights: Floats = (len(y_all) / (len(classes) * counts))[np.searchsorted(classes, y)]
    return weights


def _metric(name: str, title: str, unit: str, kind: Kind, sign: int, zero_one: bool) -> Metric:
    tasks = _NUMBERS if kind == "residual" or name == "mae" else _CLASSES
    return Metric(name, title, unit, kind, tasks, sign, zero_one)


_BUILT_IN: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _metric("accuracy", "accuracy", "acc.", "loss", 1, True),
        _metric("balanced_accuracy", "balanced accuracy", "bal. acc.", "loss", 1, True),
        _metric("log_loss", "log loss", "log loss", "loss", -1, False),
        _metric("brier", "Brier score", "Brier", "loss", -1, False),
        _metric("roc_auc", "ROC AUC", "AUC", "ranking", 1, False),
        Metric("average_precision", "average precision", "AP", "scorer", _CLASSES, 1),
        Metric("f1", "F1", "F1", "scorer", _CLASSES, 1),
        _metric("r2", "R2", "R2", "residual", 1, False),
        _metric("mse", "mean squared error", "MSE", "residual", -1, False),
        _metric("rmse", "RMSE", "RMSE", "residual", -1, False),
        _metric("mae", "mean absolute error", "MAE", "loss", -1, False),
    )
}
_OTHER_NAMES = {
    "neg_log_loss": "log_loss",
    "neg_brier_score": "brier",
    "brier_score": "brier",
    "auc": "roc_auc",
    "roc_auc_ovr": "roc_auc",
    "neg_mean_squared_error": "mse",
    "neg_root_mean_squared_error": "rmse",
    "neg_mean_absolute_error": "mae",
}


def metric_names() -> tuple[str, ...]:
    """Return the names of the metrics that have a per-example or DeLong interval, or our own name.

    Examples
    --------
    >>> "roc_auc" in metric_names()
    True
    """
    return tuple(_BUILT_IN)


def is_loss(name: str) -> bool:
    """Return whether a metric of ours by that name is better when it is smaller.

    Examples
    --------
    >>> is_loss("log_loss"), is_loss("accuracy"), is_loss("neg_log_loss")
    (True, False, False)
    """
    return name in _BUILT_IN and _BUILT_IN[name].sign < 0


def metric_named(metric: str | Callable[[Any, Any, Any], float] | Metric) -> Metric:
    """Return the metric of that name; any scikit-learn scorer name or callable scorer works too.

    Parameters
    ----------
    metric : str, callable or Metric
        A callable is called as ``metric(model, X, y)`` and larger must be better.

    Raises
    ------
    MetricError
        If the name is unknown; the nearest names are suggested.

    Examples
    --------
    >>> metric_named("neg_log_loss").name
    'log_loss'
    """
    if isinstance(metric, Metric):
        return metric
    everything: frozenset[Task] = _CLASSES | _NUMBERS
    if callable(metric):
        name = getattr(metric, "__name__", type(metric).__name__)
        return Metric(name, name, name, "scorer", everything, 1, scorer=metric)
    key = _OTHER_NAMES.get(metric, metric)
    if key in _BUILT_IN:
        return _BUILT_IN[key]
    from sklearn.metrics import get_scorer, get_scorer_names

    known = sorted({*_BUILT_IN, *get_scorer_names()})
    if metric not in known:
        near = difflib.get_close_matches(metric, known, n=3)
        raise MetricError(
            f"There is no metric called {metric!r}.",
            hint=f"did you mean {' or '.join(near)}?"
            if near
            else f"ours: {', '.join(_BUILT_IN)}; any scorer name of scikit-learn works too",
        )
    return Metric(metric, metric, metric, "scorer", everything, 1, scorer=get_scorer(metric))


def fitted_to(metric: Metric, task: Task, classes: NDArray[Any]) -> Metric:
    """Return ``metric`` ready for these labels: F1 and average precision learn the positive class.

    For two classes the positive one is the larger label; for more, scores are macro averages.

    Raises
    ------
    MetricError
        If the metric does not fit the task.
    """
    metric.check_task(task)
    if metric.name not in ("f1", "average_precision") or metric.scorer is not None:
        return metric
    return Metric(
        metric.name, metric.title, metric.unit, "scorer", metric.tasks, metric.sign,
        scorer=ClassScorer(metric.name, tuple(classes.tolist())),
    )  # fmt: skip
