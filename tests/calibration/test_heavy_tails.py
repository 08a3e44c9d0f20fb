"""Claims in closed form are as rare as stated where errors have heavy tails."""

from functools import partial

import numpy as np
import pytest
from benchmarks.false_claims import PENALTY, most_claims, pooled_ridge, ridge_solution
from benchmarks.heavy_tails import Cell, claims
from benchmarks.verdicts.populations import JUDGING, LAWS, make_problem_of, ridge_null


def claims_of(law, *, n, seed, n_draws, times=1.0):
    """Return how many draws say "helps", and how many "hurts"."""
    made = claims(Cell(law, n, 300, 10, 1.0, seed), n_draws=n_draws, times=times)
    return made["helps"], made["hurts"]


@pytest.mark.parametrize("law", ["lognormal"])  # `make slow` has all, with many draws
def test_claims_are_rare_whatever_the_tails(law):
    assert law in JUDGING
    helps, hurts = claims_of(law, n=60, seed=5, n_draws=150)
    assert max(helps, hurts) <= most_claims(150)


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 60, 120, 300])
@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize("law", JUDGING)
def test_claims_are_rare_over_many_draws(law, seed, n):
    helps, hurts = claims_of(law, n=n, seed=seed, n_draws=4000)
    assert max(helps, hurts) <= most_claims(4000)


def test_clear_harm_is_still_seen():
    _, hurts = claims_of("t3", n=120, seed=5, n_draws=100, times=2.0)
    assert hurts > 50  # about two thirds of the draws; 5 % would be 5


@pytest.mark.parametrize("law", LAWS)
def test_laws_have_mean_zero_and_variance_one(law):
    errors = LAWS[law](np.random.default_rng(0), 400_000)
    # A fourth moment of t3 and t4 does not exist, so their variance settles slowly.
    assert errors.mean() == pytest.approx(0.0, abs=0.01)
    assert errors.var() == pytest.approx(1.0, rel=0.1)


def test_the_null_of_a_ridge_agrees_with_a_search():
    make = partial(make_problem_of, "gaussian", n_target=60, seed=5)
    null = ridge_null(lambda shift: make(shift=shift), penalty=PENALTY, n_draws=500)
    gap, error = make(shift=null).expected_gap(
        lambda X, y, Xs, ys: ridge_solution(X, y), pooled_ridge, loss="squared", n_draws=2000
    )
    assert abs(gap) < 4 * error
