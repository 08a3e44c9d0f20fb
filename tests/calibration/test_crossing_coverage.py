"""Intervals of crossing points hold the truth: benchmarks/crossing_coverage.py, fewer draws."""

import pytest
from benchmarks.crossing_coverage import LEVELS, least_held, rates


def assert_covers(level, n_draws, seed):
    row = rates(level, n_draws=n_draws, seed=seed)
    assert row["held"] >= least_held(row["named"])


def test_the_interval_holds_a_crossing_that_is_known():
    assert_covers(LEVELS[0], 8, 700_000)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_the_interval_holds_the_crossing_over_many_draws(level):
    assert_covers(level, 300, 710_000)
