"""What to do when little or nothing is settled: policies, words, and the gate."""

import json
from dataclasses import replace

import pytest
from tests.report import results
from tests.report.results import HELPS, HURTS, OPEN, SAME, arm, control, gap

from transfergap.analysis.decision import decide
from transfergap.analysis.gate import gate
from transfergap.analysis.light import Light, light_of
from transfergap.errors import ConfigurationError
from transfergap.report.advice import recommendations
from transfergap.report.brief import brief_of
from transfergap.report.choice import best_arm
from transfergap.report.json import result_from_json, result_to_json
from transfergap.report.sections.does_it_help import what_to_do
from transfergap.stats.gap import gap_from
from transfergap.stats.outlook import Outlook
from transfergap.stats.paired import PairedEstimate


def judged(name, estimate, verdict, *, p_cost, expected, low=None):
    low = estimate - 0.03 if low is None else low
    made = arm(name, (name.split()[0],), 0.8, gap(estimate, low, 2 * estimate - low), verdict)
    return replace(made, outlook=Outlook(expected, p_cost, 0.3))


def told(*arms):
    return results.result((control(), *arms), findings=())


LARGE = judged("b pooled", 0.04, OPEN, p_cost=0.12, expected=0.02, low=-0.03)
SURE = judged("c pooled", 0.02, OPEN, p_cost=0.03, expected=0.01, low=-0.01)
RISKY = judged("d pooled", 0.06, OPEN, p_cost=0.30, expected=0.03)
PROVEN = judged("e pooled", 0.03, HELPS, p_cost=0.01, expected=0.015, low=0.01)
HARM = judged("f pooled", -0.08, HURTS, p_cost=0.97, expected=-0.05)
EQUAL = judged("g pooled", 0.004, SAME, p_cost=0.0, expected=0.003, low=-0.008)


@pytest.mark.parametrize(
    ("policy", "arms", "use"),
    [
        ("expected", (LARGE, SURE, RISKY), "b pooled"),
        ("cautious", (LARGE, SURE, RISKY), "c pooled"),
        ("proven", (LARGE, SURE, RISKY), None),
        ("expected", (RISKY,), None),
        ("expected", (LARGE, PROVEN), "e pooled"),  # what was shown goes first
        ("proven", (LARGE, PROVEN), "e pooled"),
        ("expected", (HARM,), None),
        ("expected", (EQUAL,), None),  # nothing that matters is to be gained
        ("expected", (replace(LARGE, outlook=None),), None),  # a suspected leak, say
    ],
)
def test_each_policy_takes_the_arm_that_it_should(policy, arms, use):
    assert decide(told(*arms), policy).use == use


def test_the_gap_of_the_chosen_arm_allows_for_the_choice():
    one, three = decide(told(SURE), "expected").gap, decide(told(LARGE, SURE, HARM), "cautious").gap
    assert (one.n_candidates, three.n_candidates) == (1, 3)  # an arm that hurts competed too
    assert (one.estimate, one.expected, one.low) == (0.02, 0.01, SURE.gap.low)
    assert three.low < one.low
    assert three.high == SURE.gap.high
    assert decide(told(HARM)).gap is None


def test_an_arm_without_an_outlook_is_not_drawn_back():
    made = decide(told(replace(PROVEN, outlook=None)), "proven").gap
    assert (made.estimate, made.expected) == (0.03, 0.03)


@pytest.mark.parametrize(
    ("estimate", "expected", "p_gain"),
    [
        (-0.005, -0.002, 0.3),  # an expected cost
        (-0.005, 0.002, 0.3),  # an estimate below zero, drawn up by the prior
        (0.005, 0.002, 0.15),  # no gain that matters, most likely
    ],
)
def test_an_arm_that_promises_nothing_is_not_used(estimate, expected, p_gain):
    one = judged("b pooled", estimate, OPEN, p_cost=0.01, expected=expected)
    one = replace(one, outlook=Outlook(expected, 0.01, p_gain))
    assert decide(told(one)).use is None


def safe(part, total, verdict):
    one = judged("safe", part, verdict, p_cost=0.01, expected=0.9 * total)
    return replace(one, total=gap(total, total - 0.03, total + 0.03))


def test_the_safe_model_is_used_for_all_that_it_gives():
    better_model = safe(0.0, 0.1, SAME)
    decision = decide(told(better_model), "proven")
    assert (decision.use, decision.proven) == ("safe", True)
    line = recommendations(told(better_model))[0]
    assert line.startswith("Use `safe`") and "of it other data give 0.000" in line


