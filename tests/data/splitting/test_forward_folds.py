"""Forward folds: nothing is tested by a model of later rows, and every later row is tested once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfergap.data.splitting.held_out import FEWEST_TRAINED, FIRST_SHARE, forward_folds
from transfergap.data.splitting.times import Gap, checked_times, gap_of
from transfergap.errors import ConfigurationError, DataError

NO_GAP = Gap()


def assert_is_forward(times, folds, gap=0):
    tested = np.concatenate([fold.tested for fold in folds])
    assert len(set(tested.tolist())) == len(tested)
    for fold in folds:
        assert times[fold.trained].max() < times[fold.tested].min() - gap + (gap == 0) * 1e-12
        assert not set(fold.trained.tolist()) & set(fold.tested.tolist())
    first = times[folds[0].tested].min()
    assert set(tested.tolist()) == set(np.flatnonzero(times >= first).tolist())


@given(
    n=st.integers(60, 200), n_times=st.integers(25, 200), seed=st.integers(0, 10_000)
)  # fmt: skip
def test_blocks_are_tested_once_by_models_of_earlier_rows(n, n_times, seed):
    times = np.random.default_rng(seed).integers(n_times, size=n)
    folds = forward_folds(times, gap=NO_GAP).folds
    assert_is_forward(times, folds)
    for one in folds:
        for other in folds:
            if other is not one:
                assert not np.isin(times[one.tested], times[other.tested]).any()


def test_about_two_fifths_are_only_trained_on_and_ten_blocks_are_tested():
    folds = forward_folds(np.arange(200), gap=NO_GAP).folds
    assert len(folds) == 10
    assert folds[0].tested[0] == FIRST_SHARE * 200
    assert {len(fold.tested) for fold in folds} == {12}


def test_small_targets_get_fewer_blocks_and_say_so():
    made = forward_folds(np.arange(40), gap=NO_GAP)
    assert 4 <= len(made.folds) < 10
    assert "fewer than 10" in made.description


def test_the_order_in_the_file_does_not_matter():
    times = np.arange(80)
    moved = np.random.default_rng(0).permutation(80)
    folds, other = (forward_folds(t, gap=NO_GAP).folds for t in (times, times[moved]))
    for one, two in zip(folds, other, strict=True):
        assert set(moved[two.tested].tolist()) == set(one.tested.tolist())


def test_a_gap_in_rows_and_one_in_time_keep_the_rows_before_a_block_out():
    times = np.arange(100) * 2.0
    in_rows = forward_folds(times, gap=gap_of("5 rows", times)).folds[0]
    in_time = forward_folds(times, gap=gap_of(10, times)).folds[0]
    assert in_rows.tested[0] - in_rows.trained[-1] == 6
    assert times[in_time.tested[0]] - times[in_time.trained[-1]] > 10
    days = checked_times(pd.date_range("2024-01-01", periods=100), 100, "the target")
    in_days = forward_folds(days, gap=gap_of("7 days", days)).folds[0]
    assert days[in_days.tested[0]] - days[in_days.trained[-1]] > np.timedelta64(7, "D")


def test_rows_of_a_tested_group_are_not_trained_on_however_early():
    groups = np.arange(120) % 40
    for fold in forward_folds(np.arange(120), gap=NO_GAP, groups=groups).folds:
        assert not np.isin(groups[fold.trained], groups[fold.tested]).any()


def test_few_years_with_many_rows_each_make_one_block_a_year():
    years = np.repeat(np.arange(2015, 2022), 30)
    folds = forward_folds(years, gap=NO_GAP).folds
    assert [np.unique(years[fold.tested]).tolist() for fold in folds] == [
        [2018], [2019], [2020], [2021]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "options", "words"),
    [
        (np.repeat([1, 2, 3], 30), {}, "3 different times"),
        (np.arange(100), {"gap": Gap(rows=38)}, "shorter gap"),
        (np.arange(100), {"groups": np.arange(100) % 5}, "no groups"),
        (np.arange(16), {}, "more target rows"),
    ],
)
def test_what_cannot_be_cut_is_said_with_what_to_do(times, options, words):
    with pytest.raises(DataError) as raised:
        forward_folds(times, **{"gap": NO_GAP} | options)
    assert words in str(raised.value)


def test_enough_rows_are_trained_on_in_every_block():
    assert all(
        len(fold.trained) >= FEWEST_TRAINED
        for n in range(30, 90)
        for fold in forward_folds(np.arange(n), gap=NO_GAP).folds
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-01-03", "2024-01-01", "2024-01-02"], [2, 0, 1]),
        (["31/01/2024", "01/02/2024", "15/01/2024"], [1, 2, 0]),
        (["2024-01-01T10:00:00+02:00", "2024-01-01T09:00:00Z", "2024-01-01T07:00Z"], [1, 2, 0]),
        (pd.PeriodIndex(["2024-03", "2024-01", "2024-02"], freq="M"), [2, 0, 1]),
        (["10", "9", "101"], [1, 0, 2]),
        ([2021, 2019, 2020], [2, 0, 1]),
        (pd.Series([3, 1, 2], dtype="Int64"), [2, 0, 1]),
    ],
)
def test_times_are_compared_as_what_they_are(values, expected):
    times = checked_times(values, 3, "the target")
    assert np.argsort(np.argsort(times)).tolist() == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, None, 3.0], "1 of 3 rows of the target have no time"),
        (["2024-01-01", "", "2024-01-03"], "have no time"),
        (["Monday", "Tuesday", "noon"], "cannot be put in order"),
        (["01/02/2024", "02/02/2024", "03/02/2024"], "days first or months first"),
        ([1, 2], "times for 3 rows"),
        ([1.0, np.inf, 2.0], "infinite"),
    ],
)
def test_times_that_give_no_order_are_refused_with_a_hint(values, words):
    with pytest.raises(DataError) as raised:
        checked_times(values, 3, "the target")
    assert words in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("gap", [-1, "soon", True, float("nan"), "-3 rows"])
def test_a_gap_that_cannot_be_read_is_refused_with_a_hint(gap):
    for times in (np.arange(9), checked_times(pd.date_range("2024", periods=9), 9, "t")):
        with pytest.raises(ConfigurationError) as raised:
            gap_of(gap, times)
        assert "rows" in raised.value.hint


def test_a_bare_number_is_no_span_of_days():
    days = checked_times(pd.date_range("2024-01-01", periods=9), 9, "the target")
    with pytest.raises(ConfigurationError):
        gap_of(7, days)
