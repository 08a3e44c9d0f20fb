"""Which learners have a closed form, and their normal equations, value by value."""

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    Normalizer,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from transfergap.data.metric import metric_named
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.errors import DataError
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.learners.linear import (
    MOST_COLUMNS,
    MOST_ROWS,
    _newton,
    closed_form_applies,
    is_linear,
    linear_fit,
    split_pipeline,
)
from transfergap.learners.mitigations import Balanced


def applies(model, metric="mse", task="regression", n=100, p=3, rows=None):
    learner = model if hasattr(model, "train") and not hasattr(model, "get_params") else None
    learner = learner or EstimatorLearner(model)
    return closed_form_applies(learner, metric_named(metric), task, n, p, rows)


@pytest.mark.parametrize(
    ("n", "p", "expected"),
    [
        (5000, 3, True),
        (5001, 3, False),
        (100, 1000, True),
        (100, 1001, False),
        (100, None, False),
        (100, 0, True),
    ],
)
def test_the_closed_form_ends_where_refits_are_cheaper(n, p, expected):
    assert (MOST_ROWS, MOST_COLUMNS) == (5000, 1000)
    assert applies(Ridge(), n=n, p=p) is expected
    assert applies(LogisticRegression(), "log_loss", "binary", n, p) is expected
    assert (
        closed_form_applies(
            Balanced(EstimatorLearner(Ridge())), metric_named("mse"), "regression", n, p
        )
        is expected
    )


@pytest.mark.parametrize(
    ("model", "n", "p", "expected"),
    [
        (LinearRegression(), 100, 20, True),  # five rows a column
        (LinearRegression(), 99, 20, False),
        (Ridge(alpha=0.0), 99, 20, False),
        (Ridge(alpha=1e-9), 10, 20, True),
        (LinearRegression(), 100, 0, False),  # an intercept alone: each row would be a column
    ],
)
def test_without_a_penalty_five_rows_a_column_are_needed(model, n, p, expected):
    assert applies(model, n=n, p=p) is expected


@pytest.mark.parametrize(
    ("model", "metric", "task", "expected"),
    [
        (Ridge(), "mse", "regression", True),
        (Ridge(), "mae", "regression", False),
        (Ridge(alpha=np.array(1.0)), "mse", "regression", True),
        (Ridge(alpha=[1.0, 2.0]), "mse", "regression", False),
        (Ridge(positive=True), "mse", "regression", False),
        (LinearRegression(positive=True), "mse", "regression", False),
        (Lasso(), "mse", "regression", False),
        (DecisionTreeRegressor(), "mse", "regression", False),
        (LogisticRegression(), "log_loss", "binary", True),
        (LogisticRegression(), "log_loss", "multiclass", False),
        (LogisticRegression(), "accuracy", "binary", False),
        (LogisticRegression(), "mse", "binary", False),
        (Ridge(), "log_loss", "binary", False),
        (RidgeClassifier(), "log_loss", "binary", False),
        (LogisticRegression(class_weight="balanced"), "log_loss", "binary", False),
        (LogisticRegression(solver="liblinear"), "log_loss", "binary", False),
        (LogisticRegression(solver="liblinear", dual=True), "log_loss", "binary", False),
        (LogisticRegression(solver="newton-cg"), "log_loss", "binary", True),
        (LogisticRegression(C=np.inf), "log_loss", "binary", False),
        (LogisticRegression(l1_ratio=0.5, solver="saga"), "log_loss", "binary", False),
        (LogisticRegression(l1_ratio=0.0), "log_loss", "binary", True),
    ],
)
def test_the_learners_with_a_closed_form(model, metric, task, expected):
    assert applies(model, metric, task) is expected


class DualLogistic(LogisticRegression):
    """Of another class: who knows what it fits."""


def test_a_learner_of_another_kind_has_none():
    assert not applies(DualLogistic(), "log_loss", "binary")
    assert not applies(LogisticRegression(dual=True), "log_loss", "binary")
    assert not applies(FunctionLearner(lambda train, seed: None))


