"""Closed-form leave-one-out against brute force and against real refits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap.data.metric import metric_named
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.learners import EstimatorLearner
from transfergap.learners.linear import closed_form_applies, linear_fit
from transfergap.learners.mitigations import Balanced
from transfergap.stats import LinearFit, leave_one_out_estimate, leave_out


def solved(fit: LinearFit, rows: list[int], n_source: int) -> np.ndarray:
    """Weighted ridge on some target rows and all source rows, from the definition."""
    keep = [*rows, *range(len(fit.labels), len(fit.labels) + n_source)]
    X, w, z = fit.design[keep], fit.weights[keep], fit.response[keep]
    return np.linalg.solve(X.T @ (X * w[:, None]) + np.diag(fit.penalty), X.T @ (w * z))


def brute_force(fit: LinearFit, n_source: int) -> tuple[np.ndarray, np.ndarray]:
    n = len(fit.labels)

    def loss(i: int, beta: np.ndarray) -> float:
        score = fit.design[i] @ beta
        if fit.loss == "squared":
            return (fit.response[i] - score) ** 2
        return np.logaddexp(0.0, -(2 * fit.labels[i] - 1) * score)

    every = list(range(n))
    alone = np.array([loss(i, solved(fit, [k for k in every if k != i], n_source)) for i in every])
    without = np.array(
        [
            np.mean(
                [
                    loss(i, solved(fit, [k for k in every if k not in (i, left)], n_source))
                    for i in every
                    if i != left
                ]
            )
            for left in every
        ]
    )
    return alone, without


def some_fit(seed: int, loss: str, *, n: int = 12, n_source: int = 7, p: int = 3) -> LinearFit:
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n + n_source, p))
    weights = rng.uniform(0.2, 2.0, n + n_source)
    labels = rng.normal(size=n) if loss == "squared" else rng.integers(0, 2, n).astype(float)
    response = rng.normal(size=n + n_source)
    if loss == "squared":
        response[:n] = labels
    return LinearFit(design, response, weights, rng.uniform(0.1, 1, p), labels, loss)


@pytest.mark.parametrize("loss", ["squared", "log"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_leaving_out_agrees_with_solving_again(loss, seed):
    fit = some_fit(seed, loss)
    alone, without = brute_force(fit, 7)
    left = leave_out(fit)
    got = left.outputs**2 if loss == "squared" else left.outputs
    np.testing.assert_allclose(got, alone, rtol=1e-9)
    np.testing.assert_allclose(left.without, without, rtol=1e-9)


@pytest.mark.parametrize("loss", ["squared", "log"])
def test_rows_without_their_fold_agree_with_solving_again(loss):
    fit, folds = some_fit(4, loss), np.array([[0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 4], [1, 0] * 6])
    made = leave_out(fit, folds)
    for by_fold, numbers in zip(made.by_fold, folds, strict=True):
        for i in range(12):
            beta = solved(fit, [k for k in range(12) if numbers[k] != numbers[i]], 7)
            score = fit.design[i] @ beta
            sign = 2 * fit.labels[i] - 1
            expected = (
                fit.response[i] - score if loss == "squared" else np.logaddexp(0.0, -sign * score)
            )
            assert by_fold[i] == pytest.approx(expected)
    # A fold of one row is that row left out; without partitions there are none.
    assert made.by_fold[0, 10:] == pytest.approx(made.outputs[10:])
    assert leave_out(fit).by_fold.shape == (0, 12)


def test_blocks_of_rows_give_the_same_as_one_block(monkeypatch):
    fit = some_fit(3, "log", n=50)
    whole = leave_out(fit)
    monkeypatch.setattr("transfergap.stats.leave_one_out._BLOCK_ROWS", 7)
    np.testing.assert_allclose(leave_out(fit).without, whole.without, rtol=1e-13)


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize(
    "model", [Ridge(alpha=2.0), LinearRegression(), Ridge(fit_intercept=False)]
)
def test_ridge_residuals_agree_with_refits_of_scikit_learn(model, balanced):
    rng = np.random.default_rng(0)
    X, Xs = rng.normal(size=(25, 3)), rng.normal(size=(40, 3))
    y, ys = X[:, 0] + rng.normal(size=25) + 3, Xs[:, 1] + rng.normal(size=40)
    # Balanced weights depend on the number of target rows; the closed form holds them fixed.
    weights = np.full(40, 25 / 40) if balanced else None
    source = Sample(Xs, ys, weights)
    learner = EstimatorLearner(model)
    train = TrainingSet(Sample(X, y), (source,))
    left = leave_out(linear_fit(learner, train, seed=0, classes=np.empty(0)))
    for i in (0, 7, 24):
        rest = np.delete(np.arange(25), i)
        refit = learner.train(TrainingSet(Sample(X[rest], y[rest]), (source,)), seed=0)
        assert left.outputs[i] == pytest.approx(y[i] - refit.predict(X[[i]])[0], abs=1e-9)


def test_logistic_losses_are_near_refits_with_preprocessing():
    """One Newton step and fixed scaling against refitting all: the difference is stated, 2 %."""
    rng = np.random.default_rng(1)
    X = rng.normal(5, 3, size=(120, 4))
    y = (X[:, 0] - 5 + rng.normal(size=120) * 2 > 0).astype(int)
    learner = EstimatorLearner(make_pipeline(StandardScaler(), LogisticRegression(C=0.5)))
    sample = Sample(X, y)
    left = leave_out(linear_fit(learner, TargetSet(sample), seed=0, classes=np.array([0, 1])))
    refitted = []
    for i in range(120):
        model = learner.train(TargetSet(sample.rows(np.delete(np.arange(120), i))), seed=0)
        refitted.append(-np.log(model.predict_proba(X[[i]])[0, y[i]]))
    assert np.mean(left.outputs) == pytest.approx(np.mean(refitted), rel=0.002)
    np.testing.assert_allclose(left.outputs, refitted, rtol=0.02, atol=1e-3)


def test_identical_arms_have_a_gap_of_exactly_zero():
    left = leave_out(some_fit(5, "squared"))
    losses = left.outputs**2
    estimate = leave_one_out_estimate(losses, losses, left.without * 0.0, skewed=False)
    assert estimate.estimate == 0.0
    assert estimate.error == 0.0


def test_swapping_control_and_treatment_flips_the_sign():
    one, two = leave_out(some_fit(5, "squared")), leave_out(some_fit(6, "squared"))
    a, b = one.outputs**2, two.outputs**2
    there = leave_one_out_estimate(a, b, one.without - two.without, skewed=False)
    back = leave_one_out_estimate(b, a, two.without - one.without, skewed=False)
    assert there.estimate == -back.estimate
    assert there.error == pytest.approx(back.error)


@pytest.mark.parametrize(
    ("model", "metric", "expected"),
    [
        (Ridge(), "mse", True),
        (Ridge(), "r2", True),
        (Ridge(), "mae", False),
        (Ridge(positive=True), "mse", False),
        (make_pipeline(StandardScaler(), Ridge()), "rmse", True),
    ],
)
def test_the_closed_form_is_used_for_ridge_and_squared_losses_only(model, metric, expected):
    learner = EstimatorLearner(model)
    applies = closed_form_applies(learner, metric_named(metric), "regression", 100, 3)
    assert applies is expected
    assert (
        closed_form_applies(Balanced(learner), metric_named(metric), "regression", 100, 3)
        is expected
    )


def test_a_step_that_looks_at_labels_rules_the_closed_form_out():
    from sklearn.feature_selection import SelectKBest

    learner = EstimatorLearner(make_pipeline(SelectKBest(k=1), Ridge()))
    assert not closed_form_applies(learner, metric_named("mse"), "regression", 100, 3)


def test_log_loss_needs_a_plain_binary_logistic_regression():
    def applies(model, task="binary", n=100):
        return closed_form_applies(EstimatorLearner(model), metric_named("log_loss"), task, n, 3)

    assert applies(LogisticRegression())
    assert not applies(LogisticRegression(), task="multiclass")
    assert not applies(LogisticRegression(class_weight="balanced"))
    assert not applies(LogisticRegression(solver="liblinear"))
    assert not applies(LogisticRegression(), n=100_000)


def test_one_hot_codes_beside_an_intercept_agree_with_refits():
    """Collinear columns and no penalty: the equations are singular, the predictions are not."""
    rng = np.random.default_rng(4)
    codes = np.eye(3)[np.arange(30) % 3]
    X = np.column_stack([codes, rng.normal(size=30), np.zeros(30)])
    y = codes @ [1.0, 2.0, 4.0] + X[:, 3] + rng.normal(size=30)
    learner = EstimatorLearner(LinearRegression())
    left = leave_out(linear_fit(learner, TargetSet(Sample(X, y)), seed=0, classes=np.empty(0)))
    for i in (0, 11, 29):
        rest = np.delete(np.arange(30), i)
        refit = LinearRegression().fit(X[rest], y[rest])
        assert left.outputs[i] == pytest.approx(y[i] - refit.predict(X[[i]])[0], abs=1e-9)


def test_a_model_that_reproduces_rows_is_refused():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(20, 30)), rng.normal(size=20)
    learner = EstimatorLearner(LinearRegression())
    fit = linear_fit(learner, TargetSet(Sample(X, y)), seed=0, classes=np.empty(0))
    with pytest.raises(np.linalg.LinAlgError, match="reproduces a target row"):
        leave_out(fit)


def test_a_model_without_a_penalty_needs_five_rows_a_column():
    def applies(n_features):
        return closed_form_applies(
            EstimatorLearner(LinearRegression()), metric_named("mse"), "regression", 100, n_features
        )

    assert applies(20)
    assert not applies(21)
    assert not applies(None)
