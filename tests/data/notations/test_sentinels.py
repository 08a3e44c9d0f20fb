"""Codes of missing values: named where they are, and not where values are true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from tests.conftest import SHARED

from transfergap import audit
from transfergap.data.notations.sentinels import sentinel_values, zero_codes


def with_code(values, code, n=4, seed=0):
    rows = np.random.default_rng(seed).choice(len(values), n, replace=False)
    changed = np.asarray(values, float).copy()
    changed[rows] = code
    return pd.DataFrame({"x": changed})


RNG = np.random.default_rng(5)
COLUMNS = {
    "ages": RNG.integers(18, 91, 120),
    "incomes": RNG.lognormal(10, 1, 120).round(2),
    "temperatures": RNG.normal(12, 9, 120).round(1),
    "a rating": RNG.integers(1, 8, 120),
    "days waited": RNG.geometric(0.02, 120),
}


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("ages", 999),
        ("ages", 9999),
        ("ages", -1),
        ("ages", -9),
        ("incomes", -1),
        ("incomes", 9999999),
        ("temperatures", -999),
        ("temperatures", 999.9),
        ("temperatures", 1e20),
        ("a rating", 99),
        ("days waited", -99),
        ("days waited", 9999),
    ],
)
def test_a_code_far_from_the_rest_is_named(column, code):
    (value,) = sentinel_values(with_code(COLUMNS[column], code))
    assert (value.column, float(value.value), value.n_rows) == ("x", float(code), 4)


def test_a_heap_at_the_end_of_the_range_is_named():
    ages = np.r_[RNG.integers(18, 60, 100), 71, 83, np.full(12, 99)]
    assert [value.value for value in sentinel_values(pd.DataFrame({"age": ages}))] == ["99"]


def test_minus_one_among_counts_from_zero_is_named():
    days = np.r_[RNG.integers(0, 400, 60), np.full(80, -1)]
    assert [value.value for value in sentinel_values(pd.DataFrame({"days": days}))] == ["-1"]


def test_two_codes_side_by_side_are_both_named():
    rating = np.r_[RNG.integers(1, 8, 60), np.full(5, 88), np.full(5, 99)]
    assert {value.value for value in sentinel_values(pd.DataFrame({"r": rating}))} == {"88", "99"}


@pytest.mark.parametrize("day", ["1970-01-01", "1900-01-01", "9999-12-31"])
def test_the_first_day_of_a_calendar_is_named(day):
    dates = np.datetime64("2015-03-01") + RNG.integers(0, 900, 50).astype("timedelta64[D]")
    values = np.r_[dates, np.full(3, np.datetime64(day))]
    frame = pd.DataFrame({"visit": pd.Series(values.astype("datetime64[us]"))})
    assert [value.value for value in sentinel_values(frame)] == [day]


@pytest.mark.parametrize(
    "values",
    [
        RNG.integers(-3, 4, 200),  # -1 is one of many negative values
        RNG.integers(0, 100, 300),  # 99 ends a range without a gap
        np.repeat(np.arange(-1, 9), 20),  # a scale from -1 on
        RNG.normal(0, 1, 200).round(),
        np.r_[RNG.lognormal(3, 1.5, 300), 9999.0],  # once is no code
        RNG.integers(0, 2, 100) * -1,
        np.repeat([1, 2, 3, 9], 20),  # few levels: 9 may be one
    ],
)
def test_true_values_are_no_codes(values):
    assert sentinel_values(np.asarray(values, float)[:, None]) == ()


def test_the_finding_names_the_file_and_the_option():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.integers(20, 80, 60), "dose": rng.normal(size=60)})
    y = rng.integers(0, 2, 60)
    Z = pd.DataFrame({"age": rng.integers(20, 80, 80), "dose": rng.normal(size=80)})
    Z.loc[:9, "age"] = -999
    sources = {"b": (Z, rng.integers(0, 2, 80))}
    options = {"effort": "quick", "explain": "none", "arms": ["b pooled"]}
    study = audit(LogisticRegression(), X, y, sources=sources, **options)
    (finding,) = [f for f in study.findings if f.code == "TG119"]
    assert finding.subject == "b"
    assert "-999 looks like a code for missing: 10 rows of 'age'" in finding.says
    assert "--na=-999" in finding.fix


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_codes_are_rarely_seen_in_real_tables():
    n_columns = 0
    named = set()
    for file in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(file)
        numbers = frame.select_dtypes(["number", "datetime"])
        for k in range(4):
            sample = numbers.sample(min(300, len(numbers)), random_state=k)
            n_columns += numbers.shape[1]
            named |= {(file.parent.name, v.column, v.value, k) for v in sentinel_values(sample)}
    true = {v for v in named if v[0] != "heart4"}  # where -9 is the codebook's code
    assert len(true) <= 0.005 * n_columns


def test_a_code_that_one_column_shows_counts_in_columns_of_few_levels():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "chol": np.r_[np.full(20, -9.0), rng.integers(100, 400, 180)],
            "slope": np.r_[np.full(120, -9.0), rng.integers(1, 4, 80)],
            "change": rng.integers(-9, 10, 200).astype(float),
            "grade": np.r_[np.full(60, -1.0), rng.integers(0, 3, 140)],
        }
    )
    assert [(v.column, v.value, v.n_rows) for v in sentinel_values(table)] == [
        ("chol", "-9", 20), ("slope", "-9", 120),
    ]  # fmt: skip
    # Without the column that shows it, few levels are levels of a scale.
    assert sentinel_values(table[["slope", "change", "grade"]]) == ()


def zeros_among(values, share, seed=0):
    """Return values of which a share is zero."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(values)) < share, 0.0, values)


