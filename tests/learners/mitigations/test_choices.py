"""Mitigations that choose: the gate, trusted rows, pseudo-labels, columns; and closed form."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import transfergap.learners.mitigations
from transfergap.auditing.audit import make_design
from transfergap.data.metric import metric_named
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.data.validation import make_problem
from transfergap.errors import DataError
from transfergap.learners import ChangesTrainingSet, EstimatorLearner, FunctionLearner
from transfergap.learners.linear import closed_form_applies
from transfergap.learners.mitigations import (
    CORAL,
    Gated,
    InvariantFeatures,
    SelectedFeatures,
    SelfTraining,
    TargetOnly,
    TrustedRows,
)
from transfergap.learners.mitigations.cross_fitting import inner_folds

RIDGE = EstimatorLearner(Ridge())
LOGISTIC = EstimatorLearner(LogisticRegression())


def numbers(n=30, slope=1.0, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 2))
    return Sample(X, slope * X[:, 0] + 0.3 * X[:, 1])


def test_the_gate_takes_a_good_source_and_leaves_a_bad_one():
    target = numbers(6)
    good, bad = numbers(200, seed=1), numbers(200, slope=-5.0, seed=2)
    alone = RIDGE.train(TargetSet(target), seed=0).coef_
    pooled = RIDGE.train(TrainingSet(target, (good,)), seed=0).coef_
    gated = Gated(RIDGE)
    np.testing.assert_array_equal(gated.train(TrainingSet(target, (good,)), seed=0).coef_, pooled)
    np.testing.assert_array_equal(gated.train(TrainingSet(target, (bad,)), seed=0).coef_, alone)


def test_ties_go_to_the_target_alone():
    fitted = []

    def train(target, sources):
        fitted.append(len(sources))
        return Ridge().fit(target.X, target.y)

    Gated(FunctionLearner(train)).train(TrainingSet(numbers(), (numbers(),)), seed=0)
    assert fitted[-1] == 0


def test_an_infinitely_cautious_gate_is_the_control():
    target = numbers(6)
    train = TrainingSet(target, (numbers(200, seed=1),))
    got = Gated(RIDGE, caution=np.inf).train(train, seed=0)
    np.testing.assert_array_equal(got.coef_, RIDGE.train(TargetSet(target), seed=0).coef_)


def test_the_gate_s_control_is_the_learner_at_the_heart():
    train = TrainingSet(numbers(1), (numbers(50),))  # too small to be cut: the control
    got = Gated(Gated(CORAL(RIDGE))).train(train, seed=0)
    np.testing.assert_array_equal(got.coef_, RIDGE.train(TargetSet(numbers(1)), seed=0).coef_)


def test_inner_folds_spread_labels_and_keep_groups():
    y = np.repeat([0, 1], [40, 10])
    folds = inner_folds(Sample(np.zeros((50, 1)), y), seed=3)
    assert [int((y[folds == k] == 1).sum()) for k in range(5)] == [2] * 5
    groups = np.repeat(np.arange(10), 5)
    folds = inner_folds(Sample(np.zeros((50, 1)), np.tile([0, 1], 25), groups=groups), seed=3)
    assert all(len(set(folds[groups == g])) == 1 for g in range(10))
    assert (inner_folds(Sample(np.zeros((50, 1)), y), seed=4) != folds).any()


@pytest.mark.parametrize("y", [[0], [0, 1], [0, 0, 0, 1]])
def test_rows_that_cannot_be_cut(y):
    assert inner_folds(Sample(np.zeros((len(y), 1)), np.array(y)), seed=0) is None


def test_source_rows_of_a_tested_group_are_not_trained_on():
    target, source = numbers(20), numbers(20, seed=1)
    groups = np.repeat(np.arange(5), 4)
    seen = []

    def train(target, sources):
        if sources and target.groups is not None:
            seen.append(set(sources[0].groups) & set(np.unique(groups)) - set(target.groups))
        return Ridge().fit(target.X, target.y)

    grouped = TrainingSet(
        Sample(target.X, target.y, groups=groups), (Sample(source.X, source.y, groups=groups),)
    )
    Gated(FunctionLearner(train)).train(grouped, seed=0)
    assert len(seen) == 5
    assert not any(seen)


@pytest.mark.parametrize("estimator", [LogisticRegression(), LinearSVC()])
def test_turned_labels_are_not_trusted(estimator):
    X = np.random.default_rng(0).normal(size=(80, 2)) + np.repeat([[-2.0], [2.0]], 40, axis=0)
    y = np.repeat(["no", "yes"], 40)
    turned = np.where(np.arange(80) % 4 == 0, np.where(y == "no", "yes", "no"), y)
    train = TrainingSet(Sample(X[::2], y[::2]), (Sample(X, turned),))
    kept = TrustedRows(EstimatorLearner(estimator)).trusted(train, seed=0).sources[0]
    assert len(kept) >= 50
    assert (kept.y == np.where(kept.X[:, 0] + kept.X[:, 1] > 0, "yes", "no")).mean() > 0.95


def test_a_source_that_nobody_trusts_is_left_out():
    target = numbers(40)
    source = Sample(target.X, target.y + 100)
    kept = TrustedRows(RIDGE).trusted(TrainingSet(target, (source,)), seed=0)
    assert isinstance(kept, TargetSet)


def test_self_training_learns_from_rows_and_not_from_labels():
    X = np.random.default_rng(0).normal(size=(100, 2)) + np.repeat([[-2.0], [2.0]], 50, axis=0)
    y = np.repeat([0, 1], 50)
    for labels in (y, 1 - y):
        train = TrainingSet(Sample(X[::10], y[::10]), (Sample(X, labels),))
        model = SelfTraining(LOGISTIC).train(train, seed=0)
        assert (model.predict(X) == y).mean() > 0.95


def test_columns_of_tables_are_chosen_by_what_they_say():
    rng = np.random.default_rng(0)

    def table(n, shift):
        kind = rng.choice(["x", "y"], n)
        X = pd.DataFrame({"kind": kind, "noise": rng.normal(size=n), "site": rng.normal(size=n)})
        X["site"] += shift
        return Sample(X, (kind == "x").astype(float) + 0.1 * rng.normal(size=n))

    target, source = table(40, 0.0), table(60, 9.0)
    shown = FunctionLearner(lambda target, sources: list(target.X.columns))
    train = TrainingSet(target, (source,))
    assert SelectedFeatures(shown, share=0.34).train(train, seed=0).model == ["kind"]
    assert InvariantFeatures(shown).train(train, seed=0).model == ["kind", "noise"]
    far = TrainingSet(target, (table(60, 9.0), source))
    assert InvariantFeatures(shown, largest_auc=0.0).train(far, seed=0).model in (
        ["kind"],
        ["noise"],
    )


def test_columns_of_sparse_rows_are_chosen_too():
    from scipy.sparse import csr_matrix

    one, two = numbers(30), numbers(30, seed=1)
    sparse = TrainingSet(Sample(csr_matrix(one.X), one.y), (Sample(csr_matrix(two.X), two.y),))
    model = SelectedFeatures(RIDGE).train(sparse, seed=0)
    assert model.change.positions == (0,)
    assert model.predict(csr_matrix(one.X)).shape == (30,)
    assert InvariantFeatures(RIDGE).train(sparse, seed=0).predict(csr_matrix(one.X)).shape == (30,)


def test_texts_have_no_columns():
    sample = Sample(["a", "b"], np.zeros(2))
    for cls in (SelectedFeatures, InvariantFeatures):
        with pytest.raises(DataError, match="no columns"):
            cls(RIDGE).train(TrainingSet(sample, (sample,)), seed=0)


def honest():
    return {"Balanced", "Deduplicated", "TargetOnly", "Weighted"}  # no target row is looked at


@pytest.mark.parametrize(
    "name", sorted(set(transfergap.learners.mitigations.__all__) - {"Facts", "WarmBoosting"})
)
def test_closed_form_sees_only_through_what_looks_at_no_target_row(name):
    cls = getattr(transfergap.learners.mitigations, name)
    learner = cls(RIDGE)
    assert isinstance(learner, ChangesTrainingSet) == (name in honest())
    applies = closed_form_applies(learner, metric_named("mse"), "regression", 50, 2)
    assert applies == (name in honest())


def test_a_mitigation_inside_one_that_is_seen_through_is_refitted_all_the_same():
    nested = TargetOnly(TrustedRows(RIDGE))
    assert not closed_form_applies(nested, metric_named("mse"), "regression", 50, 2)


def test_an_audit_refits_arms_that_look_at_target_labels():
    target, source = numbers(40), numbers(40, seed=1)
    problem = make_problem(
        target.X, target.y, sources={"b": (source.X, source.y)}, metric="mse", margin=0.1
    )
    model = make_pipeline(StandardScaler(), Ridge())
    design = make_design(model, problem, arms=["b pooled", "b trusted-rows"], effort="quick")
    kinds = {arm: {c.split.kind for c in design.cells() if c.arm == arm} for arm in
             ("b pooled", "b trusted-rows")}  # fmt: skip
    assert "loo" in kinds["b pooled"]
    assert kinds["b trusted-rows"] == {"fold"}
