"""False claims below the average stay rare: benchmarks/subgroup_claims.py with fewer draws."""

import pytest
from benchmarks.false_claims import most_claims
from benchmarks.subgroup_claims import HARMS, NULLS, harm_draw, null_rates

QUICK = ("closed form, ridge, squared",)


def assert_calibrated(design, n_draws, seed):
    row = null_rates(design, n_draws=n_draws, seed=seed)
    assert row["hurts_a_subgroup"] <= most_claims(n_draws)
    assert row["helps_a_subgroup"] <= most_claims(n_draws)


@pytest.mark.parametrize("name", QUICK)
def test_nobody_is_said_to_be_hurt_where_nobody_is(name):
    design = next(design for design in NULLS if name in design.name)
    assert_calibrated(design, 6, 600_000)  # more than 3 of a direction: once in 10,000


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS, ids=lambda design: design.name)
def test_nobody_is_said_to_be_hurt_over_many_draws(design):
    assert_calibrated(design, 500, 800_000)


def test_the_check_can_fail():
    """The same harness on a planted subgroup finds it in most draws."""
    harm = next(h for h in HARMS if h.metric == "mse" and h.harm == 1.0 and not h.found)
    assert sum(harm_draw(harm, 900_000 + draw)[0] for draw in range(5)) > most_claims(5)
