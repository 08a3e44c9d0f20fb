"""Sentences and advice: the verdict first, with its interval, and no contradiction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report import results
from tests.report.results import HELPS, HURTS, OPEN, SAME, arm, control, gap, result

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import AuditResult, TargetInfo
from transfergap.report.advice import recommendations
from transfergap.report.choice import best_arm, explanations
from transfergap.report.console.screen import render_terminal
from transfergap.report.wording.numbers import Numbers, decimals_for
from transfergap.report.wording.sentences import headline, held_back_notes, visible_gap_sentence


def said(told: AuditResult) -> list[str]:
    return [sentence.text for sentence in headline(told)]


def test_the_demo_is_told_as_in_the_design() -> None:
    assert said(results.demo()) == [
        "mnist pooled HURTS digits: it costs 0.180 accuracy [0.062, 0.298].",
        "more_scans pooled HELPS digits: +0.085 accuracy [+0.021, +0.149].",
        "all balanced HELPS digits: +0.082 accuracy [+0.020, +0.144].",
        "Not enough evidence about mnist_cropped pooled: the gap may lie anywhere in"
        " [−0.215, +0.135], as far as 100 labelled rows can tell; about 700 would settle it.",
    ]


def test_no_material_effect_names_what_is_excluded() -> None:
    same = arm("b pooled", ("b",), 0.85, gap(0.002, -0.008, 0.012), SAME)
    assert said(result((control(), same))) == [
        "b pooled has NO MATERIAL EFFECT on digits: any difference beyond 0.013 accuracy is"
        " excluded, by the wider interval that this verdict asks for; the margin is 0.020."
    ]


def test_what_is_said_of_the_safe_model_is_of_the_datas_part() -> None:
    total = gap(0.05, 0.01, 0.09)
    same = replace(arm("safe", ("b",), 0.9, gap(0.0, -0.008, 0.012), SAME), total=total)
    assert said(result((control(), same)))[0].startswith(
        "safe has NO MATERIAL EFFECT on digits, beside the same model without other data: any"
    )
    unsettled = replace(same, gap=gap(0.03, 0.001, 0.059), verdict=OPEN, held_back=True)
    told = result((control(), unsettled))
    assert said(told)[0].startswith("Not enough evidence about safe (data's part): the gap may lie")
    assert held_back_notes(told)[0].startswith("safe (data's part): its own 90% interval")


def test_many_arms_are_counted_first() -> None:
    sentences = said(results.many())
    assert sentences[0] == (
        "Of 51 arms: 4 hurt, 5 help, 2 make no material difference, 40 are not settled."
    )
    assert " HURTS " in sentences[1] and " HELPS " in sentences[2] and len(sentences) == 3


def test_a_single_arm_is_counted_in_the_singular() -> None:
    arms = [arm(f"s{i} pooled", (f"s{i}",), 0.8, gap(0.0, -0.1, 0.1), OPEN) for i in range(6)]
    arms.append(arm("b pooled", ("b",), 0.9, gap(0.085, 0.021, 0.149), HELPS))
    arms.append(arm("c pooled", ("c",), None, None, None))
    assert said(result((control(), *arms)))[0] == (
        "Of 8 arms: 1 helps, 6 are not settled, 1 could not be judged."
    )


def test_a_claim_held_back_is_said_and_not_made() -> None:
    told = results.house_prices()
    assert held_back_notes(told) == (
        "d pooled: its own 90% interval [+12, +657] excludes zero, but the claim did not survive"
        " the correction for 3 arms.",
    )
    assert not any("d pooled HELPS" in sentence for sentence in said(told))


def test_rows_that_are_there_already_are_not_asked_for() -> None:
    settled = arm("b pooled", ("b",), 0.8, gap(0.05, -0.01, 0.11), OPEN, rows=90)
    told = result((control(), settled))
    assert "would settle" not in said(told)[0]
    assert not any("label more" in advice for advice in recommendations(told))


def test_imported_scores_have_no_rows_to_speak_of() -> None:
    arms = (control(), arm("b", (), 0.8, gap(0.0, -0.1, 0.1), OPEN))
    told = result(arms, target=TargetInfo("t", None, None, "imported", (), None))
    assert "as far as these pairs can tell." in said(told)[0]


def test_a_design_that_sees_less_than_the_margin_is_called_good_enough() -> None:
    told = result(results.demo().arms, smallest_visible_gap=0.015)
    assert "four runs of five" in str(visible_gap_sentence(told))
    assert visible_gap_sentence(results.empty()) is None


def test_the_arm_with_the_largest_lower_bound_is_recommended() -> None:
    assert best_arm(results.demo()).arm == "more_scans pooled"  # type: ignore[union-attr]
    assert "Use `more_scans pooled` for digits: +0.085 [+0.021, +0.149] accuracy." in (
        recommendations(results.demo())
    )
    assert "Leave out `mnist`: `mnist pooled` costs 0.180 accuracy [0.062, 0.298]." in (
        recommendations(results.demo())
    )


def test_a_source_within_the_recommended_arm_is_not_left_out() -> None:
    arms = (
        control(),
        arm("b pooled", ("b",), 0.6, gap(-0.1, -0.15, -0.05), HURTS),
        arm("all balanced", ("b", "c"), 0.9, gap(0.1, 0.05, 0.15), HELPS),
    )
    advice = recommendations(result(arms))
    assert any(a.startswith("Use `all balanced`") for a in advice)
    assert not any("Leave out" in a for a in advice)
    assert "Do not use `b pooled`: it costs 0.100 accuracy [0.050, 0.150]." in advice


@pytest.mark.parametrize(
    ("verdict", "numbers", "words"),
    [
        (HURTS, (-0.1, -0.15, -0.05), "Stay with the target alone: no arm helps."),
        (OPEN, (0.0, -0.1, 0.1), "Stay with the target alone for now: no arm was shown to help."),
        (SAME, (0.0, -0.01, 0.01), "Stay with the target alone: nothing beyond the margin"),
    ],
)
def test_where_nothing_helps_one_stays_with_the_target(verdict, numbers, words: str) -> None:
    told = result((control(), arm("b pooled", ("b",), 0.8, gap(*numbers), verdict)))
    advice = recommendations(told)
    assert any(a.startswith(words) for a in advice)
    assert not any(a.startswith("Use ") for a in advice)


def with_safe(verdict, numbers, *others) -> AuditResult:  # type: ignore[no-untyped-def]
    safe = arm("safe", ("b", "c"), 0.86, gap(*numbers), verdict)
    return result((control(), *others, safe))


GREAT = arm("b pooled", ("b",), 0.95, gap(0.10, 0.08, 0.12), HELPS)
GOOD = arm("b pooled", ("b",), 0.89, gap(0.05, 0.03, 0.07), HELPS)
BAD = arm("c pooled", ("c",), 0.70, gap(-0.10, -0.12, -0.08), HURTS)
FIT = "transfergap fit RUN -o model.skops"


def test_the_safe_model_is_recommended_where_it_helps_and_how_to_have_it() -> None:
    told = with_safe(HELPS, (0.045, 0.02, 0.07), GOOD, BAD)
    advice = recommendations(told)
    assert best_arm(told).arm == "safe"  # type: ignore[union-attr]
    assert advice[0].startswith("Use `safe` for digits: +0.045")
    assert FIT in advice[0]
    assert "fit_safe()" in advice[0]
    assert not any("Leave out" in one for one in advice)  # it holds c down by itself
    assert any(one.startswith("Do not use `c pooled`") for one in advice)


def test_an_arm_that_is_plainly_better_than_the_safe_model_goes_first() -> None:
    told = with_safe(HELPS, (0.045, 0.02, 0.07), GREAT)
    assert recommendations(told)[0].startswith("Use `b pooled`")
    assert FIT not in " ".join(recommendations(told))


@pytest.mark.parametrize(
    ("verdict", "numbers"),
    [(HURTS, (-0.05, -0.07, -0.03)), (SAME, (0.0, -0.01, 0.01))],
)
def test_a_safe_model_that_hurts_or_changes_nothing_is_not_recommended(verdict, numbers) -> None:
    told = " ".join(recommendations(with_safe(verdict, numbers)))
    assert FIT not in told
    assert ("Do not use `safe`" in told) == (verdict is HURTS)
    assert "Stay with the target alone" in told


def test_an_open_safe_model_is_named_only_where_nothing_helps_or_hurts() -> None:
    numbers = (0.02, -0.01, 0.05)
    advice = recommendations(with_safe(OPEN, numbers))
    assert advice[0].startswith("Stay with the target alone for now: no arm was shown to help.")
    assert "is open too" in advice[0]
    assert FIT in advice[0]
    for other in (BAD, GOOD):
        assert FIT not in " ".join(recommendations(with_safe(OPEN, numbers, other)))


def test_an_imported_arm_that_is_called_safe_is_like_any_other() -> None:
    nobody = TargetInfo("digits", None, None, "multiclass", (), None)
    safe = arm("safe", ("safe",), 0.86, gap(0.045, 0.02, 0.07), HELPS)
    told = result((control(), GOOD, safe), target=nobody)
    assert recommendations(told)[0].startswith("Use `b pooled`")
    assert FIT not in " ".join(recommendations(told))


def test_what_spoils_the_comparison_comes_before_the_choice() -> None:
    degenerate = Finding("TG301", "t", "control", Strength.STRONG, "says", "Tune the model.")
    advice = recommendations(result(results.demo().arms, findings=(degenerate,)))
    assert advice[0] == "First (TG301, control): Tune the model."


def test_the_margin_decides_the_digits() -> None:
    assert [decimals_for(m) for m in (0.01, 0.5, 0.001, 1e-9, 1.0, 40.0, 1e6)] == [
        3, 3, 4, 6, 1, 0, 0,
    ]  # fmt: skip


def test_rounding_hides_no_sign() -> None:
    numbers = Numbers(3)
    assert numbers.signed(-0.0001) == "−0.000"
    assert numbers.signed(0.0001) == "+0.000"
    assert numbers.signed(-0.0) == "0.000"
    assert numbers.plain(None) == "—"
    assert Numbers(0).plain(1234567.0) == "1,234,567"


def cause(fix: str, subject: str = "mnist") -> Finding:
    return Finding(
        "TG606", "the source outweighs the target", subject, Strength.STRONG, "It does.", fix,
        repair_gap=0.1, repair_low=0.05, repair_high=0.15,
    )  # fmt: skip


def test_a_cause_comes_with_what_its_repair_gave_back() -> None:
    hurting = arm("mnist pooled", ("mnist",), 0.7, gap(-0.18, -0.3, -0.06), HURTS)
    told = result((control(), hurting), findings=(cause('Less: --arm "mnist balanced"'),))
    (advice,) = [line for line in recommendations(told) if "Before you use" in line]
    assert advice == (
        "Before you use `mnist` (TG606 the source outweighs the target; repairing that gave back"
        ' +0.100 [+0.050, +0.150] accuracy): Less: --arm "mnist balanced"'
    )


def test_what_the_table_says_hurts_is_not_recommended_as_a_repair() -> None:
    pooled = arm("mnist pooled", ("mnist",), 0.7, gap(-0.18, -0.3, -0.06), HURTS)
    also = arm("mnist balanced", ("mnist",), 0.7, gap(-0.15, -0.25, -0.05), HURTS)
    told = result((control(), pooled, also), findings=(cause('Less: --arm "mnist balanced"'),))
    assert not [line for line in recommendations(told) if "Before you use" in line]


def test_one_cause_of_many_sources_is_one_line() -> None:
    names = ("a", "b", "c", "d")
    arms = [arm(f"{n} pooled", (n,), 0.7, gap(-0.18, -0.3, -0.06), HURTS) for n in names]
    told = result((control(), *arms), findings=tuple(cause("Less.", name) for name in names))
    (advice,) = [line for line in recommendations(told) if "Before you use" in line]
    assert advice.startswith("Before you use any of these (TG606")
    assert "`a` +0.100 [+0.050, +0.150], `b`" in advice and "and 1 more" in advice
    assert '--arm "SOURCE balanced"' in advice


def test_no_interval_is_shown_beyond_the_scale_of_a_metric():
    hurt = results.arm("b", ("b",), 0.01, results.gap(-0.974, -1.001, -0.946), results.HURTS)
    told = results.result((results.control(0.98), hurt), metric="roc_auc")
    assert "[0.946, 1.000]" in headline(told)[0].text
    squared = results.result((results.control(3.0), hurt), metric="mse")
    assert "[0.946, 1.001]" in headline(squared)[0].text


def test_what_follows_from_an_arm_for_information_never_leads_the_causes() -> None:
    def finding(code: str, subject: str, strength: Strength) -> Finding:
        return Finding(code, "a title", subject, strength, "It says.", "Do it.")

    alone = finding("TG203", "b", Strength.NOTE)
    noted = finding("TG604", "b", Strength.NOTE)  # the cause of an arm for information
    association = finding("TG201", "c", Strength.MODERATE)
    note = finding("TG202", "c", Strength.NOTE)
    cause = finding("TG601", "c", Strength.MODERATE)
    hurts = arm("b pooled", ("b",), 0.6, gap(-0.1, -0.15, -0.05), HURTS)
    told = result((control(), hurts), findings=(alone, noted, association, note, cause))
    assert explanations(told) == (cause, association, alone, note, noted)
    for code in ("TG203", "TG604"):
        assert not any(code in line for line in recommendations(told))


def test_all_shows_every_finding_of_weight_and_why_a_screen_of_them():
    names = [f"s{k}" for k in range(9)]
    reasons = tuple(
        Finding("TG201", "inputs differ", name, Strength.MODERATE, f"{name} is far.", "Do it.")
        for name in names
    )
    arms = [arm(f"{n} pooled", (n,), 0.7, gap(-0.18, -0.3, -0.06), HURTS) for n in names]
    told = result((control(), *arms), findings=reasons)
    texts = {d: render_terminal(told, color=False, detail=d) for d in ("all", "why")}
    assert all(f"{name} is far." in texts["all"] for name in names)
    assert sum(f"{name} is far." in texts["why"] for name in names) == 6
    assert "3 more findings: see the report." in texts["why"]
