"""Intervals in order of time: hand-worked numbers, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from transfergap.stats import forward_estimate, forward_score_estimate
from transfergap.stats.gap import gap_from
from transfergap.stats.resampled import split_estimate
from transfergap.stats.serial import by_time, effective_size, lag_one


def test_autocorrelation_is_corrected_for_its_bias_and_never_negative():
    # Centred: -1.5, -0.5, 0.5, 1.5; products of neighbours 0.75 - 0.25 + 0.75, squares 5.
    assert lag_one(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.25 + (1 + 0.75) / 4)
    assert lag_one(np.array([1.0, -1.0] * 10)) == pytest.approx(1 / 20)
    assert lag_one(np.ones(9)) == 0.0


def test_an_autocorrelation_of_one_half_leaves_a_third_of_the_rows():
    assert effective_size(90, 0.5) == pytest.approx(30.0)


def test_equal_times_count_once():
    assert by_time(np.array([1.0, 3.0, 5.0]), np.array([2, 2, 4])).tolist() == [2.0, 5.0]


def test_few_times_are_judged_by_their_stretches_alone():
    d = np.repeat([0.0, 1.0, 2.0, 3.0], 10)
    made = forward_estimate(d, np.zeros(40), np.repeat(np.arange(4), 10), n_pairs=4)
    assert made.estimate == 1.5
    assert made.df == 3
    assert made.error == pytest.approx(np.std([0, 1, 2, 3], ddof=1) / 2 * np.sqrt(2))


def test_rows_that_hang_together_widen_the_interval():
    rng = np.random.default_rng(0)
    free = rng.normal(size=100)
    walk = np.cumsum(rng.normal(size=100))
    place = np.arange(100)
    widths = [
        gap_from(forward_estimate(d / d.std(), c, place, n_pairs=10))
        for d, c in ((free, free), (free, walk), (walk, walk))
    ]
    sizes = [gap.high - gap.low for gap in widths]
    assert sizes[0] < sizes[1] < sizes[2]


@given(seed=st.integers(0, 1000), n=st.integers(24, 90))
def test_swapping_the_arms_turns_the_sign_and_nothing_else(seed, n):
    rng = np.random.default_rng(seed)
    d, control = rng.normal(size=n), rng.normal(size=n)
    place = np.sort(rng.integers(n, size=n))
    one = forward_estimate(d, control, place, n_pairs=8)
    other = forward_estimate(-d, control, place, n_pairs=8)
    assert other.estimate == pytest.approx(-one.estimate)
    assert other.error == pytest.approx(one.error)
    moved = rng.permutation(n)
    if len(set(place.tolist())) == n:
        again = forward_estimate(d[moved], control[moved], place[moved], n_pairs=8)
        assert again.error == pytest.approx(one.error)


def test_arms_that_never_differ_have_a_gap_of_exactly_zero():
    made = forward_estimate(np.zeros(50), np.arange(50.0), np.arange(50), n_pairs=10)
    assert (made.estimate, made.error) == (0.0, 0.0)


def test_scores_of_blocks_count_as_many_as_labels_allow():
    rng = np.random.default_rng(1)
    gains, free = rng.normal(size=10), rng.normal(size=100)
    made = forward_score_estimate(gains, free, method="")
    assert (made.df, made.error) == (9, pytest.approx(np.std(gains, ddof=1) / np.sqrt(10)))
    slow = forward_score_estimate(gains, np.cumsum(free), method="")
    assert slow.df < made.df
    assert slow.error > made.error


def test_splits_of_any_kind_are_corrected_by_their_own_ratio():
    gaps = np.array([0.0, 1.0])
    made = split_estimate(gaps, test_to_train=0.5, n_disjoint=2, method="")
    assert made.error == pytest.approx(np.sqrt(0.5 * (0.5 + 0.5)))
    repeated = split_estimate(np.tile(gaps, 10), test_to_train=0.5, n_disjoint=2, method="")
    assert repeated.df == 1
    assert gap_from(repeated).high == pytest.approx(
        0.5 + stats.t.ppf(0.95, 1) * repeated.error
    )  # fmt: skip
