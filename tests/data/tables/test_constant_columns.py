"""Columns that hold one value in every file are in no model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap import audit
from transfergap.data.tables.constant_columns import constant_columns
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError


def files(n=60, n_source=90):
    rng = np.random.default_rng(0)

    def rows(n_rows):
        X = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=list("abc"))
        return X, (X["a"] + rng.normal(size=n_rows) > 0).astype(int).to_numpy()

    (X, y), (Xb, yb) = rows(n), rows(n_source)
    return X, y, Xb, yb


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (["mg"] * 3, ["mg"] * 2, True),
        ([7, 7, 7], [7, 7], True),
        ([None] * 3, [None] * 2, True),
        ([np.nan] * 3, [np.nan] * 2, True),
        (pd.Categorical(["x"] * 3), pd.Categorical(["x"] * 2, categories=["x", "y"]), True),
        (pd.to_datetime(["2020-01-01"] * 3), pd.to_datetime(["2020-01-01"] * 2), True),
        (["mg"] * 3, ["g"] * 2, False),  # the same in each file, but it tells the files apart
        ([7, 7, 7], [7, 8], False),
        ([7, 7, 8], [7, 7], False),
        ([7, 7, None], [7, 7], False),  # whether it was measured may tell something
        ([None] * 3, [1.0, 2.0], False),
        ([1.0, 2.0, 3.0], [None] * 2, False),
    ],
)
def test_one_value_in_all_files_is_constant(ours, theirs, expected):
    target = pd.DataFrame({"c": ours, "a": [1, 2, 3]})
    source = pd.DataFrame({"c": theirs, "a": [1, 2]})
    assert constant_columns([target, source]) == (("c",) if expected else ())
    assert constant_columns([target, source], keep=["c"]) == ()


def test_a_column_that_varies_late_is_not_constant():
    frame = pd.DataFrame({"c": [0] * 5000 + [1], "a": range(5001)})
    assert constant_columns([frame]) == ()


def test_a_table_is_not_left_without_columns():
    assert constant_columns([pd.DataFrame({"c": [1, 1]})]) == ()
    assert constant_columns([pd.DataFrame({"c": []})]) == ()


def test_no_verdict_hangs_on_columns_without_information():
    """A discriminant shrinks towards the mean spread of its columns, constant ones included."""
    X, y, Xb, yb = files()
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
    arms = ["b pooled", "b only"]
    options = {"effort": "quick", "explain": "none", "random_state": 0, "arms": arms}
    clean = audit(model, X, y, sources={"b": (Xb, yb)}, **options)
    more = {"unit": "mg", "lost": np.nan, "version": 3}
    wide = audit(
        model,
        X.assign(**more),
        y,
        sources={"b": (Xb.assign(**more), yb)},
        **options,
    )
    assert [(a.arm, a.score, a.gap) for a in wide.arms] == [
        (a.arm, a.score, a.gap) for a in clean.arms
    ]
    said = next(f for f in wide.findings if f.code == "TG114")
    assert said.columns == ("unit", "lost", "version")
    assert "left out of all" in said.says and "--keep unit" in said.fix
    assert wide.fit_safe().predict(X.assign(**more)).shape == (60,)


def test_a_column_that_is_kept_or_that_the_model_names_stays():
    X, y, Xb, yb = files()
    X, Xb = X.assign(unit="mg"), Xb.assign(unit="mg")
    sources = {"b": (Xb, yb)}
    assert "unit" not in make_problem(X, y, sources=sources).target.X
    assert "unit" in make_problem(X, y, sources=sources, keep=["unit"]).target.X
    named = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["unit"]), remainder="passthrough"),
        LogisticRegression(),
    )
    result = audit(named, X, y, sources=sources, arms=["b pooled"], effort="quick", explain="none")
    assert not [f for f in result.findings if f.code == "TG114" and "left out" in f.says]


def test_subgroups_of_a_constant_column_are_refused():
    X, y, Xb, yb = files()
    with pytest.raises(ConfigurationError, match="the same in all rows"):
        audit(
            LogisticRegression(), X.assign(unit="mg"), y,
            sources={"b": (Xb.assign(unit="mg"), yb)}, subgroups=["unit"],
        )  # fmt: skip
