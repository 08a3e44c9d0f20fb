"""Shares, Holm's procedure and the rule that names a cause, on numbers made by hand."""

import numpy as np
import pytest

from transfergap.analysis.repairs.naming import (
    Gains,
    best_ways,
    holm,
    named_causes,
    shapley,
    to_combine,
)
from transfergap.analysis.repairs.repair import Cause, Repair

WAYS = {
    "copies": Cause.COPIES,
    "scale": Cause.MEASUREMENT,
    "units": Cause.MEASUREMENT,
    "shares": Cause.LABEL_SHARES,
    "relabel": Cause.CONCEPT,
    "half": Cause.SWAMPING,
    "capacity": Cause.CAPACITY,
}


def gains(mean: float, spread: float = 0.1) -> Gains:
    steps = np.linspace(-1, 1, 10)
    return Gains(mean + spread * (steps - steps.mean()), np.full(10, 20.0))


def naming(means: dict[str, float], *, hurts=True, ratio=2.0, spread=0.1, joint=None, harm=1.0):
    repairs = [Repair(way, WAYS[way], way) for way in means]
    found = {way: gains(mean, spread) for way, mean in means.items()}
    given = {frozenset(causes): gains(mean, spread) for causes, mean in (joint or {}).items()}
    best = best_ways(repairs, found)
    return named_causes(best, found, given, hurts=hurts, ratio=ratio, harm=harm)


def test_a_cause_of_its_own_goes_before_a_larger_gain_of_less_weight():
    assert naming({"scale": 0.8, "relabel": 1.0, "half": 0.9})[0] == (Cause.MEASUREMENT,)


def test_without_one_the_labels_are_to_blame_or_the_weight_of_a_large_source():
    means = {"scale": 0.1, "relabel": 1.0, "half": 0.95}
    assert naming(means)[0] == (Cause.CONCEPT,)
    assert naming(means, ratio=20.0)[0] == (Cause.SWAMPING,)


def test_capacity_is_named_where_nothing_of_its_own_is():
    assert naming({"capacity": 1.0, "relabel": 0.7, "half": 0.1})[0] == (Cause.CAPACITY,)


def test_of_close_gains_the_more_particular_cause_goes_first():
    assert naming({"copies": 0.9, "shares": 1.0, "relabel": 0.9, "half": 0.9})[0] == (
        Cause.COPIES, Cause.LABEL_SHARES,
    )  # fmt: skip


def test_a_doubtful_gain_is_named_only_of_an_arm_that_is_known_to_hurt():
    means = {"scale": 0.8, "relabel": 0.9, "half": 0.5}
    assert naming(means, spread=5.0) == ((Cause.MEASUREMENT,), ())
    assert naming(means, spread=5.0, hurts=False) == ((), ())


def test_nothing_is_named_where_no_repair_helps():
    assert naming({"scale": -0.8, "relabel": -0.02, "half": -0.1}) == ((), ())


def test_two_causes_that_only_help_together_are_both_named():
    means = {"scale": 0.0, "shares": 0.05, "relabel": 1.0, "half": 0.9}
    one, two = Cause.MEASUREMENT, Cause.LABEL_SHARES
    joint = {(one,): 0.0, (two,): 0.05, (one, two): 1.0}
    assert naming(means, joint=joint) == ((two, one), (two, one)) or naming(means, joint=joint) == (
        (one, two), (one, two),
    )  # fmt: skip
    weak = {(one,): 0.0, (two,): 0.05, (one, two): 0.3}
    assert naming(means, joint=weak)[0] == (Cause.CONCEPT,)


def test_of_three_that_were_combined_only_the_needed_ones_are_named():
    means = {"scale": 0.0, "shares": 0.05, "copies": 0.0, "relabel": 1.0, "half": 0.9}
    a, b, c = Cause.MEASUREMENT, Cause.LABEL_SHARES, Cause.COPIES
    joint = {(a,): 0.0, (b,): 0.05, (c,): 0.0, (a, b): 0.95, (a, c): 0.0, (b, c): 0.1,
             (a, b, c): 1.0}  # fmt: skip
    assert set(naming(means, joint=joint)[0]) == {a, b}


def test_the_best_way_of_a_cause_stands_for_it():
    repairs = [Repair(way, WAYS[way], way) for way in ("units", "scale")]
    best = best_ways(repairs, {"units": gains(0.2), "scale": gains(0.3)})
    assert best[Cause.MEASUREMENT].way == "scale"


def test_ways_that_stand_for_each_other_are_not_combined():
    means = {"relabel": 1.0, "half": 0.9, "scale": 0.3, "shares": -0.2}
    repairs = [Repair(way, WAYS[way], way) for way in means]
    found = {way: gains(mean, 0.01) for way, mean in means.items()}
    assert [r.way for r in to_combine(best_ways(repairs, found), found, 1.0)] == ["scale", "shares"]
    means["scale"] = 0.8
    found = {way: gains(mean, 0.01) for way, mean in means.items()}
    assert [r.way for r in to_combine(best_ways(repairs, found), found, 1.0)] == [
        "scale",
        "relabel",
    ]


def test_shares_add_up_to_what_all_give():
    rng = np.random.default_rng(0)
    names = "abc"
    subsets = [frozenset(s) for s in ("", "a", "b", "c", "ab", "ac", "bc", "abc")]
    values = {s: rng.normal(size=10) if s else np.zeros(10) for s in subsets}
    shares = shapley(values, names)
    assert np.allclose(sum(shares.values()), values[frozenset(names)])


def test_holm_is_as_statsmodels_has_it():
    # statsmodels.stats.multitest.multipletests([.01, .04, .03, .005], method="holm")
    assert holm(np.array([0.01, 0.04, 0.03, 0.005]), 0.05).tolist() == [True, False, False, True]


@pytest.mark.parametrize("mean", [0.3, -0.3])
def test_the_interval_is_the_corrected_t_of_the_folds(mean):
    from transfergap.stats.gap import compare_scores

    values = gains(mean, 0.4)
    gap = compare_scores(np.zeros(10), values.folds, test_to_train=1 / 9)
    got = values.interval
    assert np.allclose([got.estimate, got.low, got.high], [gap.estimate, gap.low, gap.high])
    assert values.p_value == pytest.approx(gap.p_helps)


def test_a_cause_that_gives_back_next_to_nothing_is_not_named():
    assert naming({"scale": 0.1, "relabel": 0.05, "half": 0.01}) == ((), ())


def test_a_cause_of_its_own_and_another_rule_are_found_together():
    means = {"scale": 0.0, "relabel": 0.02, "half": 0.01}
    repairs = [Repair(way, WAYS[way], way) for way in means]
    found = {way: gains(mean, 0.01) for way, mean in means.items()}
    assert [r.way for r in to_combine(best_ways(repairs, found), found, 1.0)] == [
        "scale", "relabel",
    ]  # fmt: skip
    one, two = Cause.MEASUREMENT, Cause.CONCEPT
    joint = {(one,): 0.0, (two,): 0.02, (one, two): 1.0}
    assert set(naming(means, joint=joint)[0]) == {one, two}
