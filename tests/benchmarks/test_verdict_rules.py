"""Rules of the verdict benchmark on numbers made by hand, and beside the package's."""

import numpy as np
import pytest
from benchmarks.verdict_calibration import broken, cells, counted
from benchmarks.verdicts.cells import Cell, judged, measured
from benchmarks.verdicts.learners import LEARNERS, PlainLogistic, PlainRidge
from benchmarks.verdicts.rules import (
    CLOSED_FORM,
    RULES,
    Interval,
    correlated_t,
    five_by_two,
    nested_cv,
    t_over,
)
from scipy import stats
from sklearn.linear_model import LogisticRegression, Ridge

from transfergap.analysis.estimation import estimate_gaps
from transfergap.data.validation import make_problem
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import EstimatorLearner

RIDGE = Cell("ridge, squared loss", "gaussian", 60)


def evidence_of(cell, draw=0, shift=0.5):
    problem = cell.problem(shift)
    X, y, clusters = cell.rows(problem, draw)
    return measured(cell, X, y, cell.source(problem), clusters, draw)


def test_the_closed_form_is_that_of_an_audit():
    problem = RIDGE.problem(0.5)
    X, y, _ = RIDGE.rows(problem, 3)
    posed = make_problem(X, y, sources={"s": RIDGE.source(problem)}, metric="mse", margin=0.01)
    learner = EstimatorLearner(Ridge())
    design = Design(posed, ControlArm(learner), (Arm("s", ("s",), learner),), Effort("full"))
    store = TrialStore()
    run_trials(design, store)
    gap = estimate_gaps(design, store.trials())["s"].gap
    made = next(judged(RIDGE, 0.5, range(3, 4)))[CLOSED_FORM]
    assert (made.estimate, made.low, made.high) == pytest.approx((gap.estimate, gap.low, gap.high))


def test_plain_models_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 4)), rng.normal(size=80)
    np.testing.assert_allclose(PlainRidge().fit(X, y).predict(X), Ridge().fit(X, y).predict(X))
    labels = (y > 0).astype(float)
    exact = LogisticRegression(tol=1e-10, max_iter=1000).fit(X, labels).decision_function(X)
    np.testing.assert_allclose(PlainLogistic().fit(X, labels).predict(X), exact, atol=1e-4)


def test_every_rule_says_something_of_every_learner():
    for kind in LEARNERS[:5]:
        made = next(judged(Cell(kind.name, "t3", 30), 0.8, range(1)))
        assert len(made) == len(RULES) + kind.closed_form
        assert all(one.low <= one.estimate <= one.high for one in made.values())
        assert not any(one.helps and one.hurts for one in made.values())


def test_clusters_are_never_cut():
    evidence = evidence_of(Cell("ridge, squared loss", "gaussian", 60, clustered=True))
    for fold in evidence.fold:
        assert all(len(set(fold[evidence.clusters == g])) == 1 for g in range(15))


def test_t_intervals_by_hand():
    made = t_over(np.array([1.0, 2.0, 3.0]))
    half = 2.919986 / np.sqrt(3)  # 95 % point of t with 2 df
    assert (made.estimate, made.low, made.high) == pytest.approx((2.0, 2 - half, 2 + half))
    assert not made.hurts
    assert made.helps is (made.low > 0)


def test_rules_of_the_literature_by_their_formulas():
    evidence = evidence_of(RIDGE)
    gaps = evidence.fold_gaps(2)
    made = correlated_t(evidence.fold_gaps(2))
    error = np.sqrt((1 / 20 + (1 / 10) / (9 / 10)) * gaps.var(ddof=1))
    assert made.high - made.estimate == pytest.approx(stats.t.ppf(0.95, 19) * error)
    dietterich = five_by_two(evidence)
    spread = np.mean([(a - b) ** 2 / 2 for a, b in evidence.halves])
    assert dietterich.estimate == evidence.halves[0, 0]
    assert dietterich.high - dietterich.estimate == pytest.approx(2.015048 * np.sqrt(spread))
    bates = nested_cv(evidence)
    naive = evidence.single[0].std(ddof=1) / np.sqrt(60)
    assert 0.99 * 1.644854 * naive <= bates.high - bates.estimate <= 1.65 * naive * np.sqrt(10)


def test_counts_and_what_breaks_the_criterion():
    said = [Interval(1, 0.5, 1.5, True, False), Interval(0, -1, 1, False, False)]
    assert counted(said) == {"helps": 1, "hurts": 0, "covers": 1}
    row = {"learner": LEARNERS[0].name, "place": "null", "n_draws": 100}
    usual, often = ({"ours, full": {"helps": n, "hurts": 0}} for n in (5, 40))
    assert broken([row | {"rules": usual}]) == []
    assert len(broken([row | {"rules": often}])) == 1


def test_cells_have_names_of_their_own():
    keys = [cell.key for cell in cells()]
    assert len(keys) == len(set(keys))
    assert {cell.learner for cell in cells()} == {kind.name for kind in LEARNERS}
