"""One file for all sites (`--domain`), and `init`, which writes what `run` would guess."""

from __future__ import annotations

import json

import pandas as pd
import pytest

MODEL = """
from sklearn.linear_model import LogisticRegression
from sklearn.compose import make_column_transformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

def make():
    numbers = make_column_selector(dtype_include="number")
    columns = make_column_transformer((SimpleImputer(), numbers))
    return make_pipeline(columns, LogisticRegression(max_iter=500))
"""
ARMS = "--arm 'b pooled' --arm 'c pooled'"
SETTING = "--effort quick --explain none --quiet --model site_models:make"


@pytest.fixture
def here(table_files, monkeypatch):
    monkeypatch.chdir(table_files)
    (table_files / "site_models.py").write_text(MODEL)
    frames = {name: pd.read_csv(f"{name}.csv") for name in ("target", "b")}
    frames["c"] = frames["b"].sample(frac=0.7, random_state=1)
    parts = [frame.assign(site=name) for name, frame in frames.items()]
    pd.concat(parts).sample(frac=1, random_state=0).to_csv("all.csv", index=False)
    return table_files


def arms_of(here, run):
    result = json.loads((here / "runs" / run / "result.json").read_text())
    return result, {arm["arm"] for arm in result["arms"] if arm["judged"]}


def test_the_other_domains_of_one_file_are_sources(here, type_in):
    code, out, err = type_in(f"run all.csv --domain site=target -y y {SETTING} {ARMS} -o runs/x")
    assert (code, err) == (0, "")
    result, arms = arms_of(here, "x")
    assert {"b pooled", "c pooled"} <= arms and "target: no source" in out
    assert result["target_info"]["n_rows"] == len(pd.read_csv("target.csv"))
    assert {s["name"]: s["n_given"] for s in result["sources"]} == {
        "b": len(pd.read_csv("b.csv")), "c": round(0.7 * len(pd.read_csv("b.csv"))),
    }  # fmt: skip


def test_one_file_and_several_say_the_same_for_the_same_rows(here, type_in):
    whole = pd.read_csv("all.csv")
    for name, part in whole.groupby("site"):
        part.drop(columns="site").to_csv(f"only_{name}.csv", index=False)
    same = f"-y y {SETTING} --arm 'all pooled' -o"
    type_in(f"run all.csv --domain site=target {same} runs/one")
    type_in(f"run only_target.csv -s b=only_b.csv -s c=only_c.csv {same} runs/several")
    one, several = (arms_of(here, run)[0]["gaps"] for run in ("one", "several"))
    assert one == several


def test_the_model_of_such_a_run_is_fitted_again(here, type_in):
    type_in(f"run all.csv --domain site=target -y y {SETTING} --arm 'b pooled' -o runs/x")
    code, out, _ = type_in("fit runs/x -o m.skops")
    assert code == 0 and " b " in out and " c " in out


@pytest.mark.parametrize(
    ("option", "message", "hint"),
    [
        ("site", "site has:", "write --domain site=OWN"),
        ("site=targt", "site has:", "write --domain site=target"),
        ("sites=target", "sites", "site"),
        ("site=target -s b=b.csv", "sources were named, too", "leave one of them out"),
    ],
)
def test_a_domain_that_is_not_there_is_one_clear_error(here, type_in, option, message, hint):
    code, _, err = type_in(f"run all.csv --domain {option} -y y {SETTING} -o runs/x")
    assert code == 2 and message in err and hint in err
    assert not (here / "runs").exists()


def test_rows_without_a_domain_are_refused(here, type_in):
    table = pd.read_csv("all.csv")
    table.loc[3, "site"] = None
    table.to_csv("all.csv", index=False)
    code, _, err = type_in(f"run all.csv --domain site=target -y y {SETTING} -o runs/x")
    assert code == 2 and "1 rows of all.csv have no 'site'" in err


def test_init_writes_what_run_reads(here, type_in):
    (here / "a" / "b").mkdir(parents=True)
    code, out, _ = type_in("init target.csv b.csv --label y --margin 0.03 --file a/b/audit.toml")
    assert code == 0 and "transfergap run a/b/audit.toml" in out
    text = (here / "a" / "b" / "audit.toml").read_text()
    assert 'path = "../../target.csv"' in text and "margin = 0.03" in text
    assert "# margin" not in text and "# metric" in text
    code, out, _ = type_in(f"run a/b/audit.toml {SETTING} --arm 'b pooled' -o runs/x")
    assert code == 0 and "margin 0.030" in out


def test_init_replaces_nothing_unasked(here, type_in):
    assert type_in("init target.csv b.csv")[0] == 0
    before = (here / "audit.toml").read_text()
    code, _, err = type_in("init target.csv b.csv --margin 0.5")
    assert code == 2 and "--force replaces it" in err
    assert (here / "audit.toml").read_text() == before
    assert type_in("init target.csv b.csv --margin 0.5 --force")[0] == 0
    code, _, err = type_in("init target.csv b.csv --file notes.txt")
    assert code == 2 and "no .toml file" in err


def test_odd_names_stand_between_quotes(here, type_in):
    pd.read_csv("b.csv").to_csv('klinik "süd" [1].csv', index=False)
    code, _, err = type_in('init target.csv "klinik \\"süd\\" [1].csv" --label y')
    assert code == 0, err
    code, _, err = type_in(f"run audit.toml {SETTING} --arm 'klinik \"süd\" [1] pooled' -o runs/x")
    assert code == 0, err
