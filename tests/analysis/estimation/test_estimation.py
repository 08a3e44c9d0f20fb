"""Gaps from trials: paired by key, the same from any order, agreeing with the plain definition."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from transfergap.analysis.estimation import estimate_gaps
from transfergap.data.validation import make_problem
from transfergap.experiment.arms import default_arms
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import EstimatorLearner


def tried(data, model, *, metric, effort="quick", arms=None, **options):
    X, y, sources = data
    problem = make_problem(X, y, sources=sources, metric=metric, margin=0.02, **options)
    learner = EstimatorLearner(model).tried_on(problem.target)
    treatments = default_arms(list(problem.sources), learner)
    if arms is not None:
        treatments = tuple(arm for arm in treatments if arm.name in arms)
    design = Design(problem, ControlArm(learner), treatments, Effort(effort))
    store = TrialStore()
    run_trials(design, store)
    return design, list(store.trials())


def test_accuracy_is_the_mean_over_repeats_of_plain_cross_validation(binary):
    design, trials = tried(binary, DecisionTreeClassifier(max_depth=2, random_state=0),
                           metric="accuracy", arms=["good pooled"])  # fmt: skip
    found = estimate_gaps(design, trials)
    X, y = design.problem.target.X, design.problem.target.y
    Xb, yb = binary[2]["good"]
    right = {"control": [], "good pooled": []}
    for fold in design.folds:
        for a in range(10):
            train, test = fold != a, fold == a
            tree = DecisionTreeClassifier(max_depth=2, random_state=0)
            for arm, model in (
                ("control", tree.fit(X[train], y[train])),
                ("good pooled", None),
            ):
                if model is None:
                    model = DecisionTreeClassifier(max_depth=2, random_state=0)
                    model.fit(np.vstack([X[train], Xb]), np.concatenate([y[train], yb]))
                right[arm].extend(model.predict(X[test]) == y[test])
    for arm, values in right.items():
        assert found[arm].score == pytest.approx(np.mean(values))
    difference = np.mean(right["good pooled"]) - np.mean(right["control"])
    assert found["good pooled"].gap.estimate == pytest.approx(difference)


def test_the_order_of_trials_changes_nothing(binary):
    design, trials = tried(binary, DecisionTreeClassifier(max_depth=1), metric="accuracy",
                           effort="full", arms=["good pooled", "all balanced"])  # fmt: skip
    forward = {k: v.gap for k, v in estimate_gaps(design, trials).items()}
    backward = {k: v.gap for k, v in estimate_gaps(design, trials[::-1]).items()}
    assert forward == backward


def test_unpaired_trials_never_count(binary):
    design, trials = tried(binary, DecisionTreeClassifier(max_depth=1), metric="accuracy",
                           arms=["good pooled", "bad balanced"])  # fmt: skip
    lost = [t for t in trials if t.cell.arm == "control" and t.cell.split.held_out == (3,)]
    rest = [t for t in trials if t not in lost]
    gap = estimate_gaps(design, rest)["good pooled"].gap
    assert gap.n_pairs == 18
    fewer = [t for t in rest if t.cell.split.held_out != (3,) or t.cell.split.kind == "whole"]
    assert estimate_gaps(design, fewer)["good pooled"].gap == gap


def test_identical_arms_have_a_gap_of_exactly_zero(binary):
    class IgnoresSources:
        def train(self, training_set, *, seed):
            return DecisionTreeClassifier(random_state=seed).fit(
                training_set.target.X, training_set.target.y
            )

    arms = (Arm("same", ("good",), IgnoresSources()),)
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02)
    design = Design(problem, ControlArm(IgnoresSources()), arms)
    store = TrialStore()
    run_trials(design, store)
    gap = estimate_gaps(design, store.trials())["same"].gap
    assert gap.estimate == 0.0
    assert (gap.low, gap.high) == pytest.approx((-3 / 60, 3 / 60))  # the floor 3B/n


def test_auc_is_the_mean_of_scikit_learns_fold_aucs_weighted_by_their_pairs(binary):
    design, trials = tried(binary, LogisticRegression(), metric="roc_auc", arms=["good pooled"])
    found = estimate_gaps(design, trials)
    X, y = design.problem.target.X, design.problem.target.y
    expected = []
    for fold in design.folds:
        aucs, n_pairs = [], []
        for a in range(10):
            model = LogisticRegression().fit(X[fold != a], y[fold != a])
            scores, yes = model.predict_proba(X[fold == a])[:, 1], y[fold == a] == "yes"
            aucs.append(roc_auc_score(yes, scores))
            n_pairs.append(yes.sum() * (~yes).sum())
        expected.append(np.average(aucs, weights=n_pairs))
    assert found["control"].score == pytest.approx(np.mean(expected))
    assert found["good pooled"].gap.method.startswith("DeLong")


def test_other_scorers_say_what_they_fell_back_to(binary):
    design, trials = tried(binary, LogisticRegression(), metric="f1", arms=["good pooled"])
    gap = estimate_gaps(design, trials)["good pooled"].gap
    assert gap.method == "corrected resampled t on fold scores (F1 of 'yes' has no losses per row)"


@pytest.mark.parametrize(
    "metric", ["r2", "mae", *(pytest.param(m, marks=pytest.mark.slow) for m in ("mse", "rmse"))]
)
def test_closed_form_and_refits_agree_on_the_gap(numbers, metric):
    """Leave-one-out against ten folds: the same gap, up to a tenth of the training rows."""
    found = {}
    for name, groups in (("closed", None), ("folds", np.arange(60))):
        design, trials = tried(numbers, Ridge(), metric=metric, effort="full",
                               arms=["b pooled"], groups=groups)  # fmt: skip
        gap = estimate_gaps(design, trials)["b pooled"].gap
        found[name] = gap
    assert found["folds"].method == "two-fold jackknife"
    assert found["closed"].estimate == pytest.approx(found["folds"].estimate, abs=0.02)


def test_rmse_and_mse_agree_on_the_sign_of_every_claim(numbers):
    gaps = {}
    for metric in ("mse", "rmse"):
        design, trials = tried(numbers, Ridge(), metric=metric, arms=["b pooled"])
        gaps[metric] = estimate_gaps(design, trials)["b pooled"].gap
    assert gaps["mse"].p_helps == pytest.approx(gaps["rmse"].p_helps)


def test_the_closed_form_error_is_zero_for_ridge_without_preprocessing(numbers):
    design, trials = tried(numbers, Ridge(), metric="mse", arms=["b pooled"])
    assert estimate_gaps(design, trials)["b pooled"].closed_form_error < 1e-10


def test_groups_widen_the_interval_of_repeated_rows(binary):
    X, y, sources = binary
    many = np.repeat(np.arange(60), 4)
    noise = np.random.default_rng(0).normal(scale=1e-3, size=(240, 3))
    data = (X[many] + noise, y[many], sources)
    model = LogisticRegression()
    arms = ["good pooled"]
    plain_design, plain = tried(data, model, metric="brier", arms=arms)
    grouped_design, grouped = tried(data, model, metric="brier", arms=arms, groups=many)
    narrow = estimate_gaps(plain_design, plain)["good pooled"].gap
    wide = estimate_gaps(grouped_design, grouped)["good pooled"].gap
    assert wide.error > narrow.error
