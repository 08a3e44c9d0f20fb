"""Metrics: values that hold their computation, one file a noun."""

from transfergap.data.metric.catalogue import (
    case_cost,
    is_loss,
    metric_examples,
    metric_names,
    pinball,
    tweedie,
)
from transfergap.data.metric.fitting import check_weights, class_words, fitted_to
from transfergap.data.metric.kinds import Kind
from transfergap.data.metric.making import AnyMetric, make_metric, metric_named
from transfergap.data.metric.metric import Metric

__all__ = [
    "AnyMetric",
    "Kind",
    "Metric",
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
