"""Rows whose label is a code that was typed are left out and counted; any other stops."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.files.reading import Reading
from transfergap.cli.files.tables import read_table
from transfergap.cli.request.config import request_from
from transfergap.cli.request.request import grouping_from, problem_from
from transfergap.errors import DataError

ROW = range(0, 60, 10)


def people(n, seed):
    rng = np.random.default_rng(seed)
    age = rng.normal(50, 10, n).round(1)
    ward = rng.choice(["a", "b"], n)
    return pd.DataFrame({"age": age, "ward": ward, "y": (age + rng.normal(0, 8, n) > 50) * 1})


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people(60, 1).to_csv("t.csv", index=False)
    people(90, 2).to_csv("b.csv", index=False)
    return tmp_path


def with_label(code):
    frame = people(60, 1)
    frame["y"] = frame.y.astype(object if isinstance(code, str) else float)
    frame.loc[list(ROW), "y"] = code
    return frame


def posed(target="t.csv", **options):
    request = request_from(Path(target), {"sources": ["b=b.csv"], "label": "y", **options})
    return request, problem_from(request)[1]


@pytest.mark.parametrize("code", ["?", "NA", "-999", "-999.0", "", "no answer", -9.0])
def test_rows_whose_label_is_a_typed_code_are_left_out_and_counted(here, code):
    with_label(code).to_csv("t.csv", index=False)
    typed = code.removesuffix(".0") if isinstance(code, str) else "-9"
    _, problem = posed(na=(typed,))
    kept = people(60, 1).drop(index=list(ROW))
    assert problem.target_facts["n_unlabelled"] == 6
    assert problem.target.y.tolist() == kept.y.tolist()
    assert problem.target.y.dtype.kind == "i"
    assert problem.target.X.age.tolist() == kept.age.tolist()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_code_of_the_label_alone_blanks_no_other_column(here, kind):
    target = with_label(9.0).assign(visits=9).astype({"y": int})
    target.to_csv("t.csv", index=False) if kind == "csv" else target.to_parquet("t.parquet")
    people(90, 2).assign(visits=3).to_csv("b.csv", index=False)
    _, problem = posed(f"t.{kind}", na=("y=9",), keep=("visits",))
    assert problem.target_facts["n_unlabelled"] == 6
    assert problem.target.X.visits.tolist() == [9] * 54


@pytest.mark.parametrize(
    ("code", "words", "hint"),
    [
        ("NA", "6 of 60 labels of t.csv are missing: the word 'NA'", "add --na=NA"),
        ("#N/A", "the word '#N/A' was read as missing", "--keep-na '#N/A'"),
        ("", "6 of 60 labels of t.csv are missing; the first is in row 0", "add --na=''"),
    ],
)
def test_labels_that_are_missing_by_themselves_stop_with_what_to_type(here, code, words, hint):
    with_label(code).to_csv("t.csv", index=False)
    with pytest.raises(DataError) as caught:
        posed(na=("-999",))
    assert words in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize("ending", ["parquet", "feather", "json"])
def test_codes_are_missing_in_files_that_are_no_text(here, ending):
    frame = with_label(-999.0).assign(age=lambda t: t.age.where(t.index != 3, -999.0))
    match ending:
        case "json":
            Path("t.json").write_text(json.dumps(frame.to_dict("records")))
        case "feather":
            frame.to_feather("t.feather")
        case _:
            frame.to_parquet("t.parquet")
    table = read_table(Path(f"t.{ending}"), Reading("y", na=("-999",)), is_target=True)
    assert (table.n_unlabelled, len(table.y), int(table.X.age.isna().sum())) == (6, 54, 1)
    with pytest.raises(DataError, match="6 of 60 labels"):
        blank = frame.replace({"y": {-999.0: np.nan}})
        blank.to_parquet("blank.parquet")
        read_table(Path("blank.parquet"), Reading("y", na=("?",)), is_target=True)


def test_subgroups_by_a_column_that_is_no_feature_are_of_the_rows_that_remain(here):
    with_label("?").to_csv("t.csv", index=False)
    request, problem = posed(na=("?",), drop=("ward",), subgroups=("ward",))
    grouping = grouping_from(request, problem)
    assert grouping is not None and len(problem.target) == 54


def test_the_screen_and_a_finding_tell_of_rows_that_were_left_out(here, type_in):
    frame = people(90, 2).astype({"y": object})
    frame.loc[:8, "y"] = "?"
    frame.to_csv("b.csv", index=False)
    line = (
        "run t.csv b.csv --label y --na '?' -o r --quiet --effort quick --explain none"
        " --arm 'b pooled'"
    )
    code, out, _ = type_in(line)
    assert code == 0 and "9 of 90 rows of b left out: no label (TG134)" in out
    findings = json.loads(Path("r/result.json").read_text())["findings"]
    (finding,) = [f for f in findings if f["code"] == "TG134"]
    assert (finding["subject"], finding["strength"]) == ("b", "moderate")
    code, _, err = type_in("fit t.csv --label y --source b=b.csv --na '?' -o m.skops")
    assert code == 0 and "b: 9 rows left out that have no label" in err


@pytest.mark.parametrize("option", ["", "--task regression"])
def test_labels_with_marks_are_numbers_for_fit_and_encoder_too(here, type_in, option):
    for name, n in (("t", 60), ("b", 90)):
        frame = people(n, n)
        frame.assign(y=[f"${1000 + 7 * age:,.2f}" for age in frame.age]).to_csv(f"{name}.csv")
    code, _, err = type_in(f"fit t.csv --label y --source b=b.csv {option} -o m.skops")
    assert code == 0, err
    code, out, err = type_in(f"encoder t.csv --label y {option} -o e.json")
    assert code == 0 and "labels numbers" in out, err
