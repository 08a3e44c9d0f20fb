"""`transfergap screen` on files."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)

    def write(name, n, sign):
        X = rng.normal(size=(n, 3))
        y = (sign * X.sum(axis=1) + rng.normal(size=n) > 0).astype(int)
        pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=y).to_csv(tmp_path / name, index=False)

    for name, n, sign in (("target.csv", 40, 1), ("near.csv", 120, 1), ("far.csv", 120, -1)):
        write(name, n, sign)
    monkeypatch.chdir(tmp_path)
    return "target.csv --label y -s near=near.csv -s far=far.csv"


def test_screen_prints_sources_with_probabilities(files, type_in):
    code, text, _ = type_in(f"screen {files}")
    assert code == 0
    assert text.index("near") < text.index("far ")
    assert "Answer: " in text and "more fits would test near" in text


def test_screen_in_json_spends_the_fits_it_may(files, type_in):
    record = json.loads(type_in(f"screen {files} --fits 20 --format json")[1])
    assert record["n_fits"] == 20
    assert [s["evidence"]["source"] for s in record["sources"]] == ["near", "far"]


def test_a_budget_below_zero_is_a_usage_error(files, type_in):
    code, _, err = type_in(f"screen {files} --fits -1")
    assert code == 2 and "budget of fits" in err
