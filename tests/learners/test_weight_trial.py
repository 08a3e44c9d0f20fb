"""Sample weights: whether they change a model is tried, whatever its signature says."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, NuSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from transfergap import Arm, audit
from transfergap.auditing.audit import make_design
from transfergap.data.problem import Sample, TargetSet
from transfergap.data.validation import make_problem
from transfergap.experiment.trial import attempt
from transfergap.learners import EstimatorLearner, WeightUse
from transfergap.learners.mitigations import Balanced

RNG = np.random.default_rng(4)
X = RNG.normal(size=(60, 3))
CLASSES = Sample(X, (X[:, 0] + RNG.normal(size=60) > 0).astype(int))
NUMBERS = Sample(X, X[:, 0] + RNG.normal(size=60))
SCALED = make_pipeline(StandardScaler(), LogisticRegression())


class Wrapped(ClassifierMixin, BaseEstimator):
    """A wrapper that takes weights and forgets them."""

    def __init__(self, inner=None):
        self.inner = inner

    def fit(self, X, y, sample_weight=None):
        self.inner_ = clone(self.inner).fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict(self, X):
        return self.inner_.predict(X)

    def predict_proba(self, X):
        return self.inner_.predict_proba(X)


class Shifted(Wrapped):
    """A wrapper that weighs nothing but what it adds to the inner model's answer."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y)
        weights = np.ones(len(y)) if sample_weight is None else sample_weight
        self.prior_ = float(np.average(y == self.classes_[1], weights=weights))
        return self

    def predict_proba(self, X):
        inside = self.inner_.predict_proba(X)
        return 0.5 * inside + 0.5 * np.array([1 - self.prior_, self.prior_])


class Handing(Wrapped):
    """A wrapper that hands weights on."""

    def fit(self, X, y, sample_weight=None):
        self.inner_ = clone(self.inner).fit(X, y, sample_weight=sample_weight)
        self.classes_ = self.inner_.classes_
        return self


class Picky(RegressorMixin, BaseEstimator):
    """A model whose fit names weights and refuses them."""

    def fit(self, X, y, sample_weight=None):
        if sample_weight is not None:
            raise NotImplementedError("not yet")
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


@pytest.mark.parametrize(
    ("model", "sample", "expected"),
    [
        (LogisticRegression(), CLASSES, WeightUse.COUNT),
        (LogisticRegression(class_weight="balanced"), CLASSES, WeightUse.COUNT),
        (SCALED, CLASSES, WeightUse.COUNT),
        (DecisionTreeClassifier(), CLASSES, WeightUse.COUNT),  # learns each row by heart
        (DecisionTreeRegressor(), NUMBERS, WeightUse.COUNT),
        (ExtraTreesClassifier(5), CLASSES, WeightUse.COUNT),
        (HistGradientBoostingClassifier(max_iter=3), CLASSES, WeightUse.COUNT),
        (SVC(), CLASSES, WeightUse.COUNT),
        (MultiOutputRegressor(Ridge()), NUMBERS, WeightUse.COUNT),
        (AdaBoostClassifier(LogisticRegression(), n_estimators=3), CLASSES, WeightUse.COUNT),
        (BaggingClassifier(LogisticRegression(), 3), CLASSES, WeightUse.COUNT),
        (BaggingRegressor(LinearRegression(), 3), NUMBERS, WeightUse.COUNT),
        (make_pipeline(SelectFromModel(LogisticRegression()), LogisticRegression()), CLASSES,
         WeightUse.COUNT),
        (CalibratedClassifierCV(LogisticRegression(), cv=2), CLASSES, WeightUse.COUNT),
        (CalibratedClassifierCV(SCALED, cv=2), CLASSES, WeightUse.KEPT_FROM_INSIDE),
        (CalibratedClassifierCV(KNeighborsClassifier(), cv=2), CLASSES,
         WeightUse.KEPT_FROM_INSIDE),
        (CalibratedClassifierCV(SCALED, cv=2, ensemble=False, method="isotonic"), CLASSES,
         WeightUse.KEPT_FROM_INSIDE),
        (make_pipeline(StandardScaler(), CalibratedClassifierCV(SCALED, cv=2)), CLASSES,
         WeightUse.KEPT_FROM_INSIDE),
        (Wrapped(LogisticRegression()), CLASSES, WeightUse.SWALLOWED),
        (Shifted(LogisticRegression()), CLASSES, WeightUse.KEPT_FROM_INSIDE),
        (Handing(LogisticRegression()), CLASSES, WeightUse.COUNT),
        (Picky(), NUMBERS, WeightUse.REFUSED),
        (KNeighborsClassifier(), CLASSES, WeightUse.ABSENT),
        (VotingClassifier([("k", KNeighborsClassifier()), ("l", SCALED)]), CLASSES,
         WeightUse.ABSENT),
        (StackingClassifier([("k", KNeighborsClassifier())], cv=2), CLASSES, WeightUse.ABSENT),
        (GridSearchCV(LogisticRegression(), {"C": [1, 2]}), CLASSES, WeightUse.ABSENT),
        (OneVsRestClassifier(LogisticRegression()), CLASSES, WeightUse.ABSENT),
        (TransformedTargetRegressor(Ridge()), NUMBERS, WeightUse.ABSENT),
    ],
)  # fmt: skip
def test_what_a_model_makes_of_weights_is_tried(model, sample, expected):
    assert EstimatorLearner(model).use_of_weights(sample) is expected


