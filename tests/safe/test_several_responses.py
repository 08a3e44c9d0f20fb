"""Several classes are one task: one penalty, one belief of each source, one factorisation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.linear_model import RidgeCV
from sklearn.metrics import roc_auc_score
from tests.safe.tasks import rows, slope_precision, statistics

from transfergap import SafeTransferClassifier, SafeTransferRegressor
from transfergap.datasets import make_shift
from transfergap.safe.blend import linear_blend
from transfergap.safe.hierarchy import _evidence, _state_of, believe
from transfergap.safe.ridge import PENALTIES, control_fit, ridge_path
from transfergap.safe.source_terms import SIGNS, source_terms
from transfergap.safe.subspace import RowStatistics
from transfergap.safe.task import LinearTask


def drawn(n, slopes, *, rng):
    """Rows with a response for each column of ``slopes``."""
    X, _ = rows(n, slopes[:, 0], rng=rng)
    return X, X[:, :-1] @ slopes + rng.normal(size=(n, slopes.shape[1]))


def task_of_several(target, sources, n_blocks=1):
    X, Y = target
    parts = [[statistics(Xs, Ys[:, r]) for r in range(Y.shape[1])] for Xs, Ys in sources]
    return LinearTask(
        X,
        Y,
        np.ones((len(X), n_blocks)),
        np.array([[g for g, _, _ in part[:n_blocks]] for part in parts]),
        np.array([[m for _, m, _ in part] for part in parts]),
        np.array([[p for _, _, p in part] for part in parts]),
    )


@pytest.fixture
def setting():
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(4, 3)) * 0.5
    target = drawn(25, slopes, rng=rng)
    sources = [drawn(60, slopes, rng=rng), drawn(40, -slopes, rng=rng), drawn(9, slopes, rng=rng)]
    return target, sources


def test_one_penalty_serves_all_classes_as_in_ridge_by_leave_one_out(setting):
    (X, Y), sources = setting
    Y = Y * [1.0, 0.2, 3.0]  # each alone would choose another one
    task = task_of_several((X, Y), sources)
    by_hand = RidgeCV(alphas=task.breadth * PENALTIES).fit(X[:, :-1], Y)
    alone = [RidgeCV(alphas=task.breadth * PENALTIES).fit(X[:, :-1], y).alpha_ for y in Y.T]
    fit = control_fit(task)
    assert fit.coefficients[:, :-1] == pytest.approx(by_hand.coef_, abs=1e-8)
    assert fit.coefficients[:, -1] == pytest.approx(by_hand.intercept_, abs=1e-8)
    assert len(set(alone)) > 1


@pytest.mark.parametrize("fit", ["control", "pool", "belief"])
def test_a_shared_gram_gives_what_a_gram_a_response_gives(setting, fit):
    shared, each = (task_of_several(*setting, n_blocks=b) for b in (1, 3))

    def fitted(task):
        if fit == "control":
            return control_fit(task)
        if fit == "pool":
            return ridge_path(task, task.grams, task.moments.sum(axis=0))
        return believe(task, source_terms(task, 1.0), 1.0, joint=0.3, seed=1).candidate

    one, other = fitted(shared), fitted(each)
    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-9)
    assert one.left_out == pytest.approx(other.left_out, abs=1e-9)
    assert one.influence == pytest.approx(other.influence, abs=1e-9)


def test_the_evidence_is_the_sum_of_the_responses_predictive_densities(setting):
    (X, Y), sources = setting
    task = task_of_several((X, Y), sources)
    terms = source_terms(task, 1.0)
    options = np.full((3, 2, 7, 3), 1.0 / 42)
    state = _state_of(task, terms, options)
    evidence = _evidence(task, terms[0], state, 0, slopes=10.0, noise=0.9, joint=0.0)
    prior = np.diag([10.0] * 4 + [0.05])
    (term,) = terms[0]

    def density(s, t, a):
        spread, v = term.level_spread[t, a], term.direction
        precision = prior + state.precisions[1:, 0].sum(axis=0) + slope_precision(term, t)
        covariance = np.linalg.inv(precision + np.outer(v, v) / spread)
        total = 0.0
        for r in range(3):
            says = term.slope_information[t, :, r] + v * term.mean_responses[r] / spread
            said = state.informations[1:, r].sum(axis=0) + SIGNS[s] * says
            total += multivariate_normal(
                X @ covariance @ said, X @ covariance @ X.T + 0.9 * np.eye(len(X))
            ).logpdf(Y[:, r])
        return total

    there = [(0, 0, 0), (1, 3, 1), (0, 6, 2), (1, 0, 2)]
    exact = np.array([density(*option) for option in there])
    ours = np.array([evidence[option] for option in there])
    assert ours - ours[0] == pytest.approx(exact - exact[0], abs=1e-8)


def test_a_class_in_another_unit_changes_nothing_but_its_unit(setting):
    """Its noise is its own: a rare class varies less than the others."""
    (X, Y), sources = setting
    statistics_of = [RowStatistics(Xs, Ys, np.ones_like(Ys)) for Xs, Ys in sources]
    unit = np.array([1.0, 0.4, 2.5])
    other_unit = [replace(s, responses=s.responses * unit) for s in statistics_of]
    plain, scaled = (
        linear_blend(X, responses, np.ones_like(Y), several, caution=1.0)
        for responses, several in ((Y, statistics_of), (Y * unit, other_unit))
    )
    average, other = plain.average.coefficients, scaled.average.coefficients / unit[:, None]
    # The four candidates' shares and the penalties weigh responses by their size.
    assert other == pytest.approx(average, abs=0.1 * np.abs(average).max())
    assert scaled.reversed_share == pytest.approx(plain.reversed_share, abs=0.05)


def test_the_names_and_order_of_classes_do_not_matter():
    rng = np.random.default_rng(1)
    X, wide = rng.normal(size=(60, 5)), rng.normal(size=(400, 5))
    slopes = rng.normal(size=(5, 4))
    y, ys = (X @ slopes).argmax(axis=1), (wide @ slopes).argmax(axis=1)
    order = np.array([2, 0, 3, 1])
    one = SafeTransferClassifier(random_state=0).fit(X, y, sources={"b": (wide, ys)})
    other = SafeTransferClassifier(random_state=0).fit(
        X, order[y], sources={"b": (wide, order[ys])}
    )
    expected = one.predict_proba(wide[:50])
    assert other.predict_proba(wide[:50])[:, order] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_probability_of_a_rare_class_ranks_its_rows(seed):
    """With 3 of 80 rows in a class, least squares shrinks it, and one slope for all undoes it."""
    rng = np.random.default_rng(seed)

    def sample(n):
        X = rng.normal(size=(n, 3))
        y = np.where(X[:, 0] > 1.8, 2, (X[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(int))
        return X, y

    X, y = sample(400)
    rare = np.flatnonzero(y == 2)[:3]
    rest = np.flatnonzero(y != 2)[:77]
    rows_of = np.concatenate([rare, rest])
    test_X, test_y = sample(4000)
    model = SafeTransferClassifier(random_state=0).fit(
        X[rows_of], y[rows_of], sources={"b": sample(2000)}
    )
    by_probability, by_score = (
        roc_auc_score(test_y == 2, said[:, 2])
        for said in (model.predict_proba(test_X), model.decision_function(test_X))
    )
    assert by_probability > 0.98  # 0.77 to 0.87 with one slope
    assert by_probability > by_score - 0.01


@pytest.mark.parametrize("copies", [1, 3])
def test_a_source_of_the_targets_own_rows_counts_for_that_many_rows(setting, copies):
    (X, Y), _ = setting
    source = np.vstack([X] * copies), np.vstack([Y] * copies)
    task = task_of_several((X, Y), [source])
    fit = ridge_path(task, task.grams, task.moments.sum(axis=0))
    assert fit.influence[0] / fit.target_share == pytest.approx(copies)
    assert fit.influence[0] + fit.target_share < 1.0  # the rest is the penalty's


def test_the_share_of_the_target_alone_is_its_degrees_of_freedom(setting):
    (X, Y), _ = setting
    task = task_of_several((X, Y), [(X, Y)])
    fit = control_fit(task)
    centred = X[:, :-1] - X[:, :-1].mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False) ** 2
    freedoms = [(values / (values + p)).sum() + 1.0 for p in task.breadth * PENALTIES]
    assert min(abs(fit.target_share * 5 - freedom) for freedom in freedoms) < 1e-9


def test_far_sources_count_for_fewer_target_rows_than_near_ones():
    def rows_of(shift):
        problem = make_shift(n_target=60, shift=shift, random_state=1)
        model = SafeTransferRegressor(random_state=0)
        model.fit(problem.X, problem.y, sources=problem.sources)
        assert model.credibility_ == pytest.approx(60 / (60 + model.source_rows_["source"]))
        return model.source_rows_["source"]

    assert 60 < rows_of(0.0) < 300  # what 300 rows of the target's kind would at most be
    assert rows_of(1.0) < 0.4 * rows_of(0.0)
