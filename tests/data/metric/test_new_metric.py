"""A metric with row losses is one value in one place, and everything takes it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from transfergap import audit
from transfergap.data.metric import (
    class_losses,
    class_scores,
    fold_scores,
    metric_named,
    metric_names,
    number_losses,
)
from transfergap.data.metric.catalogue import BUILT_IN
from transfergap.data.metric.entries import number_metric

FILES = (class_losses, class_scores, fold_scores, number_losses)


@dataclass(frozen=True)
class LinEx:
    """Loss exp(a r) - a r - 1 of a residual r: Varian (1975), section 2."""

    slope: float = 1.0
    kind: ClassVar[str] = "loss"
    zero_one: ClassVar[bool] = False
    wrong_above: ClassVar[None] = None
    closed_form: ClassVar[None] = None

    def outputs(self, model, X, y, classes, weights):
        return y - model.predict(X)

    def losses(self, outputs, y, whole):
        return np.exp(self.slope * outputs) - self.slope * outputs - 1.0

    def constant(self, whole, classes):
        best = np.log(np.average(np.exp(self.slope * whole.y), weights=whole.weights)) / self.slope
        return whole.y - best

    def bound(self, whole):
        return None


LINEX = number_metric("linex", "LinEx loss", "LinEx", LinEx(0.5))


def drawn(n, seed, slope=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    return X, slope * X[:, 0] + rng.normal(size=n)


def test_the_new_loss_is_right_by_hand():
    class Zero:
        def predict(self, X):
            return np.zeros(len(X))

    y = np.array([0.0, 2.0, -2.0])
    losses = LINEX.losses(LINEX.outputs(Zero(), y[:, None], y, np.empty(0)), y, y)
    assert losses == pytest.approx([0.0, np.e - 2.0, 1.0 / np.e])
    best = LINEX.constant_outputs(y, np.empty(0))
    assert np.exp(0.5 * best).mean() == pytest.approx(1.0)  # the derivative is zero there


def test_an_audit_takes_a_new_metric_with_all_that_row_losses_give():
    sources = {"same": drawn(300, 1), "turned": drawn(300, 2, slope=-1.0)}
    X, y = drawn(40, 0)
    result = audit(LinearRegression(), X, y, sources=sources, metric=LINEX, margin=0.02)
    arms = {arm.arm: arm for arm in result.arms}
    assert str(arms["turned pooled"].verdict) == "hurts"
    assert arms["same pooled"].gap.estimate > 0
    silent = {check.code: check.reason for check in result.result.silent_checks}
    assert silent.get("TG206", "") == ""  # the control on its own rows was looked at
    assert "LinEx" in str(result)


@pytest.mark.parametrize("name", metric_names())
def test_a_metric_of_ours_stands_in_the_file_of_its_computation(name):
    module = type(BUILT_IN[name].computation).__module__
    listed = {metric.name for file in FILES if file.__name__ == module for metric in file.METRICS}
    assert name in listed or name in (
        "roc_auc",
        "gini",
    )  # two of one computation, no file of losses
    assert metric_named(name) is BUILT_IN[name]


def test_questions_of_a_metric_exclude_one_another():
    for metric in BUILT_IN.values():
        assert metric.has_row_losses + metric.ranks_rows + (not metric.has_row_values) == 1
        assert metric.n_outputs(7) == (7 if metric.has_row_values else 1)
        assert metric.has_row_losses or not metric.has_residuals


def test_the_loss_of_a_fold_is_minus_its_area_or_score():
    y, classes = np.array([0, 0, 1, 1]), np.array([0, 1])
    scores = np.array([[0.1], [0.6], [0.4], [0.9]])
    auc = metric_named("roc_auc")
    assert auc.fold_loss(scores, y, classes) == pytest.approx(-0.75)
    assert auc.score(-0.75) == 0.75
    assert metric_named("gini").fold_loss(scores, y, classes) == pytest.approx(-0.5)
    assert np.isnan(auc.fold_loss(scores[:2], y[:2], classes))
    assert metric_named("f1").fold_loss(np.array([0.8]), y, classes) == -0.8
    assert metric_named("calibration_error").fold_loss(np.array([0.1]), y, classes) == 0.1
