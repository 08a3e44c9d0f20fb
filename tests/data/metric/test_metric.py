"""Scores against scikit-learn's, and rows that add up to them."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from transfergap.data.metric import fitted_to, metric_named, metric_names
from transfergap.errors import MetricError


@pytest.fixture(scope="module", params=[2, 3], ids=["binary", "three classes"])
def classified(request):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0] + rng.normal(size=120), [-0.5, 0.7])]
    if request.param == 2:
        y = np.where(y == "c", "c", "a")
    model = LogisticRegression().fit(X[:60], y[:60])
    return model, X[60:], y[60:], np.unique(y)


def score_of(metric, model, X, y, classes):
    outputs = metric.outputs(model, X, y, classes)
    return metric.score(float(metric.losses(outputs, y, y).mean()))


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("accuracy", lambda m, X, y: metrics.accuracy_score(y, m.predict(X))),
        ("balanced_accuracy", lambda m, X, y: metrics.balanced_accuracy_score(y, m.predict(X))),
        ("log_loss", lambda m, X, y: metrics.log_loss(y, m.predict_proba(X), labels=m.classes_)),
    ],
)
def test_mean_losses_are_scikit_learns_scores(classified, name, reference):
    model, X, y, classes = classified
    assert score_of(metric_named(name), model, X, y, classes) == pytest.approx(
        reference(model, X, y)
    )


def test_brier_is_scikit_learns(classified):
    model, X, y, classes = classified
    p = model.predict_proba(X)
    if len(classes) == 2:
        expected = metrics.brier_score_loss(y, p[:, 1], pos_label=classes[1])
    else:
        expected = np.mean(((p - (y[:, None] == classes)) ** 2).sum(axis=1))
    assert score_of(metric_named("brier"), model, X, y, classes) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["f1", "average_precision"])
def test_fold_scores_are_scikit_learns(classified, name):
    model, X, y, classes = classified
    binary = len(classes) == 2
    metric = fitted_to(metric_named(name), "binary" if binary else "multiclass", classes)
    if name == "f1":
        how = {"pos_label": classes[1]} if binary else {"average": "macro"}
        expected = metrics.f1_score(y, model.predict(X), **how)
    else:
        p = model.predict_proba(X)
        truth = y[:, None] == classes
        expected = metrics.average_precision_score(
            truth[:, 1] if binary else truth, p[:, 1] if binary else p
        )
    assert metric.outputs(model, X, y, classes)[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("mse", metrics.mean_squared_error),
        ("rmse", metrics.root_mean_squared_error),
        ("mae", metrics.mean_absolute_error),
        ("r2", metrics.r2_score),
    ],
)
def test_regression_scores_are_scikit_learns(name, reference):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 3))
    y = X[:, 0] + rng.normal(size=80)
    model = LinearRegression().fit(X[:40], y[:40])
    metric = metric_named(name)
    got = score_of(metric, model, X[40:], y[40:], np.empty(0))
    assert got == pytest.approx(reference(y[40:], model.predict(X[40:])))


def test_the_gap_of_rmse_is_the_difference_of_rmses():
    metric = metric_named("rmse")
    assert (4.0 - 1.0) * metric.gap_scale(4.0, 1.0) == pytest.approx(2.0 - 1.0)


@pytest.mark.parametrize("name", [n for n in metric_names() if metric_named(n).kind != "scorer"])
def test_a_better_model_always_has_smaller_losses(name):
    metric = metric_named(name)
    if metric.kind == "ranking":
        assert metric.gain(of=0.9, over=0.8) > 0
        return
    assert metric.gain(of=metric.score(0.1), over=metric.score(0.2)) > 0


def test_columns_follow_the_targets_classes_whatever_the_model_saw():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(60, 2)), np.repeat(["c", "a", "z"], 20)
    model = LogisticRegression().fit(X, y)
    classes = np.array(["a", "b", "c"])
    losses = metric_named("log_loss").outputs(model, X[:3], np.array(["a", "b", "c"]), classes)
    p = model.predict_proba(X[:3])
    assert losses[0] == pytest.approx(-np.log(p[0, 0]))
    assert losses[1] == pytest.approx(-np.log(np.finfo(float).eps))  # never seen: as scikit-learn
    assert losses[2] == pytest.approx(-np.log(p[2, 1]))


def test_auc_takes_decision_functions():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(60, 2)), np.arange(60) % 2
    model = LinearSVC().fit(X, y)
    outputs = metric_named("roc_auc").outputs(model, X, y, np.array([0, 1]))
    np.testing.assert_allclose(outputs[:, 0], model.decision_function(X))


def test_a_model_without_probabilities_is_refused_with_a_hint():
    X, y = np.eye(4), np.array([0, 1, 0, 1])
    with pytest.raises(MetricError, match="LinearSVC has no predict_proba") as caught:
        metric_named("log_loss").outputs(LinearSVC().fit(X, y), X, y, np.array([0, 1]))
    assert caught.value.hint


def test_predictions_that_are_not_finite_are_refused():
    class Broken:
        def predict(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(MetricError, match="4 values that are not finite"):
        metric_named("mse").outputs(Broken(), np.eye(4), np.zeros(4), np.empty(0))


def test_any_scorer_name_and_any_scorer_work():
    assert metric_named("matthews_corrcoef").kind == "scorer"

    def mine(model, X, y):
        return 0.25

    metric = metric_named(mine)
    assert (metric.name, metric.outputs(None, None, None, np.empty(0))[0]) == ("mine", 0.25)
