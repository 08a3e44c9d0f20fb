"""Metrics of classes and of numbers, from their computations."""

from __future__ import annotations

from typing import Any

from transfergap.data.metric.kinds import AS_LOSS, CLASSES, NUMBERS, OneMinusLoss
from transfergap.data.metric.metric import Metric


def class_metric(
    name: str, title: str, unit: str, sign: int, computation: Any, *, is_share: bool = False
) -> Metric:
    """Return a metric of classes.

    It is one minus the mean loss where more is better; a share lies from 0 to 1.

    Examples
    --------
    >>> from transfergap.data.metric.class_losses import Brier
    >>> class_metric("brier", "Brier score", "Brier", -1, Brier()).kind
    'loss'
    """
    scale = OneMinusLoss() if sign > 0 and computation.kind == "loss" else AS_LOSS
    return Metric(
        name, title, unit, computation.kind, CLASSES, sign, computation, scale, is_share=is_share
    )


def number_metric(name: str, title: str, unit: str, computation: Any) -> Metric:
    """Return a metric of numbers in a further unit.

    Less of it is better.

    Examples
    --------
    >>> from transfergap.data.metric.number_losses import SquaredResidual
    >>> number_metric("mse", "mean squared error", "MSE", SquaredResidual()).in_label_units
    True
    """
    return Metric(
        name, title, unit, computation.kind, NUMBERS, -1, computation, in_label_units=True
    )