def test_a_claim_on_the_safe_model_pays_for_the_number_of_arms():
    """The page said that the claim did not survive the correction, and that the gain is proven."""
    total = gap_from(PairedEstimate(0.064, 0.027, 12, 0.027, 12, 20, "by hand"))
    held_back = replace(safe(0.064, 0.064, OPEN), held_back=True, total=total)
    others = [judged(f"{name} pooled", 0.0, OPEN, p_cost=0.1, expected=0.0) for name in "bcdef"]
    alone, among = told(held_back), told(held_back, *others)
    assert decide(alone, "proven").use == "safe" and gate(alone, policy="proven").ruling == "passes"
    assert decide(among, "proven").use is None and not decide(among).proven
    assert gate(among, policy="proven").ruling == "unsettled"
    assert recommendations(among)[0].startswith("No gain is proven. Use `safe`")


def test_the_safe_model_is_not_used_where_it_loses_to_the_control():
    assert decide(told(safe(0.05, -0.1, HELPS))).use is None
    assert gate(told(safe(0.05, -0.1, HELPS)), policy="expected").ruling == "harm"


def test_the_safe_model_goes_first_where_it_is_as_good():
    assert decide(told(PROVEN, safe(0.02, 0.035, HELPS))).use == "safe"
    assert decide(told(PROVEN, replace(safe(0.02, 0.04, HELPS), outlook=None))).use == "safe"


def test_nothing_good_is_believed_of_a_doubted_arm_whatever_its_gap():
    leaks = [
        replace(one, doubted=True, outlook=None)
        for one in (LARGE, safe(0.4, 0.4, OPEN), judged("h", 0.4, OPEN, p_cost=0, expected=0.4))
    ]
    for policy in ("expected", "cautious", "proven"):
        made = decide(told(*leaks), policy)
        assert (made.use, made.harmless) == (None, ())
    assert recommendations(told(*leaks))[0].startswith("Stay with the target alone")
    assert gate(told(*leaks[1:2]), policy="proven").ruling == "unsettled"
    # A harm is no part of what a leak makes up.
    harm = replace(safe(-0.1, -0.1, HURTS), doubted=True, outlook=None)
    assert gate(told(harm), max_harm=0.0).ruling == "harm"
    again = result_from_json(result_to_json(told(*leaks)))
    assert [one.doubted for one in again.arms] == [False, True, True, True]


def test_the_page_uses_what_the_advice_uses():
    result = told(LARGE, PROVEN, SURE)
    (_, table, _) = what_to_do(result).blocks
    words = {row[0].text: row[-1].text for row in table.rows}
    assert words["e pooled"] == "use"
    assert list(words.values()).count("use") == 1
    assert best_arm(result).arm == decide(result).use == "e pooled"


def rows_and_note(*arms):
    _, table, *notes = what_to_do(told(*arms)).blocks
    return {row[0].text: row[1].text for row in table.rows}, [note.text for note in notes]


@pytest.mark.parametrize(
    ("arms", "use", "shown"),
    [
        ((LARGE, SURE), "b pooled", "+0.020"),  # unproven
        ((LARGE, PROVEN), "e pooled", "+0.015"),  # proven
        ((replace(LARGE, outlook=Outlook(0.05, 0.1, 0.5)), SURE), "b pooled", "+0.050"),  # drawn up
    ],
)
def test_advice_table_note_and_json_expect_the_same_of_the_arm_to_use(arms, use, shown):
    expected, (note,) = rows_and_note(*arms)
    record = json.loads(result_to_json(told(*arms)))["decision"]
    assert expected[use] == shown
    assert f"{shown} is expected of it" in note and f"`{use}` was chosen among 2 arms" in note
    assert (record["use"], record["gap"]["expected"]) == (use, float(shown))
    assert shown in recommendations(told(*arms))[0]


def test_a_proven_arm_keeps_its_measured_gap_beside_what_to_expect():
    first = recommendations(told(LARGE, PROVEN))[0]
    assert first.startswith("Use `e pooled` for digits: +0.030 [+0.010, +0.050] accuracy.")
    assert "Expect +0.015: the best of 2 arms looks better than it is." in first


def test_nothing_is_said_of_a_choice_where_there_was_none():
    assert rows_and_note(PROVEN)[1] == rows_and_note(RISKY, HARM)[1] == []
    assert "Expect" not in recommendations(told(PROVEN))[0]
    assert "Expect" not in recommendations(told(LARGE, replace(PROVEN, outlook=None)))[0]
    assert json.loads(result_to_json(told(RISKY, HARM)))["decision"]["gap"] is None


