"""One screen: the answer, faults with what mends them, a line an arm, and at most three actions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report import results

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.light import Light, light_of
from transfergap.report.brief import brief_of
from transfergap.report.brief.answer import answer
from transfergap.report.console.screen import render_terminal
from transfergap.report.wording.numbers import about
from transfergap.stats.outlook import Outlook

OPEN, HELPS, HURTS, SAME = results.OPEN, results.HELPS, results.HURTS, results.SAME
STRONG = Strength.STRONG
PLACES = ("open runs/x/report.html", "transfergap show runs/x --why", "--all")
# The margin of these results is 0.02.
LIKELY_COST, LITTLE_COST = Outlook(-0.02, 0.5, 0.05), Outlook(0.004, 0.02, 0.1)


def arm(name, estimate, low, high, verdict, view=LITTLE_COST, **more):
    gap = results.gap(estimate, low, high)
    made = results.arm(f"{name} pooled", (name,), 0.85, gap, verdict, **more)
    return replace(made, outlook=view)


def told(*arms, **changed):
    return results.result((results.control(), *arms), **changed)


def file_fault(code="TG119", **changed):
    values = {
        "code": code,
        "title": "codes of missing values",
        "subject": "b",
        "strength": Strength.MODERATE,
        "says": "In b, -9 looks like a code for missing: 23 rows of 'chol'. More on it.",
        "fix": "If so, add --na=-9. Else nothing needs doing.",
        "evidence": {},
    }
    return Finding(**{**values, **changed})


@pytest.mark.parametrize(
    ("made", "light"),
    [
        (arm("b", 0.05, 0.02, 0.08, HELPS), Light.HELPS),
        (arm("b", -0.05, -0.08, -0.02, HURTS), Light.HURTS),
        (arm("b", 0.0, -0.01, 0.01, SAME), Light.NO_EFFECT),
        (arm("b", 0.01, -0.02, 0.04, OPEN), Light.SAFE),
        (arm("b", 0.01, -0.021, 0.04, OPEN), Light.OPEN),
        (arm("b", -0.03, -0.07, 0.01, OPEN, LIKELY_COST), Light.MAY_HURT),
        (arm("b", -0.03, -0.07, 0.01, OPEN, LITTLE_COST), Light.OPEN),
        (arm("b", 0.03, -0.07, 0.13, OPEN, LIKELY_COST), Light.OPEN),
    ],
)
def test_a_light_parts_what_is_not_settled(made, light):
    assert light_of(told(made), made) is light


def test_what_is_doubted_is_open_however_good_its_interval():
    imported = replace(arm("b", 0.01, -0.01, 0.03, OPEN), outlook=None)
    doubted = replace(imported, doubted=True)
    assert light_of(told(doubted), doubted) is Light.OPEN
    # Of imported scores none has an outlook, and nothing is doubted.
    assert light_of(told(imported), imported) is Light.SAFE


def test_neighbours_that_go_together_withhold_every_light():
    folds = file_fault("TG131", strength=Strength.STRONG)
    made = arm("b", 0.01, -0.01, 0.03, OPEN)
    result = told(made, findings=(folds,))
    assert light_of(result, made) is Light.OPEN
    assert "every verdict is withheld" in brief_of(result).sentence
    assert not any(text.startswith("Use") for text in brief_of(result).actions)


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        (
            [arm("b", -0.05, -0.08, -0.02, HURTS)],
            "b hurts digits: it costs 0.050 accuracy [0.020, 0.080].",
        ),
        (
            [arm("b", 0.05, 0.02, 0.08, HELPS), arm("c", -0.05, -0.08, -0.02, HURTS)],
            "c hurts digits, b helps it.",
        ),
        (
            [arm("b", 0.012, 0.002, 0.022, HELPS)],
            "b helps digits: +0.012 accuracy [+0.002, +0.022], less than matters to you.",
        ),
        (
            [arm("b", 0.01, -0.01, 0.03, OPEN), arm("c", -0.02, -0.06, 0.02, OPEN)],
            "digits: no source is shown to help or to hurt yet; b is safe to add.",
        ),
        (
            [arm("b", 0.0, -0.01, 0.01, SAME)],
            "Other data make no difference that matters to digits.",
        ),
        (
            [arm(name, 0.05, 0.02, 0.08, HELPS) for name in "bcde"],
            "Of 4 arms, 4 help digits.",
        ),
    ],
)  # fmt: skip
def test_the_answer_is_one_sentence(arms, sentence):
    assert brief_of(told(*arms)).sentence == sentence


def test_a_fault_is_told_with_what_mends_it_in_a_sentence_each():
    [fault] = brief_of(told(arm("b", 0.0, -0.1, 0.1, OPEN), findings=(file_fault(),))).faults
    assert fault.fault == "In b, -9 looks like a code for missing: 23 rows of 'chol'."
    assert (fault.fix, fault.code) == ("If so, add --na=-9.", "TG119")


def test_a_measured_effect_of_mending_stands_beside_the_fault():
    labels = file_fault(
        "TG124", strength=Strength.STRONG, repair_gap=0.2, repair_low=0.1, repair_high=0.3
    )
    brief = brief_of(told(arm("b", 0.0, -0.1, 0.1, OPEN), findings=(file_fault(), labels)))
    assert [fault.code for fault in brief.faults] == ["TG124", "TG119"]
    assert brief.faults[0].effect == "mended, it gives back +0.200 [+0.100, +0.300]"


def test_associations_and_notes_are_no_faults():
    note = file_fault(strength=Strength.NOTE)
    shift = file_fault("TG201", strength=Strength.STRONG)
    assert brief_of(told(arm("b", 0.0, -0.1, 0.1, OPEN), findings=(note, shift))).faults == ()


def test_rows_of_a_rare_class_are_what_limits():
    target = replace(results.demo().target, n_rows=400, class_counts=(("no", 395), ("yes", 5)))
    result = told(arm("b", 0.0, -0.1, 0.1, OPEN, rows=1200), target=target)
    [action] = [text for text in brief_of(result).actions if "settle" in text]
    assert action.endswith("(there are 400): about 1,500; about 15 of them 'yes' (there are 5).")


def test_nobody_is_told_of_seven_rows_more():
    assert [about(n) for n in (303, 310, 1, 10, 99, 100, 101)] == [
        "about 400", "about 400", "about 1", "about 10", "about 100", "about 100", "about 150",
    ]  # fmt: skip


@pytest.mark.parametrize("n_faults", [0, 1, 5])
@pytest.mark.parametrize("n_sources", [1, 3, 6, 40])
def test_a_screen_has_fourteen_lines(n_faults, n_sources):
    faults = tuple(
        file_fault(fix=f"If so, add --na=-{k}9.", says=f"Of b, fault {k} is " + "long " * 20)
        for k in range(n_faults)
    )
    names = [f"hospital_{k}" for k in range(n_sources)]
    arms = [arm(name, -0.03, -0.07, 0.01, OPEN, LIKELY_COST, rows=700) for name in names]
    text = render_terminal(told(*arms, findings=faults), color=False, places=PLACES)
    n_lines = sum(bool(line.strip()) for line in text.split("\n"))
    assert n_lines <= 14
    assert "arms more: " in text or n_sources <= 6
    assert "more: --why" in text or n_faults < 2


def test_a_command_is_shown_as_a_whole_however_long():
    typed = "--map b:" + ",".join(f"{k}={(k + 1) % 60}" for k in range(60))
    says = "Of b, a fault is " + "long " * 60
    fault = file_fault("TG124", strength=STRONG, fix=f"If so, type {typed}", says=says)
    text = render_terminal(told(arm("b", 0.0, -0.01, 0.01, SAME), findings=(fault,)), color=False)
    assert typed.replace(" ", "") in "".join(text.split())
    assert " … long long " in " ".join(text.split()) and text.count("long") < 60


def test_why_and_all_tell_more():
    brief, why, everything = (
        render_terminal(results.demo(), color=False, detail=detail)
        for detail in ("brief", "why", "all")
    )
    assert "TG601" not in brief and "TG601" in why and why.startswith(brief.rstrip("\n"))
    assert "control (target only)" in everything and "control (target only)" not in why


def test_all_arms_of_one_source_are_called_by_its_name():
    pooled = arm("b", -0.05, -0.08, -0.02, HURTS)
    balanced = replace(arm("b", -0.04, -0.07, -0.01, HURTS), arm="b balanced")
    brief = brief_of(told(pooled, balanced))
    assert brief.sentence == "b hurts digits: b pooled costs 0.050 accuracy [0.020, 0.080]."
    assert [line.label for line in brief.lines] == ["b pooled", "b balanced"]
    assert "Leave out b." in brief.actions
    # With one of them open, the other is named.
    one = brief_of(told(pooled, replace(balanced, verdict=OPEN)))
    assert "Leave out b pooled." in one.actions


def test_a_tested_remedy_stands_beside_what_to_leave_out():
    pooled = arm("b", -0.05, -0.08, -0.02, HURTS)
    cause = file_fault(
        "TG604", title="labels follow another rule", repair_gap=0.081, repair_low=0.041,
        repair_high=0.121, fix='Correct it: --arm "b relabelled"',
    )  # fmt: skip
    text = "Leave out b, or mend it: labels follow another rule (TG604), mended it gives back"
    assert f"{text} +0.081 [+0.041, +0.121]." in brief_of(told(pooled, findings=(cause,))).actions
    # One that gives back no more than the source costs is no reason to mend it.
    half = replace(cause, repair_gap=0.041, repair_low=0.011, repair_high=0.071)
    assert "Leave out b." in brief_of(told(pooled, findings=(half,))).actions
    # A remedy that may give nothing back, or that was seen to hurt, is none.
    unsure = replace(cause, repair_low=-0.01)
    hurting = replace(pooled, arm="b relabelled")
    for result in (told(pooled, findings=(unsure,)), told(pooled, hurting, findings=(cause,))):
        assert "Leave out b." in brief_of(result).actions
    # Of two sources, each has remedies of its own: the page has them.
    both = told(pooled, arm("c", -0.05, -0.08, -0.02, HURTS), findings=(cause,))
    assert "Leave out b and c." in brief_of(both).actions


def test_whether_a_source_that_hurts_is_in_the_safe_model_is_told():
    safe = replace(
        results.arm("safe", ("b", "c"), 0.9, results.gap(0.05, 0.02, 0.08), HELPS),
        outlook=LITTLE_COST,
    )
    harmful = told(arm("b", -0.05, -0.08, -0.02, HURTS), arm("c", 0.0, -0.1, 0.1, OPEN), safe)
    [use] = [text for text in brief_of(harmful).actions if text.startswith("Use")]
    assert use.startswith("Use `safe` (all sources are in it, and b does no harm): +0.050")
    alone = told(arm("b", -0.05, -0.08, -0.02, HURTS), replace(safe, sources=("b",)))
    [use] = [text for text in brief_of(alone).actions if text.startswith("Use")]
    assert use.startswith("Use `safe` (b is in it, and does no harm): +0.050")
    unsure = replace(safe, verdict=OPEN, gap=results.gap(0.05, -0.05, 0.15),
                     outlook=Outlook(0.04, 0.02, 0.8))  # fmt: skip
    unsure = told(arm("b", -0.05, -0.08, -0.02, HURTS), unsure)
    [use] = [text for text in brief_of(unsure).actions if text.startswith("Use")]
    assert use.startswith("Use `safe` now (with b in it): ")
    [use] = [text for text in brief_of(told(safe)).actions if text.startswith("Use")]
    assert use.startswith("Use `safe`: +0.050")


def test_a_source_to_mend_is_left_out_unless_the_safe_model_has_it():
    pooled, fault = arm("b", -0.3, -0.4, -0.2, HURTS), file_fault("TG124", strength=STRONG)
    gap = results.gap(0.05, 0.02, 0.08)
    safe = replace(results.arm("safe", ("b",), 0.9, gap, HELPS), outlook=LITTLE_COST)
    [mend, *_] = brief_of(told(pooled, findings=(fault,))).actions
    assert mend == "Mend b as said above, then run it again; until then leave it out."
    [mend, use] = brief_of(told(pooled, safe, findings=(fault,))).actions
    assert mend == "Mend b as said above, then run it again."
    assert use.startswith("Until then, use `safe` (b is in it, and does no harm): +0.050")


def test_of_a_source_that_was_mostly_target_rows_the_rest_is_not_trusted():
    counts = {"n_removed": 120, "n_given": 180, "n_equal": 120}
    copies = file_fault("TG101", strength=STRONG, evidence=counts)
    helps = arm("b", 0.05, 0.02, 0.08, HELPS)
    [find, use] = brief_of(told(helps, findings=(copies,))).actions
    assert find == "Find out how rows of the target came into b."
    assert use.startswith("If the rest is sound, use `b pooled`: +0.050")
    few = replace(copies, evidence=counts | {"n_removed": 89})
    [use] = brief_of(told(helps, findings=(few,))).actions
    assert use.startswith("Use `b pooled`: +0.050")


def test_labels_that_nobody_could_collect_are_not_asked_for():
    present = results.result((results.control(),)).target.n_rows
    for rows, n_actions in ((10 * present, 2), (10 * present + 1, 1)):
        made = replace(arm("b", 0.0, -0.1, 0.1, OPEN), rows_to_settle=rows)
        assert len(brief_of(told(made)).actions) == n_actions


def test_the_answer_names_sources_and_not_what_follows_from_them():
    pooled = arm("b", -0.05, -0.08, -0.02, HURTS)
    together = replace(pooled, arm="all pooled", sources=("b", "c"))
    assert brief_of(told(pooled, together)).sentence.startswith("b hurts digits")
    assert brief_of(told(together)).sentence.startswith("all pooled hurts digits")


def test_the_number_of_the_answer_is_that_of_the_arm_it_names():
    """The safe model's interval is narrower, and once stood beside the name of the pooled arm."""
    pooled = arm("b", -0.050, -0.099, -0.001, HURTS)
    other = replace(arm("b", -0.044, -0.091, 0.002, OPEN, LIKELY_COST), arm="b balanced")
    narrow = results.gap(-0.013, -0.024, -0.0013)
    safe = replace(results.arm("safe", ("b",), 0.8, narrow, HURTS), outlook=LIKELY_COST)
    assert brief_of(told(pooled, other, safe)).sentence.endswith(
        ": it costs 0.050 accuracy [0.001, 0.099]."
    )
    helps = arm("b", 0.05, 0.001, 0.099, HELPS)
    surer = replace(safe, verdict=HELPS, gap=results.gap(0.02, 0.01, 0.03))
    sentence = brief_of(told(helps, surer)).sentence
    assert (
        sentence.startswith("b helps digits: ") and "+0.050 accuracy [+0.001, +0.099]" in sentence
    )


