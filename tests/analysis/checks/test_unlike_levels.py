"""Categories of two files that have no level in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap import audit


def findings(here, there, n=60):
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"dose": rng.normal(size=n), "kind": rng.choice(levels, n)})
        for levels in (here, there)
    ]
    y, z = rng.integers(0, 2, (2, n))
    encoder = OneHotEncoder(handle_unknown="ignore")
    model = make_pipeline(
        make_column_transformer((encoder, ["kind"]), remainder="passthrough"), LogisticRegression()
    )
    study = audit(model, frames[0], y, sources={"b": (frames[1], z)}, arms=["b pooled"],
                  effort="quick")  # fmt: skip
    return [f for f in study.findings if f.code == "TG110"]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (["m", "f"], ["male", "female"]),
        pytest.param(["yes", "no"], ["ja", "nein"], marks=pytest.mark.slow),
        (["low", "middle", "high"], ["L1", "L2", "L3", "L4"]),
    ],
)
def test_both_lists_are_named(here, there):
    (finding,) = findings(here, there)
    assert finding.subject == "b"
    for level in (*here, *there):
        assert repr(level) in finding.says


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (["m", "f"], ["M", "F "]),
        pytest.param(["a", "b", "c"], ["c", "d", "e"], marks=pytest.mark.slow),
        ([f"shop {k}" for k in range(30)], [f"branch {k}" for k in range(30)]),
    ],
)
def test_levels_that_meet_or_are_names_are_left_alone(here, there):
    assert findings(here, there) == []
