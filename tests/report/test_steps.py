"""The screen and the page advise the same: of one list of steps, each in its own words."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from tests.report import results
from tests.report.test_brief import LIKELY_COST, LITTLE_COST, arm, file_fault, told

from transfergap.analysis.checks.check import Strength
from transfergap.report import advice
from transfergap.report.advice import recommendations
from transfergap.report.brief import brief_of
from transfergap.report.brief.actions import _text, actions
from transfergap.report.brief.answer import answer
from transfergap.report.steps import Kind, steps
from transfergap.report.wording.sentences import headline
from transfergap.stats.outlook import Outlook

OPEN, HELPS, HURTS, SAME = results.OPEN, results.HELPS, results.HURTS, results.SAME
HARM = arm("hurt", -0.05, -0.08, -0.02, HURTS)
DOUBT = arm("doubt", -0.03, -0.07, 0.01, OPEN, LIKELY_COST, rows=700)
SAFE = arm("free", 0.01, -0.01, 0.03, OPEN, Outlook(0.001, 0.01, 0.05), rows=500)
HELP = arm("help", 0.05, 0.02, 0.08, HELPS)
LITTLE = arm("little", 0.012, 0.002, 0.022, HELPS)
LIKELY = arm("likely", 0.04, -0.03, 0.11, OPEN, Outlook(0.02, 0.1, 0.5), rows=900)
EQUAL = arm("equal", 0.0, -0.01, 0.01, SAME)
ALL = replace(
    results.arm("safe", ("hurt", "doubt"), 0.9, results.gap(0.05, 0.02, 0.08), HELPS),
    outlook=LITTLE_COST,
)
CAUSE = file_fault(
    "TG604", title="labels follow another rule", subject="hurt", repair_gap=0.081,
    repair_low=0.041, repair_high=0.121, fix="Correct it.",
)  # fmt: skip
LABELS = file_fault("TG124", strength=Strength.STRONG, subject="hurt", fix="Map them.")
CODES = file_fault("TG119", subject="doubt", fix="If so, add --na=-9.")
COPIES = file_fault(
    "TG101", strength=Strength.STRONG, subject="help",
    evidence={"n_removed": 90.0, "n_given": 100.0},
)  # fmt: skip
FOLDS = file_fault("TG131", strength=Strength.STRONG, subject="target")
GROUP = file_fault("TG401", strength=Strength.STRONG, subject="help pooled", fix="Mind them.")
ARMS = (HARM, DOUBT, SAFE, HELP, LITTLE, LIKELY, EQUAL, ALL)
FINDINGS = (CAUSE, LABELS, CODES, COPIES, GROUP)


def every_result():
    """Results with up to three of the arms, or all, and with one finding, none, or all."""
    few = (arms for n in range(4) for arms in combinations(ARMS, n))
    for arms in (*few, ARMS):
        for findings in ((), *((f,) for f in FINDINGS), FINDINGS, (*FINDINGS, FOLDS)):
            yield told(*arms, findings=findings)


@pytest.mark.parametrize(
    ("evidence", "when"),
    [
        ({"gain": 0.14}, "Where 'size' cannot be used (worth +0.140, TG117)"),
        ({}, "Where 'size' cannot be used (worth unknown, TG117)"),
        ({"gain": 0.003}, ""),
        (None, ""),
    ],
)
def test_an_arm_is_advised_on_the_condition_that_dearer_columns_are_not_to_be_had(evidence, when):
    lost = file_fault("TG117", fix="Rename it.", columns=("size",), evidence=evidence or {})
    findings = () if evidence is None else (lost,)
    for made in (LIKELY, HELP):
        result = told(made, findings=findings)
        for lines in (actions(result), recommendations(result)):
            assert any(f"{when}, use `{made.arm}`" in text for text in lines) is bool(when)
            assert any(f"Use `{made.arm}`" in text for text in lines) is not bool(when)
    result = told(SAFE, findings=findings)
    assert any(text.startswith(when) and "free" in text for text in actions(result))
    assert any(text.startswith(when) and "free" in text for text in recommendations(result))
    # Beside another condition, both are said.
    result = told(LIKELY, DOUBT, findings=(*findings, CODES))
    until = f"Until then, and w{when[1:]}, use" if when else "Until then, use"
    assert any(until in text for text in actions(result))


def test_a_screen_has_no_step_that_the_page_lacks_and_their_order():
    for result in every_result():
        made = steps(result)
        # Steps come in one order, each of them once, and the page has all.
        kinds = [step.kind for step in made]
        assert kinds == sorted(set(kinds), key=list(Kind).index)
        page = [advice._lines(result, step) for step in made]
        assert all(page)
        assert tuple(line for lines in page for line in lines) == recommendations(result)
        # The screen has the first that it has words for.
        texts = [text for step in made if (text := _text(result, step, made))]
        shown = " ".join(actions(result))
        assert " ".join(texts).startswith(shown)
        # Each source that the screen says something of is in the page's words of the same step.
        for step, lines in zip(made, page, strict=True):
            words = _text(result, step, made)
            for one in ARMS[:-1]:
                name = one.sources[0]
                if step.kind is not Kind.CHOOSE and f" {name}" in f" {words}".replace("`", ""):
                    assert name in " ".join(lines), (words, lines)


def test_faults_of_the_screen_are_the_first_of_the_page():
    result = told(HARM, DOUBT, HELP, findings=(CODES, GROUP, LABELS))
    assert [fault.code for fault in brief_of(result).faults] == ["TG124", "TG119", "TG401"]
    assert [line.partition(",")[0] for line in recommendations(result)[:3]] == [
        "First (TG124", "First (TG119", "Mind (TG401",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arms", "line"),
    [
        ((DOUBT,), "Leave out `doubt` for now: it may hurt."),
        ((DOUBT, HARM), "Leave out `doubt` for now: it may hurt."),
        ((DOUBT, ALL), "Do not use `doubt pooled` for now: it may hurt."),
        (
            (DOUBT, replace(DOUBT, arm="c pooled", sources=("c",))),
            "Leave out `doubt` and `c` for now: they may hurt.",
        ),
    ],
)
def test_the_page_tells_too_what_may_hurt(arms, line):
    assert line in recommendations(told(*arms))


def test_a_source_that_hurts_is_left_out_once():
    balanced = replace(DOUBT, arm="hurt balanced", sources=("hurt",))
    lines = recommendations(told(HARM, balanced))
    assert [line for line in lines if "hurt" in line and "settle" not in line] == [
        "Leave out `hurt`: `hurt pooled` costs 0.050 accuracy [0.020, 0.080]."
    ]


def test_the_page_tells_too_what_is_to_be_mended_and_what_is_little():
    lines = recommendations(told(HARM, findings=(LABELS,)))
    assert lines[1] == (
        "Mend `hurt` as said under First, then run it again; until then leave it out."
    )
    assert recommendations(told(LITTLE))[0] == (
        "`little pooled` helps digits by less than matters: +0.012 [+0.002, +0.022] accuracy."
        " Use it if you like."
    )
    lines = recommendations(told(HELP, findings=(COPIES,)))
    assert lines[1] == "Find out how rows of the target came into `help`."
    assert lines[2].startswith("If the rest is sound, use `help pooled` for digits: +0.050")
    assert recommendations(told(HELP, findings=(FOLDS,)))[-1] == (
        "Then run it again: nothing is to be used yet."
    )


def test_what_is_safe_to_add_is_so_without_an_outlook_too():
    imported = replace(SAFE, outlook=None)
    assert "free is safe to add." in brief_of(told(imported)).actions
    assert any("Safe to add" in line for line in recommendations(told(imported)))


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ((LABELS, CODES, CAUSE), "TG124"),  # of the source that hurts, and strong
        ((CODES,), ""),  # of a source of which nothing is claimed
        ((COPIES,), ""),  # its rows were left out before anything was claimed
        ((CAUSE, GROUP), ""),  # causes and groups doubt no claim
        ((file_fault("TG116", strength=Strength.STRONG, subject="target", fix="Drop it."),),
         "TG116"),
        ((file_fault("TG116", strength=Strength.MODERATE, subject="target", fix="Drop it."),), ""),
        ((file_fault("TG301", strength=Strength.STRONG, subject="control", fix="Another."),),
         "TG301"),
        ((file_fault("TG133", strength=Strength.STRONG, subject="target", fix="Add --na."), LABELS),
         "TG133"),
    ],
)  # fmt: skip
def test_a_claim_points_at_the_fault_that_it_may_come_from(findings, code):
    result = told(HARM, DOUBT, HELP, findings=findings)
    [sentence, _] = answer(result)
    last = f"; see {code} first." if code else "help helps it."
    assert sentence.endswith(last)
    assert str(headline(result)[0]).startswith("See ") == bool(code)
    # Where nothing is claimed, no claim is in doubt.
    open_result = told(DOUBT, findings=findings)
    assert "see TG" not in answer(open_result)[0]
    assert "See TG" not in str(headline(open_result)[0])
