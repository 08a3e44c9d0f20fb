"""Weights of target rows: in training, in scores and in gaps, or refused."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.neighbors import KNeighborsClassifier

from transfergap import Sample, audit, make_metric
from transfergap.analysis.estimation import estimate_gaps
from transfergap.analysis.gate import gate
from transfergap.auditing.audit import make_design
from transfergap.data.metric import fitted_to, metric_named, metric_names
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.data.validation import make_problem
from transfergap.errors import DataError, MetricError
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners.estimator import EstimatorLearner, resampled_rows
from transfergap.learners.linear import linear_fit
from transfergap.learners.mitigations.names import BUILT_IN, mitigation_named
from transfergap.learners.weight_trial import WeightUse
from transfergap.safe.learner import SafeLearner
from transfergap.stats import auc_rows, leave_out


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def numbers(rng, n):
    X = rng.normal(size=(n, 3))
    return X, X @ np.array([1.0, -0.5, 0.2]) + rng.normal(size=n)


def classes(rng, n):
    X, z = numbers(rng, n)
    return X, (z > 0).astype(int)


def tried(problem, model, effort="quick", arms=("b pooled",)):
    design = make_design(model, problem, arms=list(arms), effort=effort)
    store = TrialStore()
    run_trials(design, store)
    return design, store.trials()


SOME = np.array([1.0, 4.0, 2.0, 1.0])


def test_a_weighted_score_by_hand():
    """Wrong on the row of weight 4 of 8: accuracy one half, whatever rows say unweighted."""
    y = np.array([0, 1, 1, 0])
    metric = metric_named("accuracy")
    losses = metric.losses(np.array([0.0, 1.0, 0.0, 0.0]), y, y, weights=SOME, weights_all=SOME)
    np.testing.assert_allclose(losses, [0.0, 2.0, 0.0, 0.0])
    assert metric.score(losses.mean()) == 0.5


@pytest.mark.parametrize("name", [n for n in metric_names() if metric_named(n).kind != "ranking"])
def test_weighted_scores_are_scikit_learns(name, rng):
    task = "regression" if "binary" not in metric_named(name).tasks else "binary"
    X, y = numbers(rng, 80) if task == "regression" else classes(rng, 80)
    model = (LinearRegression() if task == "regression" else LogisticRegression()).fit(X, y)
    if name == "poisson":
        y = rng.poisson(2.0, 80).astype(float)
        model = PoissonRegressor().fit(X, y)
    w = rng.choice([0.5, 1.0, 3.0], 80)
    labels = np.empty(0) if task == "regression" else np.unique(y)
    metric = fitted_to(metric_named(name), task, labels)
    p = model.predict_proba(X) if task == "binary" else None
    predicted = model.predict(X)
    reference = {
        "accuracy": lambda: metrics.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(y, predicted, sample_weight=w),
        "log_loss": lambda: metrics.log_loss(y, p, sample_weight=w),
        "brier": lambda: metrics.brier_score_loss(y, p[:, 1], sample_weight=w),
        "average_precision": lambda: metrics.average_precision_score(y, p[:, 1], sample_weight=w),
        "f1": lambda: metrics.f1_score(y, predicted, sample_weight=w),
        "precision": lambda: metrics.precision_score(y, predicted, sample_weight=w),
        "recall": lambda: metrics.recall_score(y, predicted, sample_weight=w),
        "jaccard": lambda: metrics.jaccard_score(y, predicted, sample_weight=w),
        "quadratic_kappa": lambda: metrics.cohen_kappa_score(
            y, predicted, weights="quadratic", sample_weight=w
        ),
        "r2": lambda: metrics.r2_score(y, predicted, sample_weight=w),
        "mse": lambda: metrics.mean_squared_error(y, predicted, sample_weight=w),
        "rmse": lambda: metrics.root_mean_squared_error(y, predicted, sample_weight=w),
        "mae": lambda: metrics.mean_absolute_error(y, predicted, sample_weight=w),
        "poisson": lambda: metrics.mean_poisson_deviance(y, predicted, sample_weight=w),
    }
    if name not in reference:
        return  # of no other library: see test_new_metrics.py
    outputs = metric.outputs(model, X, y, labels, w)
    if metric.kind == "scorer":
        assert outputs[0] == pytest.approx(reference[name]())
    else:
        losses = metric.losses(outputs, y, y, weights=w, weights_all=w)
        assert metric.score(losses.mean()) == pytest.approx(reference[name]())


def test_weighted_areas_are_scikit_learns_and_those_of_repeated_rows(rng):
    positive = rng.random(60) < 0.4
    scores = np.round(positive + rng.normal(size=60), 1)  # with ties
    w = rng.integers(1, 5, 60)
    area = auc_rows(scores, positive, weights=w.astype(float)).mean()
    assert area == pytest.approx(metrics.roc_auc_score(positive, scores, sample_weight=w))
    assert area == pytest.approx(auc_rows(np.repeat(scores, w), np.repeat(positive, w)).mean())
    ones = auc_rows(scores, positive, weights=np.ones(60))
    np.testing.assert_allclose(ones, auc_rows(scores, positive))
    strata = rng.integers(0, 3, 60)
    np.testing.assert_allclose(
        auc_rows(scores, positive, strata, np.full(60, 2.5)), auc_rows(scores, positive, strata)
    )


@pytest.mark.parametrize("model", [Ridge(), Ridge(alpha=5.0), LinearRegression()])
def test_integer_weights_are_repeated_rows_for_fit_and_score(model, rng):
    X, y = numbers(rng, 40)
    w = rng.integers(1, 4, 40)
    source = Sample(*numbers(rng, 50), np.ones(50))
    learner = EstimatorLearner(model)
    weighted = learner.train(TrainingSet(Sample(X, y, w.astype(float)), (source,)), seed=0)
    repeated = learner.train(
        TrainingSet(Sample(np.repeat(X, w, 0), np.repeat(y, w)), (source,)), seed=0
    )
    np.testing.assert_allclose(weighted.coef_, repeated.coef_)
    metric, whole = metric_named("r2"), np.repeat(y, w)
    one = metric.losses(y - weighted.predict(X), y, y, weights=w / 1.0, weights_all=w / 1.0)
    many = metric.losses(whole - repeated.predict(np.repeat(X, w, 0)), whole, whole)
    assert metric.score(one.mean()) == pytest.approx(metric.score(many.mean()))


def without(learner, X, y, w, *rows):
    kept = np.delete(np.arange(len(y)), rows)
    return learner.train(TargetSet(Sample(X[kept], y[kept], w[kept])), seed=0)


def test_the_closed_form_leaves_weighted_rows_out(rng):
    X, y = numbers(rng, 30)
    w = rng.choice([0.5, 1.0, 2.0], 30)
    learner = EstimatorLearner(Ridge())
    fit = linear_fit(learner, TargetSet(Sample(X, y, w)), seed=0, classes=np.empty(0))
    left = leave_out(replace(fit, counts=w / w.mean()))
    singles = [y[i] - without(learner, X, y, w, i).predict(X[[i]])[0] for i in range(30)]
    np.testing.assert_allclose(left.outputs, singles)
    others = [i for i in range(30) if i != 3]
    pairs = [y[i] - without(learner, X, y, w, 3, i).predict(X[[i]])[0] for i in others]
    expected = np.sum(w[others] / w.mean() * np.square(pairs)) / 29
    assert left.without[3] == pytest.approx(expected)


def test_the_closed_form_of_logistic_regression_takes_weights(rng):
    X, y = classes(rng, 100)
    w = rng.choice([0.5, 1.0, 2.0], 100)
    learner = EstimatorLearner(LogisticRegression(tol=1e-10, max_iter=5000))
    fit = linear_fit(learner, TargetSet(Sample(X, y, w)), seed=0, classes=np.unique(y))
    left = leave_out(replace(fit, counts=w / w.mean()))
    p = [without(learner, X, y, w, i).predict_proba(X[[i]])[0, y[i]] for i in range(100)]
    np.testing.assert_allclose(left.outputs, -np.log(p), rtol=0.1)  # one Newton step
    assert np.mean(left.outputs * w) == pytest.approx(np.mean(-np.log(p) * w), rel=0.01)


@pytest.mark.parametrize(
    ("metric", "model"),
    [("r2", Ridge()), ("log_loss", LogisticRegression()), ("roc_auc", LogisticRegression()),
     ("f1", LogisticRegression()), pytest.param("mae", Ridge(), marks=pytest.mark.slow),
     *(pytest.param(name, LogisticRegression(), marks=pytest.mark.slow)
       for name in ("accuracy", "gini", "ks"))],
)  # fmt: skip
def test_equal_weights_change_nothing_but_the_penalty(metric, model, rng):
    given = numbers if metric in ("r2", "mae") else classes
    (X, y), (Z, z) = given(rng, 80), given(rng, 90)
    plain = make_problem(X, y, sources={"b": (Z, z)}, metric=metric, margin=0.02)
    ones = make_problem(
        X, y, sources={"b": (Z, z)}, metric=metric, margin=0.02, sample_weight=np.ones(80)
    )
    gaps = [estimate_gaps(*tried(p, model))["b pooled"].gap for p in (plain, ones)]
    for part in ("estimate", "low", "high", "p_helps", "smallest_margin"):
        assert getattr(gaps[0], part) == pytest.approx(getattr(gaps[1], part), abs=1e-9)


def test_rows_that_count_more_decide_more(rng):
    """The source is right for half of the rows and wrong for the others: weights turn the gap."""
    X, Z = rng.normal(size=(200, 2)), rng.normal(size=(400, 2))
    side = X[:, 1] > 0
    y = np.where(side, X[:, 0], -X[:, 0]) * 2 + 0.5 * rng.normal(size=200)
    z = Z[:, 0] * 2 + 0.5 * rng.normal(size=400)
    source = Sample(Z, z, np.ones(400))
    gaps = []
    for heavy in (True, False):
        w = np.where(side == heavy, 10.0, 0.1)
        problem = make_problem(
            X, y, sources={"b": source}, metric="mse", margin=0.1, sample_weight=w
        )
        gaps.append(estimate_gaps(*tried(problem, Ridge(), "full"))["b pooled"].gap)
    assert gaps[0].estimate > gaps[1].estimate
    assert gaps[1].high < 0


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_mitigation_trains_with_the_weights_of_the_target(name, rng):
    found = []
    for given, model in ((classes, LogisticRegression()), (numbers, Ridge())):
        (X, y), (Z, z) = given(rng, 60), given(rng, 100)
        w = rng.choice([0.2, 1.0, 4.0], 60)
        try:
            learner = mitigation_named(name)(EstimatorLearner(model, WeightUse.COUNT))
            fits = [
                learner.train(TrainingSet(Sample(X, y, weights), (Sample(Z, z),)), seed=0).predict(
                    X
                )
                for weights in (None, w)
            ]
        except Exception as error:
            if type(error).__name__ == "LearnerError":
                continue  # not for these labels, or not for this model
            raise
        found.append(not np.allclose(fits[0], fits[1]))
    assert any(found) or not found or name == "source-only"


def test_balanced_sources_weigh_as_much_as_the_target(rng):
    from transfergap.learners.mitigations import Balanced

    target = Sample(np.zeros((3, 1)), np.zeros(3), np.array([1.0, 2.0, 5.0]))
    source = Sample(np.zeros((4, 1)), np.zeros(4))
    changed = Balanced(EstimatorLearner(Ridge())).changed(TrainingSet(target, (source,)))
    assert changed.sources[0].weights.sum() == pytest.approx(8.0)


def test_sources_without_weights_count_as_average_target_rows(rng):
    (X, y), pair = numbers(rng, 30), numbers(rng, 20)
    w = rng.choice([100.0, 300.0], 30)
    given = Sample(*numbers(rng, 20), np.full(20, 2.0))
    problem = make_problem(X, y, sources={"b": pair, "c": given}, metric="r2", sample_weight=w)
    assert problem.sources["b"].sample.weights.tolist() == [w.mean()] * 20
    assert problem.sources["c"].sample.weights.tolist() == [2.0] * 20


@pytest.mark.parametrize("weights", [np.zeros(30), np.full(30, -1.0), np.ones(29), [np.nan] * 30])
def test_senseless_weights_are_refused(weights, rng):
    with pytest.raises(DataError) as caught:
        make_problem(
            *numbers(rng, 30), sources={"b": numbers(rng, 20)}, metric="r2", sample_weight=weights
        )
    assert caught.value.hint


def no_weights(y_true, y_pred):
    return float(np.mean(y_true == y_pred))


@pytest.mark.parametrize("metric", [no_weights, make_metric(score=no_weights)])
def test_metrics_that_cannot_weigh_rows_are_refused(metric, rng):
    with pytest.raises(MetricError, match="takes no weights") as caught:
        make_problem(
            *classes(rng, 30), sources={"b": classes(rng, 20)}, metric=metric,
            sample_weight=np.ones(30),
        )  # fmt: skip
    assert "sample_weight" in caught.value.hint


def test_the_report_says_that_rows_are_weighted(rng):
    w = np.concatenate([np.full(30, 1.0), np.full(30, 3.0)])
    study = audit(
        Ridge(), *numbers(rng, 60), sources={"b": numbers(rng, 60)}, metric="r2",
        sample_weight=w, explain="none", effort="quick", arms=["b pooled", "b only"],
    )  # fmt: skip
    note = next(note for note in study.result.method_notes if "weighted" in note)
    assert "about 48 rows" in note  # (30 + 90)^2 / (30 + 270)
    assert study.result.target.weighted
    assert not study.result.failures


def test_models_without_weights_repeat_rows_and_say_so(rng):
    study = audit(
        KNeighborsClassifier(), *classes(rng, 60), sources={"b": classes(rng, 60)},
        metric="accuracy", sample_weight=rng.choice([1.0, 2.0], 60), effort="quick",
        explain="none", arms=["b pooled"],
    )  # fmt: skip
    assert {f.subject for f in study.findings if f.code == "TG306"} == {"control", "b pooled"}


def test_weights_that_stand_for_thousands_do_not_repeat_thousands():
    learner = EstimatorLearner(KNeighborsClassifier(1))
    X, y = np.arange(20.0)[:, None], np.arange(20) % 2
    model = learner.train(TargetSet(Sample(X, y, np.full(20, 5000.0))), seed=0)
    assert model.n_samples_fit_ <= 200
    assert len(resampled_rows(np.array([2.0, 1.0]), np.random.default_rng(0))) == 3


def test_the_safe_model_trusts_rows_not_people(rng):
    (X, y), (Z, z) = numbers(rng, 40), numbers(rng, 60)
    learner = SafeLearner("regression")
    w = rng.choice([0.5, 1.5], 40)
    small, large = (
        learner.train(TrainingSet(Sample(X, y, w * s), (Sample(Z, z, np.full(60, s)),)), seed=0)
        for s in (1.0, 4000.0)
    )
    np.testing.assert_allclose(small.predict(X), large.predict(X))
    plain = learner.train(TrainingSet(Sample(X, y), (Sample(Z, z),)), seed=0)
    assert not np.allclose(plain.predict(X), small.predict(X))


def test_a_subgroup_has_its_own_weighted_mean(rng):
    X, y = classes(rng, 200)
    group = np.repeat(["a", "b"], 100)
    w = np.where(group == "a", 9.0, 1.0) * rng.choice([0.5, 1.5], 200)
    study = audit(
        RandomForestClassifier(5, max_depth=2, random_state=0), X, y,
        sources={"c": classes(rng, 100)}, metric="accuracy", sample_weight=w, effort="quick",
        subgroups={"g": group}, explain="none", arms=["c pooled"],
    )  # fmt: skip
    gaps = {gap.subgroup: gap.gap.estimate for gap in study.result.subgroups.gaps}
    shares = {name[-1]: w[group == name[-1]].sum() / w.sum() for name in gaps}
    total = sum(shares[name[-1]] * gap for name, gap in gaps.items())
    assert total == pytest.approx(study.result.arms[1].gap.estimate)


@pytest.mark.parametrize(
    ("weights", "strength"),
    [
        (np.ones(60), None),
        (np.repeat([1.0, 3.0], 30), None),  # as much as 48 rows
        (np.concatenate([np.full(30, 50.0), np.ones(30)]), None),  # about 31 of 60
        (np.concatenate([np.full(25, 50.0), np.ones(35)]), "moderate"),  # about 26
        (np.concatenate([np.full(14, 50.0), np.ones(46)]), "strong"),  # about 16
        (np.concatenate([[1000.0], np.ones(59)]), "strong"),  # one row decides
    ],
)
def test_few_rows_that_carry_the_weights_are_found(weights, strength, rng):
    study = audit(
        Ridge(), *numbers(rng, 60), sources={"b": numbers(rng, 60)}, metric="r2",
        sample_weight=weights, explain="none", effort="quick", arms=["b pooled"],
    )  # fmt: skip
    found = [str(f.strength) for f in study.findings if f.code == "TG311"]
    assert found == ([] if strength is None else [strength])
    # Where they are fewer than folds, no verdict stands.
    one_decides = weights.max() > 100
    assert study.result.withheld_by == ("TG311" if one_decides else "")
    assert ("every verdict is withheld, since few rows carry the weights (TG311)" in str(study)
            ) == one_decides  # fmt: skip
    assert not one_decides or str(gate(study.result).ruling) == "unsettled"


def test_a_source_whose_weights_are_all_zero_is_refused():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.tile([0, 1], 20)
    source = Sample(rng.normal(size=(40, 2)), y, weights=np.zeros(40))
    with pytest.raises(DataError, match="All weights of the source 'b' are 0"):
        audit(LogisticRegression(), X, y, sources={"b": source})


def test_a_built_in_metric_without_weights_names_others_that_take_them(rng):
    X, y = numbers(rng, 30)
    with pytest.raises(MetricError, match="NDCG takes no weights") as caught:
        make_problem(
            X, np.abs(y), sources={"b": numbers(rng, 20)}, metric="ndcg", sample_weight=np.ones(30)
        )
    assert "parameter" not in caught.value.hint
    assert "rmse" in caught.value.hint
    assert "ks" not in caught.value.hint.split(", ")  # of classes
