"""Notations of dates that are neither codes nor record numbers, and years of two digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap import make_problem
from transfergap.data.notations.date_notations import written_date
from transfergap.data.notations.dates import could_be_date, dates_like, read_dates
from transfergap.data.notations.short_years import first_year_of

RNG = np.random.default_rng(0)
DAYS = pd.Series(pd.Timestamp("2019-01-01") + pd.to_timedelta(RNG.permutation(1900)[:80], "D"))
HERE, THERE = DAYS[:30].reset_index(drop=True), DAYS[30:].reset_index(drop=True)
FORMS = [
    "%d-%b-%y", "%d%b%y", "%d %b '%y", "%b %d, %y", "%d/%m/%y", "%d.%m.%y", "%m/%d/%y", "%y-%m-%d",
    "%d-%m-%y", "%a %d %b %Y", "%A, %d %B %Y", "%a, %d %b %Y 00:00:00 +0000", "%d/%m-%Y",
    "%d.%m-%Y", "%Y/%m-%d", "%d/%b/%Y", "%Y-%b-%d", "%Y %B %d", "%b-%d-%Y", "%dth of %B %Y",
    "%Y年%m月%d日", "%a %d.%m.%Y",
]  # fmt: skip


def problem_of(here, there):
    rng = np.random.default_rng(1)
    X = [pd.DataFrame({"seen": c, "x": rng.normal(size=len(c))}) for c in (here, there)]
    y = [(np.arange(len(frame)) % 2) for frame in X]
    return make_problem(X[0], y[0], sources={"b": (X[1], y[1])})


@pytest.mark.parametrize("form", FORMS)
def test_dates_of_a_notation_are_read_in_all_files(form):
    problem = problem_of(HERE.dt.strftime(form), THERE.dt.strftime("%Y-%m-%d"))
    assert problem.identifiers == ()
    assert problem.target.X["seen"].tolist() == HERE.tolist()
    assert problem.sources["b"].sample.X["seen"].tolist() == THERE.tolist()


@pytest.mark.parametrize(
    "text", ["31. Dezember 2024", "31 déc. 2024", "31 de diciembre de 2024", "31 dic 2024",
             "Di, 31.12.2024", "31-okt-2024", "mar. 31 mars 2024", "1er mai 2024"],
)  # fmt: skip
def test_months_of_other_languages_are_dates(text):
    assert written_date(text).moment("dates, day first") is not None


@pytest.mark.parametrize(
    "text",
    ["12-Jan-07A", "31/12-2024-X", "A31/12-2024", "31/12-20245", "05-Jux-23", "set 3 12", "120/80",
     "bed 3 of ward 7", "mar 31", "45-Jun-23", "2024-W31-2", "10.0.0.12", "133-65-9789"],
)  # fmt: skip
def test_what_looks_a_little_like_a_date_is_none(text):
    assert not could_be_date(text)
    assert read_dates({"t": pd.Series([text])}, name="") is None


@pytest.mark.parametrize(
    "texts",
    [
        [f"{k:02d}-Jan-07{'ABC'[k % 3]}" for k in range(1, 29)],
        [f"{k:02d}/12-2024-X{k * 37 % 100:02d}" for k in range(1, 29)],
    ],
)
def test_codes_with_a_date_inside_stay_codes(texts):
    problem = problem_of(pd.Series(texts), pd.Series(texts))
    assert [column.name for column in problem.identifiers] == ["seen"]


@pytest.mark.parametrize(
    "texts",
    [
        [
            f"{a}-{b}-{c}"
            for a, b, c in zip(range(13, 25), range(1, 13), range(10, 22), strict=True)
        ],
        [f"1.{a}.{b}" for a, b in zip(range(1, 13), range(10, 22), strict=True)],  # sections
        ["31.12.24", "30.11.23"],  # few
        [f"{k % 12 + 1:02d}/{k % 12 + 1:02d}/{20 + k % 5}" for k in range(40)],  # month or day
        [f"{k % 28 + 1:02d}-Jun-{k:02d}" for k in range(100)],  # any century
    ],
)
def test_numbers_that_may_be_no_dates_stay_text(texts):
    assert read_dates({"t": pd.Series(texts)}, name="") is None


def test_dates_of_no_clear_century_are_named_not_left_out():
    texts = pd.Series([f"{k % 28 + 1:02d}-Jun-{k:02d}" for k in range(100)])
    problem = problem_of(texts, texts)
    assert problem.identifiers == ()
    assert "seen" in problem.column_names


@pytest.mark.parametrize(
    ("short", "full", "years"),
    [
        ([19, 24], [], (2019, 2024)),
        ([98, 4], [], (1998, 2004)),
        ([52, 91], [], (1952, 1991)),
        ([24, 34], [1926], (1924, 1934)),
        ([24, 34], [], (2024, 2034)),
    ],
)
def test_the_century_follows_from_all_years_of_the_column(short, full, years):
    first = first_year_of(short, full)
    assert tuple(first + (year - first) % 100 for year in short) == years


def test_full_years_of_another_table_tell_the_century():
    births = pd.Series([f"0{k % 9 + 1}-Mar-{20 + k}" for k in range(12)])
    known = pd.Series(pd.date_range("1919-05-01", periods=14, freq="YS"))
    for there in (known, known.dt.strftime("%Y-%m-%d")):
        problem = problem_of(births, there)
        assert problem.target.X["seen"].dt.year.tolist() == list(range(1920, 1932))


def test_rows_to_predict_are_of_the_same_century_and_order():
    births = pd.Series([f"{k % 28 + 1:02d}/{k % 12 + 1:02d}/{30 + k}" for k in range(50)])
    read, order = read_dates({"t": births}, name="born")
    assert order == "dates, day first, years 1905 to 2004"
    assert read["t"].dt.year.tolist() == list(range(1930, 1980))
    assert dates_like(pd.Series(["05/06/33"]), order).dt.strftime("%Y-%m-%d").tolist() == [
        "1933-06-05"
    ]
    years_first, order = read_dates({"t": DAYS.dt.strftime("%y-%m-%d")}, name="")
    assert years_first["t"].tolist() == DAYS.tolist()
    assert dates_like(pd.Series(["20-02-03"]), order).dt.strftime("%Y-%m-%d").tolist() == [
        "2020-02-03"
    ]
