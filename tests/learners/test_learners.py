"""Learners and mitigations: seeds, weights, and nothing of the user's is changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from transfergap import audit
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.errors import DataError, LearnerError
from transfergap.learners import EstimatorLearner, describe
from transfergap.learners.estimator import resampled_rows, weight_parameter
from transfergap.learners.mitigations import Balanced, SourceOnly


def samples(n=20, n_source=50):
    rng = np.random.default_rng(0)
    X, Xs = rng.normal(size=(n, 2)), rng.normal(size=(n_source, 2))
    return Sample(X, X[:, 0]), Sample(Xs, -Xs[:, 0])


def test_weights_reach_a_pipeline_under_metadata_routing_too():
    """A user who imports skada has it turned on for the whole process."""
    import sklearn

    target, source = samples()
    learner = Balanced(EstimatorLearner(make_pipeline(StandardScaler(), Ridge())))
    plain = learner.train(TrainingSet(target, (source,)), seed=0)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = learner.train(TrainingSet(target, (source,)), seed=0)
    np.testing.assert_array_equal(plain[-1].coef_, routed[-1].coef_)


def test_open_random_states_get_the_seed_and_set_ones_stay():
    target, _ = samples()
    train = TargetSet(Sample(target.X, (target.y > 0).astype(int)))
    assert EstimatorLearner(DecisionTreeClassifier()).train(train, seed=5).random_state == 5
    mine = DecisionTreeClassifier(random_state=9)
    assert EstimatorLearner(mine).train(train, seed=5).random_state == 9
    nested = make_pipeline(StandardScaler(), DecisionTreeClassifier())
    assert EstimatorLearner(nested).train(train, seed=5)[-1].random_state == 5
    assert nested[-1].random_state is None
    assert not hasattr(mine, "tree_")


def test_weights_reach_the_last_step_of_a_pipeline():
    target, source = samples()
    weights = np.r_[np.ones(20), np.full(50, 0.4)]
    X, y = np.vstack([target.X, source.X]), np.concatenate([target.y, source.y])
    scaled = StandardScaler().fit_transform(X)
    expected = Ridge().fit(scaled, y, sample_weight=weights).coef_
    learner = Balanced(EstimatorLearner(make_pipeline(StandardScaler(), Ridge())))
    got = learner.train(TrainingSet(target, (source,)), seed=0)
    np.testing.assert_allclose(got[-1].coef_, expected)


def test_balanced_sources_weigh_as_much_as_the_target_together():
    target, source = samples()
    changed = Balanced(EstimatorLearner(Ridge())).changed(TrainingSet(target, (source, source)))
    assert sum(s.weights.sum() for s in changed.sources) == pytest.approx(20)
    weighted = TrainingSet(target, (source.weighted(np.arange(50.0)),))
    changed = Balanced(EstimatorLearner(Ridge())).changed(weighted)
    assert changed.sources[0].weights.sum() == pytest.approx(20)
    assert changed.sources[0].weights[0] == 0


def test_source_only_is_the_source_alone():
    target, source = samples()
    none = target.rows(np.zeros(20, bool))
    learner = SourceOnly(EstimatorLearner(Ridge()))
    got = learner.train(TrainingSet(none, (source,)), seed=0)
    np.testing.assert_allclose(got.coef_, Ridge().fit(source.X, source.y).coef_)
    given = learner.train(TrainingSet(target, (source,)), seed=0)  # as inside another mitigation
    np.testing.assert_array_equal(given.coef_, got.coef_)
    with pytest.raises(TypeError):
        learner.train(TargetSet(target), seed=0)
    with pytest.raises(DataError, match="No row is left"):
        learner.train(TrainingSet(none, (none,)), seed=0)


@given(st.lists(st.floats(0, 5), min_size=1, max_size=30), st.integers(0, 100))
def test_resampling_keeps_every_row_near_its_weight(weights, seed):
    weights = np.array(weights)
    rows = resampled_rows(weights, np.random.default_rng(seed))
    counts = np.bincount(rows, minlength=len(weights))
    assert (np.abs(counts - weights) < 1.0 + 1e-9).all()
    assert abs(len(rows) - weights.sum()) <= 1.0 + 1e-9


def test_models_without_weights_are_resampled():
    assert weight_parameter(KNeighborsRegressor()) is None
    assert weight_parameter(make_pipeline(StandardScaler(), Ridge())) == "ridge__sample_weight"
    target, source = samples()
    learner = Balanced(EstimatorLearner(KNeighborsRegressor(1)))
    model = learner.train(TrainingSet(target, (source,)), seed=0)
    assert 39 <= model.n_samples_fit_ <= 41
    again = learner.train(TrainingSet(target, (source,)), seed=0)
    np.testing.assert_array_equal(model._fit_X, again._fit_X)


def test_descriptions_are_stable_and_tell_parameters_apart():
    one = describe(make_pipeline(StandardScaler(), LogisticRegression(C=0.1)))
    assert one == describe(make_pipeline(StandardScaler(), LogisticRegression(C=0.1)))
    assert one != describe(make_pipeline(StandardScaler(), LogisticRegression(C=0.2)))
    assert "0x" not in describe(lambda x: x)
    assert describe(lambda x: x + 1) != describe(lambda x: x + 2)


def test_the_callers_samples_are_left_alone():
    target, source = samples()
    before = source.X.copy(), source.y.copy()
    Balanced(EstimatorLearner(Ridge())).train(TrainingSet(target, (source,)), seed=0)
    np.testing.assert_array_equal(source.X, before[0])
    np.testing.assert_array_equal(source.y, before[1])
    assert source.weights is None


class ReturnsNothing(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)


def test_a_fit_that_returns_nothing_is_a_fit():
    target, source = samples()
    one, two = (Sample(part.X, (part.y > 0) * 1) for part in (target, source))
    trained = Balanced(EstimatorLearner(ReturnsNothing())).train(TrainingSet(one, (two,)), seed=0)
    plain = Balanced(EstimatorLearner(LogisticRegression())).train(TrainingSet(one, (two,)), seed=0)
    np.testing.assert_array_equal(trained.coef_, plain.coef_)


class OfAnyParameters(LogisticRegression):
    def __init__(self, *parts):
        self.parts = parts


def test_a_model_without_named_parameters_is_refused_with_a_hint():
    with pytest.raises(LearnerError, match="name each parameter in __init__"):
        audit(
            OfAnyParameters(1),
            pd.DataFrame({"a": range(20)}),
            [0, 1] * 10,
            sources={"b": (pd.DataFrame({"a": range(30)}), [0, 1] * 15)},
        )
