"""Verdicts on groups of people: designs, corrections, too few people, what cannot be judged."""

import numpy as np
import pandas as pd
import pytest
from tests.analysis.people.trainees import scores

from transfergap import audit_people
from transfergap.analysis.training_curves import CurveMetric
from transfergap.errors import ConfigurationError, DataError
from transfergap.report import render, result_from_json, result_to_json
from transfergap.stats.gap import Verdict
from transfergap.stats.randomization import Comparison, difference_gap


def test_unequal_groups_are_compared_unpaired():
    table = scores({"control": 0.0, "piano": 0.3, "typing": -0.3}, {"control": 14, "typing": 7})
    audit = audit_people(table, margin=0.05)
    assert audit.to_frame().verdict.tolist() == ["reference", "helps", "hurts"]
    assert audit.to_frame().n_pairs.tolist()[1:] == [10, 7]
    assert audit.training_curves.learners == "people"
    assert audit.training_curves.n_seeds == 31


def test_the_same_people_are_compared_with_themselves():
    table = scores({"control": 0.0, "piano": 0.06}, same=True)
    paired = audit_people(table, margin=0.01, design="within")
    assert paired["piano"].verdict is Verdict.HELPS
    unpaired = audit_people(table, margin=0.01, design="between")
    assert unpaired["piano"].verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert paired.training_curves.n_seeds == 10
    assert unpaired.training_curves.n_seeds == 20


def test_within_subjects_only_people_in_both_conditions_count():
    table = scores({"control": 0.0, "piano": 0.3}, {"piano": 12}, same=True)
    audit = audit_people(table, margin=0.05, design="within")
    assert audit["piano"].gap.n_pairs == 10


def test_names_that_stand_in_several_groups_are_asked_about():
    with pytest.raises(DataError, match="10 names of participants") as caught:
        audit_people(scores({"control": 0.0, "piano": 0.3}, same=True), margin=0.05)
    assert "within" in caught.value.hint and "between" in caught.value.hint


def test_swapping_the_groups_turns_every_sign():
    table = scores({"control": 0.0, "piano": 0.2}, {"piano": 7})
    one = audit_people(table, margin=0.05).training_curves
    two = audit_people(table, margin=0.05, control="piano").training_curves
    for metric in (CurveMetric.FIRST_TRIAL, CurveMetric.MEAN_TRIALS, CurveMetric.TRIALS_SAVED):
        a, b = one.of("piano", metric).gap, two.of("control", metric).gap
        assert a.estimate == pytest.approx(-b.estimate)
    one, two = one.of("piano", CurveMetric.SYMMETRIC), two.of("control", CurveMetric.SYMMETRIC)
    assert one.gap.estimate == pytest.approx(-two.gap.estimate)


def test_the_order_of_rows_changes_no_estimate():
    table = scores({"control": 0.0, "piano": 0.2})
    shuffled = table.sample(frac=1.0, random_state=1)
    one, two = (audit_people(t, margin=0.05)["piano"].gap for t in (table, shuffled))
    assert one.estimate == pytest.approx(two.estimate)


def test_four_people_a_group_settle_nothing_and_say_so():
    table = scores({"control": 0.0, "piano": 2.0}, {"control": 9, "piano": 4})
    audit = audit_people(table, margin=0.05)
    assert audit["piano"].verdict is Verdict.NOT_ENOUGH_EVIDENCE
    notes = {g.note for g in audit.training_curves.gaps}
    assert any("4 participants in a group; a verdict needs 5" in note for note in notes)


def test_percent_transfer_has_the_verdict_of_its_measure_and_savings_that_of_trials():
    curves = audit_people(scores({"control": 0.0, "piano": 0.1}), margin=0.02, best=2.0)
    curves = curves.training_curves
    of = {g.metric: g.verdict for g in curves.gaps}
    assert of[CurveMetric.PERCENT] is of[CurveMetric.MEAN_TRIALS] is of[CurveMetric.POSSIBLE]
    assert of[CurveMetric.SAVINGS] is of[CurveMetric.TRIALS_SAVED]


def test_many_groups_that_differ_by_chance_alone_hold_weak_claims_back():
    groups = {"control": 0.0, **{f"g{i}": 0.0 for i in range(8)}}
    audit = audit_people(scores(groups, seed=5), margin=1e-6)
    gaps = [g for g in audit.training_curves.gaps if g.gap is not None]
    alone = [g for g in gaps if min(g.gap.p_helps, g.gap.p_hurts) < 0.05]
    assert alone, "the draw must hold a claim by chance for this test to mean anything"
    assert any(g.held_back for g in alone)


