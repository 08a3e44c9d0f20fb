"""Mitigations that fit the sources first: the offset, the correction; and copied columns."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.data.validation import make_problem
from transfergap.errors import DataError, TransferGapError
from transfergap.learners import EstimatorLearner, default_estimator
from transfergap.learners.mitigations import Augmented, Offset, ResidualCorrection
from transfergap.learners.mitigations.names import BUILT_IN, mitigated
from transfergap.learners.mitigations.offset import _nearest_fit

RNG_SEED = 4


def classes_task(n_classes, n=80):
    rng = np.random.default_rng(RNG_SEED)
    X = rng.normal(size=(n, 3))
    y = np.digitize(X[:, 0] + 0.5 * rng.normal(size=n), np.linspace(-0.7, 0.7, n_classes - 1))
    return TrainingSet(Sample(X[:30], y[:30]), (Sample(X[30:], y[30:]),))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_towards_zero_it_is_logistic_regression(n_classes):
    target = classes_task(n_classes).target
    fitted = LogisticRegression(C=0.5, tol=1e-8).fit(target.X, target.y)
    start = np.zeros((n_classes, 3)), np.zeros(n_classes)
    penalty = 2.0 / (0.5 if n_classes == 2 else 1.0)
    W, b = _nearest_fit(target.X, target.y, np.ones(30), start, penalty, True)
    if n_classes == 2:
        np.testing.assert_allclose(W[1] - W[0], fitted.coef_[0], atol=1e-3)
        assert b[1] - b[0] == pytest.approx(fitted.intercept_[0], abs=1e-3)
    else:
        np.testing.assert_allclose(W - W.mean(0), fitted.coef_ - fitted.coef_.mean(0), atol=1e-3)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_strong_penalty_keeps_the_slopes_of_the_sources(n_classes):
    train = classes_task(n_classes)
    model = Offset(EstimatorLearner(LogisticRegression()), strength=1e9).train(train, seed=0).model
    source = LogisticRegression().fit(train.sources[0].X, train.sources[0].y)
    slopes = model.coef[1:] - model.coef[:1]
    expected = source.coef_ if n_classes == 2 else source.coef_[1:] - source.coef_[:1]
    np.testing.assert_allclose(slopes, expected, atol=1e-4)


def test_class_weights_and_names_of_columns_reach_the_second_fit():
    train = classes_task(2)
    rare = np.r_[np.flatnonzero(train.target.y == 0), np.flatnonzero(train.target.y == 1)[:2]]
    few = TrainingSet(train.target.rows(rare), train.sources)
    named = TrainingSet(
        Sample(pd.DataFrame(few.target.X), few.target.y),
        tuple(Sample(pd.DataFrame(s.X), s.y) for s in few.sources),
    )

    def told(weight, given):
        learner = Offset(EstimatorLearner(LogisticRegression(class_weight=weight)))
        return learner.train(given, seed=0).predict_proba(given.target.X)[:, 1]

    weights = compute_sample_weight("balanced", few.target.y)  # a free intercept meets the shares
    assert np.average(told("balanced", few), weights=weights) == pytest.approx(0.5, abs=1e-3)
    assert told(None, few).mean() == pytest.approx(few.target.y.mean(), abs=1e-3)
    np.testing.assert_allclose(told(None, named), told(None, few))


def test_ridge_is_penalised_for_leaving_the_sources():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    train = TrainingSet(Sample(X[:10], X[:10] @ [1.0, 2.0] + 1), (Sample(X[10:], X[10:] @ [1, 1]),))
    source = Ridge().fit(X[10:], train.sources[0].y)
    model = Offset(EstimatorLearner(Ridge(alpha=1.0)), strength=3.0).train(train, seed=0).model
    centred = X[:10] - X[:10].mean(0)
    left = train.target.y - source.predict(X[:10])
    delta = np.linalg.solve(centred.T @ centred + 3 * np.eye(2), centred.T @ (left - left.mean()))
    np.testing.assert_allclose(model.coef_, source.coef_ + delta)


def test_the_offset_has_the_target_s_classes():
    train = classes_task(3)
    (source,) = train.sources
    learner = Offset(EstimatorLearner(make_pipeline(StandardScaler(), LogisticRegression())))
    extra = TrainingSet(train.target.rows(train.target.y < 2), train.sources)
    assert learner.train(extra, seed=0).classes_.tolist() == [0, 1]
    lacking = TrainingSet(train.target, (source.rows(source.y < 2),))
    model = learner.train(lacking, seed=0)
    assert model.classes_.tolist() == [0, 1, 2]
    assert (model.predict(train.target.X) == 2).any()


def test_the_correction_learns_a_level_that_the_sources_lack():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    train = TrainingSet(Sample(X[:10], X[:10, 0] + 7), (Sample(X[10:], X[10:, 0]),))
    model = ResidualCorrection(EstimatorLearner(Ridge())).train(train, seed=0)
    assert model.predict(X) == pytest.approx(X[:, 0] + 7, abs=0.2)


def test_the_correction_gets_what_the_sources_say_as_columns():
    train = classes_task(2)
    tables = TrainingSet(
        Sample(pd.DataFrame(train.target.X), train.target.y),
        (Sample(pd.DataFrame(train.sources[0].X), train.sources[0].y),),
    )
    tables.target.X.columns = tables.sources[0].X.columns = ["a", "b", "c"]
    model = ResidualCorrection(EstimatorLearner(LogisticRegression())).train(tables, seed=0)
    changed = model.change(tables.target.X)
    assert list(changed.columns) == ["a", "b", "c", "the sources say 0", "the sources say 1"]
    assert list(tables.target.X.columns) == ["a", "b", "c"]
    assert model.predict_proba(tables.target.X).shape == (30, 2)


def test_copies_hold_a_common_block_and_the_domains_own():
    train = classes_task(2)
    two = TrainingSet(train.target, (*train.sources, *train.sources))
    model = Augmented(EstimatorLearner(LogisticRegression())).train(two, seed=0)
    rows = model.change(train.target.X)
    assert rows.shape == (30, 12)
    np.testing.assert_array_equal(rows[:, :3], rows[:, 3:6])
    assert not rows[:, 6:].any()


def test_a_pipeline_s_steps_come_before_the_copies():
    train = classes_task(2)
    learner = EstimatorLearner(make_pipeline(StandardScaler(), LogisticRegression()))
    model = Augmented(learner).train(train, seed=0)
    scaled = StandardScaler().fit_transform(train.stacked().X)[:30]
    np.testing.assert_allclose(model.change(train.target.X)[:, 3:6], scaled)
    assert isinstance(model.model, LogisticRegression)


def table_task():
    rng = np.random.default_rng(1)

    def sample(n):
        X = pd.DataFrame({
            "size": rng.normal(size=n), "kind": rng.choice(["x", "y", "z"], n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
        })  # fmt: skip
        return X, (X["size"] + (X["kind"] == "x") + 0.3 * rng.normal(size=n) > 0.3).astype(int)

    return make_problem(*sample(40), sources={"b": sample(50)}, metric="roc_auc", margin=0.01)


TREES_OR_NUMBERS = {"warm-boosting", "tradaboost-r2"}


@pytest.mark.parametrize(
    "name",
    ["augmented", "balanced", "coral", "invariant-features", "kernel-mean-matching", "offset",
     "optimal-transport", "residual-correction", "selected-features"],
)  # fmt: skip
def test_tables_with_categories_and_dates(name):
    problem = table_task()
    learner = mitigated([name], EstimatorLearner(default_estimator(problem)), task="binary")
    train = TrainingSet(problem.target, problem.source_samples(["b"]))
    told = learner.train(train, seed=0).predict_proba(problem.target.X)
    assert told.shape == (40, 2)
    assert np.isfinite(told).all()


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - TREES_OR_NUMBERS))
def test_texts_are_learned_from_or_refused_with_a_hint(name):
    if name == "confident-learning" and find_spec("cleanlab") is None:
        pytest.skip("needs the extra noise: pip install cleanlab")
    things = ["film", "plot", "cast", "score", "pace", "joke", "end", "cut"]
    texts = [f"{how} {thing}" for thing in things for how in ("good", "bad")]
    more = [f"{text} and music" for text in texts]
    y = np.tile([1, 0], 8)
    problem = make_problem(texts, y, sources={"b": (more, y)}, metric="roc_auc", margin=0.01)
    learner = mitigated([name], EstimatorLearner(default_estimator(problem)), task="binary")
    train = TrainingSet(problem.target, problem.source_samples(["b"]))
    try:
        model = learner.train(train, seed=0)
    except TransferGapError as error:
        assert error.hint
        assert isinstance(error, DataError)
    else:
        assert (model.predict(problem.target.X) == problem.target.y).mean() > 0.5


def test_one_class_in_the_sources_leaves_the_target_alone():
    train = classes_task(2)
    one = TrainingSet(train.target, (train.sources[0].rows(train.sources[0].y == 1),))
    logistic = EstimatorLearner(LogisticRegression())
    alone = logistic.train(TargetSet(train.target), seed=0)
    got = ResidualCorrection(logistic).train(one, seed=0)
    np.testing.assert_array_equal(got.coef_, alone.coef_)