class Homemade(StandardScaler):
    """A step that we know nothing of."""


Foreign = type("StandardScaler", (StandardScaler,), {"__module__": "elsewhere.scalers"})
ONE_HOT = ColumnTransformer([("codes", OneHotEncoder(), [0])], remainder="passthrough")
BY_LABELS = ColumnTransformer([("codes", TargetEncoder(), [0])])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([StandardScaler()], True),
        ([StandardScaler(), PCA(2)], True),
        ([SelectKBest()], False),
        ([StandardScaler(), SelectKBest()], False),
        ([Homemade()], False),
        ([Foreign()], False),
        ([ONE_HOT], True),
        ([BY_LABELS], False),
        ([ColumnTransformer([("rest", "drop", [0]), ("two", StandardScaler(), [1])])], True),
        ([ColumnTransformer([("rest", "elsewhere", [0])])], False),
        ([make_union(StandardScaler(), PCA(1))], True),
        ([make_union(StandardScaler(), SelectKBest())], False),
        ([make_pipeline(StandardScaler(), PCA(1))], True),
        ([make_pipeline(StandardScaler(), SelectKBest())], False),
    ],
)
def test_steps_that_look_at_labels_rule_it_out(steps, expected):
    assert applies(make_pipeline(*steps, Ridge())) is expected
    assert is_linear(make_pipeline(*steps, Ridge())) is expected


def test_parts_of_a_table_vectorizer_are_looked_into():
    import pandas as pd
    from skrub import TableVectorizer

    rows = pd.DataFrame({"x": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]})
    for step, expected in (
        (TableVectorizer(), True),
        (TableVectorizer(numeric=StandardScaler()), True),
        (TableVectorizer(numeric=SelectKBest()), False),
        (TableVectorizer(low_cardinality=TargetEncoder()), False),
    ):
        assert applies(make_pipeline(step, Ridge()), rows=lambda: rows) is expected


@pytest.mark.parametrize("step", [QuantileTransformer(), PowerTransformer(), Normalizer()])
def test_steps_that_bend_columns_keep_the_closed_form_but_no_linear_model(step):
    assert applies(make_pipeline(step, Ridge()))
    assert not is_linear(make_pipeline(step, Ridge()))


@pytest.mark.parametrize("step", [KBinsDiscretizer(), Foreign()])
def test_steps_that_one_row_moves_far_have_no_closed_form(step):
    assert not applies(make_pipeline(step, Ridge()))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Lasso(), True),
        (RidgeClassifier(), True),
        (LinearDiscriminantAnalysis(), True),  # sklearn builds it on linear_model's mixin
        (DecisionTreeClassifier(), False),
        (GridSearchCV(Ridge(), {"alpha": [1.0]}), True),
        (GridSearchCV(DecisionTreeRegressor(), {"max_depth": [1]}), False),
        (GridSearchCV(make_pipeline(SelectKBest(), Ridge()), {"ridge__alpha": [1.0]}), False),
    ],
)
def test_linear_models_of_their_columns(model, expected):
    assert is_linear(model) is expected


def test_steps_of_a_pipeline_that_do_nothing_are_no_steps():
    scaler, last = StandardScaler(), Ridge()
    pipeline = Pipeline([("a", None), ("b", "passthrough"), ("c", scaler), ("d", last)])
    assert split_pipeline(pipeline) == ([scaler], last)
    assert split_pipeline(last) == ([], last)
    assert isinstance(FeatureUnion([("a", scaler)]), FeatureUnion)


# normal equations


