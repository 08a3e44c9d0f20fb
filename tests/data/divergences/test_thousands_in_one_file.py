"""Thousands that one of two files marks with points."""

from __future__ import annotations

import numpy as np
import pytest

from transfergap.data.divergences.columns_apart import thousands_factor


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_points_in_one_file_are_seen_from_either_side(seed, spread):
    rng = np.random.default_rng(seed)
    pay, other = (np.round(rng.lognormal(8.5, spread, n)) for n in (80, 120))
    read = other[other >= 1000] / 1000  # as a reader takes 4.250
    assert thousands_factor(pay, read) == 0.001
    assert thousands_factor(read, pay) == 1000.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(100.0), np.arange(100.0) / 1000),  # no thousands
        (np.arange(2000.0, 2100.0), np.arange(2.0, 102.0)),  # whole on both sides
        (np.arange(2000.0, 2100.0), np.random.default_rng(0).normal(2.0, 0.1, 100)),
        (np.arange(2000.0, 2100.0), np.arange(2000.0, 2100.0) / 100),
    ],
)
def test_other_columns_are_left_alone(one, other):
    assert thousands_factor(one, other) is None
    assert thousands_factor(other, one) is None
