"""The hierarchical model against dense Gaussian algebra."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from tests.safe.tasks import rows, slope_precision, task_of, terms_of

from transfergap.safe.hierarchy import _evidence, _state_of, believe
from transfergap.safe.ridge import control_fit
from transfergap.safe.source_terms import DISTANCES, LEVELS, N_TAUS, SIGNS, source_terms


@pytest.fixture
def setting():
    rng = np.random.default_rng(0)
    slopes = np.array([0.8, -0.5, 0.3])
    target = rows(15, slopes, rng=rng)
    sources = [rows(20, slopes, rng=rng, level=0.4), rows(9, -slopes, rng=rng)]
    return target, sources, task_of(target, sources)


def test_a_sources_precision_is_that_of_its_rows_with_the_difference_integrated_out(setting):
    _, sources, task = setting
    for (X, y), term in zip(sources, terms_of(task, 1.0), strict=True):
        for t, tau in enumerate(DISTANCES / np.sqrt(task.variance)):
            centred, response = X[:, :-1] - X[:, :-1].mean(axis=0), y - y.mean()
            covariance = term.noise * np.eye(len(y)) + tau**2 * centred @ centred.T
            precision = centred.T @ np.linalg.solve(covariance, centred)
            information = centred.T @ np.linalg.solve(covariance, response)
            assert np.allclose(slope_precision(term, t)[:-1, :-1], precision, atol=1e-9)
            assert np.allclose(term.slope_information[t, :-1, 0], information, atol=1e-9)


def test_the_evidence_of_options_is_the_predictive_density_of_the_target(setting):
    (X, y), _, task = setting
    terms = source_terms(task, 1.0)
    options = np.full((2, len(SIGNS), N_TAUS, len(LEVELS)), 1.0 / (2 * N_TAUS * len(LEVELS)))
    state = _state_of(task, terms, options)
    evidence = _evidence(task, terms[0], state, 0, slopes=10.0, noise=0.9, joint=0.0)
    prior = np.diag([10.0, 10.0, 10.0, 0.05])

    def density(s, t, a):
        (term,) = terms[0]
        precision = prior + state.precisions[1, 0] + slope_precision(term, t)
        spread, v = term.level_spread[t, a], term.direction
        precision = precision + np.outer(v, v) / spread
        said = state.informations[1, 0] + SIGNS[s] * (
            term.slope_information[t, :, 0] + v * term.mean_responses[0] / spread
        )
        covariance = np.linalg.inv(precision)
        return multivariate_normal(
            X @ covariance @ said, X @ covariance @ X.T + 0.9 * np.eye(len(y))
        ).logpdf(y)

    there = [(0, 0, 0), (1, 3, 1), (0, 6, 2), (1, 0, 2)]
    exact = np.array([density(*option) for option in there])
    ours = np.array([evidence[option] for option in there])
    assert np.allclose(ours - ours[0], exact - exact[0], atol=1e-8)


def believed(target, sources, joint=0.0):
    task = task_of(target, sources)
    loss = task.loss(control_fit(task).left_out)
    return believe(task, source_terms(task, loss), loss, joint=joint, seed=0)


def test_a_source_with_reversed_labels_is_found_out_and_still_used():
    rng = np.random.default_rng(1)
    slopes = np.array([1.0, -1.0, 0.5, 0.0])
    belief = believed(rows(40, slopes, rng=rng), [rows(500, -slopes, rng=rng)])
    assert belief.options[0, 1].sum() > 0.9
    assert np.abs(belief.candidate.coefficients[0, :-1] - slopes).max() < 0.25


def test_influence_is_capped_however_many_rows_a_strange_source_has():
    rng = np.random.default_rng(2)
    slopes = np.array([1.0, -1.0, 0.5, 0.0])
    target, strange = rows(60, slopes, rng=rng), np.array([-0.4, 2.0, 1.0, 1.5])
    few = believed(target, [rows(2_000, strange, rng=rng)]).candidate
    many = believed(target, [rows(200_000, strange, rng=rng)]).candidate
    alone = control_fit(task_of(target)).coefficients
    assert np.abs(many.coefficients - few.coefficients)[0, :-1].max() < 0.1
    assert np.abs(many.coefficients - alone)[0, :-1].max() < 0.25
    assert many.influence[0] < 0.3


def test_the_same_seed_gives_the_same_bytes(setting):
    target, sources, _ = setting
    first, second = believed(target, sources), believed(target, sources)
    assert first.candidate.coefficients.tobytes() == second.candidate.coefficients.tobytes()


def test_a_source_of_one_row_is_taken_for_what_it_is():
    rng = np.random.default_rng(3)
    slopes = np.array([1.0, -1.0])
    belief = believed(rows(30, slopes, rng=rng), [rows(1, slopes, rng=rng)])
    assert belief.candidate.influence[0] < 0.1
    assert np.isfinite(belief.candidate.coefficients).all()


@pytest.mark.parametrize("seed", range(5))
def test_sources_that_contradict_each_other_are_doubted_where_the_target_cannot_tell(seed):
    rng = np.random.default_rng(seed)
    slopes = np.array([0.7, -0.7, 0.4, 0.0])
    against = [rows(800, sign * slopes, rng=rng) for sign in (1.0, 1.0, -1.0)]
    agreeing = [rows(800, slopes, rng=rng) for _ in range(3)]
    few, many = rows(10, 0.1 * slopes, rng=rng), rows(300, slopes, rng=rng)
    doubt = believed(few, against, joint=0.3).doubt
    assert doubt > 1.5 * believed(few, agreeing, joint=0.3).doubt
    assert doubt > 1e-6 > believed(many, against, joint=0.3).doubt
