"""Rows of one person are found by a name or by constant columns, and are tested together."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from transfergap.analysis.checks.row_units import by_constant_columns, naming_columns
from transfergap.auditing.audit import audit
from transfergap.stats.gap import Verdict

N_PERSONS, N_VISITS = 20, 6
PERSON = np.repeat(np.arange(N_PERSONS), N_VISITS)
ORDER = np.random.default_rng(3).permutation(len(PERSON))
WHOLE = {"age": 0, "height": 0, "dose": 1}  # decimals: two persons may be of one age


def measured_repeatedly(seed=0, *, effect=1.0):
    """Age and height of a person stay; the dose of a visit changes."""
    rng = np.random.default_rng(seed)
    persons = rng.normal([50, 170], [12, 9], (N_PERSONS, 2))[PERSON]
    X = pd.DataFrame({"age": persons[:, 0], "height": persons[:, 1]})
    X["dose"] = rng.normal(size=len(X))
    y = (
        0.5 * X["dose"]
        + effect * rng.normal(size=N_PERSONS)[PERSON]
        + 0.5 * rng.normal(size=len(X))
    )
    return X.round(WHOLE).iloc[ORDER].reset_index(drop=True), y.to_numpy()[ORDER]


def finding_of(X, y, **options):
    Z, z = measured_repeatedly(99)
    if "patient_id" in X:
        Z["patient_id"] = 1000 + PERSON[ORDER]
    study = audit(
        Ridge(), X, y, sources={"b": (Z, z)}, metric="mae", margin=0.05, arms=["b pooled"],
        explain="none", subgroups=None, effort="quick", **options,
    )  # fmt: skip
    return study, next((f for f in study.findings if f.code == "TG131"), None)


@pytest.mark.parametrize("named", [True, False])
def test_repeated_persons_without_groups_withhold_every_verdict(named):
    X, y = measured_repeatedly()
    X = X.assign(patient_id=PERSON[ORDER]) if named else X
    study, finding = finding_of(X, y)
    assert {arm.verdict for arm in study.result.arms if arm.judged} == {Verdict.NOT_ENOUGH_EVIDENCE}
    assert ("one patient_id" if named else "agree in age and height") in finding.says
    assert ("--groups patient_id" if named else "each combination") in finding.fix


def test_groups_or_folds_of_persons_are_no_finding():
    X, y = measured_repeatedly()
    persons = PERSON[ORDER]
    assert finding_of(X, y, groups=persons)[1] is None
    folds = list(GroupKFold(10).split(X, y, persons))
    assert finding_of(X, y, cv=folds)[1] is None


def test_persons_whose_labels_do_not_go_together_are_no_finding():
    assert finding_of(*measured_repeatedly(1, effect=0.0))[1] is None


def test_pairs_are_of_one_person():
    X, _ = measured_repeatedly()
    order = by_constant_columns(X, seed=0)
    assert order.names == ("age", "height")
    assert len(order.left) == N_PERSONS * (N_VISITS - 1)
    assert (PERSON[ORDER][order.left] == PERSON[ORDER][order.right]).all()


def test_columns_that_follow_from_one_another_are_no_persons():
    rng = np.random.default_rng(4)
    month = rng.integers(1, 13, 300)
    age = rng.integers(20, 80, 300)
    correlated = (age + rng.normal(0, 6, 300)).round()
    tables = (
        {"month": month, "daylight": 12 + 4 * np.sin(month / 2), "cos": np.cos(month / 2)},
        {"age": age, "squared": age**2, "decade": age // 10},
        {"age": age, "since": 2024 - age, "weight": correlated},
        {"a": rng.integers(0, 20, 300), "b": rng.integers(0, 20, 300)},
    )
    assert [by_constant_columns(pd.DataFrame(t), seed=0) for t in tables] == [None] * len(tables)


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_digits, load_wine])
def test_columns_of_real_tables_are_no_persons(load):
    X = load(as_frame=True).data
    assert by_constant_columns(X, seed=0) is None
    assert naming_columns(X) == []


def test_ids_of_places_and_of_causes_name_no_persons():
    rng = np.random.default_rng(5)
    many = rng.integers(0, 15, 150)
    X = pd.DataFrame({
        "subject": many, "PatientID": many, "hospital_id": many, "ward_id": many, "visit": many % 4,
        "admission_source_id": np.where(rng.random(150) < 0.6, 1, many), "phone_share": many / 7,
        "number_of_patients": many, "record_id": np.arange(150),
    })  # fmt: skip
    assert naming_columns(X) == ["subject", "PatientID"]