BMI = np.random.default_rng(1).uniform(17, 37, (2, 150)).round(1)
YEARS = np.random.default_rng(2).integers(1930, 2010, (2, 150)).astype(float)


@pytest.mark.parametrize(("here", "there"), [BMI, YEARS])
def test_zeros_of_one_file_that_stand_apart_are_codes(here, there):
    column = zeros_among(here, 0.2)
    (value,) = zero_codes(column[:, None], there[:, None])
    assert (value.value, value.n_rows) == ("0", int((column == 0).sum()))
    assert zero_codes(there[:, None], column[:, None]) == ()


@pytest.mark.parametrize(
    "here, there",
    [
        pytest.param(zeros_among(BMI[0], 0.2), zeros_among(BMI[1], 0.2), id="in both files"),
        pytest.param(zeros_among(BMI[0], 0.02), BMI[1], id="rare, so that the other may lack it"),
        pytest.param(zeros_among(BMI[0], 0.2), BMI[1] - 15, id="values near to zero elsewhere"),
        pytest.param(RNG.poisson(1.5, 150), 1 + RNG.poisson(1.5, 150), id="a count"),
        pytest.param(zeros_among(RNG.lognormal(7, 1, 150), 0.5), RNG.lognormal(7, 1, 150),
                     id="amounts"),
        pytest.param(zeros_among(RNG.choice([50.0, 80.0], 150), 0.3), np.full(150, 50.0),
                     id="doses"),
        pytest.param(zeros_among(BMI[0] - 27, 0.2), BMI[1] - 27, id="differences"),
    ],
)  # fmt: skip
def test_zeros_that_may_be_values_are_none(here, there):
    assert zero_codes(np.asarray(here, float)[:, None], np.asarray(there, float)[:, None]) == ()


def test_a_zero_of_one_column_is_named_with_its_column():
    rng = np.random.default_rng(0)
    X, Z = (pd.DataFrame({"body mass": v, "visits": rng.poisson(1, 150)}) for v in BMI)
    Z["body mass"] = zeros_among(Z["body mass"].to_numpy(), 0.2)
    y, z = rng.integers(0, 2, (2, 150))
    study = audit(None, X, y, sources={"b": (Z, z)}, arms=["b pooled"], effort="quick",
                  explain="none")  # fmt: skip
    finding = next(f for f in study.findings if f.code == "TG119")
    assert "add --na 'body mass=0'." in finding.fix


def test_a_code_of_one_column_is_missing_there_alone(tmp_path):
    from transfergap.cli.files.reading import Reading
    from transfergap.cli.files.tables import read_frame

    path = tmp_path / "t.csv"
    path.write_text("bmi,visits,y\n0,0,1\n21.5,2,0\n")
    frame = read_frame(path, Reading("y", na=("bmi=0",)))
    assert frame["bmi"].isna().tolist() == [True, False]
    assert frame["visits"].tolist() == [0, 2]
    renamed = read_frame(path, Reading("y", na=("mass=0",), rename={"bmi": "mass"}))
    assert renamed["mass"].isna().tolist() == [True, False]