def test_who_stopped_early_is_asked_about_then_held_or_dropped():
    table = scores({"control": 0.0, "piano": 0.2})
    early = (table["participant"] == "piano 3") & (table["trial"] > 4)
    with pytest.raises(DataError, match="fewer trials") as caught:
        audit_people(table[~early], margin=0.05)
    assert "--ended hold" in caught.value.hint
    hold = audit_people(table[~early], margin=0.05, ended="hold")
    drop = audit_people(table[~early], margin=0.05, ended="drop")
    assert [a["piano"].gap.n_pairs for a in (hold, drop)] == [10, 9]
    assert "Last score held: 1 curves" in hold.training_curves.notes[0]


def test_a_missing_score_costs_its_curve_and_is_counted():
    table = scores({"control": 0.0, "piano": 0.2})
    table.loc[2, "score"] = np.nan
    audit = audit_people(table, margin=0.05)
    assert audit.training_curves.curves[0].n_seeds == 9
    assert "score missing: 1 curves (control 0 (control))" in audit.training_curves.notes[0]


@pytest.mark.parametrize("judged_by", ["mean", "first", "last", "saved"])
def test_every_main_measure_reads_back_and_renders(judged_by):
    audit = audit_people(
        scores({"control": 0.0, "piano": 0.3}), margin=0.2, judged_by=judged_by, best=2.0,
        prior={"piano": 10.0}, name="typing",
    )  # fmt: skip
    text = result_to_json(audit.result)
    assert result_to_json(result_from_json(text)) == text
    assert audit["piano"].verdict is Verdict.HELPS
    for form in ("text", "markdown", "html"):
        page = render(audit.result, form)
        assert "seed" not in page.split("<style>")[0] and "first trial" in page
    words = render(audit.result, "text")
    assert "20 participants" in words and "rows" not in words and "agent" not in words


def test_scores_that_never_improve_have_no_criterion():
    table = scores({"control": 0.0, "piano": 0.2})
    table["score"] = -table["score"]
    curves = audit_people(table, margin=0.05).training_curves
    assert curves.threshold is None
    assert curves.of("piano", CurveMetric.TRIALS_SAVED).gap is None
    assert "below zero" in curves.of("piano", CurveMetric.PERCENT).note


def test_a_control_that_cannot_be_told_from_zero_has_no_ratio():
    table = scores({"control": 0.0, "piano": 0.5})
    table["score"] = table["score"].where(table["group"] == "piano", 0.0).clip(0)
    table.loc[0, "score"] = 0.01
    curves = audit_people(table, margin=0.05).training_curves
    assert curves.of("piano", CurveMetric.PERCENT).gap is None
    assert "told from zero" in curves.of("piano", CurveMetric.PERCENT).note


@pytest.mark.parametrize(
    ("change", "how", "error", "words"),
    [
        (lambda t: t.drop(columns="trial"), {}, DataError, "no column 'trial'"),
        (lambda t: t[t["group"] == "control"], {}, DataError, "only the control"),
        (lambda t: t, {"control": "nobody"}, DataError, "no group 'nobody'"),
        (lambda t: t[t["trial"] == 1], {}, DataError, "one trial"),
        (lambda t: pd.concat([t, t.iloc[:1]]), {}, DataError, "two scores at trial 1"),
        (lambda t: t.assign(score="x"), {}, DataError, "has the score 'x'"),
        (lambda t: t.assign(trial=None), {}, DataError, "has the trial"),
        (lambda t: t.assign(group=[None] + ["a"] * (len(t) - 1)), {}, DataError, "has no group"),
        (lambda t: t, {"judged_by": "speed"}, ConfigurationError, "judged by 'speed'"),
        (lambda t: t, {"margin": 0.0}, ConfigurationError, "margin"),
        (lambda t: t, {"best": 0.5}, DataError, "beyond the best"),
        (lambda t: t, {"prior": {"flute": 3.0}}, DataError, "no group 'flute'"),
        (lambda t: t, {"prior": {"piano": 0.0}}, ConfigurationError, "trials before"),
    ],
)
def test_what_cannot_be_judged_is_one_clear_error(change, how, error, words):
    table = change(scores({"control": 0.0, "piano": 0.2}))
    with pytest.raises(error, match=words) as caught:
        audit_people(table, **{"margin": 0.05, **how})
    assert caught.value.hint


def test_columns_may_be_called_otherwise(tmp_path):
    table = scores({"control": 0.0, "piano": 0.3}).set_axis(
        ["who", "cond", "block", "hits"], axis=1
    )
    path = tmp_path / "typing.csv"
    table.to_csv(path, index=False)
    names = {"participant": "who", "group": "cond", "trial": "block", "score": "hits"}
    audit = audit_people(path, margin=0.05, columns=names)
    assert audit.result.target.name == "typing"
    assert audit.result.metric_unit == "hits"


def test_a_control_that_does_not_learn_is_a_finding_in_words_for_people():
    flat = scores({"control": 0.0, "piano": 0.2})
    flat["score"] = flat.groupby("participant")["score"].transform("first") + flat["trial"] * -1e-4
    findings = {f.code: f for f in audit_people(flat, margin=0.05).result.findings}
    assert "In 6 trials the control gained" in findings["TG503"].says
    assert "over 10 participants" in findings["TG503"].says
    assert "more trials" in findings["TG503"].fix


