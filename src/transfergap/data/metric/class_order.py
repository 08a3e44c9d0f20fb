"""Metrics that weigh errors by the order of classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.metric.metric import Metric
from transfergap.errors import MetricError

_N_LISTED = 12  # classes of a note: by convention, as in other lists of names


def weighs_by_order(function: Callable[..., Any], options: Mapping[str, Any]) -> bool:
    """Return whether a function of scikit-learn's weighs errors by class order.

    Not where its options list the classes: then the order is the user's.

    Examples
    --------
    >>> from sklearn.metrics import cohen_kappa_score
    >>> weighs_by_order(cohen_kappa_score, {"weights": "linear"})
    True
    >>> weighs_by_order(cohen_kappa_score, {})
    False
    """
    is_kappa = getattr(function, "__name__", "") == "cohen_kappa_score"
    return is_kappa and options.get("weights") is not None and options.get("labels") is None


def with_class_order(metric: Metric, classes: NDArray[Any]) -> Metric:
    """Return a metric that says in which order it reads classes.

    Any other metric comes back as it is; two classes have no order to mistake.

    Raises
    ------
    MetricError
        If errors are weighed by the order of classes that are texts.
    """
    if not getattr(metric.computation, "weighs_by_order", False) or len(classes) < 3:
        return metric
    names = [str(label) for label in classes.tolist()]
    listed = ", ".join(names[:_N_LISTED]) + (", ..." if len(names) > _N_LISTED else "")
    if not _are_in_order(classes):
        raise MetricError(
            f"{metric.title} weighs errors by the order of the classes, but they are texts, whose"
            f" only order is that of the alphabet: {listed}.",
            hint="write the target's classes as numbers in their order, such as 0, 1, 2 (in Python"
            " y.map({...}), or y.cat.codes of an ordered categorical); a source may keep texts"
            " that are mapped to them (--map b:TEXT=0,..., label_map={'b': {...}})",
        )
    note = f"The order of the classes for {metric.title}: {listed}."
    return replace(metric, note=f"{metric.note} {note}".strip())


def _are_in_order(classes: NDArray[Any]) -> bool:
    """Return whether classes are numbers, or texts that sort as numbers."""
    try:
        numbers = np.array([float(label) for label in classes.tolist()])
    except (TypeError, ValueError):
        return False
    return bool((np.diff(numbers) > 0).all())
