"""Labels that stand for a missing one: named first, and not where classes are true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from tests.conftest import SHARED

from transfergap import audit
from transfergap.data.labels.label_sentinels import sentinel_classes, sentinel_numbers
from transfergap.report.brief import brief_of


def codes(*classes, n_rows=4):
    y = np.array(sorted(classes) * n_rows)
    return [(code.value, code.clear) for code in sentinel_classes(y, np.unique(y).tolist())]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("0", "1", "?"), [("?", True)]),
        (("yes", "?"), [("?", True)]),
        (("+", "-", "?"), [("?", True)]),
        (("a", "b", ""), [("", True)]),
        (("no", "yes", "Missing"), [("Missing", True)]),
        (("none", "some", "n/a"), [("n/a", True)]),
        (("no", "yes", "unknown"), [("unknown", False)]),
        ((-1, 0, 1), [("-1", False)]),
        ((-1.0, 0.0, 1.0), [("-1", False)]),
        (("-1", "0", "1"), [("-1", False)]),
        ((-9, -1, 0, 1), [("-9", False), ("-1", False)]),
        ((0, 1, 9), [("9", False)]),
        ((1, 2, 8, 9), [("8", False), ("9", False)]),
        ((1, 2, 3, 4, 5, 9), [("9", False)]),
        ((10, 20, 50, 999), [("999", False)]),
    ],
)
def test_classes_that_mean_missing_are_named(classes, expected):
    assert codes(*classes) == expected


@pytest.mark.parametrize(
    "classes",
    [
        ("+", "-"),
        ("missing", "present"),
        ("no", "unknown"),
        ("None", "mild", "severe"),
        (-1, 1),
        (-2, -1, 0, 1, 2),
        (1, 2, 4, 8),
        (0, 9),
        tuple(range(10)),
        (3, 4, 5, 6, 7, 8, 9),
        ("007", "1", "9"),
        (False, True),
        (10115, 20095, 80331),
    ],
)
def test_true_classes_are_none(classes):
    assert codes(*classes) == []


def test_a_number_in_two_rows_is_a_rare_class():
    assert codes(0, 1, 9, n_rows=2) == []


def test_a_code_within_half_the_range_of_the_others_is_in_doubt():
    ages = np.r_[np.linspace(3.0, 60.0, 40), [-1.0] * 4]
    ((far,), (near,)) = (sentinel_numbers(np.where(ages < 0, v, ages)) for v in (-999.0, -1.0))
    assert (far.value, far.clear, near.value, near.clear) == ("-999", True, "-1", False)


@pytest.mark.skipif(not SHARED.exists(), reason="shared data are not here")
def test_columns_of_real_tables_are_hardly_ever_called_so():
    n_columns, named = 0, set()
    for file in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(file).select_dtypes(["number", "object", "string"])
        for name in frame.columns:
            y = frame[name].dropna().head(2000).to_numpy()
            classes = pd.unique(y).tolist()
            is_number = isinstance(classes[0] if classes else "", (int, float))
            n_columns += 1
            if is_number and len(classes) > 30:
                found = sentinel_numbers(y)
            else:
                found = sentinel_classes(y, classes) if len(classes) <= 30 else ()
            named |= {(file.parent.name, name, code.value) for code in found}
    assert n_columns > 300
    # -9 is the codebook's; nobody gains more than 99999.
    assert {n for n in named if n[0] != "heart4"} <= {("adult_origin", "capital_gain", "99999")}


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X @ [1.0, 2.0, 0.0] + rng.normal(size=n) * 0.3


def found_in(y, z, model):
    (X, _), (Z, _) = drawn(len(y), 1), drawn(len(z), 2)
    options = {"effort": "quick", "explain": "none", "arms": ["b pooled"]}
    result = audit(model, X, y, sources={"b": (Z, z)}, **options).result
    (finding,) = [f for f in result.findings if f.code == "TG133"]
    return finding, brief_of(result).faults[0].code


@pytest.mark.parametrize("where", ["target", "b"])
def test_a_far_code_among_numbers_stands_first(where):
    y, z = drawn(80, 1)[1], drawn(100, 2)[1]
    (y if where == "target" else z)[::10] = -999
    finding, first = found_in(y, z, LinearRegression())
    assert (finding.subject, finding.strength, first) == (where, "strong", "TG133")
    n_rows, n = (8, 80) if where == "target" else (10, 100)
    assert f"'-999' looks like a missing label: {n_rows} of {n} rows" in finding.says
    assert "--na=-999" in finding.fix


def test_a_question_mark_as_third_class_stands_first_and_is_quoted():
    y, z = (np.where(drawn(n, k)[1] > 0, "yes", "no").astype(object) for n, k in ((80, 1), (90, 2)))
    y[::10] = "?"
    finding, first = found_in(y, z, LogisticRegression())
    assert (finding.strength, first) == ("strong", "TG133")
    assert "--na='?'" in finding.fix and "(the others: no, yes)" in finding.says


def test_minus_one_beside_two_classes_is_a_moderate_finding():
    y, z = ((drawn(n, k)[1] > 0).astype(int) for n, k in ((80, 1), (90, 2)))
    y[::4] = -1
    finding, _ = found_in(y, z, LogisticRegression())
    assert finding.strength == "moderate" and "20 of 80 rows" in finding.says
    # An age of -1 or 9 elsewhere is no gap.
    assert "--na LABEL=-1 (with the label's column for LABEL)" in finding.fix