def test_a_model_that_cannot_be_fitted_on_few_rows_is_believed():
    class Hungry(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            if len(y) < 500:
                raise ValueError("too few rows")
            return super().fit(X, y, sample_weight)

    assert EstimatorLearner(Hungry()).use_of_weights(CLASSES) is WeightUse.COUNT


def test_text_labels_tables_and_rare_classes_are_tried_too():
    table = pd.DataFrame({"a": X[:, 0], "b": np.where(X[:, 1] > 0, "x", "y")})
    labels = np.array(["no", "yes", "perhaps"])[np.r_[[2] * 8, CLASSES.y[8:]]]
    columns = ColumnTransformer([("b", OneHotEncoder(), ["b"])], remainder="passthrough")
    sample = Sample(table, labels)
    good = make_pipeline(columns, LogisticRegression())
    assert EstimatorLearner(good).use_of_weights(sample) is WeightUse.COUNT
    bad = CalibratedClassifierCV(good, cv=2)
    assert EstimatorLearner(bad).use_of_weights(sample) is WeightUse.KEPT_FROM_INSIDE


def test_a_model_without_a_solution_for_extreme_weights_is_tried_with_mild_ones():
    even = Sample(np.r_[X, X + 0.1], np.arange(120) % 2)
    assert EstimatorLearner(NuSVC(nu=0.1)).use_of_weights(even) is WeightUse.COUNT


def test_where_weights_are_swallowed_rows_are_repeated():
    weights = np.where(np.arange(60) < 20, 3.0, 0.0)
    weighted = CLASSES.weighted(weights)
    swallowed = EstimatorLearner(Wrapped(KNeighborsClassifier(3))).train(
        TargetSet(weighted), seed=1
    )
    assert swallowed.inner_.n_samples_fit_ == 60  # twenty rows, three times each
    assert swallowed.inner_._fit_X.shape == (60, 3)
    assert {tuple(row) for row in swallowed.inner_._fit_X} == {tuple(row) for row in X[:20]}


def test_the_trial_is_made_once_for_all_fits_and_changes_no_state():
    calls = []

    class Counted(Wrapped):
        def fit(self, X, y, sample_weight=None):
            calls.append(sample_weight is not None)
            return super().fit(X, y, sample_weight)

    learner = EstimatorLearner(Counted(LogisticRegression())).tried_on(CLASSES)
    n_tried = len(calls)
    assert n_tried <= 3
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for seed in range(4):
        learner.train(TargetSet(CLASSES.weighted(np.full(60, 0.5))), seed=seed)
    assert calls[n_tried:] == [False] * 4
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_a_mitigation_that_the_user_built_is_tried_once_for_all_fits():
    calls = []

    class Counted(Wrapped):
        def fit(self, X, y, sample_weight=None):
            calls.append(len(y))
            return super().fit(X, y, sample_weight)

    learner = Balanced(EstimatorLearner(Counted(LogisticRegression())))
    rows = RNG.normal(size=(80, 3))
    sources = {"b": (rows, (rows[:, 0] > 0).astype(int))}
    problem = make_problem(CLASSES.X, CLASSES.y, sources=sources)
    arms = [Arm("mine", ("b",), learner)]
    design = make_design(LogisticRegression(), problem, arms=arms, effort="quick")
    n_tried = len(calls)
    assert 0 < n_tried <= 4
    assert design.treatments[0].learner == learner  # the same arm, and the same digest of a design
    cells = [cell for cell in design.cells() if cell.arm == "mine"]
    for cell in cells:
        attempt(design, [cell])
    assert len(calls) == n_tried + len(cells)


def turned_round():
    rng = np.random.default_rng(8)
    coefficients = np.array([2.0, -1.0])
    X, Z = rng.normal(size=(60, 2)), rng.normal(size=(500, 2))
    return X, (X @ coefficients > 0).astype(int), Z, (Z @ coefficients < 0).astype(int)


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(CalibratedClassifierCV(SCALED, cv=2), marks=pytest.mark.slow),
        Wrapped(LogisticRegression()),
        pytest.param(
            BaggingClassifier(Wrapped(LogisticRegression()), 3, random_state=0),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_balancing_is_milder_than_pooling_and_said_to_repeat_rows(model):
    X, y, Z, z = turned_round()
    study = audit(
        model, X, y, sources={"b": (Z, z)}, metric="accuracy", effort="quick",
        arms=["b pooled", "all balanced"], explain="none", random_state=2,
    )  # fmt: skip
    gaps = study.to_frame().set_index("arm").estimate
    assert gaps["all balanced"] - gaps["b pooled"] > 0.1
    repeated = [f for f in study.findings if f.code == "TG306"]
    assert [f.subject for f in repeated] == ["all balanced"]
    assert str(EstimatorLearner(model).use_of_weights(CLASSES)) in repeated[0].says


def test_jobs_change_nothing_where_weights_are_swallowed():
    X, y, Z, z = turned_round()
    frames = [
        audit(
            CalibratedClassifierCV(SCALED, cv=2), X, y, sources={"b": (Z, z)}, metric="accuracy",
            effort="quick", arms=["all balanced"], explain="none", n_jobs=n_jobs,
        ).to_frame()
        for n_jobs in (1, 2)
    ]  # fmt: skip
    pd.testing.assert_frame_equal(*frames)