def test_a_safe_model_that_hurts_is_no_source_to_mend_or_to_leave_out():
    open_arm, fault = (
        arm("b", -0.03, -0.07, 0.01, OPEN, LIKELY_COST),
        file_fault("TG124", strength=STRONG),
    )
    narrow = results.gap(-0.013, -0.024, -0.0013)
    safe = replace(results.arm("safe", ("b",), 0.8, narrow, HURTS), outlook=LIKELY_COST)
    brief = brief_of(told(open_arm, safe))
    assert brief.sentence.endswith("; b may hurt.")
    assert "Leave out b." in brief.actions
    [mend, *_] = brief_of(told(open_arm, safe, findings=(fault,))).actions
    assert mend.startswith("Mend b as said above")
    assert "Do not use safe." in brief_of(told(safe)).actions


def test_why_nothing_could_be_judged_is_said_where_the_metric_is_why():
    control = replace(results.control(), score=None)
    nothing = replace(
        results.arm("b pooled", ("b",), None, None, None), judged=True, n_completed=20
    )
    [text, _] = answer(results.result((control, nothing), metric="roc_auc"))
    assert "no test fold has rows of both classes" in text and "try log_loss" in text
    [text, _] = answer(results.result((control, nothing), metric="accuracy"))
    assert text == "digits: nothing could be judged."


@pytest.mark.parametrize(
    ("high", "words"), [(-0.0002, "the model, no other data"), (-0.03, "a model worse than yours")]
)
def test_a_model_is_called_worse_where_it_matters(high, words):
    """−0.000 [−0.000, −0.000] was "a model worse than yours"."""
    safe = results.arm("safe", ("b",), 0.85, results.gap(0.0, -0.001, 0.001), SAME)
    safe = replace(safe, total=safe.gap)
    gap = results.gap(2 * high, 3 * high, high)
    alone = results.arm("safe, target only", ("b",), 0.85, gap, None, judged=False)
    assert words in render_terminal(told(safe, alone), color=False)
