"""Columns of a few levels that a source codes otherwise are named first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap import audit
from transfergap.report.brief.faults import faults_of

WORDS = np.array(["no", "yes"])
ROMAN = np.array(["I", "II", "III"])
# By name: what a target writes for the levels 0, 1 and 2, what a source does, and the finding.
CODES = {
    "0, 1 and 1, 2": (2, [0, 1], [1, 2], "TG138"),
    "0, 1 and -1, 1": (2, [0, 1], [-1, 1], "TG138"),
    "a scale from 0 and from 1": (3, [0, 1, 2], [1, 2, 3], "TG138"),
    "a cross or blank": (2, [None, "x"], [0, 1], "TG138"),
    "a cross or blank in the source": (2, ["n", "j"], [None, "x"], "TG138"),
    "yes and Y": (2, ["no", "yes"], ["N", "Y"], "TG110"),
    "ja and yes": (2, ["nein", "ja"], ["no", "yes"], "TG110"),
    "Roman numbers": (3, ["I", "II", "III"], [1, 2, 3], "TG110"),
    "the same codes": (2, [0, 1], [0, 1], None),
    "the same texts": (2, ["no", "yes"], ["No", "YES"], None),
    "amounts with two values by chance": (3, [0, 1, 1], [0, 2, 5], None),
    "a count with one more": (3, [0, 1, 1], [0, 1, 2], None),
}


def rows(n, seed, n_levels, codes):
    rng = np.random.default_rng(seed)
    levels = rng.integers(n_levels, size=n)
    X = pd.DataFrame({"c": pd.Series([codes[k] for k in levels]), "x": rng.normal(size=n)})
    return X, (X.x + levels + rng.normal(size=n) > 1).astype(int).to_numpy()


def study_of(target, source):
    # The default model reads levels by an encoder that takes ten times as long.
    levels = OneHotEncoder(handle_unknown="ignore"), ["c"]
    model = make_pipeline(
        make_column_transformer(levels, remainder="passthrough"), LogisticRegression()
    )
    return audit(model, *target, sources={"b": source}, arms=["b pooled"], effort="quick",
                 explain="none", subgroups="none")  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_levels_under_other_codes_are_named_first(name):
    n_levels, here, there, code = CODES[name]
    study = study_of(rows(60, 0, n_levels, here), rows(90, 1, n_levels, there))
    codes = {fault.code for fault in faults_of(study.result)} & {"TG110", "TG138"}
    assert codes == ({code} if code else set())


def test_what_to_type_is_shown():
    study = study_of(rows(60, 0, 2, [0, 1]), rows(90, 1, 2, [1, 2]))
    assert "Xb['c'].map({1: 0, 2: 1})" in next(f.fix for f in study.findings if f.code == "TG138")
    study = study_of(rows(60, 0, 2, ["no", "yes"]), rows(90, 1, 2, ["N", "Y"]))
    fix = next(f.fix for f in study.findings if f.code == "TG110")
    assert "Xb['c'].map({'N': 'no', 'Y': 'yes'})" in fix


def test_words_whose_letters_do_not_pair_them_are_not_paired():
    study = study_of(rows(60, 0, 2, ["nein", "ja"]), rows(90, 1, 2, ["no", "yes"]))
    assert ".map(" not in next(f.fix for f in study.findings if f.code == "TG110")


def test_ages_beside_bands_of_age_are_named():
    rng = np.random.default_rng(3)
    (X, y), (Z, z) = rows(60, 0, 2, [0, 1]), rows(90, 1, 2, [0, 1])
    X = X.assign(c=rng.choice(["<30", "30-49", "50+"], 60))
    study = study_of((X, y), (Z.assign(c=rng.integers(18, 80, 90)), z))
    assert "TG110" in {fault.code for fault in faults_of(study.result)}
