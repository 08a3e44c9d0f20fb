"""Metrics: values that hold how they are computed. Sorted by noun, one file each."""

from transfergap.metric.catalogue import (
    case_cost,
    is_loss,
    metric_examples,
    metric_names,
    pinball,
    tweedie,
)
from transfergap.metric.fitting import check_weights, class_words, fitted_to
from transfergap.metric.kinds import Kind, Task
from transfergap.metric.making import AnyMetric, make_metric, metric_named
from transfergap.metric.metric import Metric

__all__ = [
    "AnyMetric",
    "Kind",
    "Metric",
    "Task",
    "case_cost",
    "check_weights",
    "class_words",
    "fitted_to",
    "is_loss",
    "make_metric",
    "metric_examples",
    "metric_named",
    "metric_names",
    "pinball",
    "tweedie",
]