def test_a_result_with_its_decision_is_read_again():
    result = told(LARGE, PROVEN)
    assert result_from_json(result_to_json(result)) == result


def test_a_source_with_an_arm_that_is_safe_to_add_is_not_left_out_altogether():
    harmless = replace(SURE, arm="f balanced", sources=("f",), outlook=Outlook(0.001, 0.01, 0.05))
    lines = recommendations(told(HARM, harmless))
    assert not any("Leave out" in line for line in lines)
    assert any(line.startswith("Do not use `f pooled`: it costs") for line in lines)
    assert any(line.startswith("Safe to add") and "`f balanced`" in line for line in lines)
    assert (
        "Leave out f pooled. f balanced is safe to add." in brief_of(told(HARM, harmless)).actions
    )


def test_what_excludes_a_cost_that_matters_is_safe_to_add():
    assert decide(told(LARGE, SURE, EQUAL)).harmless == ("c pooled", "g pooled")


def test_a_policy_without_a_name_is_refused():
    with pytest.raises(ConfigurationError, match="no policy called 'bold'") as caught:
        decide(told(LARGE), "bold")
    assert "expected, cautious, proven" in caught.value.hint


def test_the_advice_says_chances_where_nothing_is_proven():
    lines = recommendations(told(LARGE, SURE))
    assert lines[0].startswith("No gain is proven. Use `b pooled`")
    assert "+0.020 accuracy is expected" in lines[0]
    assert "a chance of 12 %" in lines[0]
    assert lines[1] == "Safe to add, no cost beyond the margin of 0.020 accuracy: `c pooled`."


def test_the_advice_stays_with_the_target_where_chances_are_bad():
    assert recommendations(told(RISKY))[0].startswith("Stay with the target alone for now")


@pytest.mark.parametrize(
    ("policy", "one", "ruling"),
    [
        (None, LARGE, "unsettled"),
        ("expected", LARGE, "passes"),
        ("cautious", LARGE, "unsettled"),
        ("cautious", SURE, "passes"),
        ("proven", SURE, "unsettled"),
        ("proven", PROVEN, "passes"),
        ("expected", HARM, "harm"),
        ("expected", replace(LARGE, outlook=Outlook(-0.1, 0.9, 0.0)), "harm"),
        ("expected", replace(HARM, verdict=OPEN), "harm"),  # held back, and as harmful
        ("expected", replace(LARGE, outlook=None), "unsettled"),
        ("proven", replace(PROVEN, outlook=None), "passes"),  # imported scores
        ("proven", replace(SURE, outlook=None), "unsettled"),
    ],
)
def test_the_gate_takes_chances_that_a_policy_takes(policy, one, ruling):
    outcome = gate(told(one), policy=policy)
    assert outcome.ruling == ruling


def test_a_policy_and_another_harm_do_not_go_together():
    with pytest.raises(ConfigurationError, match="own margin of"):
        gate(told(LARGE), policy="expected", max_harm=0.05)


def test_a_more_cautious_policy_never_lets_pass_what_another_calls_harm():
    likely = judged("b pooled", -0.1, OPEN, p_cost=0.877, expected=-0.08, low=-0.4)
    doubtful = judged("b pooled", -0.1, OPEN, p_cost=0.84, expected=-0.08, low=-0.4)
    for policy in ("expected", "cautious"):
        assert gate(told(likely), policy=policy).ruling == "harm"
        assert gate(told(doubtful), policy=policy).ruling == "unsettled"


def test_a_held_back_harm_is_not_said_to_hurt():
    made = gate(told(judged("b pooled", -0.1, OPEN, p_cost=0.5, expected=0, low=-0.15)), max_harm=0)
    assert made.ruling == "harm"
    assert "costs, taken alone, 0.100" in made.rulings[0].says
    assert "hurts by" in gate(told(HARM), max_harm=0).rulings[0].says


def test_the_safe_model_is_safe_to_add_only_where_its_total_does_no_harm():
    part = judged("safe", 0.0, OPEN, p_cost=0.2, expected=0.0, low=-0.01)
    totals = [replace(part, total=gap(0.0, low, -low)) for low in (-0.015, -0.05)]
    lights = [light_of(told(one), one) for one in totals]
    assert lights == [Light.SAFE, Light.OPEN]
