"""False claims of forward folds stay rare: benchmarks/time_claims.py with fewer draws."""

from dataclasses import replace

import pytest
from benchmarks.false_claims import most_claims
from benchmarks.time_claims import Series, designs, rates

QUICK = [
    Series(100, 0.0, "stationary", "ridge"),
    Series(100, 0.8, "trend", "ridge"),
    Series(180, 0.5, "season", "ridge"),
    Series(180, 0.95, "stationary", "ridge"),
    Series(100, 0.5, "stationary", "tree"),
    Series(400, 0.5, "stationary", "ridge", times=12),
]


def assert_calibrated(design, n_draws, seed):
    for row in rates(design, n_draws=n_draws, seed=seed):
        most = most_claims(max(row["n_draws"], 1))
        if row["n_draws"] >= n_draws / 2:
            assert max(row["in use"]["helps"], row["in use"]["hurts"]) <= most, row["metric"]


@pytest.mark.parametrize("design", [QUICK[1], QUICK[3], QUICK[4]], ids=lambda design: design.name)
def test_forecasts_are_rarely_said_to_differ_where_they_do_not(design):
    assert_calibrated(design, 20, 500_000)


@pytest.mark.slow
@pytest.mark.parametrize("design", list(designs()), ids=lambda design: design.name)
def test_forecasts_are_rarely_said_to_differ_over_many_draws(design):
    assert_calibrated(design, 500, 700_000)


def test_the_check_can_fail():
    """Rows taken for independent claim far too often on the same draws."""
    design = replace(QUICK[3], n=400)
    row = next(r for r in rates(design, n_draws=60, seed=900_000) if r["metric"] == "squared")
    worst = max(row["rows as independent"]["helps"], row["rows as independent"]["hurts"])
    assert worst > most_claims(60)