def test_a_control_that_is_still_learning_is_a_finding_also_for_errors():
    table = scores({"control": 0.0, "piano": 0.2}, n_trials=10)
    table["score"] = 3 - table["score"]
    codes = {f.code for f in audit_people(table, margin=0.05, greater_is_better=False).findings}
    assert codes == {"TG504"}


def test_large_groups_take_neither_long_nor_much_memory():
    rng = np.random.default_rng(0)
    data = Comparison(rng.normal(size=3000), rng.normal(0.2, size=2000), False)
    assert difference_gap(data).p_helps < 0.01


def test_groups_that_count_their_trials_from_0_and_from_1_are_told_so():
    table = scores({"control": 0.0, "piano": 0.2})
    table["trial"] -= table["group"] == "piano"
    with pytest.raises(DataError, match="Nobody of group 'control'") as caught:
        audit_people(table, margin=0.05, ended="hold")
    assert "alike" in caught.value.hint


def test_the_page_of_one_design_asks_for_the_order_of_conditions():
    table = scores({"control": 0.0, "piano": 0.2}, same=True)
    pages = [audit_people(table, margin=0.05, design=d).result for d in ("within", "between")]
    said = ["The order of the conditions" in render(page, "html") for page in pages]
    assert said == [True, False]


def in_classes(table, of_person):
    people = table["group"] + table["participant"]
    return table.assign(school=[of_person(name) for name in people])


def test_people_of_one_class_count_once():
    table = scores({"control": 0.0, "piano": 0.3}, {"control": 24, "piano": 18})
    # Three to a class: 8 classes of the control, 6 of the piano.
    classes = in_classes(table, lambda name: f"{name.split()[0]} {int(name.split()[-1]) // 3}")
    audit = audit_people(classes, margin=0.05, clusters="school")
    means = (
        classes.groupby(["group", "school", "participant"])["score"].mean()
        .groupby(["group", "school"]).mean()
    )  # fmt: skip
    by_hand = difference_gap(
        Comparison(means["control"].to_numpy(), means["piano"].to_numpy(), paired=False)
    )
    gap = audit["piano"].gap
    assert (gap.n_pairs, gap.estimate) == (6, pytest.approx(by_hand.estimate))
    assert (gap.low, gap.high) == pytest.approx((by_hand.low, by_hand.high), abs=0.003)
    assert audit.training_curves.n_clusters == 14 and audit.training_curves.n_seeds == 42
    assert "14 clusters of 6 trials" in render(audit.result)
    assert result_from_json(result_to_json(audit.result)) == audit.result


def test_classes_with_people_in_every_group_are_compared_with_themselves():
    table = scores({"control": 0.0, "piano": 0.3}, {"control": 24, "piano": 24})
    classes = in_classes(table, lambda name: int(name.split()[-1]) % 8)
    audit = audit_people(classes, margin=0.05, clusters="school")
    assert audit["piano"].gap.n_pairs == 8
    assert audit["piano"].gap.method.startswith("paired t")


def test_a_class_of_each_person_changes_nothing():
    table = scores({"control": 0.0, "piano": 0.2}, {"piano": 7})
    alone = audit_people(table, margin=0.05)
    named = audit_people(in_classes(table, str), margin=0.05, clusters="school")
    for one, two in zip(alone.training_curves.gaps, named.training_curves.gaps, strict=True):
        assert one.gap == two.gap and one.verdict is two.verdict


@pytest.mark.parametrize(
    ("of_person", "message"),
    [
        (lambda name: None, "has no school"),
        (lambda name: "a" if name.endswith(" 0") else name.split()[0], "is in 1 of 2 groups"),
    ],
)
def test_classes_that_cannot_be_compared_are_refused(of_person, message):
    table = scores({"control": 0.0, "piano": 0.2})
    with pytest.raises(DataError, match=message):
        audit_people(in_classes(table, of_person), margin=0.05, clusters="school")
    with pytest.raises(DataError, match="no column 'school'"):
        audit_people(table, margin=0.05, clusters="school")


def test_a_participant_of_two_classes_is_refused():
    table = scores({"control": 0.0, "piano": 0.2})
    classes = table.assign(school=np.arange(len(table)) % 7)
    with pytest.raises(DataError, match="is in two clusters"):
        audit_people(classes, margin=0.05, clusters="school")


def test_three_classes_a_group_settle_nothing():
    table = scores({"control": 0.0, "piano": 2.0}, {"control": 30, "piano": 30})
    classes = in_classes(table, lambda name: f"{name.split()[0]} {int(name.split()[-1]) % 3}")
    audit = audit_people(classes, margin=0.05, clusters="school")
    assert audit["piano"].verdict is Verdict.NOT_ENOUGH_EVIDENCE
    notes = {g.note for g in audit.training_curves.gaps}
    assert any("3 clusters in a group; a verdict needs 5" in note for note in notes)
