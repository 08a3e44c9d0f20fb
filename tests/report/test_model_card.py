"""The card of a safe model says where it is from, how it was judged, and whom it serves worse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report import results
from tests.report.test_below_and_beyond import whole

from transfergap.report.model_card import TITLE, model_card
from transfergap.stats.gap import Verdict

FITTED = {
    "model": "m.skops",
    "target": "site_a",
    "task": "binary",
    "n_rows": 303,
    "caution": "low",
    "credibility": 0.68,
    "sources": [
        {"name": "b|<b>", "n_rows": 1200, "influence": 0.16, "target_rows": 105.2, "use": "used"},
        {"name": "c", "n_rows": 90, "influence": 0.0, "target_rows": None, "use": "left out"},
    ],
    "notes": ["3 rows were left out."],
}


def safe_result(total=None, verdict=results.OPEN):
    made = results.arm("safe", ("b",), 0.86, results.gap(0.0, -0.01, 0.01), verdict)
    return results.result((results.control(), replace(made, total=total)))


def test_a_model_without_an_audit_says_that_nobody_judged_it():
    card = model_card(FITTED, None)
    assert card.startswith(f"{TITLE} m.skops")
    assert "nobody measured whether it is better" in card
    assert "Nobody looked at groups of rows" in card
    assert "the target's own rows carry 68 %" in card
    assert "| c | 90 | 0 %: left out |  |" in card and "| 1,200 | 16 %: used | 105 |" in card


def test_names_of_users_are_text():
    assert "b\\|&lt;b&gt;" in model_card(FITTED, None)


def test_the_gain_of_the_model_and_that_of_other_data_are_told_apart():
    total = results.gap(0.03, 0.01, 0.05)
    card = model_card(FITTED, safe_result(total))
    assert "Beside the model trained on the target alone: +0.030 [+0.010, +0.050] accuracy" in card
    assert "Of it other data give 0.000 [−0.010, +0.010]" in card


def test_an_audit_without_the_safe_arm_says_so():
    assert "was not among the arms that were judged" in model_card(FITTED, results.demo())


@pytest.mark.parametrize("verdict", [Verdict.HURTS, Verdict.NOT_ENOUGH_EVIDENCE])
def test_subgroups_that_the_safe_model_hurts_are_named_and_no_others(verdict):
    told = whole()
    gap = replace(told.subgroups.gaps[0], arm="safe", subgroup="sex = f", verdict=verdict)
    result = replace(
        safe_result(), subgroups=replace(told.subgroups, gaps=(gap, *told.subgroups.gaps[1:]))
    )
    card = model_card(FITTED, result)
    assert ("**sex = f**" in card) is (verdict is Verdict.HURTS)


def test_faults_of_the_files_go_with_the_model():
    card = model_card(FITTED, results.demo())
    assert "3 of 1003 rows of mnist equal rows of the target." in card and "(TG101)" in card
