"""Verdicts of curve metrics: pairing, signs, too few seeds, missing runs, corrections."""

import numpy as np
import pytest

from transfergap.analysis.training_curves import (
    AGENT_METRICS,
    CurveMetric,
    Run,
    gather,
    judge_curves,
)
from transfergap.errors import ConfigurationError, DataError
from transfergap.stats.gap import Verdict

STEPS = np.linspace(0.0, 100.0, 11)


def runs(n_seeds=12, lift=0.0, arms=("b",), noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    made = []
    for k in range(n_seeds):
        own = rng.normal() * 0.1
        for arm in ("control", *arms):
            up = lift if arm != "control" else 0.0
            scores = (0.5 + own + up) * STEPS / 100 + up / 2 + noise * rng.normal(size=11)
            made.append(Run(arm, k, STEPS, scores))
    return made


def test_a_lift_helps_in_every_metric_and_a_drop_hurts():
    told = judge_curves(gather(runs(lift=0.3), control="control"), margin=0.02, lowest=-1.0)
    assert {g.verdict for g in told.gaps} == {Verdict.HELPS}
    assert {g.metric for g in told.gaps} == set(AGENT_METRICS)
    down = judge_curves(gather(runs(lift=-0.3), control="control"), margin=0.02, lowest=-1.0)
    assert down.of("b", CurveMetric.AREA).verdict is Verdict.HURTS
    assert down.of("b", CurveMetric.TIME).gap.estimate < 0  # a later threshold is a loss


def test_swapping_control_and_arm_turns_every_sign():
    made = runs(lift=0.2)
    names = {"control": "b", "b": "control"}
    turned = [Run(names[r.arm], r.seed, r.steps, r.scores) for r in made]
    one = judge_curves(gather(made, control="control"), margin=0.02, lowest=-1.0)
    two = judge_curves(gather(turned, control="control"), margin=0.02, lowest=-1.0)
    for metric in set(AGENT_METRICS) - {CurveMetric.RATIO}:
        a, b = one.of("b", metric).gap, two.of("b", metric).gap
        assert a.estimate == pytest.approx(-b.estimate, abs=1e-12)
        assert (a.low, a.p_helps) == pytest.approx((-b.high, b.p_hurts))


def test_identical_arms_have_a_gap_of_exactly_zero_and_no_claim():
    made = runs()
    same = [Run("b", r.seed, r.steps, r.scores) for r in made if r.arm == "control"]
    made = [r for r in made if r.arm == "control"] + same
    told = judge_curves(gather(made, control="control"), margin=0.02, lowest=-1.0)
    assert {g.gap.estimate for g in told.gaps} == {0.0}
    assert not {g.verdict for g in told.gaps} & {Verdict.HELPS, Verdict.HURTS}


def test_the_order_of_runs_changes_nothing():
    made = runs(lift=0.1, arms=("b", "c"))
    told = judge_curves(gather(made, control="control"), margin=0.02)
    again = judge_curves(gather(made[::-1], control="control", arms=["b", "c"]), margin=0.02)
    assert told == again


def test_pairs_are_made_by_seed_and_missing_ones_do_not_count():
    made = [r for r in runs(lift=0.3) if not (r.arm == "b" and r.seed < 3)]
    made = [r for r in made if not (r.arm == "control" and r.seed == 11)]
    told = judge_curves(gather(made, control="control"), margin=0.02)
    assert told.of("b", CurveMetric.AREA).gap.n_pairs == 8
    full = [r for r in made if r.seed in range(3, 11)]
    alone = judge_curves(gather(full, control="control"), margin=0.02)
    assert told.of("b", CurveMetric.AREA).gap == alone.of("b", CurveMetric.AREA).gap


def test_ragged_and_broken_runs_are_dropped_and_said():
    made = runs(lift=0.3)
    made.append(Run("b", 50, STEPS[:5], np.zeros(5)))
    made.append(Run("b", 51, STEPS, np.full(11, np.nan)))
    gathered = gather(made, control="control")
    assert [(d.arm, d.seed) for d in gathered.dropped] == [("b", 50), ("b", 51)]
    told = judge_curves(gathered, margin=0.02)
    assert told.of("b", CurveMetric.AREA).gap.n_pairs == 12
    assert len([note for note in told.notes if note.startswith("Left out: b")]) == 2


def test_fewer_than_five_seeds_settle_nothing_and_say_so():
    told = judge_curves(gather(runs(4, lift=2.0), control="control"), margin=0.02, lowest=-1.0)
    assert {g.verdict for g in told.gaps} <= {Verdict.NOT_ENOUGH_EVIDENCE}
    assert "4 paired seeds; a verdict needs 5" in told.of("b", CurveMetric.AREA).note
    assert told.of("b", CurveMetric.AREA).gap.low > 0  # the gap is shown all the same


def test_an_interquartile_mean_needs_ten_seeds():
    told = judge_curves(gather(runs(9, lift=2.0), control="control"), margin=0.02)
    assert told.of("b", CurveMetric.MIDDLE).verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert told.of("b", CurveMetric.FINAL).verdict is Verdict.HELPS


def test_one_pair_has_no_gap_and_a_reason():
    made = [r for r in runs(6) if r.arm == "control" or r.seed == 0]
    told = judge_curves(gather(made, control="control"), margin=0.02)
    area = told.of("b", CurveMetric.AREA)
    assert (area.gap, area.verdict) == (None, None)
    assert "fewer than two seeds" in area.note


def test_the_transfer_ratio_has_the_verdict_of_the_area():
    for lift in (0.0, 0.01, 0.3):
        made = runs(lift=lift, noise=0.001)
        told = judge_curves(gather(made, control="control"), margin=0.02, lowest=-1.0)
        ratio, area = told.of("b", CurveMetric.RATIO), told.of("b", CurveMetric.AREA)
        assert ratio.verdict is area.verdict
        assert (ratio.gap.low > 0) <= (area.gap.low > 0)


def test_scores_below_the_lowest_have_no_ratio():
    made = [Run(r.arm, r.seed, r.steps, r.scores - 5) for r in runs()]
    told = judge_curves(gather(made, control="control"), margin=0.02)
    assert told.of("b", CurveMetric.RATIO).gap is None
    assert "lowest" in told.of("b", CurveMetric.RATIO).note
    with_lowest = judge_curves(gather(made, control="control"), margin=0.02, lowest=-6.0)
    assert with_lowest.of("b", CurveMetric.RATIO).gap is not None


def test_runs_that_never_reach_the_threshold_are_counted():
    told = judge_curves(gather(runs(lift=0.3), control="control"), margin=0.02, threshold=0.75)
    assert "of 12 runs of the control" in told.of("b", CurveMetric.TIME).note


def test_falling_scores_have_no_threshold():
    made = [Run(r.arm, r.seed, r.steps, -r.scores) for r in runs()]
    told = judge_curves(gather(made, control="control"), margin=0.02)
    assert told.threshold is None
    assert told.of("b", CurveMetric.TIME).gap is None


def test_many_null_arms_hold_a_lone_weak_claim_back():
    arms = tuple(f"n{i}" for i in range(12))
    told = judge_curves(gather(runs(arms=arms, noise=0.3), control="control"), margin=1e-6)
    given = [g for g in told.gaps if g.gap is not None]
    alone = [g for g in given if g.gap.p_helps < 0.05 or g.gap.p_hurts < 0.05]
    assert alone, "the draw must hold a claim by chance for this test to mean anything"
    assert all(g.verdict is Verdict.NOT_ENOUGH_EVIDENCE for g in alone)
    assert any(g.held_back for g in alone)


def test_arms_for_information_get_no_verdict():
    told = judge_curves(gather(runs(lift=0.3), control="control"), margin=0.02, unjudged=("b",))
    assert {g.verdict for g in told.gaps} == {None}


@pytest.mark.parametrize(
    ("made", "how", "error"),
    [
        (runs(), {"margin": 0.0}, ConfigurationError),
        (runs(), {"margin": 0.1, "judged_by": CurveMetric.TIME}, ConfigurationError),
        (runs(), {"margin": 0.1, "threshold": float("nan")}, ConfigurationError),
        (runs(arms=()), {"margin": 0.1}, DataError),
    ],
)
def test_what_cannot_be_judged_is_one_clear_error(made, how, error):
    with pytest.raises(error) as caught:
        judge_curves(gather(made, control="control"), **how)
    assert caught.value.hint


def test_a_missing_control_a_doubled_run_and_a_single_step_are_errors():
    with pytest.raises(DataError, match="no usable"):
        gather(runs(), control="scratch")
    with pytest.raises(DataError, match="2 curves of seed 0"):
        gather([*runs(), runs()[0]], control="control")
    with pytest.raises(DataError, match="1 step"):
        gather([Run("control", 0, STEPS[:1], np.zeros(1))], control="control")
    with pytest.raises(DataError, match="do not increase"):
        gather([Run("control", 0, STEPS[::-1], np.zeros(11))], control="control")
    with pytest.raises(DataError, match="no learning curves"):
        gather([], control="control")
