"""Subgroups and curves from the command line."""

from __future__ import annotations

import json

import pytest

MODEL = """
from sklearn.compose import make_column_transformer
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

def make_model():
    return make_pipeline(make_column_transformer(("passthrough", ["age"])), RidgeClassifier())
"""
RUN = (
    "run target.csv --label y --source b=b.csv --metric accuracy --margin 0.02 --effort quick"
    ' --arm "b pooled" --explain none --model quick_models:make_model -o runs/x'
)


@pytest.fixture
def here(table_files, monkeypatch):
    monkeypatch.chdir(table_files)
    (table_files / "quick_models.py").write_text(MODEL)
    return table_files


def result_of(here):
    return json.loads((here / "runs" / "x" / "result.json").read_text())


def test_subgroups_of_columns_that_are_no_features(here, type_in):
    code, *_ = type_in(f"{RUN} --drop sex --subgroups sex --subgroups age")
    assert code == 0
    everything = " ".join(type_in("show runs/x --all")[1].split())
    assert "looks below the average (1 arm in 5 subgroups)" in everything
    gaps = result_of(here)["subgroups"]["gaps"]
    assert {gap["subgroup"] for gap in gaps} >= {"sex = f", "sex = m"}
    assert "Who is hurt?" in (here / "runs" / "x" / "report.html").read_text()
    request = json.loads((here / "runs" / "x" / "request.json").read_text())
    assert request["options"]["subgroups"] == ["sex", "age"]


@pytest.mark.parametrize(("choice", "searched"), [("none", False), ("auto", False), ("find", True)])
def test_a_search_is_asked_for_and_declined(choice, searched, here, type_in):
    assert type_in(f"{RUN} --subgroups {choice}")[0] == 0
    assert ("subgroups" in result_of(here)) == searched


def test_other_subgroups_are_no_other_design(here, type_in):
    assert type_in(RUN)[0] == 0
    assert "subgroups" not in result_of(here)
    assert type_in(f"{RUN} --subgroups sex")[0] == 0
    assert type_in("fit runs/x -o model.skops")[0] == 0


def test_check_refuses_harm_to_a_subgroup_that_was_looked_at(here, type_in):
    assert type_in(RUN)[0] == 0
    code, _, err = type_in("check runs/x --max-harm 9 --max-subgroup-harm 0.1")
    assert (code, "--subgroups COLUMN" in err) == (2, True)
    assert type_in(f"{RUN} --subgroups sex")[0] == 0
    assert type_in("check runs/x --max-harm 9 --max-subgroup-harm 9")[0] == 0
    code, out, _ = type_in("check runs/x --max-harm 9 --max-subgroup-harm 0")
    assert code in (1, 3)
    assert "sex = f" in out
    code, out, _ = type_in("check runs/x --max-harm 9 --max-subgroup-harm 9 --format json")
    assert [r["ruling"] for r in json.loads(out)["subgroup_rulings"]] == ["passes"] * 2


def test_a_misspelled_subgroup_is_said_before_anything_runs(here, type_in):
    code, _, err = type_in(f"{RUN} --subgroups sexx")
    assert code == 2
    assert "did you mean 'sex'?" in err
    assert not (here / "runs").exists()


def test_a_curve_by_toml_and_its_plan(here, type_in):
    (here / "audit.toml").write_text(
        """
        [target]
        path = "target.csv"
        label = "y"
        [sources]
        b = "b.csv"
        [design]
        metric = "accuracy"
        margin = 0.02
        effort = "quick"
        arms = ["b pooled"]
        model = "quick_models:make_model"
        subgroups = ["sex"]
        learning_curve = true
        output = "runs/x"
        """
    )
    code, out, _ = type_in("plan audit.toml")
    assert code == 0
    assert "= 160 fits" in out and "at most 120 of these fits" in out
    assert type_in("run audit.toml")[0] == 0
    assert result_of(here)["curve"]["axis"] == "target rows"
    assert type_in("show runs/x")[0] == 0


def test_a_curve_that_is_neither_true_nor_false_is_refused(here, type_in):
    (here / "audit.toml").write_text('[target]\npath = "target.csv"\n[design]\ncurve = "yes"\n')
    code, _, err = type_in("run audit.toml")
    assert (code, "true or false" in err) == (2, True)
