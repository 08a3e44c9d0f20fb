"""The rivals of the SafeTransfer benchmark do what their papers say, and exactly."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.safe_transfer.correction import augmentation, augmented, offset_pool
from benchmarks.safe_transfer.corruption import corrupt
from benchmarks.safe_transfer.encoder import Encoder
from benchmarks.safe_transfer.oracle import oracle_score, subsets
from benchmarks.safe_transfer.pooling import one_source_in, pool, target_only
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import PENALTIES, fit, with_intercept
from benchmarks.safe_transfer.rivals import RIVALS
from benchmarks.safe_transfer.scoring import harm_p_value, score
from benchmarks.safe_transfer.stacking import simplex_weights
from benchmarks.safe_transfer.tradaboost import boosted_rounds, weighted_ridge
from benchmarks.safe_transfer.trans_glm import detected, inverted, trans_glm, two_steps
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score, roc_auc_score

SLOPES = np.array([1.0, -0.5, 0.25, 0.0])


def rows(rng, n, slopes=SLOPES, *, binary=False):
    X = rng.normal(size=(n, len(slopes)))
    y = X @ slopes + 0.5 * rng.normal(size=n)
    return with_intercept(X), np.where(y > 0, 1.0, -1.0) if binary else y


def problem_of(*source_slopes, n=30, n_source=200, binary=False, seed=0):
    rng = np.random.default_rng(seed)
    sources = [rows(rng, n_source, slopes, binary=binary) for slopes in source_slopes]
    kind = "binary" if binary else "regression"
    return LinearProblem.posed(*rows(rng, n, binary=binary), sources, kind=kind)


@pytest.fixture
def one_good_one_flipped():
    return problem_of(SLOPES, -SLOPES)


def ridge(X, y, penalty, weights=None):
    return Ridge(alpha=penalty, fit_intercept=False).fit(X, y, sample_weight=weights).coef_


def test_leave_one_out_equals_refits_without_each_row(one_good_one_flipped):
    problem = one_good_one_flipped
    Xs, ys = problem.sources[0]
    fits = problem.pooled(np.array([[0.5, 0.0]]))
    errors = []
    for penalty in PENALTIES:
        refits = []
        for i in range(len(problem.y)):
            X = np.vstack([np.delete(problem.X, i, axis=0), Xs])
            y = np.concatenate([np.delete(problem.y, i), ys])
            w = np.concatenate([np.ones(len(problem.y) - 1), np.full(len(ys), 0.5)])
            refits.append(problem.X[i] @ ridge(X, y, penalty, w))
        errors.append(np.mean((problem.y - refits) ** 2))
    assert fits.error[0] == pytest.approx(min(errors), rel=1e-7)


def test_leave_one_out_of_weighted_rows_equals_refits():
    rng = np.random.default_rng(3)
    X, y = rows(rng, 25)
    w = rng.uniform(0.2, 3.0, size=25)
    found = fit((X.T * w @ X)[None], (w * y @ X)[None], X, y, weights=w, penalties=[2.0])
    refits = [
        X[i] @ ridge(np.delete(X, i, axis=0), np.delete(y, i), 2.0, np.delete(w, i))
        for i in range(25)
    ]
    np.testing.assert_allclose(found.held_out[0], refits, rtol=1e-6)


def test_augmentation_equals_ridge_on_the_augmented_design():
    problem = problem_of(SLOPES, SLOPES + 0.3, -SLOPES)
    common, own = 3.0, 30.0
    found = augmented(problem, common, own)
    n_domains, p = 4, problem.X.shape[1]
    parts = [(problem.X, problem.y), *problem.sources]
    blocks = []
    for d, (X, _) in enumerate(parts):
        block = np.zeros((len(X), p * (1 + n_domains)))
        block[:, :p] = X / np.sqrt(common)
        block[:, p * (1 + d) : p * (2 + d)] = X / np.sqrt(own)
        blocks.append(block)
    y = np.concatenate([y for _, y in parts])
    coef = ridge(np.vstack(blocks), y, 1.0)
    np.testing.assert_allclose(found.coef[0, :p], coef[:p] / np.sqrt(common), atol=1e-8)
    np.testing.assert_allclose(found.coef[0, p:], coef[p : 2 * p] / np.sqrt(own), atol=1e-8)


def test_the_leave_one_out_of_augmentation_equals_refits(one_good_one_flipped):
    problem = one_good_one_flipped
    found = augmented(problem, 3.0, 3.0)
    p = problem.X.shape[1]
    for i in (0, 7):
        X, y = np.delete(problem.X, i, axis=0), np.delete(problem.y, i)
        less = LinearProblem.posed(X, y, problem.sources, kind="regression")
        coef = augmented(less, 3.0, 3.0).coef[0]
        assert problem.X[i] @ (coef[:p] + coef[p:]) == pytest.approx(found.held_out[0, i])


def test_an_offset_is_ridge_on_what_the_source_model_lacks(one_good_one_flipped):
    problem = one_good_one_flipped
    prior = np.array([[1.0, -0.5, 0.2, 0.1, 0.0]])
    found = problem.offset(prior)
    lacks = problem.y - problem.X @ prior[0]
    candidates = [prior[0] + ridge(problem.X, lacks, p) for p in (*PENALTIES, 1e4, 1e6)]
    distance = [np.abs(found.coef[0] - candidate).max() for candidate in candidates]
    assert min(distance) < 1e-8


def test_an_offset_from_a_true_source_is_near_the_truth():
    model = offset_pool(problem_of(SLOPES, n=10, n_source=2000))
    np.testing.assert_allclose(model.coef[0, :-1], SLOPES, atol=0.1)


def test_trans_glm_drops_a_flipped_source_and_keeps_a_good_one(one_good_one_flipped):
    np.testing.assert_array_equal(detected(one_good_one_flipped), [True, False])


def test_trans_glm_without_a_detected_source_is_the_target_alone():
    problem = problem_of(-SLOPES)
    np.testing.assert_array_equal(trans_glm(problem).coef, problem.alone.coef)


def test_the_two_steps_of_trans_glm_have_the_least_error_of_refits(one_good_one_flipped):
    problem = one_good_one_flipped
    used = np.array([1.0, 0.0])
    found = two_steps(problem, used)[0]

    def both(X, y, first, second):
        pooled = np.linalg.solve(
            X.T @ X + problem.G[0] + first * np.eye(X.shape[1]), X.T @ y + problem.b[0]
        )
        return pooled + ridge(X, y - X @ pooled, second)

    def error(first, second):
        held_out = [
            problem.X[i]
            @ both(np.delete(problem.X, i, axis=0), np.delete(problem.y, i), first, second)
            for i in range(len(problem.y))
        ]
        return np.mean((problem.y - held_out) ** 2)

    pairs = [(first, second) for first in PENALTIES[::2] for second in PENALTIES]
    pairs += [(first, second) for first in PENALTIES[1::2] for second in PENALTIES]
    best = min(pairs, key=lambda pair: error(*pair))
    np.testing.assert_allclose(found, both(problem.X, problem.y, *best), atol=1e-8)


def test_inverted_is_the_inverse_of_a_penalised_gram_matrix(one_good_one_flipped):
    G = one_good_one_flipped.G0
    found = inverted(np.linalg.eigh(G), 3.0)
    np.testing.assert_allclose(found @ (G + 3.0 * np.eye(len(G))), np.eye(len(G)), atol=1e-8)


def test_one_source_in_leaves_a_flipped_source_out(one_good_one_flipped):
    kept = one_good_one_flipped.pooled(np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(one_source_in(one_good_one_flipped).coef, kept.coef)


@pytest.mark.parametrize("binary", [True, False])
def test_tradaboost_takes_weight_from_the_rows_of_a_flipped_source(binary):
    _, votes, weight = boosted_rounds(problem_of(SLOPES, -SLOPES, n=60, binary=binary))
    good, flipped = weight[:200].mean(), weight[200:].mean()
    assert flipped < good
    assert (votes > 0).all()


def test_the_base_learner_of_tradaboost_is_weighted_ridge():
    rng = np.random.default_rng(5)
    X, y = rows(rng, 60)
    w = rng.uniform(0.5, 2.0, size=60)
    found = weighted_ridge(X, y, w, 40)
    assert min(np.abs(found - ridge(X, y, p, w)).max() for p in PENALTIES) < 1e-8


def test_simplex_weights_find_the_mixture_that_made_the_labels():
    rng = np.random.default_rng(6)
    predictions = rng.normal(size=(200, 3))
    found = simplex_weights(predictions, predictions @ [0.7, 0.0, 0.3])
    np.testing.assert_allclose(found, [0.7, 0.0, 0.3], atol=1e-6)


def test_the_oracle_is_at_least_as_good_as_every_pool_of_a_subset():
    problem = problem_of(SLOPES, -SLOPES, SLOPES + 0.4, binary=True)
    X, y = rows(np.random.default_rng(9), 500, binary=True)
    oracle = oracle_score(problem, X, y)
    for rival in (target_only, pool, one_source_in):
        assert oracle >= score(y, rival(problem).predict(X), kind="binary")


def test_the_oracle_tries_every_subset_up_to_eight_sources_and_three_hundred_above():
    assert len(np.unique(subsets(8), axis=0)) == 2**8
    many = subsets(10)
    assert len(many) == 300 + 2 + 2 * 10
    assert not many[0].any()


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_changes_nothing_it_is_given_and_predicts_numbers(name):
    problem = problem_of(SLOPES, -SLOPES, binary=name != "TrAdaBoost")
    before = [X.copy() for X, _ in problem.sources]
    model = RIVALS[name](problem)
    assert np.isfinite(model.predict(problem.X)).all()
    for (X, _), old in zip(problem.sources, before):
        np.testing.assert_array_equal(X, old)


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(7)
    y, predicted = rng.normal(size=50), rng.normal(size=50).round(1)
    assert score(y, predicted, kind="regression") == pytest.approx(100 * r2_score(y, predicted))
    labels = np.where(y > 0, 1.0, -1.0)
    expected = 100 * roc_auc_score(labels, predicted)
    assert score(labels, predicted, kind="binary") == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_harm_is_confirmed_against_a_better_model_and_not_the_other_way_round(kind):
    rng = np.random.default_rng(8)
    truth = rng.normal(size=400)
    y = truth if kind == "regression" else (truth > 0).astype(float)
    good, bad = truth + 0.3 * rng.normal(size=400), truth + 2.0 * rng.normal(size=400)
    assert harm_p_value(y, bad, good, kind=kind) < 1e-6
    assert harm_p_value(y, good, bad, kind=kind) > 0.99
    assert harm_p_value(y, good, good, kind=kind) == 1.0


@pytest.mark.parametrize(
    ("condition", "n_sources", "n_spoilt"),
    [("natural", 3, 0), ("flipped", 1, 1), ("shuffled", 2, 1), ("noise", 7, 2),
     ("majority_flipped", 4, 3)],
)  # fmt: skip
def test_a_condition_spoils_its_number_of_sources(condition, n_sources, n_spoilt):
    rng = np.random.default_rng(0)
    labels = [(rng.random(100) > 0.5).astype(float) for _ in range(n_sources)]
    found, spoilt = corrupt(labels, condition, rng=rng)
    changed = {k for k in range(n_sources) if (found[k] != labels[k]).any()}
    assert len(spoilt) == n_spoilt
    assert changed == spoilt


def test_flipping_numbers_mirrors_them_at_their_mean():
    labels = [np.array([0.5, 2.0, 3.5])]
    found, _ = corrupt(labels, "flipped", rng=np.random.default_rng(0))
    np.testing.assert_allclose(found[0], [3.5, 2.0, 0.5])


def test_the_encoder_fills_scales_clips_and_drops_what_never_varies():
    X = np.array([[1.0, 5.0, np.nan], [2.0, 5.0, 1.0], [3.0, 5.0, 3.0]])
    encoded = Encoder.fit(X).encode(np.array([[2.0, 9.0, np.nan], [1e6, 5.0, 2.0]]))
    np.testing.assert_allclose(encoded, [[0.0, 0.0], [8.0, 0.0]])


def test_augmentation_returns_the_model_of_the_target():
    rng = np.random.default_rng(11)
    model = augmentation(problem_of(SLOPES, n=100))
    X, y = rows(rng, 500)
    assert score(y, model.predict(X), kind="regression") > 70
