"""Which cause is named, gain by gain: every limit of the rule from both of its sides."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from transfergap.analysis.repairs import naming
from transfergap.analysis.repairs.naming import (
    Gains,
    best_ways,
    holm,
    named_causes,
    shapley,
    subsets,
    sure_causes,
    to_combine,
)
from transfergap.analysis.repairs.repair import Cause, Repair

COPIES, MEASURED, SHARES = Cause.COPIES, Cause.MEASUREMENT, Cause.LABEL_SHARES
CONCEPT, SWAMPING, CAPACITY = Cause.CONCEPT, Cause.SWAMPING, Cause.CAPACITY


def gains(mean, spread=0.01):
    """Ten folds about a mean: standard deviation sqrt(10 / 9) times the spread."""
    return Gains(mean + spread * np.tile([1.0, -1.0], 5), np.full(10, 20.0))


def scaled(value, spread, unit):
    """Gains of a mean or of folds, in another unit."""
    made = value if isinstance(value, Gains) else gains(value, spread)
    return Gains(unit * made.folds, made.weights)


def in_any_unit(rule):
    """Return what a rule says of gains in three units, which must be the same (exact doubling)."""
    told = [rule(unit) for unit in (1.0, 8.0, 0.125)]
    assert told[0] == told[1] == told[2]
    return told[0]


def named(sizes, *, joint=None, hurts=True, ratio=2.0, harm=1.0, spread=0.01):
    """Name causes from the gain of each; ways are called as their causes."""
    best = {cause: Repair(cause.value, cause, cause.name) for cause in sizes}

    def rule(unit):
        found = {cause.value: scaled(size, spread, unit) for cause, size in sizes.items()}
        sets = {frozenset(c): scaled(value, spread, unit) for c, value in (joint or {}).items()}
        return named_causes(best, found, sets, hurts=hurts, ratio=ratio, harm=unit * harm)

    return in_any_unit(rule)


def combined(sizes, harm, spread=0.01):
    best = {cause: Repair(cause.value, cause, cause.name) for cause in sizes}

    def rule(unit):
        found = {cause.value: scaled(size, spread, unit) for cause, size in sizes.items()}
        return [repair.cause for repair in to_combine(best, found, unit * harm)]

    return in_any_unit(rule)


# a gain over folds


def test_a_gain_by_hand():
    made = Gains(np.array([0.1, 0.3, 0.2, 0.0]), np.array([10.0, 30.0, 10.0, 10.0]))
    assert made.mean == pytest.approx((1 + 9 + 2) / 60)
    error = np.sqrt(0.05 / 3 * (1 / 4 + 1 / 9))
    assert made.error == pytest.approx(error)
    half = 2.353363 * error  # t with 3
    assert (made.interval.estimate, made.interval.low, made.interval.high) == pytest.approx(
        (0.2, 0.2 - half, 0.2 + half), rel=1e-5
    )
    assert made.p_value == pytest.approx(stats.t.sf(0.2 / error, 3))


def test_two_folds_have_one_degree():
    made = Gains(np.array([0.1, 0.3]), np.ones(2))
    error = np.sqrt(0.02 * (1 / 2 + 1 / 9))
    assert made.p_value == pytest.approx(stats.t.sf(0.2 / error, 1))
    assert made.interval.high - 0.2 == pytest.approx(6.313752 * error, rel=1e-6)


@pytest.mark.parametrize(
    ("folds", "p"),
    [([0.2] * 3, 1 / 8), ([-0.2] * 3, 1.0), ([0.0] * 3, 1.0), ([0.2, 0.2, 0.2 + 1e-10], 1 / 8)],
)
def test_gains_without_spread_say_what_their_signs_say(folds, p):
    assert Gains(np.array(folds), np.ones(3)).p_value == p


# shares


def test_shares_are_means_over_orders():
    rng = np.random.default_rng(0)
    names = "abcd"
    values = {chosen: rng.normal(size=3) for chosen in subsets(names)}
    found = shapley(values, names)
    for name in names:
        orders = list(permutations(names))
        total = np.zeros(3)
        for order in orders:
            before = frozenset(order[: order.index(name)])
            total += values[before | {name}] - values[before]
        assert found[name] == pytest.approx(total / len(orders))


def test_all_subsets_the_empty_one_first():
    assert subsets("ab") == [frozenset(), frozenset("a"), frozenset("b"), frozenset("ab")]
    assert len(subsets("abc")) == 8


# ways and multiplicity


def test_only_ways_that_were_tried_stand_for_a_cause():
    ways = ("units", "scale", "quantiles", "gaps")
    repairs = [Repair(way, MEASURED, way) for way in ways]
    tried = {"units": gains(0.2), "scale": gains(0.3), "quantiles": gains(0.3), "gaps": gains(0.1)}
    assert best_ways(repairs, tried)[MEASURED].way == "scale"  # the first of equal ones
    assert best_ways(repairs, {"gaps": gains(0.1)})[MEASURED].way == "gaps"
    assert best_ways(repairs, {}) == {}


@pytest.mark.parametrize(
    ("p_values", "rate", "expected"),
    [
        ([0.025, 0.05], 0.05, [True, True]),  # 0.05 / 2, then 0.05 / 1
        ([0.026, 0.026], 0.05, [False, False]),
        ([0.01, 0.051], 0.05, [True, False]),
        ([0.02, 0.01, 0.9], 0.05, [True, True, False]),
        ([0.026, 0.01, 0.9], 0.05, [False, True, False]),
        ([0.01, 0.4, 0.03], 0.05, [True, False, False]),
    ],
)
def test_holm_step_by_step(p_values, rate, expected):
    assert holm(np.array(p_values), rate).tolist() == expected


def with_p(p, mean=1.0):
    """Ten folds whose one-sided p-value is this."""
    spread = mean / stats.t.isf(p, 9) / np.sqrt(10 / 9 * (1 / 10 + 1 / 9))
    return gains(mean, spread)


@pytest.mark.parametrize(("p", "sure"), [(0.024, True), (0.026, False)])
def test_two_causes_share_five_percent(p, sure):
    found = {"TG601": with_p(p), "TG604": with_p(0.3)}
    best = {cause: Repair(cause.value, cause, "") for cause in (MEASURED, CONCEPT)}
    assert sure_causes(best, found) == ({MEASURED} if sure else set())


# which repairs to combine


@pytest.mark.parametrize(
    ("sizes", "harm", "expected"),
    [
        # the best is below six tenths of the harm: two of their own, and one that holds any down
        ({COPIES: 0.1, MEASURED: 0.3, SHARES: 0.2, CONCEPT: 0.59, SWAMPING: 0.5}, 1.0,
         [MEASURED, SHARES, CONCEPT]),
        # it is enough: those that help beyond their error
        ({COPIES: 0.1, MEASURED: 0.61, CONCEPT: 0.59}, 1.0, [MEASURED, COPIES, CONCEPT]),
        # exactly enough
        ({MEASURED: 0.6, CONCEPT: 0.1}, 1.0, [MEASURED, CONCEPT]),
        ({COPIES: 0.1, MEASURED: 0.2}, 1.0, [MEASURED, COPIES]),  # only of their own
        ({CONCEPT: 0.1, SWAMPING: 0.2}, 1.0, []),
        ({MEASURED: 0.7}, 1.0, []),
        ({}, 1.0, []),
        # of their own, the best is below six tenths of the best of all: three of them
        ({COPIES: 0.1, MEASURED: 0.59, SHARES: -0.2, Cause.SHORTCUT: -0.3, CONCEPT: 1.0}, 1.0,
         [MEASURED, COPIES, SHARES]),
        ({MEASURED: 0.59, CONCEPT: 1.0}, 1.0, [MEASURED, CONCEPT]),
        ({COPIES: -0.1, MEASURED: 0.61, CONCEPT: 1.0, SWAMPING: 0.9}, 1.0, [MEASURED, CONCEPT]),
        # nothing helps at all, and nothing is enough
        ({MEASURED: -0.1, CONCEPT: -0.2}, 1.0, [MEASURED, CONCEPT]),
        # four that help: three
        ({COPIES: 0.7, MEASURED: 0.8, SHARES: 0.9, Cause.SHORTCUT: 0.75, CONCEPT: 1.0}, 1.0,
         [SHARES, MEASURED, Cause.SHORTCUT]),
    ],
)  # fmt: skip
def test_what_is_worth_combining(sizes, harm, expected):
    assert combined(sizes, harm) == expected


def test_exactly_six_tenths_are_enough():
    # of the harm: only what helps is combined
    assert combined({COPIES: 0.1, MEASURED: 0.6, CONCEPT: -0.1}, 1.0, 0.0) == [MEASURED, COPIES]
    # of the best of all: only what helps
    assert combined({COPIES: -0.1, MEASURED: 0.6, CONCEPT: 1.0}, 1.0, 0.0) == [MEASURED, CONCEPT]
    assert named({SWAMPING: 1.0, CONCEPT: 0.6}, spread=0.0)[0] == (CONCEPT,)


def test_exactly_a_fifth_of_the_harm_is_too_little():
    joint = {(MEASURED,): 0.29, (COPIES,): 0.29, (MEASURED, COPIES): 0.3}
    found = named({CONCEPT: 0.2, MEASURED: 0.0, COPIES: 0.0}, joint=joint, spread=0.0)
    assert found == ((), ())


def test_a_repair_helps_beyond_one_error():
    # error = spread sqrt(10 / 9 (1 / 10 + 1 / 9)) = 0.484 spread
    assert combined({MEASURED: 0.9, COPIES: 0.49}, 1.0, spread=1.0) == [MEASURED, COPIES]
    assert combined({MEASURED: 0.9, COPIES: 0.48}, 1.0, spread=1.0) == []


# which cause is named


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({MEASURED: 0.61, CONCEPT: 1.0}, MEASURED),  # enough of the best
        ({MEASURED: 0.6, CONCEPT: 1.0}, MEASURED),
        ({MEASURED: 0.59, CONCEPT: 1.0}, CONCEPT),
        ({CAPACITY: 0.6, CONCEPT: 1.0}, CAPACITY),
        ({CAPACITY: 0.61, CONCEPT: 1.0}, CAPACITY),
        ({CAPACITY: 0.59, CONCEPT: 1.0}, CONCEPT),
        ({MEASURED: 0.7, CAPACITY: 1.0}, MEASURED),
        ({SWAMPING: 1.0, CONCEPT: 0.61}, CONCEPT),  # few source rows
        ({SWAMPING: 1.0, CONCEPT: 0.59}, SWAMPING),  # the largest where labels are not enough
        ({SWAMPING: 1.0}, SWAMPING),
    ],
)
def test_the_cause_that_is_enough(sizes, expected):
    assert named(sizes)[0] == (expected,)


@pytest.mark.parametrize(
    ("ratio", "lighter", "expected"),
    [
        (8.0, 0.86, SWAMPING),
        (7.9, 0.86, CONCEPT),
        (8.0, 0.85, SWAMPING),
        (8.0, 0.84, CONCEPT),
        (20.0, 1.0, SWAMPING),
        (20.0, 0.7, CONCEPT),
        (12.0, 0.9, SWAMPING),
    ],
)
def test_less_weight_is_blamed_from_eight_rows_to_one(ratio, lighter, expected):
    assert named({SWAMPING: lighter, CONCEPT: 1.0}, ratio=ratio)[0] == (expected,)


@pytest.mark.parametrize(("size", "order"), [(0.86, True), (0.85, True), (0.84, False)])
def test_the_more_particular_goes_first_where_gains_are_close(size, order):
    expected = (COPIES, SHARES) if order else (SHARES, COPIES)
    assert named({COPIES: size, SHARES: 1.0, CONCEPT: 1.0})[0] == expected


def test_causes_of_their_own_in_order():
    own = [COPIES, Cause.LABEL_NOISE, MEASURED, Cause.SHORTCUT, SHARES, Cause.COVARIATES]
    assert named(dict.fromkeys(reversed(own), 1.0))[0] == tuple(own)
    assert tuple(own) == naming.PARTICULAR


@pytest.mark.parametrize(("size", "is_named"), [(0.21, True), (0.2, False), (0.19, False)])
def test_a_fifth_of_the_harm_has_to_come_back(size, is_named):
    assert bool(named({MEASURED: size})[0]) is is_named
    assert bool(named({CONCEPT: size})[0]) is is_named
    assert bool(named({CONCEPT: 2 * size}, harm=2.0)[0]) is is_named


def test_an_arm_that_gains_needs_a_gain_above_nothing():
    assert named({MEASURED: 0.01}, harm=-1.0, spread=0.0) == ((MEASURED,), (MEASURED,))
    assert named({MEASURED: 0.0}, harm=-1.0) == ((), ())
    assert named({MEASURED: -0.1}, harm=-1.0) == ((), ())


def test_a_joint_gain_sets_what_is_enough_but_names_no_single_repair_below_a_fifth():
    joint = {(MEASURED,): 0.15, (CONCEPT,): 0.1, (MEASURED, CONCEPT): 0.3}
    # together 0.3 gives back enough, and both are missed
    assert set(named({MEASURED: 0.15, CONCEPT: 0.1}, joint=joint)[0]) == {MEASURED, CONCEPT}
    # together 0.3, of which measurement alone gives 0.29: nothing is missed, and no single one
    # gives six tenths of 0.5
    joint = {(COPIES,): 0.19, (SHARES,): 0.19, (COPIES, SHARES): 0.21}
    assert named({COPIES: 0.19, SHARES: 0.19}, joint=joint)[0] != ()
    alone = {(MEASURED,): 0.15, (COPIES,): 0.14, (MEASURED, COPIES): 0.15, (CONCEPT,): 0.5}
    assert named({MEASURED: 0.15, COPIES: 0.14}, joint=alone) == ((), ())


def test_without_repairs_nothing_is_named():
    assert named({}) == ((), ())
    assert combined({}, -1.0) == []


def test_a_cause_that_was_not_tried_gives_nothing():
    # no label was corrected: less weight is compared with nothing, and the other way round
    assert named({SWAMPING: 0.8}, ratio=20.0)[0] == (SWAMPING,)
    assert named({CONCEPT: 0.9}, ratio=20.0)[0] == (CONCEPT,)


def test_only_the_first_of_two_doubtful_causes_is_named():
    sizes = {MEASURED: with_p(0.3), SHARES: with_p(0.3, 0.9)}
    assert named(sizes) == ((MEASURED,), ())
    # the first decides whether it is likely enough
    sizes = {MEASURED: with_p(0.09), SHARES: with_p(0.3, 0.9)}
    assert named(sizes, hurts=False) == ((MEASURED,), ())
    sizes = {MEASURED: with_p(0.3), SHARES: with_p(0.09, 0.9)}
    assert named(sizes, hurts=False) == ((), ())


# causes that only together give back enough


def pair_of(one, two, both, *, sizes=None, **options):
    joint = {(MEASURED,): one, (SHARES,): two, (MEASURED, SHARES): both}
    return named(
        {MEASURED: one, SHARES: two, CONCEPT: 0.1, **(sizes or {})}, joint=joint, **options
    )


@pytest.mark.parametrize(
    ("both", "concept", "expected"),
    [
        (1.0, 0.1, {MEASURED, SHARES}),
        (0.61, 1.0, {MEASURED, SHARES}),
        (0.6, 1.0, {MEASURED, SHARES}),
        (0.59, 1.0, {CONCEPT}),
    ],
)
def test_two_together_are_enough_at_six_tenths(both, concept, expected):
    assert set(pair_of(0.1, 0.0, both, sizes={CONCEPT: concept})[0]) == expected


@pytest.mark.parametrize(
    ("without", "expected"),
    # of three together 1.0; what is missed without the third is 1 - without
    [(0.79, {COPIES, MEASURED, SHARES}), (0.81, {MEASURED, SHARES})],
)  # fmt: skip
def test_a_third_that_is_hardly_missed_is_left_out(without, expected):
    joint = {
        (COPIES,): 0.0, (MEASURED,): 0.0, (SHARES,): 0.0, (MEASURED, SHARES): without,
        (COPIES, MEASURED): 0.1, (COPIES, SHARES): 0.2, (COPIES, MEASURED, SHARES): 1.0,
    }  # fmt: skip
    found = named({COPIES: 0.0, MEASURED: 0.0, SHARES: 0.0}, joint=joint)[0]
    assert set(found) == expected


def test_the_one_missed_most_goes_first():
    joint = {
        (COPIES,): 0.0, (MEASURED,): 0.0, (SHARES,): 0.0, (MEASURED, SHARES): 0.7,
        (COPIES, MEASURED): 0.5, (COPIES, SHARES): 0.6, (COPIES, MEASURED, SHARES): 1.0,
    }  # fmt: skip
    found = named({COPIES: 0.0, MEASURED: 0.0, SHARES: 0.0}, joint=joint)[0]
    assert found == (SHARES, MEASURED, COPIES)  # missed by 0.5, 0.4 and 0.3
    assert pair_of(0.1, 0.1, 1.0)[0] == (MEASURED, SHARES)  # missed alike: by code


def test_a_smaller_set_with_the_same_gain_goes_first():
    joint = {
        (COPIES,): 0.0, (MEASURED,): 0.0, (SHARES,): 0.0, (MEASURED, SHARES): 1.0,
        (COPIES, MEASURED): 0.1, (COPIES, SHARES): 0.9, (COPIES, MEASURED, SHARES): 1.0,
    }  # fmt: skip
    # of the three, only shares would be missed by a fifth
    found = named({COPIES: 0.0, MEASURED: 0.0, SHARES: 0.0}, joint=joint)[0]
    assert set(found) == {MEASURED, SHARES}
    # of the three, copies would be missed by 0.9 and the others hardly: no two are needed
    joint[COPIES, MEASURED] = joint[COPIES, SHARES] = 0.95
    joint[MEASURED, SHARES] = 0.1
    joint[COPIES, MEASURED, SHARES] = 1.0
    found = named({COPIES: 0.5, MEASURED: 0.0, SHARES: 0.0, CONCEPT: 0.9}, joint=joint)[0]
    assert found == (CONCEPT,)


def test_sets_of_causes_of_their_own_go_before_larger_others():
    joint = {
        (MEASURED,): 0.1, (SHARES,): 0.0, (CONCEPT,): 0.2, (MEASURED, SHARES): 0.8,
        (MEASURED, CONCEPT): 1.0,
    }  # fmt: skip
    sizes = {MEASURED: 0.1, SHARES: 0.0, CONCEPT: 0.2}
    assert set(named(sizes, joint=joint)[0]) == {MEASURED, SHARES}
    joint[MEASURED, SHARES] = 0.3  # not enough: then with one that holds any harm down
    assert set(named(sizes, joint=joint)[0]) == {MEASURED, CONCEPT}


def test_what_is_left_must_have_been_tried_together():
    joint = {
        (COPIES,): 0.0, (MEASURED,): 0.0, (SHARES,): 0.0, (COPIES, MEASURED): 0.1,
        (COPIES, SHARES): 0.1, (MEASURED, SHARES): 0.9, (COPIES, MEASURED, SHARES): 1.0,
    }  # fmt: skip
    sizes = {COPIES: 0.0, MEASURED: 0.0, SHARES: 0.0}
    assert set(named(sizes, joint=joint)[0]) == {MEASURED, SHARES}


# doubts


def test_a_sure_cause_is_named_without_the_doubtful_ones():
    sizes = {COPIES: with_p(0.2), SHARES: with_p(0.001), CONCEPT: with_p(0.3)}
    assert named(sizes) == ((SHARES,), (SHARES,))
    assert named(sizes, hurts=False) == ((SHARES,), (SHARES,))


@pytest.mark.parametrize(("p", "is_named"), [(0.09, True), (0.11, False)])
def test_the_likeliest_cause_of_an_arm_that_may_not_hurt_needs_one_in_ten(p, is_named):
    sizes = {MEASURED: with_p(p), CONCEPT: with_p(0.4)}
    assert named(sizes, hurts=False) == (((MEASURED,) if is_named else ()), ())
    assert named(sizes) == ((MEASURED,), ())


@pytest.mark.parametrize(
    ("p", "sure"),
    [(0.0124, True), (0.0126, False)],  # 0.05 over three repairs and the joint one
)
def test_a_joint_gain_pays_as_one_repair_more(p, sure):
    joint = {(MEASURED,): 0.1, (SHARES,): 0.0, (MEASURED, SHARES): with_p(p)}
    sizes = {MEASURED: with_p(0.4, 0.1), SHARES: with_p(0.4, 0.05), CONCEPT: with_p(0.4, 0.1)}
    both = (MEASURED, SHARES)  # missed by 1 and by 0.9
    assert named(sizes, joint=joint) == (both, both if sure else ())


@pytest.mark.parametrize(("p", "is_named"), [(0.09, True), (0.11, False)])
def test_a_joint_gain_in_doubt_is_named_of_an_arm_that_may_not_hurt(p, is_named):
    joint = {(MEASURED,): 0.1, (SHARES,): 0.0, (MEASURED, SHARES): with_p(p)}
    sizes = {MEASURED: with_p(0.4, 0.1), SHARES: with_p(0.4, 0.05), CONCEPT: with_p(0.4, 0.1)}
    found = named(sizes, joint=joint, hurts=False)
    assert found == (((MEASURED, SHARES) if is_named else ()), ())


# exactly at a limit


@dataclass(frozen=True)
class Told:
    """A gain whose numbers are given, to stand exactly at a limit."""

    mean: float
    p_value: float = 0.4
    error: float = 0.5


def told(sizes, joint=None, *, hurts=True):
    best = {cause: Repair(cause.value, cause, cause.name) for cause in sizes}
    found = {cause.value: value for cause, value in sizes.items()}
    sets = {frozenset(causes): value for causes, value in (joint or {}).items()}
    return named_causes(best, found, sets, hurts=hurts, ratio=2.0, harm=1.0)


def test_p_values_at_their_limits_are_within():
    sizes = {MEASURED: Told(0.1), SHARES: Told(0.0), CONCEPT: Told(0.1)}
    joint = {(MEASURED,): Told(0.1), (SHARES,): Told(0.0)}
    both = joint | {(MEASURED, SHARES): Told(1.0, 0.05 / 4)}  # three repairs, and the joint one
    assert told(sizes, both) == ((MEASURED, SHARES), (MEASURED, SHARES))
    assert told({MEASURED: Told(1.0, 0.1)}, hurts=False) == ((MEASURED,), ())


def test_a_cause_missed_by_exactly_a_fifth_is_needed():
    # of 1.25 together a fifth is 0.25
    alone = {(cause,): Told(0.0) for cause in (COPIES, MEASURED, SHARES)}
    joint = alone | {
        (MEASURED, SHARES): Told(1.0), (COPIES, MEASURED): Told(0.0), (COPIES, SHARES): Told(0.0),
        (COPIES, MEASURED, SHARES): Told(1.25),
    }  # fmt: skip
    found = told({COPIES: Told(0.0), MEASURED: Told(0.0), SHARES: Told(0.0)}, joint)[0]
    assert set(found) == {COPIES, MEASURED, SHARES}


def test_a_repair_that_helps_by_its_error_does_not_help():
    best = {cause: Repair(cause.value, cause, "") for cause in (COPIES, MEASURED, SHARES)}
    found = {"TG609": Told(0.5), "TG601": Told(0.9), "TG602": Told(0.75)}
    assert [repair.cause for repair in to_combine(best, found, 1.0)] == [MEASURED, SHARES]
