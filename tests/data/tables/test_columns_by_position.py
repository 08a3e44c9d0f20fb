"""A model that chooses columns by position gets the columns that it means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap import audit
from transfergap.data.tables.identifiers import columns_named_by
from transfergap.errors import DataError

NAMES = ["id", "site", "a", "b"]


def choosing(columns):
    chosen = ColumnTransformer([("numbers", StandardScaler(), columns)])
    return make_pipeline(chosen, LogisticRegression())


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        (choosing([2]), NAMES),
        (choosing(2), NAMES),
        (choosing(slice(2, 4)), NAMES),
        (choosing(np.array([False, False, True, True])), NAMES),
        (choosing([-1]), NAMES),
        (choosing(["a"]), ["a"]),
        (choosing(slice("a", "b")), []),
        (choosing(make_column_selector(dtype_include="number")), []),
        (HistGradientBoostingClassifier(categorical_features=[1]), NAMES),
        (HistGradientBoostingClassifier(categorical_features=["site"]), ["site"]),
        (HistGradientBoostingClassifier(monotonic_cst=[0, 0, 1, 0]), NAMES),
        (HistGradientBoostingClassifier(interaction_cst="pairwise"), []),
        (HistGradientBoostingClassifier(), []),
        (HistGradientBoostingClassifier, []),
    ],
)
def test_the_columns_that_a_model_needs(model, needed):
    assert columns_named_by(model, NAMES) == tuple(needed)


def rows(rng, n, start):
    a = rng.normal(size=n)
    frame = pd.DataFrame({
        "id": [f"P{start + k:05d}" for k in range(n)], "site": 1.0, "a": a, "b": rng.normal(size=n),
    })  # fmt: skip
    return frame, (a + 0.3 * rng.normal(size=n) > 0).astype(int)


@pytest.fixture
def files():
    rng = np.random.default_rng(0)
    return rows(rng, 60, 0), rows(rng, 90, 500)


def score(model, target, source):
    study = audit(model, *target, sources={"s": source}, effort="quick", explain="none",
                  arms=["s pooled"], subgroups=None)  # fmt: skip
    return study.result.arms[0].score


def test_columns_by_position_are_those_of_the_file(files):
    """An id and a constant column stand before them, and are left out of other models."""
    by_name = score(choosing(["a"]), *files)
    assert score(choosing([2]), *files) == by_name > 0.9
    assert score(choosing(slice(2, 3)), *files) == by_name


def test_a_source_that_lacks_a_column_has_no_such_positions(files):
    target, (X, y) = files
    with pytest.raises(DataError, match="b"):
        score(choosing([2]), target, (X.drop(columns="b"), y))
