"""--effort race on files: planned, run, checked, and typed again."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(360, 2))
    y = (X[:, 0] + rng.normal(0, 0.3, 360) > 0).astype(int)
    y[60:] = 1 - y[60:]
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": y})
    (tmp_path / "shallow_trees.py").write_text(
        "from sklearn.tree import DecisionTreeClassifier\n"
        "def make_tree():\n"
        "    return DecisionTreeClassifier(max_depth=3, random_state=0)\n"
    )
    monkeypatch.chdir(tmp_path)
    table.iloc[:60].to_csv(tmp_path / "target.csv", index=False)
    table.iloc[60:].to_csv(tmp_path / "source.csv", index=False)
    return tmp_path


def line(verb, files, more=""):
    return (
        f"{verb} {files / 'target.csv'} --label y --source s={files / 'source.csv'} --effort race"
        f" --model shallow_trees:make_tree --metric accuracy --margin 0.02 --arm 's pooled' {more}"
    )


def test_a_race_is_planned_run_and_typed_again(type_in, files):
    code, planned, _ = type_in(line("plan", files))
    assert code == 0 and "race effort = at most 130 fits" in planned
    typed = line("run", files, f"--explain none -o {files / 'run'} --quiet")
    assert type_in(typed)[0] == 0
    result = json.loads((files / "run" / "result.json").read_text())
    n_fits = {arm["arm"]: arm["trials"]["completed"] for arm in result["arms"]}
    assert n_fits["control"] == n_fits["s pooled"] <= 20  # a plain harm
    assert result["precision"] == "race"
    assert type_in(typed)[0] == 0
    assert json.loads((files / "run" / "result.json").read_text()) == result
