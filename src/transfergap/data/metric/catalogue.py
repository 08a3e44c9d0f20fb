"""The metrics that we know by name."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from transfergap.data.metric import class_losses, class_scores, fold_scores, number_losses
from transfergap.data.metric.class_losses import CaseCost
from transfergap.data.metric.entries import class_metric, number_metric
from transfergap.data.metric.kinds import CLASSES, RankingArea
from transfergap.data.metric.metric import Metric
from transfergap.data.metric.number_losses import Pinball, TweedieDeviance
from transfergap.errors import MetricError

# A metric stands in the file of its computation, in the list at the end.
BUILT_IN: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *class_losses.METRICS,
        class_metric("roc_auc", "ROC AUC", "AUC", 1, RankingArea(), is_share=True),
        class_metric("gini", "Gini", "Gini", 1, RankingArea(2.0)),
        *class_scores.METRICS,
        *fold_scores.METRICS,
        *number_losses.METRICS,
    )
}
OTHER_NAMES = {
    "neg_log_loss": "log_loss",
    "neg_brier_score": "brier",
    "brier_score": "brier",
    "auc": "roc_auc",
    "roc_auc_ovr": "roc_auc",
    "neg_mean_squared_error": "mse",
    "neg_root_mean_squared_error": "rmse",
    "neg_mean_absolute_error": "mae",
    "neg_mean_poisson_deviance": "poisson",
}


# What people write for scorers of scikit-learn; edit distance would propose others.
_SHORT_NAMES = {
    "mcc": "matthews_corrcoef",
    "mape": "neg_mean_absolute_percentage_error",
    "msle": "neg_mean_squared_log_error",
    "rmsle": "neg_root_mean_squared_log_error",
    "medae": "neg_median_absolute_error",
}


def is_share(name: str) -> bool:
    """Return whether a metric of this name lies from 0 to 1.

    Examples
    --------
    >>> is_share("f1"), is_share("pinball(0.9)"), is_share("a metric of a user")
    (True, False, False)
    """
    metric = BUILT_IN.get(name.partition("(")[0])
    return metric is not None and metric.is_share


def pinball(quantile: float) -> Metric:
    """Return the pinball loss of a quantile; ``"pinball(0.9)"`` by name.

    Parameters
    ----------
    quantile : float
        In (0, 1); the model predicts this quantile.

    Examples
    --------
    >>> pinball(0.9).title
    'pinball loss at 0.9'
    """
    if not 0 < _number(quantile, "pinball") < 1:
        raise MetricError(f"The quantile is {quantile!r}.", hint="use a number between 0 and 1")
    loss = Pinball(float(quantile))
    return number_metric(f"pinball({quantile:g})", f"pinball loss at {quantile:g}", "pinball", loss)


def tweedie(power: float) -> Metric:
    """Return the mean Tweedie deviance of a power; ``"tweedie(1.5)"`` by name.

    Parameters
    ----------
    power : float
        1 for Poisson, 2 for gamma, between them for sums of claims; from 1 up.

    Examples
    --------
    >>> tweedie(1.5).name
    'tweedie(1.5)'
    """
    if not 1 <= _number(power, "tweedie") < np.inf:
        raise MetricError(
            f"The power of the Tweedie deviance is {power!r}.",
            hint="use a number from 1 up; power 0 is mse",
        )
    deviance = TweedieDeviance(float(power))
    return number_metric(
        f"tweedie({power:g})", f"Tweedie deviance of power {power:g}", "deviance", deviance
    )


def case_cost(costs: Sequence[Sequence[float]]) -> Metric:
    """Return the mean cost a case; ``"case_cost([[0, 1], [5, 0]])"`` by name.

    Parameters
    ----------
    costs : sequence of sequence of float
        ``costs[i][j]`` is paid for a row of class i that is predicted as class j, classes in
        sorted order. Negative costs are gains.

    Examples
    --------
    >>> case_cost([[0, 1], [5, 0]]).title
    'cost per case'
    """
    try:
        table = np.asarray(costs, float)
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2:
        raise MetricError(
            f"The costs are {costs!r}, not a square table.",
            hint="give a list for each true class: case_cost([[0, 1], [5, 0]])",
        )
    if not np.isfinite(table).all():
        raise MetricError("A cost is not a finite number.", hint="use large costs instead")
    rows = tuple(tuple(float(cost) for cost in row) for row in table)
    written = [[f"{cost:g}" for cost in row] for row in rows]
    name = "case_cost([" + ", ".join(f"[{', '.join(row)}]" for row in written) + "])"
    return Metric(
        name, "cost per case", "cost", "loss", CLASSES, -1, CaseCost(rows), in_label_units=True
    )


FACTORIES: dict[str, tuple[Callable[[Any], Metric], str]] = {
    "pinball": (pinball, "pinball(0.9)"),
    "tweedie": (tweedie, "tweedie(1.5)"),
    "case_cost": (case_cost, "case_cost([[0, 1], [5, 0]])"),
}


def from_call(text: str) -> Metric | None:
    """Return the metric of a call such as ``pinball(0.9)``.

    ``None`` for texts that are no call.
    """
    match = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", text, re.DOTALL)
    if match is None or match[1] not in FACTORIES:
        return None
    factory, example = FACTORIES[match[1]]
    if match[2] is None:
        raise MetricError(f"The metric {match[1]!r} needs a parameter.", hint=f"write {example!r}")
    try:
        value = ast.literal_eval(match[2])
    except (ValueError, SyntaxError):
        raise MetricError(
            f"The parameter of {text!r} cannot be read.", hint=f"write {example!r}"
        ) from None
    return factory(value)


def unknown_metric_error(name: str, extra_names: Sequence[str]) -> MetricError:
    """Return the error for an unknown metric, with the nearest names."""
    names = sorted({*BUILT_IN, *FACTORIES, *extra_names})
    lower = name.casefold()
    canonical = _SHORT_NAMES.get(lower, OTHER_NAMES.get(lower, lower))
    near = [canonical] if canonical in names else difflib.get_close_matches(name, names, n=3)
    return MetricError(
        f"There is no metric called {name!r}.",
        hint=f"did you mean {' or '.join(near)}?"
        if near
        else f"ours: {', '.join([*BUILT_IN, *FACTORIES])}; any scorer name of scikit-learn works"
        " too",
    )


def metric_names() -> tuple[str, ...]:
    """Return the names of our own metrics that need no parameter.

    Examples
    --------
    >>> "roc_auc" in metric_names()
    True
    """
    return tuple(BUILT_IN)


def metric_examples() -> tuple[str, ...]:
    """Return an example of each metric whose name has a parameter.

    Examples
    --------
    >>> metric_examples()[0]
    'pinball(0.9)'
    """
    return tuple(example for _, example in FACTORIES.values())


def is_loss(name: str) -> bool:
    """Return whether a built-in metric of that name is a loss.

    Examples
    --------
    >>> is_loss("log_loss"), is_loss("accuracy"), is_loss("neg_log_loss")
    (True, False, False)
    """
    if name in BUILT_IN:
        return BUILT_IN[name].sign < 0
    try:
        metric = from_call(name)
    except MetricError:
        return False
    return metric is not None and metric.sign < 0


def _number(value: Any, metric_name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise MetricError(
            f"The parameter of {metric_name} is {value!r}, not a number.",
            hint=f"write {FACTORIES[metric_name][1]!r}",
        )
    return float(value)
