"""Where a + b/n reaches zero: by hand on exact curves, and laws of the interval."""

from __future__ import annotations

import numpy as np
import pytest

from transfergap.stats import crossing, fitted_curve

SIZES = np.array([20.0, 40.0, 80.0, 160.0])


def folds_of(a: float, b: float, noise: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(20, 1)) + 0.2 * rng.normal(size=(20, 4))
    return a + b / SIZES + noise * (own - own.mean(axis=0))


def found_in(table: np.ndarray):
    coefficients, covariance = fitted_curve(SIZES, table, test_to_train=1 / 9)
    return crossing(SIZES, coefficients, covariance, df=9)


def test_a_curve_without_noise_is_found_exactly():
    coefficients, _ = fitted_curve(SIZES, folds_of(-0.1, 10.0, 0.01), test_to_train=1 / 9)
    assert coefficients == pytest.approx([-0.1, 10.0])


def test_the_crossing_is_minus_b_over_a_within_its_interval():
    found = found_in(folds_of(-0.1, 10.0, 0.02))
    assert found.size == pytest.approx(100.0)
    assert found.low < 100.0 < found.high
    assert found.falls


def test_a_gap_that_levels_off_above_zero_has_no_crossing():
    found = found_in(folds_of(0.1, 10.0, 0.01))
    assert (found.size, found.falls) == (None, False)
    assert found.limit == pytest.approx(0.1)


def test_nothing_is_said_beyond_ten_times_what_was_seen():
    assert found_in(folds_of(-0.001, 10.0, 0.0001)).size is None


def test_more_noise_never_makes_the_interval_narrower():
    little, much = found_in(folds_of(-0.1, 10.0, 0.01)), found_in(folds_of(-0.1, 10.0, 0.3))
    assert little.high / little.low < 2
    assert much.low is None or much.low < little.low
    assert much.high is None or much.high > little.high
