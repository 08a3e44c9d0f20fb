"""Times of rows that stand for a missing one, and times beyond the years 1677 to 2262."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from transfergap import Sample, make_problem
from transfergap.data.splitting.times import check_no_codes, checked_times, gap_of
from transfergap.errors import DataError

DAYS = pd.date_range("2020-01-01", periods=90)


def rows(n=90):
    rng = np.random.default_rng(n)
    x = rng.normal(size=n)
    return pd.DataFrame({"x": x}), x + rng.normal(size=n)


def posed(here, there=None):
    (X, y), (Z, z) = rows(), rows(60)
    times = pd.date_range("2019-10-01", periods=60) if there is None else there
    sources = {"b": Sample(Z, z, times=times)}
    return make_problem(X, y, sources=sources, metric="mse", margin=0.1, time=here)


def every_ninth(values, code):
    changed = np.array(values, dtype=object)
    changed[::9] = code
    return changed


@pytest.mark.parametrize("code", ["9999-12-31", "2999-12-31", "1900-01-01", "0001-01-01"])
def test_a_date_in_every_ninth_row_that_no_other_is_near_is_refused(code):
    times = every_ninth(DAYS.strftime("%Y-%m-%d"), code)
    with pytest.raises(DataError, match=f"10 of 90 times of the target.* are {code}, far") as error:
        posed(times)
    assert f"table[table[TIME] != '{code}']" in error.value.hint
    with pytest.raises(DataError, match=rf"7 of 60 times of the source 'b' are {code}"):
        posed(DAYS, every_ninth(DAYS[:60].strftime("%Y-%m-%d"), code))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.arange(2000, 2090), 9999),
        (np.arange(90.0) * 86400 + 1.6e9, -1.0),
        ([int(text) for text in DAYS.strftime("%Y%m%d")], 99991231),
        (DAYS.strftime("%d.%m.%Y"), "31.12.9999"),
        (list(DAYS.to_pydatetime()), pd.Timestamp("9999-12-31 23:59:59").to_pydatetime()),
    ],
)
def test_codes_among_times_of_other_kinds_are_refused(values, code):
    times = every_ninth(values, code)
    kind = object if isinstance(values[0], str) or hasattr(values[0], "year") else None
    with pytest.raises(DataError, match="for no date"):
        posed(times if kind else times.astype(np.asarray(values).dtype))


@pytest.mark.parametrize(
    "times",
    [
        DAYS,
        np.arange(90) - 1,
        np.repeat(np.arange(1990, 2020), 3),
        np.repeat(pd.date_range("1880-01-01", periods=30, freq="YS"), 3),
        np.repeat(np.arange("2540", "2570", dtype="datetime64[Y]"), 3).astype("datetime64[s]"),
        [int(text) for text in DAYS.strftime("%Y%m%d")],
        np.r_[DAYS.to_numpy()[:88], np.array(["9999-12-31"] * 2, "datetime64[us]")],  # two slips
        np.r_[np.full(9, -1), np.arange(81)],
    ],
)
def test_true_times_are_taken(times):
    check_no_codes(checked_times(times, 90, "the target"), "the target")


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pa.array(DAYS.to_pydatetime()), dtype=pd.ArrowDtype(pa.timestamp("us"))),
        DAYS.astype(str),
        DAYS.tz_localize("UTC"),
        DAYS.as_unit("s"),
    ],
)
def test_near_times_are_nanoseconds_whatever_they_come_as(values):
    times = checked_times(values, 90, "the target")
    assert times.dtype == np.dtype("datetime64[ns]")
    assert np.array_equal(times, DAYS.to_numpy().astype("datetime64[ns]"))


def test_years_of_another_calendar_keep_their_order_and_gap():
    times = np.datetime64("2567-01-01", "s") + np.arange(90).astype("timedelta64[D]")
    read = checked_times(times, 90, "the target")
    assert np.array_equal(read, times)
    assert read[50] - gap_of("7 days", read).span == np.datetime64("2567-02-13")
    problem = posed(times, times[:60] - np.timedelta64(30, "D"))
    assert len(problem.sources["b"].sample.before(times[40])) == 60
    # A source of our calendar beside it lies before all, one beyond it after all.
    assert len(posed(times).sources["b"].sample.before(times[0])) == 60
    assert len(posed(DAYS, times[:60]).sources["b"].sample.before(problem.target.times[0])) == 0


def test_times_may_be_bytes_or_a_table_of_one_column():
    days = np.array(["2024-03-01", "2024-03-04"])
    expected = checked_times(days, 2, "the target").tolist()
    for values in (days.astype("S10"), pd.DataFrame({"t": days}), days[:, None]):
        assert checked_times(values, 2, "the target").tolist() == expected
