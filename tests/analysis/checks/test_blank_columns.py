"""Columns of the target that a source leaves blank are named first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transfergap import audit
from transfergap.report.brief.faults import faults_of


def rows(n, seed, blank_share=0.0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"income": rng.normal(size=n), "x": rng.normal(size=n)})
    y = (X.income + X.x + rng.normal(size=n) > 0).astype(int).to_numpy()
    return X.assign(income=X.income.mask(rng.random(n) < blank_share)), y


@pytest.mark.parametrize(
    ("here", "there", "is_named"),
    [(0.0, 1.0, True), (0.3, 0.97, True), (0.9, 1.0, False), (0.0, 0.5, False)],
)
def test_a_column_that_a_source_leaves_blank_is_named_first(here, there, is_named):
    study = audit(None, *rows(80, 0, here), sources={"b": rows(120, 1, there)},
                  arms=["b pooled"], effort="quick", explain="none", subgroups="none")  # fmt: skip
    assert ("TG139" in {fault.code for fault in faults_of(study.result)}) == is_named


def test_texts_that_are_blank_in_a_source_are_named_too():
    (X, y), (Z, z) = rows(80, 0), rows(120, 1)
    X = X.assign(town=np.random.default_rng(2).choice(["Bonn", "Trier"], 80))
    Z = Z.assign(town=[None] * 120)
    study = audit(None, X, y, sources={"b": (Z, z)}, arms=["b pooled"], effort="quick",
                  explain="none")  # fmt: skip
    assert "no value of 'town'" in next(f.says for f in study.findings if f.code == "TG139")
