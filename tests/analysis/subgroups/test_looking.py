"""Who is hurt: a planted subgroup is told, error rates are counted, nothing is fitted for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from transfergap import audit
from transfergap.analysis.gate import gate
from transfergap.errors import ConfigurationError
from transfergap.report import render, result_from_json, result_to_json
from transfergap.stats.gap import Verdict


def drawn(n: int, harm: float, *, classes: bool, seed: int = 0):
    """Rows of which three in ten (sex f) have labels that are shifted by ``harm``."""
    rng = np.random.default_rng(seed)
    female = rng.random(n) < 0.3
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "age"])
    X["sex"] = np.where(female, "f", "m")
    score = X["a"] + harm * female + 0.7 * rng.normal(size=n)
    return X, (score > 0).astype(int).to_numpy() if classes else score.to_numpy()


def others(X):
    rng = np.random.default_rng(9)
    return X[["a", "b"]].apply(lambda column: rng.permutation(column.to_numpy()))


@cache
def study(metric: str = "mse", how: str = "named"):
    classes = metric != "mse"
    X, y = drawn(240 if how == "found" else 120, -1.5, classes=classes)
    model = LogisticRegression() if classes else Ridge()
    Xb, yb = drawn(400, 1.5, classes=classes, seed=1)
    columns = ["a", "b", "age", "f"]
    here, there = (rows.assign(f=1.0 * (rows["sex"] == "f"))[columns] for rows in (X, Xb))
    asked = "find" if how == "found" else {"sex": X["sex"], "age": X["age"]}
    return audit(
        model, here, y, sources={"b": (there, yb)}, metric=metric,
        margin=0.05, arms=["b pooled"], effort="quick", subgroups=asked, explain="none",
    )  # fmt: skip


def hurt(metric: str = "mse", how: str = "named") -> list[str]:
    gaps = study(metric, how).result.subgroups.gaps
    return [gap.subgroup for gap in gaps if gap.verdict is Verdict.HURTS]


@pytest.mark.parametrize(
    "metric",
    ["mse", "accuracy", *(pytest.param(m, marks=pytest.mark.slow) for m in ("log_loss", "brier")),
     "roc_auc"],
)  # fmt: skip
def test_a_planted_subgroup_is_the_worst(metric):
    gaps = study(metric).result.subgroups.gaps
    if metric != "roc_auc":  # a shift of the whole group changes no ranking within it
        assert gaps[0].subgroup == "sex = f"
        assert "sex = f" in hurt(metric)
    assert "sex = m" not in hurt(metric)
    assert "sex = m" in {gap.subgroup for gap in gaps}


def test_a_subgroup_is_found_in_the_words_of_its_column():
    assert any("f" in name.split(" and ")[0] for name in hurt("mse", "found"))


def test_rows_that_find_do_not_judge():
    assert sum(gap.n_rows for gap in study("mse", "found").result.subgroups.gaps) == 120


def test_gaps_of_the_groups_of_a_column_add_up_to_the_gap():
    result = study().result
    arm = next(arm for arm in result.arms if arm.arm == "b pooled")
    parts = [gap for gap in result.subgroups.gaps if gap.subgroup.startswith("sex")]
    total = sum(gap.gap.estimate * gap.n_rows for gap in parts) / 120
    assert total == pytest.approx(arm.gap.estimate)


def test_errors_of_each_kind_add_up_to_the_accuracy():
    result = study("accuracy").result
    control = result.arms[0].score
    rates = result.subgroups.overall[0].errors
    assert [rate.kind for rate in rates] == ["false positives", "false negatives"]
    wrong = sum(rate.control_rate * rate.n_rows for rate in rates) / 120
    assert 1 - wrong == pytest.approx(control)


def test_equal_flags_miss_as_many_as_they_flag_in_vain():
    rates = study("roc_auc").result.subgroups.overall[0].errors
    assert rates[0].arm_rate * rates[0].n_rows == pytest.approx(rates[1].arm_rate * rates[1].n_rows)


def test_the_finding_appears_where_the_average_does_not_hurt():
    result = study("accuracy").result
    verdict = result.arms[1].verdict
    codes = [finding.code for finding in result.findings]
    assert ("TG401" in codes) is (verdict is not Verdict.HURTS)


def test_json_keeps_subgroups_and_reports_show_them():
    result = study("accuracy").result
    assert result_from_json(result_to_json(result)) == result
    page = render(result, "html")
    assert "Who is hurt?" in page and "sex = f" in page and "Groups of rows within" not in page
    assert "looks below the average" in render(result, "text")


def test_a_gate_for_every_subgroup():
    result = study().result
    assert gate(result, max_harm=100.0, max_subgroup_harm=0.05).ruling == "harm"
    assert gate(result, max_harm=100.0, max_subgroup_harm=100.0).ruling == "passes"
    outcome = gate(result, max_harm=100.0, max_subgroup_harm=0.05)
    worst = next(r for r in outcome.subgroup_rulings if r.subgroup == "sex = f")
    assert worst.ruling == "harm" and "you allow 0.05" in worst.says


def test_a_gate_on_subgroups_needs_subgroups():
    from dataclasses import replace

    with pytest.raises(ConfigurationError, match="looked at no subgroups"):
        gate(replace(study().result, subgroups=None), max_subgroup_harm=0.1)


def test_scorers_of_whole_folds_say_that_they_cannot_tell():
    X, y = drawn(60, -1.0, classes=True)
    seen = audit(
        LogisticRegression(), X[["a", "b"]], y, sources={"b": (others(X), y)}, metric="f1",
        arms=["b pooled"], effort="quick", subgroups={"sex": X["sex"]}, explain="none",
    ).result.subgroups  # fmt: skip
    assert seen.gaps == () and "no value per row" in seen.notes[0]


def test_other_subgroups_on_a_run_that_is_there_repeat_no_trial(tmp_path):
    X, y = drawn(60, -1.0, classes=False)
    given = {"sources": {"b": (others(X), y)}, "metric": "mse", "margin": 0.1,
             "arms": ["b pooled"], "run_dir": tmp_path, "explain": "none"}  # fmt: skip
    first = audit(Ridge(), X[["a", "b"]], y, subgroups=["a"], **given)
    again = audit(Ridge(), X[["a", "b"]], y, subgroups={"sex": X["sex"]}, **given)
    assert first.result.arms == again.result.arms
    assert again.result.subgroups.gaps[0].subgroup.startswith("sex")
