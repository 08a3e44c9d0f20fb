"""Dates written as text are dates, alike in all files, whatever the order of their parts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from typer.testing import CliRunner

from transfergap import SafeTransferClassifier, audit
from transfergap.cli.main import app
from transfergap.data.notations.dates import read_dates
from transfergap.data.validation import make_problem
from transfergap.errors import DataError

DAYS = pd.date_range("2020-01-01", periods=140, freq="3D")
WRITTEN = {
    "iso": "%Y-%m-%d",
    "slashes": "%Y/%m/%d",
    "points": "%d.%m.%Y",
    "days first": "%d/%m/%Y",
    "months first": "%m/%d/%Y",
    "dashes": "%d-%m-%Y",
    "words": "%d-%b-%Y",
    "words in front": "%B %d, %Y",
    "with a time": "%d.%m.%Y 00:00",
    "with seconds": "%Y-%m-%dT00:00:00Z",
    "with halves": "%m/%d/%Y 12:00 AM",
}


def rows(n, seed, form=None):
    rng = np.random.default_rng(seed)
    days = pd.Series(rng.permutation(DAYS)[:n])
    X = pd.DataFrame({"day": days, "x": rng.normal(size=n)})
    y = (X.x + (days - DAYS[0]).dt.days / 200 + rng.normal(size=n) > 1).astype(int).to_numpy()
    return (X if form is None else X.assign(day=days.dt.strftime(WRITTEN[form]))), y


def as_days(column):
    return column.astype("datetime64[s]").tolist()


@pytest.mark.parametrize("form", WRITTEN)
def test_dates_of_every_form_meet(form):
    (X, y), (Z, z) = rows(60, 0, "iso"), rows(90, 1, form)
    problem = make_problem(X, y, sources={"b": (Z, z)})
    assert as_days(problem.target.X["day"]) == as_days(rows(60, 0)[0]["day"])
    assert as_days(problem.sources["b"].sample.X["day"]) == as_days(rows(90, 1)[0]["day"])


def test_texts_and_dates_of_a_table_in_memory_are_one():
    (X, y), (Z, z) = rows(60, 0), rows(90, 1, "points")
    problem = make_problem(X, y, sources={"b": (Z, z)})
    assert as_days(problem.sources["b"].sample.X["day"]) == as_days(rows(90, 1)[0]["day"])


def test_an_order_that_one_file_tells_is_that_of_the_other():
    here = pd.Series(["31/12/2023", "3/4/2024"])
    there = pd.Series(["5/6/2023", "7/8/2024", None])
    read, order = read_dates({"t": here, "b": there}, name="day")
    assert order == "dates, day first"
    assert read["b"].dt.month.dropna().tolist() == [6, 8]
    assert read["b"].isna().tolist() == [False, False, True]


def test_files_may_differ_in_the_order_that_each_tells():
    read, _ = read_dates(
        {"t": pd.Series(["31/12/2023", "1/2/2024"]), "b": pd.Series(["12/31/2023", "1/2/2024"])},
        name="day",
    )
    assert [read[label].dt.month.tolist() for label in "tb"] == [[12, 2], [12, 1]]


def test_an_order_that_no_file_tells_is_asked_about():
    with pytest.raises(DataError, match="'day' could be days first or months first") as error:
        read_dates({"t": pd.Series(["3/4/2024", "5/6/2024"])}, name="day")
    assert "--category day" in error.value.hint


@pytest.mark.parametrize(
    "texts",
    ["2024-01-01|unknown", "2024-02-30", "31.12.24", "31/12/2023|12/31/2023", "2010-2015", "1.2.3",
     "120/80/60", "2024-01-01 25:00", "10.0.0.12"],
)  # fmt: skip
def test_what_is_no_date_stays_text(texts):
    assert read_dates({"t": pd.Series(texts.split("|"))}, name="day") is None


def test_zones_are_read_as_instants():
    read, _ = read_dates({"t": pd.Series(["2024-01-01T01:30+02:00", "2023-12-31T23:30Z"])}, name="")
    assert read["t"].nunique() == 1


def test_a_declared_category_stays_one():
    (X, y), (Z, z) = rows(60, 0, "iso"), rows(90, 1, "iso")
    X, Z = (frame.astype({"day": "category"}) for frame in (X, Z))
    problem = make_problem(X, y, sources={"b": (Z, z)})
    assert isinstance(problem.target.X["day"].dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("form", ["points", "months first"])
def test_an_audit_of_texts_is_that_of_dates(form):
    options = {"arms": ["b pooled"], "effort": "quick", "explain": "none", "subgroups": "none"}
    (X, y), (Z, z) = rows(60, 0), rows(90, 1)
    plain = audit(None, X, y, sources={"b": (Z, z)}, **options)
    (X, y), (Z, z) = rows(60, 0, "iso"), rows(90, 1, form)
    written = audit(None, X, y, sources={"b": (Z, z)}, **options)
    columns = ["arm", "score", "estimate", "low", "high", "verdict"]
    pd.testing.assert_frame_equal(written.to_frame()[columns], plain.to_frame()[columns])
    says = next(finding.says for finding in written.findings if finding.code == "TG118")
    assert f"'day': {form.replace('points', 'day first').replace('months', 'month')}" in says


def test_dates_in_files_are_dates(tmp_path):
    for name, n, form in (("t", 60, "iso"), ("b", 90, "points")):
        X, y = rows(n, n, form)
        X.assign(y=y).to_csv(tmp_path / f"{name}.csv", index=False)
    out = CliRunner().invoke(
        app,
        ["run", str(tmp_path / "t.csv"), str(tmp_path / "b.csv"), "--label", "y", "--yes",
         "-o", str(tmp_path / "run"), "--effort", "quick", "--explain", "none"],
    )  # fmt: skip
    assert out.exit_code == 0, out.output
    (result,) = tmp_path.glob("run/result.json")
    findings = json.loads(result.read_text())["findings"]
    assert "'day': day first" in next(f["says"] for f in findings if f["code"] == "TG118")


def test_rows_to_predict_may_be_written_as_those_of_the_fit():
    (X, y), (Z, z) = rows(60, 0, "points"), rows(90, 1, "points")
    model = SafeTransferClassifier(random_state=0).fit(X, y, sources={"b": (Z, z)})
    dates = SafeTransferClassifier(random_state=0).fit(
        rows(60, 0)[0], y, sources={"b": (rows(90, 1)[0], z)}
    )
    few = pd.DataFrame({"day": ["03.04.2020", "01.02.2020"], "x": [0.1, 0.2]})
    days = few.assign(day=pd.to_datetime(["2020-04-03", "2020-02-01"]))
    np.testing.assert_allclose(model.predict_proba(few), dates.predict_proba(days))


@pytest.mark.parametrize(("code", "where"), [("unknown", "b"), ("00.00.0000", "b")])
def test_dates_that_cannot_be_read_are_named(code, where):
    (X, y), (Z, z) = rows(60, 0, "points"), rows(90, 1, "points")
    Z.loc[4, "day"] = code
    study = audit(DummyClassifier(), X, y, sources={"b": (Z, z)}, arms=["b pooled"],
                  effort="quick", explain="none")  # fmt: skip
    finding = next(finding for finding in study.findings if finding.code == "TG137")
    assert finding.subject == where
    assert repr(code) in finding.says
