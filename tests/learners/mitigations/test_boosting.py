"""TrAdaBoost in both forms, and boosting that goes on on the target."""

from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import LearnerError
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.learners.mitigations import TrAdaBoost, TrAdaBoostR2, WarmBoosting
from transfergap.learners.mitigations.tradaboost import Rounds, WeightedMedian, boosted


@dataclass(frozen=True)
class Says:
    value: float

    def predict(self, X):
        return np.full(len(X), self.value)


def test_weights_of_the_second_round_are_those_of_the_paper():
    """One of four target rows is wrong (error 1/4, so beta_t = 1/3), and one of two source rows."""
    target, source = Sample(np.zeros((4, 1)), np.zeros(4)), Sample(np.zeros((2, 1)), np.zeros(2))
    weights = []

    def train(target, sources):
        weights.append(np.concatenate([target.weights, sources[0].weights]))
        return

    def errors(model, samples):
        return [np.array([1.0, 0, 0, 0]), np.array([1.0, 0.0])]

    boosted(FunctionLearner(train), TrainingSet(target, (source,)), errors, n_rounds=2, seed=0)
    fading = 1 / (1 + np.sqrt(2 * np.log(2) / 2))
    expected = np.array([3.0, 1, 1, 1, fading, 1])
    np.testing.assert_allclose(weights[1], expected / expected.mean())


def test_rounds_no_better_than_chance_leave_the_inner_model():
    X = np.zeros((10, 1))
    train = TrainingSet(Sample(X, np.repeat([0, 1], 5)), (Sample(X, np.repeat([0, 1], 5)),))
    model = TrAdaBoost(EstimatorLearner(LogisticRegression())).train(train, seed=0)
    assert isinstance(model, LogisticRegression)


def test_source_rows_that_contradict_the_target_lose_their_say():
    X = np.linspace(-1, 1, 40)[:, None]
    right = (X[:, 0] > 0).astype(int)
    moved = (X[:, 0] > 0.6).astype(int)
    train = TrainingSet(Sample(X[::2], right[::2]), (Sample(X, moved), Sample(X, moved)))
    logistic = EstimatorLearner(LogisticRegression())
    pooled = (logistic.train(train, seed=0).predict(X) == right).mean()
    assert pooled < 0.9
    assert (TrAdaBoost(logistic).train(train, seed=0).predict(X) == right).mean() > 0.9


def test_models_without_probabilities_vote():
    X = np.linspace(-1, 1, 40)[:, None]
    y = np.where(X[:, 0] > 0, "up", "down")
    from sklearn.linear_model import RidgeClassifier

    train = TrainingSet(Sample(X[::2], y[::2]), (Sample(X, y),))
    model = TrAdaBoost(EstimatorLearner(RidgeClassifier())).train(train, seed=0)
    assert not hasattr(model, "predict_proba")
    assert (model.predict(X) == y).mean() > 0.9


def test_models_without_weights_are_resampled():
    from sklearn.neighbors import KNeighborsClassifier

    X = np.linspace(-1, 1, 40)[:, None]
    y = (X[:, 0] > 0).astype(int)
    train = TrainingSet(Sample(X[::2], y[::2]), (Sample(X, y),))
    one, other = (
        TrAdaBoost(EstimatorLearner(KNeighborsClassifier(3))).train(train, seed=0).predict_proba(X)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_the_weighted_median():
    model = WeightedMedian(Rounds((Says(1.0), Says(2.0), Says(9.0)), np.array([1.0, 1.0, 3.0])))
    assert model.predict(np.zeros((2, 1))).tolist() == [9.0, 9.0]
    model = WeightedMedian(Rounds((Says(9.0), Says(2.0), Says(1.0)), np.array([1.0, 3.0, 1.0])))
    assert model.predict(np.zeros((1, 1))).tolist() == [2.0]


def test_classes_are_not_numbers():
    train = TrainingSet(Sample(np.zeros((2, 1)), np.array(["a", "b"])), ())
    with pytest.raises(LearnerError, match="TrAdaBoost"):
        TrAdaBoostR2(EstimatorLearner(Ridge())).train(train, seed=0)


def test_a_faultless_model_keeps_finite_weights():
    X = np.arange(20.0)[:, None]
    y = (X[:, 0] > 9).astype(int)
    train = TrainingSet(Sample(X, y), (Sample(X, y),))
    model = TrAdaBoost(EstimatorLearner(DecisionTreeClassifier())).train(train, seed=0)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize(
    "estimator",
    [GradientBoostingClassifier(n_estimators=5), HistGradientBoostingClassifier(max_iter=5)],
)
def test_trees_of_the_sources_go_on_on_the_target(estimator):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] > 0, "up", "down")
    train = TrainingSet(Sample(X[:40], y[:40]), (Sample(X[40:], y[40:]),))
    model = WarmBoosting(EstimatorLearner(estimator), target_rounds=3).train(train, seed=0)
    made = getattr(model.model, "n_iter_", None) or model.model.n_estimators_
    assert made == 8
    assert (model.predict(X) == y).mean() > 0.9
    assert not hasattr(estimator, "classes_")


def test_classes_that_only_one_side_has():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = np.digitize(X[:, 0], [-0.5, 0.5])
    learner = WarmBoosting(EstimatorLearner(GradientBoostingClassifier(n_estimators=3)))
    two = y[:60] < 2
    lacking = TrainingSet(Sample(X[60:], y[60:]), (Sample(X[:60][two], y[:60][two]),))
    assert learner.train(lacking, seed=0).classes_.tolist() == [0, 1, 2]
    two = y[60:] < 2
    extra = TrainingSet(Sample(X[60:][two], y[60:][two]), (Sample(X[:60], y[:60]),))
    assert learner.train(extra, seed=0).classes_.tolist() == [0, 1]


def test_numbers_go_on_from_the_sources():
    X = np.linspace(0, 1, 100)[:, None]
    train = TrainingSet(Sample(X[:10], X[:10, 0] + 1), (Sample(X, X[:, 0]),))
    model = WarmBoosting(EstimatorLearner(GradientBoostingRegressor())).train(train, seed=0)
    assert model.predict(X[:10]) == pytest.approx(X[:10, 0] + 1, abs=0.05)
