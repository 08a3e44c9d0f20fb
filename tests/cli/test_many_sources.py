"""Many sources and many rows on the command line: limits, what is said of them, first looks."""

import json

import numpy as np
import pandas as pd
import pytest

OPTIONS = "t.csv --label y --metric r2 --margin 0.02 --effort quick --explain none"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A target and three sources of numbers, one of them reversed."""
    rng = np.random.default_rng(0)
    for name, n, sign in (("t", 40, 1), ("b", 60, 1), ("c", 60, 1), ("d", 80, -1)):
        X = rng.normal(size=(n, 3))
        y = sign * X.sum(axis=1) + rng.normal(size=n)
        pd.DataFrame(X, columns=list("pqr")).assign(y=y).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


SOURCES = " -s b=b.csv -s c=c.csv -s d=d.csv"


def test_sources_beyond_the_limit_are_named_and_not_tried(here, type_in):
    code, out, _ = type_in(f"run {OPTIONS}{SOURCES} --max-sources 2 -o runs/x")
    assert code == 0 and "1 of 3 sources were not tried by themselves (TG127)" in out
    result = json.loads((here / "runs" / "x" / "result.json").read_text())
    assert [source.get("untried", False) for source in result["sources"]].count(True) == 1
    assert (
        json.loads((here / "runs" / "x" / "request.json").read_text())["options"]["max_sources"]
        == 2
    )


def test_a_first_look_is_on_stderr_and_quiet_leaves_it_out(here, type_in):
    line = f"run {OPTIONS}{SOURCES} --arm 'b pooled' --arm 'd pooled'"
    code, out, err = type_in(f"{line} -o runs/x")
    assert code == 0 and "first look" not in out
    looks = [text for text in err.splitlines() if text.startswith("first look")]
    assert looks and all("so far" in text for text in looks)
    assert any(text.strip().startswith("d pooled") and "hurts, so far" in text
               for text in err.splitlines())  # fmt: skip
    assert "first look" not in type_in(f"{line} -o runs/y --quiet")[2]


def test_a_cap_on_rows_is_said_and_kept_in_the_run(here, type_in):
    line = f"run {OPTIONS}{SOURCES} --arm 'all pooled' -o runs/x"
    code, out, _ = type_in(f"{line} --max-source-rows 30 --format json")
    result = json.loads(out)
    assert code == 0 and [source["n_used"] for source in result["sources"]] == [30, 30, 30]
    assert any("b: 30 of 60, c: 30 of 60, d: 30 of 80" in note for note in result["method_notes"])
    code, _, err = type_in(line)
    assert code == 2 and "max_source_rows was 30 and is now None" in err


def test_plan_says_what_is_left_out(here, type_in):
    code, out, _ = type_in(f"plan {OPTIONS}{SOURCES} --max-sources 2 --max-source-rows 70")
    assert code == 0
    assert "2 of 3 are tried by themselves; --max-sources N tries more" in out
    assert "of 1 of them 70 rows each are used in fits" in out


@pytest.mark.parametrize("wrong", ["--max-sources 0", "--max-source-rows 3"])
def test_impossible_limits_are_errors_of_usage(here, type_in, wrong):
    code, _, err = type_in(f"run {OPTIONS}{SOURCES} {wrong} -o runs/x")
    assert code == 2 and "give a number from" in err
