"""Metrics from user input: a name, a scorer, or a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, Literal

import numpy as np

from transfergap.data.metric.catalogue import BUILT_IN, OTHER_NAMES, from_call, unknown_metric_error
from transfergap.data.metric.kinds import ALL_TASKS, AS_LOSS, CLASSES, MinusLoss
from transfergap.data.metric.metric import Metric
from transfergap.data.metric.user_functions import (
    RESPONSES,
    FoldFunction,
    ModelFunction,
    Response,
    RowFunction,
    SklearnScorer,
    name_of,
)
from transfergap.errors import MetricError

AnyMetric = str | Callable[..., Any] | Metric
_MODEL_WORDS = frozenset({"model", "estimator", "est", "clf", "classifier", "regressor", "learner"})
_ERRORS = ("_error", "_loss", "_deviance")  # scikit-learn's own rule: less is better


def make_metric(
    name: str | None = None,
    *,
    loss: Callable[..., Any] | None = None,
    score: Callable[..., Any] | None = None,
    greater_is_better: bool | None = None,
    response: Literal["predict", "predict_proba", "decision_function"] | None = None,
    tasks: frozenset[str] | None = None,
    title: str | None = None,
    in_label_units: bool = False,
) -> Metric:
    """Make a metric from a user function.

    Parameters
    ----------
    name : str, optional
        What to call it; the function's name if not given.
    loss : callable, optional
        ``loss(y_true, prediction)`` gives one number a row, shape (n_rows,): the metric is their
        mean, and gaps have intervals from single rows.
    score : callable, optional
        Instead of ``loss``: ``score(y_true, prediction)`` or ``score(model, X, y)`` gives one
        number, or a scikit-learn scorer; gaps have wider intervals, from whole test folds.
    greater_is_better : bool, optional
        Default: False for a loss. For a score scikit-learn's entry for its functions and
        scorers, and True for a function of your own.
    response : {"predict", "predict_proba", "decision_function"}, optional
        Predictions that the function gets. Probabilities and decisions of two classes are those of
        the positive class, shape (n_rows,); of more they have a column for each class, sorted.
    tasks : frozenset of str, optional
        What labels it is for; anything if not given, classes for probabilities and decisions.
    title : str, optional
        For headings.
    in_label_units : bool
        Whether it has the unit of the labels: then there is no default margin.

    Raises
    ------
    MetricError
        If there is neither loss nor score, or both.

    Examples
    --------
    >>> def missed_cost(y_true, y_pred):
    ...     return 5.0 * ((y_true == 1) & (y_pred == 0)) + ((y_true == 0) & (y_pred == 1))
    >>> make_metric("missed cost", loss=missed_cost).kind
    'loss'
    """
    if (loss is None) == (score is None):
        raise MetricError(
            "A metric is made from either a loss or a score.",
            hint="give loss=f for one value a row, or score=f for one value of all rows",
        )
    if response is not None and response not in RESPONSES:
        raise MetricError(
            f"There is no response {response!r}.", hint=f"known: {', '.join(RESPONSES)}"
        )
    if loss is not None:
        metric = _of_losses(loss, bool(greater_is_better), response or "predict")
    else:
        assert score is not None
        metric = _of_callable(score, response, greater_is_better)
    if name in BUILT_IN and metric.computation != BUILT_IN[name].computation:
        raise MetricError(
            f"The name {name!r} is that of another metric.", hint="choose a name of your own"
        )
    return replace(
        metric,
        name=name or metric.name,
        title=title or name or metric.title,
        unit=title or name or metric.unit,
        tasks=tasks or metric.tasks,
        in_label_units=in_label_units or metric.in_label_units,
    )


def metric_named(metric: AnyMetric) -> Metric:
    """Return the metric of a name, a scorer, or a label function.

    Parameters
    ----------
    metric : str, callable or Metric
        A name of ours (``transfergap list metrics``) or of scikit-learn; a scikit-learn scorer; a
        function ``f(model, X, y)`` of which larger is better; or a function ``f(y_true, y_pred)``:
        of scikit-learn's own it is known which way is better, of any other larger is, unless
        perfect predictions of the target's labels have the least (:mod:`direction
        <transfergap.data.metric.direction>`).

    Raises
    ------
    MetricError
        If the name is unknown; the nearest names are suggested.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> metric_named("neg_log_loss").name, metric_named(accuracy_score).name
    ('log_loss', 'accuracy')
    """
    if isinstance(metric, Metric):
        return metric
    if callable(metric):
        return _of_callable(metric, None, None)
    if not isinstance(metric, str):
        raise MetricError(
            f"The metric is a {type(metric).__name__}.",
            hint="give a name, a scorer, a function or what make_metric returns",
        )
    key = OTHER_NAMES.get(metric, metric)
    if key in BUILT_IN:
        return BUILT_IN[key]
    with_parameter = from_call(metric)
    if with_parameter is not None:
        return with_parameter
    from sklearn.metrics import get_scorer, get_scorer_names

    names = get_scorer_names()
    if metric not in names:
        raise unknown_metric_error(metric, names)
    scorer = _of_scorer(get_scorer(metric), None)
    plain = metric.removeprefix("neg_") if scorer.sign < 0 else metric
    return replace(scorer, name=plain, title=plain, unit=plain)


def _of_losses(loss: Callable[..., Any], greater_is_better: bool, response: Response) -> Metric:
    name = _free_name(loss)
    return Metric(
        name,
        name,
        name,
        "loss",
        ALL_TASKS if response == "predict" else CLASSES,
        1 if greater_is_better else -1,
        RowFunction(loss, greater_is_better, response),
        MinusLoss() if greater_is_better else AS_LOSS,
    )


def _of_callable(
    function: Callable[..., Any], response: Response | None, greater_is_better: bool | None
) -> Metric:
    if hasattr(function, "_score_func") and hasattr(function, "_sign"):
        return _of_scorer(function, greater_is_better)
    _check_arguments(function)
    if _takes_a_model(function):
        return _fold_metric(function, ModelFunction(function), 1, greater_is_better)
    entry = _scikit_learns().get(name_of(function)) if _is_scikit_learns(function) else None
    if entry is not None and entry[0] is not None and (response, greater_is_better) == (None, None):
        return BUILT_IN[entry[0]]
    if entry is not None:
        _, sign, its_response = entry
        return _fold_metric(
            function, FoldFunction(function, response or its_response), sign, greater_is_better
        )
    computation = FoldFunction(function, response or "predict")
    if _is_scikit_learns(function):
        sign = -1 if name_of(function).endswith(_ERRORS) else 1
        return _fold_metric(function, computation, sign, greater_is_better)
    metric = _fold_metric(function, computation, 1, greater_is_better)
    if greater_is_better is not None:
        return metric
    note = (
        f"{metric.title} is a function of labels and predictions, of which larger counts as"
        f" better; where less is better, use make_metric(score={metric.name},"
        " greater_is_better=False)."
    )
    return replace(metric, note=note)


def _of_scorer(scorer: Any, greater_is_better: bool | None) -> Metric:
    computation = SklearnScorer(scorer)
    return _fold_metric(scorer._score_func, computation, computation.sign, greater_is_better)


def _fold_metric(
    function: Any, computation: Any, sign: int, greater_is_better: bool | None
) -> Metric:
    name = _free_name(function)
    if greater_is_better is not None:
        sign = 1 if greater_is_better else -1
    response = getattr(computation, "response", "predict")
    tasks = ALL_TASKS if response == "predict" else CLASSES
    return Metric(name, name, name, "scorer", tasks, sign, computation)


def _free_name(function: Any) -> str:
    """Return a function's name, distinct from the built-in metrics' names."""
    name = name_of(function)
    return f"custom {name}" if name in BUILT_IN else name


def _check_arguments(function: Callable[..., Any]) -> None:
    """Check that a function can be called with two or three arguments.

    Where its signature is not known, its first call will show.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    for n_arguments in (2, 3):
        with suppress(TypeError):
            signature.bind(*[None] * n_arguments)
            return
    raise MetricError(
        f"The metric {name_of(function)}{signature} cannot be called with two or three arguments.",
        hint="write a function of (y_true, y_pred) or of (model, X, y); see functools.partial",
    )


def _takes_a_model(function: Callable[..., Any]) -> bool:
    """Return whether a function is called with a model.

    Where the signature does not tell, it is tried on two labels.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if positional and positional[0].name.lower() in _MODEL_WORDS:
        return True
    needed = [p for p in positional if p.default is p.empty]
    if len(needed) == 3 or len(positional) == 2:
        return len(needed) == 3
    if len(needed) in (1, 2) and len(positional) > 1:
        return False
    try:
        return not np.isscalar(function(np.array([0, 1]), np.array([0, 1])))
    except Exception:  # whatever it raises: it takes no pair of labels and predictions
        return True


def _is_scikit_learns(function: Callable[..., Any]) -> bool:
    return str(getattr(function, "__module__", "")).startswith("sklearn.")


@cache
def _scikit_learns() -> Mapping[str, tuple[str | None, int, Response]]:
    """Map scikit-learn's function names to metric, sign and response.

    From scikit-learn's scorers, so that no second list is kept.
    """
    from sklearn.metrics import get_scorer, get_scorer_names

    registry: dict[str, tuple[str | None, int, Response]] = {}
    for name in get_scorer_names():
        scorer = get_scorer(name)
        function = name_of(scorer._score_func)
        key = OTHER_NAMES.get(name, name)
        built_in = (
            key if key in BUILT_IN and set(scorer._kwargs) <= {"pos_label", "average"} else None
        )
        # The first scorer of a function wins, unless a later one is a built-in metric.
        if function in registry and (registry[function][0] is not None or built_in is None):
            continue
        if built_in is None and "average" in scorer._kwargs:
            continue
        registry[function] = (built_in, 1 if scorer._sign > 0 else -1, _response_of(scorer))
    return registry


def _response_of(scorer: Any) -> Response:
    methods = getattr(scorer, "_response_method", "predict")
    if isinstance(methods, str):
        methods = (methods,)
    for response in RESPONSES[::-1]:
        if response in methods:
            return response
    return "predict"