def rows(seed=0, n=30, p=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, X[:, 0] - X[:, 1] + rng.normal(size=n)


@pytest.mark.parametrize("intercept", [False, True])
def test_the_equations_of_a_ridge(intercept):
    X, y = rows()
    Xs, ys = rows(1, 20)
    weights = np.linspace(0.5, 2.0, 20)
    learner = EstimatorLearner(Ridge(alpha=2.5, fit_intercept=intercept))
    train = TrainingSet(Sample(X, y), (Sample(Xs, ys, weights),))
    fit = linear_fit(learner, train, seed=0, classes=np.empty(0))
    stacked = np.vstack([X, Xs])
    ones = np.ones((50, 1))
    assert np.array_equal(fit.design, np.hstack([stacked, ones]) if intercept else stacked)
    assert fit.penalty.tolist() == [2.5] * 3 + [0.0] * intercept
    assert np.array_equal(fit.weights, np.r_[np.ones(30), weights])
    assert np.array_equal(fit.response, np.r_[y, ys])
    assert np.array_equal(fit.labels, y)
    assert fit.loss == "squared"
    alone = linear_fit(learner, TargetSet(Sample(X, y)), seed=0, classes=np.empty(0))
    assert np.array_equal(alone.weights, np.ones(30)) and len(alone.design) == 30
    free = linear_fit(
        EstimatorLearner(LinearRegression()), TargetSet(Sample(X, y)), seed=0, classes=np.empty(0)
    )
    assert free.penalty.tolist() == [0.0] * 4


def test_the_training_set_is_changed_first():
    X, y = rows()
    Xs, ys = rows(1, 60)
    learner = Balanced(EstimatorLearner(Ridge()))
    train = TrainingSet(Sample(X, y), (Sample(Xs, ys),))
    fit = linear_fit(learner, train, seed=0, classes=np.empty(0))
    assert fit.weights == pytest.approx(np.r_[np.ones(30), np.full(60, 0.5)])
    assert np.array_equal(fit.labels, y)


def penalised(X, y, w, C, intercept):
    """Minimise scikit-learn's objective directly."""
    signs = 2.0 * y - 1.0

    def loss(beta):
        score = X @ beta[:3] + (beta[3] if intercept else 0.0)
        return C * (w * np.logaddexp(0.0, -signs * score)).sum() + 0.5 * (beta[:3] ** 2).sum()

    found = minimize(loss, np.zeros(4 if intercept else 3), method="BFGS", tol=1e-12)
    return found.x


@pytest.mark.parametrize("intercept", [False, True])
def test_the_equations_of_a_logistic_regression_are_a_newton_step_at_its_solution(intercept):
    X, score = rows()
    y = np.where(score > 0, "yes", "no")
    Xs, other = rows(1, 20)
    ys, weights = np.where(other > 0, "yes", "no"), np.linspace(0.5, 2.0, 20)
    learner = EstimatorLearner(LogisticRegression(C=0.5, fit_intercept=intercept))
    train = TrainingSet(Sample(X, y), (Sample(Xs, ys, weights),))
    fit = linear_fit(learner, train, seed=0, classes=np.array(["no", "yes"]))
    stacked, w = np.vstack([X, Xs]), np.r_[np.ones(30), weights]
    labels = (np.r_[y, ys] == "yes") * 1.0
    beta = penalised(stacked, labels, w, 0.5, intercept)
    score = stacked @ beta[:3] + (beta[3] if intercept else 0.0)
    p = 1 / (1 + np.exp(-score))
    assert fit.loss == "log"
    assert fit.penalty.tolist() == [2.0] * 3 + [0.0] * intercept
    assert fit.weights == pytest.approx(w * p * (1 - p), abs=1e-5)
    assert fit.response == pytest.approx(score + (labels - p) / (p * (1 - p)), abs=1e-3)
    assert np.array_equal(fit.labels, labels[:30])


def test_newton_steps_go_on_to_the_solution():
    X, score = rows(2, 60)
    labels = (score > 0) * 1.0
    design, penalty = np.column_stack([X, np.ones(60)]), np.array([1e-3, 1e-3, 1e-3, 0.0])
    weights = np.linspace(0.5, 1.5, 60)
    response, curvature = _newton(design, labels, weights, penalty, np.zeros(4))
    normal = (design * curvature[:, None]).T @ design + np.diag(penalty)
    beta = np.linalg.solve(normal, design.T @ (curvature * response))
    p = 1 / (1 + np.exp(-design @ beta))
    # the gradient of the penalised log likelihood is zero there
    assert design.T @ (weights * (labels - p)) == pytest.approx(penalty * beta, abs=1e-9)
    assert curvature == pytest.approx(weights * p * (1 - p), abs=1e-9)


def test_rows_far_from_the_line_keep_a_curvature_for_thirty_steps():
    # One row of 70 with label 1 and a penalty of 1e-9: the slope goes to where 70 (1 - p) = 1e-9 b,
    # at a score of 25, where p (1 - p) = 1e-11 is taken for 1e-10. Newton's step in one number:
    slope = 0.0
    for step in range(30):
        p = 1.0 / (1.0 + np.exp(-70.0 * slope))
        left, curvature = np.exp(-70.0 * slope) * p, max(p * (1.0 - p), 1e-10)
        response = 70.0 * slope + left / curvature
        slope += (70.0 * left - 1e-9 * slope) / (4900.0 * curvature + 1e-9)
        assert step < 25 or curvature == 1e-10
    found, weight = _newton(
        np.array([[70.0]]), np.ones(1), np.ones(1), np.array([1e-9]), np.zeros(1)
    )
    assert weight == pytest.approx([1e-10])
    assert found == pytest.approx([response], rel=1e-5)


def test_weights_of_the_target_are_weights_of_the_equations():
    X, y = rows()
    weights = np.linspace(1.0, 3.0, 30)
    fit = linear_fit(
        EstimatorLearner(Ridge()), TargetSet(Sample(X, y, weights)), seed=0, classes=np.empty(0)
    )
    assert np.array_equal(fit.weights, weights)


def test_steps_are_applied_and_sparse_columns_made_dense():
    X, y = rows()
    learner = EstimatorLearner(make_pipeline(StandardScaler(), Ridge(fit_intercept=False)))
    fit = linear_fit(learner, TargetSet(Sample(X, y)), seed=0, classes=np.empty(0))
    assert fit.design == pytest.approx((X - X.mean(axis=0)) / X.std(axis=0))
    learner = EstimatorLearner(make_pipeline(MaxAbsScaler(), Ridge(fit_intercept=False)))
    fit = linear_fit(
        learner, TargetSet(Sample(sparse.csr_array(X), y)), seed=0, classes=np.empty(0)
    )
    assert fit.design == pytest.approx(X / np.abs(X).max(axis=0))


@pytest.mark.parametrize(("width", "refused"), [(4999, False), (5000, False), (5001, True)])
def test_five_thousand_columns_are_the_most(width, refused):
    X = sparse.csr_array((np.ones(10), (np.arange(10), np.arange(10))), shape=(10, width))
    learner = EstimatorLearner(make_pipeline(MaxAbsScaler(), Ridge(solver="sparse_cg")))
    train = TargetSet(Sample(X, np.arange(10.0)))
    if refused:
        with pytest.raises(DataError, match="5001 columns"):
            linear_fit(learner, train, seed=0, classes=np.empty(0))
    else:
        design = linear_fit(learner, train, seed=0, classes=np.empty(0)).design
        assert design.shape == (10, width + 1)


class Spoiling(StandardScaler):
    """Gives what it learned, and NaN where it is asked again."""

    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X, spoil=False)

    def transform(self, X, spoil=True):
        return super().transform(X) * (np.nan if spoil else 1.0)


def test_a_step_that_gives_nan_is_named():
    X, y = rows()
    learner = EstimatorLearner(make_pipeline(Spoiling(), Ridge()))
    with pytest.raises(DataError, match="NaN or infinite"):
        linear_fit(learner, TargetSet(Sample(X, y)), seed=0, classes=np.empty(0))
