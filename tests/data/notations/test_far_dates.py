"""Dates beyond the years 1677 to 2262, in tables of every kind, and as codes of missing values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from transfergap import make_problem
from transfergap.analysis.subgroups.grouping import group_rows
from transfergap.data.copies.comparable import column_pair
from transfergap.data.notations.missing_codes import with_codes_missing, with_days_missing
from transfergap.data.notations.moments import as_unit_of, in_common_unit, seconds_of
from transfergap.data.notations.sentinels import sentinel_values
from transfergap.learners.mitigations.blanked_codes import blanked

FAR = [date(9999, 12, 31), date(1, 1, 1), date(2567, 3, 4)]


def at_noon(days, zone=None):
    return [datetime(d.year, d.month, d.day, 12, tzinfo=zone) for d in days]


TABLES = {
    "texts": lambda days: pd.DataFrame({"end": [d.isoformat() for d in days]}),
    "texts with points": lambda days: pd.DataFrame(
        {"end": [f"{d.day:02d}.{d.month:02d}.{d.year:04d}" for d in days]}
    ),
    "dates": lambda days: pd.DataFrame({"end": pd.Series(days, dtype=object)}),
    "datetimes": lambda days: pd.DataFrame({"end": pd.Series(at_noon(days), dtype=object)}),
    "datetimes in UTC": lambda days: pd.DataFrame(
        {"end": pd.Series(at_noon(days, UTC), dtype=object)}
    ),
    "seconds": lambda days: pd.DataFrame({"end": np.array(days, "datetime64[s]")}),
    "polars": lambda days: pl.DataFrame({"end": days}),
    "pyarrow": lambda days: pa.table({"end": pa.array(at_noon(days))}),
    "arrow in pandas": lambda days: pd.DataFrame(
        {"end": pd.Series(pa.array(days), dtype=pd.ArrowDtype(pa.date32()))}
    ),
}


def days_with(code, n, seed):
    rng = np.random.default_rng(seed)
    days = [date(2019, 1, 1) + timedelta(int(k)) for k in rng.choice(1900, n, replace=False)]
    return [code if i % 6 == 0 else day for i, day in enumerate(days)]


@pytest.mark.parametrize("code", FAR, ids=str)
@pytest.mark.parametrize("kind", TABLES)
def test_a_column_with_a_far_date_is_read_as_dates(kind, code):
    here, there = days_with(code, 30, 0), days_with(code, 60, 1)
    problem = make_problem(
        TABLES[kind](here),
        np.arange(30) % 2,
        sources={"b": (TABLES[kind](there), np.arange(60) % 2)},
    )
    column = problem.target.X["end"]
    read = column.dt.strftime("%Y").astype(int) if column.dtype.kind == "M" else column
    assert read.tolist() == [day.year for day in here]


def test_seconds_of_far_dates_are_those_of_the_calendar():
    far, near = (
        pd.Series(np.array(["9999-12-31", "2024-05-01T00:00:00.5", "NaT"], "M8[us]")),
        1714521600.5,
    )
    assert seconds_of(far).tolist()[:2] == [253402214400.0, near]
    assert np.isnan(seconds_of(far)[2])
    columns = column_pair("end", far, far.iloc[:2].dt.tz_localize("UTC"))
    assert columns.target[:2].tolist() == columns.source.tolist()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_seconds_of_near_dates_do_not_depend_on_the_unit(unit):
    days = np.datetime64("1900-01-01") + np.arange(0, 60000, 7)
    assert np.array_equal(
        seconds_of(pd.Series(days.astype(f"datetime64[{unit}]"))),
        days.astype("datetime64[ns]").astype(np.int64) / 1e9,
    )


def test_far_and_near_dates_compare_as_the_calendar_does():
    far, near = np.array(["9999-12-31", "0001-01-01"], "M8[us]"), np.array(["2024-05-01"], "M8[ns]")
    assert in_common_unit(far).dtype == far.dtype and in_common_unit(near).dtype == near.dtype
    assert (as_unit_of(far, near) > near).tolist() == [True, False]
    assert (as_unit_of(near, far) < far).tolist() == [True, False]


@pytest.mark.parametrize(
    "code",
    ["9999-12-31", "2999-12-31", "2100-01-01", "1900-01-01", "1753-01-01", "0001-01-01"],
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_far_day_of_several_rows_is_a_code(code, zone):
    days = pd.Series(np.array(days_with(date.fromisoformat(code), 60, 2), "datetime64[us]"))
    frame = pd.DataFrame({"end": days if zone is None else days.dt.tz_localize(zone)})
    (value,) = sentinel_values(frame)
    assert (value.column, value.value, value.n_rows) == ("end", code, 10)
    assert blanked(frame).end.isna().sum() == 10
    assert with_codes_missing(frame, [code]).end.isna().sum() == 10


def test_codes_at_both_ends_are_both_found():
    days = days_with(date(9999, 12, 31), 60, 3)
    days[1:20:6] = [date(1, 1, 1)] * 4
    frame = pd.DataFrame({"end": np.array(days, "datetime64[us]")})
    assert {value.value for value in sentinel_values(frame)} == {"0001-01-01", "9999-12-31"}


@pytest.mark.parametrize(
    "days",
    [
        np.arange("1890-01-01", "2020-01-01", 40, dtype="datetime64[D]"),
        np.repeat(np.arange("1850", "2020", dtype="datetime64[Y]"), 4),  # years as their first days
        np.repeat(np.arange("2500", "2570", dtype="datetime64[Y]"), 4),  # Buddhist ones
        np.r_[
            np.repeat(np.datetime64("1960-01-01"), 5),
            np.arange("1965-01-01", "2010-01-01", 90, dtype="datetime64[D]"),
        ],
        np.r_[
            np.repeat(np.datetime64("2024-12-31"), 9),
            np.arange("2019-01-01", "2024-01-01", 9, dtype="datetime64[D]"),
        ],
    ],
)
def test_true_days_are_no_codes(days):
    assert sentinel_values(pd.DataFrame({"d": days.astype("datetime64[s]")})) == ()


def test_a_code_blanks_its_day_however_files_write_it():
    column = [
        "31.12.9999",
        "9999-12-31",
        "9999-12-31 00:00:00",
        "12/31/9999",
        "31-Dec-9999",
        "1.5.2024",
    ]
    frame = pd.DataFrame({"end": column, "note": ["see 9999-12-31"] * 6})
    blank = with_days_missing(frame, ["9999-12-31"])
    assert blank.end.isna().tolist() == 5 * [True] + [False]
    assert blank.note.tolist() == frame.note.tolist()
    assert with_days_missing(frame, ["other=9999-12-31"]).end.notna().all()
    assert with_codes_missing(frame, ["end=9999-12-31"]).end.isna().sum() == 5
    # 1/2/1900 may be in January or in February.
    slashed = pd.DataFrame({"end": ["1/2/1900"]})
    assert with_days_missing(slashed, ["1900-02-01"]).end.notna().all()
    hours = pd.DataFrame({"end": pd.to_datetime(["9999-12-31 23:59:59", "2024-05-01 00:00:00"])})
    assert with_codes_missing(hours, ["9999-12-31"]).end.isna().tolist() == [True, False]


def test_subgroups_of_a_column_with_far_dates_are_ranges_of_days():
    days = np.array(days_with(date(9999, 12, 31), 90, 4), "datetime64[us]")
    X = pd.DataFrame({"end": pd.Series(days)})
    problem = make_problem(X, np.arange(90) % 2, sources={"b": (X.iloc[::2], np.arange(45) % 2)})
    grouping = group_rows(problem, ["end"])
    assert sum(int(group.rows.sum()) for group in grouping.subgroups) == 90
