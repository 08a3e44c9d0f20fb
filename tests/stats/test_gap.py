"""Verdicts are a pure function of gap and margin; scores made elsewhere are paired by position."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.laws import assert_laws

from transfergap.errors import ConfigurationError, PairingError
from transfergap.stats import PairedEstimate, discoveries
from transfergap.stats.gap import (
    Verdict,
    check_margin,
    compare_scores,
    exceeds_zero,
    gap_from,
    judge,
)


def gap(estimate, error, *, wide=None, floor=0.0, df=9):
    wide = error if wide is None else wide
    return gap_from(PairedEstimate(estimate, error, df, wide, 9, 20, "by hand", floor))


def test_the_interval_is_a_90_percent_t_interval():
    found = gap(0.1, 0.02)
    half = stats.t.ppf(0.95, 9) * 0.02
    assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half))


def test_hurts_is_judged_by_the_upper_limit():
    made = PairedEstimate(-0.3, 0.15, 9, 0.2, 9, 20, "by hand", upper_error=0.2)
    gap, t = gap_from(made), stats.t(9)
    assert (gap.low, gap.high) == pytest.approx(
        (-0.3 - t.ppf(0.95) * 0.15, -0.3 + t.ppf(0.95) * 0.2)
    )
    assert (gap.p_helps, gap.p_hurts) == pytest.approx((t.sf(-2.0), t.cdf(-1.5)))
    moved = gap.shifted(0.1)
    assert (moved.p_helps, moved.p_hurts) == pytest.approx((t.sf(-0.2 / 0.15), t.cdf(-1.0)))
    assert moved.high - moved.estimate == pytest.approx(gap.high - gap.estimate)


def test_an_upper_error_below_the_error_or_its_floor_changes_nothing():
    made = PairedEstimate(-0.3, 0.2, 9, 0.2, 9, 20, "by hand", upper_error=0.1)
    gap = gap_from(made)
    assert gap.high - gap.estimate == pytest.approx(gap.estimate - gap.low)
    floored = gap_from(replace(made, error=0.01, upper_error=0.014, floor=0.5))
    assert (floored.low, floored.high) == pytest.approx((-0.8, 0.2))


@pytest.mark.parametrize(
    ("estimate", "error", "wide", "verdict"),
    [
        (0.10, 0.02, None, Verdict.HELPS),
        (-0.10, 0.02, None, Verdict.HURTS),
        (0.00, 0.05, None, Verdict.NOT_ENOUGH_EVIDENCE),
        (0.00, 0.001, None, Verdict.NO_MATERIAL_EFFECT),
        (0.01, 0.001, None, Verdict.NO_MATERIAL_EFFECT),  # off zero, yet inside the margin
        (0.02, 0.001, 0.05, Verdict.HELPS),  # equivalence uses the wider error
        (0.01, 0.001, 0.05, Verdict.NOT_ENOUGH_EVIDENCE),  # no claim of less than the margin
        (-0.01, 0.001, 0.05, Verdict.NOT_ENOUGH_EVIDENCE),
        (-0.02, 0.001, 0.05, Verdict.HURTS),
    ],
)
def test_the_four_verdicts(estimate, error, wide, verdict):
    assert gap(estimate, error, wide=wide).verdict(0.02) is verdict


def test_a_claim_is_made_exactly_when_the_interval_excludes_zero():
    rng = np.random.default_rng(0)
    for estimate in rng.normal(0, 0.05, 300):
        found = gap(float(estimate), 0.02, wide=1.0)
        off_zero = found.low > 0 or found.high < 0
        assert (found.verdict(0.001) is not Verdict.NOT_ENOUGH_EVIDENCE) == off_zero


def test_the_smallest_margin_is_where_equivalence_begins():
    found = gap(0.01, 0.02)
    assert found.verdict(found.smallest_margin * 1.0001) is Verdict.NO_MATERIAL_EFFECT
    assert found.verdict(found.smallest_margin * 0.9999) is not Verdict.NO_MATERIAL_EFFECT


def test_identical_arms_have_a_floor_where_losses_are_bounded():
    found = gap(0.0, 0.0, floor=0.03)
    assert (found.low, found.high) == pytest.approx((-0.03, 0.03))
    assert found.verdict(0.02) is Verdict.NOT_ENOUGH_EVIDENCE
    assert found.verdict(0.04) is Verdict.NO_MATERIAL_EFFECT


def test_many_arms_are_paid_for():
    barely = gap(0.1, 0.1 / 1.9, wide=1.0)  # p just below 0.05
    assert judge([barely], 0.01) == [Verdict.HELPS]
    nulls = [gap(0.001 * i, 0.1, wide=1.0) for i in range(19)]
    assert judge([barely, *nulls], 0.01)[0] is Verdict.NOT_ENOUGH_EVIDENCE


def test_relabelling_arms_relabels_verdicts_only():
    gaps = [gap(0.1, 0.02), gap(-0.1, 0.02), gap(0.0, 0.05)]
    verdicts = judge(gaps, 0.02)
    assert judge(gaps[::-1], 0.02) == verdicts[::-1]


def test_benjamini_and_hochberg_by_hand():
    p = np.array([0.01, 0.04, 0.03, 0.9])  # 0.01 <= .025, 0.03 <= .05, 0.04 <= .075, 0.9 > .1
    assert discoveries(p, rate=0.10).tolist() == [True, True, True, False]
    assert discoveries(np.array([0.06, 0.9]), rate=0.10).tolist() == [False, False]


def test_paired_t_of_independent_pairs():
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 2.2, 3.9, 4.1])
    found = compare_scores(a, b)
    reference = stats.ttest_rel(b, a)
    interval = reference.confidence_interval(0.90)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.p_helps == pytest.approx(stats.ttest_rel(b, a, alternative="greater").pvalue)


def test_folds_are_corrected_for_the_rows_they_share():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=10), rng.normal(size=10)
    plain, corrected = compare_scores(a, b), compare_scores(a, b, test_to_train=1 / 9)
    assert corrected.error / plain.error == pytest.approx(np.sqrt((1 / 10 + 1 / 9) / (1 / 10)))
    assert corrected.df == 9


def test_swapping_the_arms_or_the_direction_flips_the_sign():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=8), rng.normal(size=8)
    one, two = compare_scores(a, b), compare_scores(b, a)
    assert one.estimate == pytest.approx(-two.estimate)
    assert (one.p_helps, one.low) == pytest.approx((two.p_hurts, -two.high))
    assert compare_scores(a, b, greater_is_better=False).estimate == pytest.approx(two.estimate)


@pytest.mark.parametrize(
    ("control", "treated", "message"),
    [
        ([1, 2, 3], [1, 2], "3 scores and the treated arm 2"),
        ([1], [2], "nothing about uncertainty"),
        ([1, np.nan, 2], [1, 2, 3], "Pair 2 of 3"),
    ],
)
def test_numbers_that_do_not_pair_are_refused(control, treated, message):
    with pytest.raises(PairingError, match=message):
        compare_scores(control, treated)


@pytest.mark.parametrize("margin", [0, -1, float("nan")])
def test_a_margin_must_be_above_zero(margin):
    with pytest.raises(ConfigurationError, match="must be a number above 0"):
        gap(0.1, 0.1).verdict(margin)


@pytest.mark.parametrize("offset", [0.0, 0.1, 1 / 3, 7.7, 1e6])
@pytest.mark.parametrize("n", [3, 4, 7])
def test_equal_differences_have_no_spread_whatever_they_are_added_to(offset, n):
    control = offset + np.linspace(0.1, 0.7, n)
    exact = compare_scores(np.full(n, 0.5), np.full(n, 0.75))
    rounded = compare_scores(control, control + 0.25)
    assert rounded.p_helps == exact.p_helps == 0.5**n
    assert rounded.error == 0
    worse = compare_scores(control + 0.25, control)
    assert worse.p_hurts == 0.5**n


def test_folds_without_spread_say_no_more_than_their_degrees_of_freedom():
    control = np.tile([0.6, 0.7, 0.65, 0.71, 0.69], 4)
    gap = compare_scores(control, control + 0.05, test_to_train=1 / 4)
    assert gap.p_helps == 0.5**5


def test_a_difference_that_is_rounding_claims_nothing():
    control = np.array([0.1 + 0.2, 0.3, 0.7 + 0.1])
    gap = compare_scores(control, np.array([0.3, 0.1 + 0.2, 0.8]))
    assert gap.p_helps > 0.4
    assert gap.p_hurts > 0.4
    equal = compare_scores([0.3, 0.3, 0.3], [0.1 + 0.2] * 3)
    assert (equal.p_helps, equal.p_hurts) == (1.0, 1.0)


@pytest.mark.parametrize("noise", [1e-6, 1e-3])
def test_a_spread_above_rounding_counts(noise):
    differences = 0.1 + noise * np.array([-1.0, 0.0, 1.0])
    gap = compare_scores([0.1, 0.2, 0.3], np.array([0.1, 0.2, 0.3]) + differences)
    assert gap.error == pytest.approx(noise / np.sqrt(3), rel=1e-6)
    assert gap.verdict(0.01) is Verdict.HELPS


# Hand-worked values: the 95 % point of t with 9 degrees of freedom is 1.833113.

T9 = 1.833113


def test_every_number_of_a_gap_by_hand():
    found = gap_from(PairedEstimate(0.1, 0.02, 9, 0.03, 4, 20, "by hand", instability=1.5))
    assert (found.low, found.high) == pytest.approx((0.1 - 0.02 * T9, 0.1 + 0.02 * T9))
    wide = 0.03 * 2.131847  # t with 4
    assert (found.equivalence_low, found.equivalence_high) == pytest.approx(
        (0.1 - wide, 0.1 + wide)
    )
    assert found.smallest_margin == pytest.approx(0.1 + wide)
    assert (found.p_helps, found.p_hurts) == pytest.approx((stats.t.sf(5, 9), stats.t.cdf(5, 9)))
    assert (found.error, found.df, found.n_pairs, found.instability) == (0.02, 9, 20, 1.5)
    assert str(found) == "+0.100 [+0.063, +0.137] (by hand)"
    assert found._repr_html_() == "<code>+0.100 [+0.063, +0.137] (by hand)</code>"


def test_a_floor_is_a_half_width_of_both_intervals():
    found = gap(-0.1, 0.001, floor=0.05)
    assert (found.low, found.high) == pytest.approx((-0.15, -0.05))
    assert (found.equivalence_low, found.equivalence_high) == pytest.approx((-0.15, -0.05))
    assert found.error == pytest.approx(0.05 / T9)
    assert found.p_hurts == pytest.approx(stats.t.cdf(-2 * T9, 9))
    assert found.smallest_margin == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("estimate", "error", "wide", "size", "half", "wide_half"),
    [
        (0.1, 1e-11, 1e-11, 0.0, 0.0, 0.0),  # of the estimate itself
        (0.1, 1e-9, 1e-9, 0.0, 1e-9, 1e-9),
        (0.1, 1e-9, 1e-9, 5.0, 0.0, 0.0),  # of the scores
        (0.1, 1e-8, 1e-9, 5.0, 1e-8, 0.0),
        (0.1, 1e-9, 1e-8, 5.0, 0.0, 1e-8),
    ],
)
def test_a_spread_of_a_billionth_is_none(estimate, error, wide, size, half, wide_half):
    found = gap_from(PairedEstimate(estimate, error, 9, wide, 9, 20, "by hand", size=size))
    assert found.high - estimate == pytest.approx(half * T9, rel=1e-5, abs=1e-15)
    assert found.equivalence_high - estimate == pytest.approx(wide_half * T9, rel=1e-5, abs=1e-15)


@pytest.mark.parametrize(
    ("estimate", "n_pairs", "df", "size", "p_helps", "p_hurts"),
    [
        (0.1, 5, 9, 1.0, 1 / 32, 1.0),  # five pairs
        (0.1, 20, 3, 1.0, 1 / 16, 1.0),  # folds of which four are free
        (-0.1, 5, 9, 1.0, 1.0, 1 / 32),
        (0.0, 5, 9, 1.0, 1.0, 1.0),
        (1e-10, 5, 9, 1.0, 1.0, 1.0),  # rounding of scores about 1
        (-1e-10, 5, 9, 1.0, 1.0, 1.0),
    ],
)
def test_pairs_without_spread_say_what_their_signs_say(
    estimate, n_pairs, df, size, p_helps, p_hurts
):
    found = gap_from(PairedEstimate(estimate, 0.0, df, 0.0, df, n_pairs, "by hand", size=size))
    assert (found.p_helps, found.p_hurts) == (p_helps, p_hurts)


@pytest.mark.parametrize(("by", "estimate"), [(0.05, 0.15), (-0.3, -0.2)])
def test_a_shifted_gap_keeps_its_errors(by, estimate):
    found, moved = gap(0.1, 0.02, wide=0.03), gap(0.1, 0.02, wide=0.03).shifted(by)
    direct = gap(estimate, 0.02, wide=0.03)
    for name in ("estimate", "low", "high", "equivalence_low", "equivalence_high", "p_helps",
                 "p_hurts", "smallest_margin", "error"):  # fmt: skip
        assert getattr(moved, name) == pytest.approx(getattr(direct, name)), name
    assert moved.df == found.df


@pytest.mark.parametrize(
    ("by", "helps", "hurts"), [(0.1, 0.0, 1.0), (-0.3, 1.0, 0.0), (-0.1, 0.5, 0.5)]
)
def test_a_shifted_gap_without_error_is_sure_of_its_sign(by, helps, hurts):
    with np.errstate(invalid="ignore"):
        moved = gap(0.1, 0.0).shifted(by)
    if by == -0.1:  # zero times infinity: no sign, and no claim either way
        assert np.isnan(moved.p_helps) and np.isnan(moved.p_hurts)
    else:
        assert (moved.p_helps, moved.p_hurts) == (helps, hurts)


def with_p(p, sign=1.0, *, error=1.0):
    """A gap whose one-sided p-value is this, on 9 degrees of freedom; never equivalent."""
    return gap(sign * error * float(stats.t.isf(p, 9)), error, wide=100.0)


@pytest.mark.parametrize(("p", "claimed"), [(0.049, True), (0.051, False), (0.03, True)])
def test_claims_are_made_below_one_in_twenty(p, claimed):
    none = Verdict.NOT_ENOUGH_EVIDENCE
    assert with_p(p).verdict(0.01) is (Verdict.HELPS if claimed else none)
    assert with_p(p, -1.0).verdict(0.01) is (Verdict.HURTS if claimed else none)


@pytest.mark.parametrize(
    ("others", "claimed"),
    # Benjamini and Hochberg at 10 % a direction: the smallest of m stands below 0.1 / m
    [([0.4], True), ([0.4, 0.45], True), ([0.4, 0.45, 0.48], False)],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_table_pays_at_a_false_discovery_rate_of_a_tenth(others, claimed, sign):
    table = [with_p(0.032, sign), *(with_p(p, sign) for p in others)]
    claim = Verdict.HELPS if sign > 0 else Verdict.HURTS
    assert judge(table, 0.01)[0] is (claim if claimed else Verdict.NOT_ENOUGH_EVIDENCE)


def test_arms_that_go_the_other_way_are_looks_too():
    against = [with_p(0.2, -1.0), with_p(0.3, -1.0)]
    assert judge([with_p(0.03), *against], 0.01)[0] is Verdict.HELPS  # 3 * 0.03 < 0.1
    assert judge([with_p(0.04), *against], 0.01)[0] is Verdict.NOT_ENOUGH_EVIDENCE


def test_equivalence_is_strictly_within_the_margin():
    inside = gap(0.0, 0.0, wide=0.0, floor=0.02)
    assert inside.verdict(0.02) is Verdict.NOT_ENOUGH_EVIDENCE
    assert inside.verdict(0.0200001) is Verdict.NO_MATERIAL_EFFECT
    assert gap(0.01, 0.0, floor=0.02).verdict(0.025) is Verdict.NOT_ENOUGH_EVIDENCE
    assert gap(-0.01, 0.0, floor=0.02).verdict(0.025) is Verdict.NOT_ENOUGH_EVIDENCE


@pytest.mark.parametrize(("low", "high"), [(-0.5, 0.0), (0.0, 0.5)])
def test_an_end_of_the_interval_on_the_margin_is_outside(low, high):
    found = replace(gap(0.0, 1.0), equivalence_low=low, equivalence_high=high)
    assert found.verdict(0.5) is Verdict.NOT_ENOUGH_EVIDENCE
    assert found.verdict(0.51) is Verdict.NO_MATERIAL_EFFECT


@pytest.mark.parametrize(
    ("estimate", "p_helps", "p_hurts", "verdict"),
    [
        (0.1, 0.04, 1.0, Verdict.HELPS),
        (-0.1, 1.0, 0.04, Verdict.HURTS),
        (0.1, 0.05, 1.0, Verdict.NOT_ENOUGH_EVIDENCE),  # one in twenty is not below it
        (-0.1, 1.0, 0.05, Verdict.NOT_ENOUGH_EVIDENCE),
        (0.0, 0.04, 1.0, Verdict.NOT_ENOUGH_EVIDENCE),  # a claim has the sign of its estimate
        (0.0, 1.0, 0.04, Verdict.NOT_ENOUGH_EVIDENCE),
        (-0.1, 0.04, 1.0, Verdict.NOT_ENOUGH_EVIDENCE),
        (0.1, 1.0, 0.04, Verdict.NOT_ENOUGH_EVIDENCE),
    ],
)
def test_a_claim_is_below_one_in_twenty_and_has_the_sign_of_its_estimate(
    estimate, p_helps, p_hurts, verdict
):
    found = replace(gap(0.0, 1.0), estimate=estimate, p_helps=p_helps, p_hurts=p_hurts)
    assert found.verdict(0.01) is verdict


@pytest.mark.parametrize("margin", ["0.1", None, float("inf"), -0.0])
def test_a_margin_is_a_finite_number(margin):
    with pytest.raises(ConfigurationError, match="must be a number above 0"):
        judge([gap(0.1, 0.1)], margin)


@pytest.mark.parametrize("margin", [1, 0.1, np.float32(0.5), 1e-300])
def test_any_kind_of_positive_number_is_a_margin(margin):
    check_margin(margin)


def test_compared_scores_by_hand():
    # differences 0.1, 0.3, 0.2, 0.0: mean 0.15, S2 = 0.05 / 3
    before, after = [0.5, 0.5, 0.5, 0.5], [0.6, 0.8, 0.7, 0.5]
    free = compare_scores(before, after)
    assert (free.estimate, free.error) == pytest.approx((0.15, np.sqrt(0.05 / 3 / 4)))
    assert (free.df, free.n_pairs) == (3, 4)
    half = 2.353363 * free.error  # t with 3
    assert free.equivalence_high == pytest.approx(0.15 + half)
    assert free.equivalence_low == pytest.approx(0.15 - half, abs=1e-6)
    folds = compare_scores(before, after, test_to_train=1 / 3)
    assert folds.error == pytest.approx(np.sqrt(0.05 / 3 * (1 / 4 + 1 / 3)))
    assert (folds.df, folds.n_pairs) == (3, 4)
    assert folds.equivalence_high - 0.15 == pytest.approx(2.353363 * folds.error, rel=1e-6)


@pytest.mark.parametrize(
    ("ratio", "n", "df"),
    [(1 / 9, 20, 9), (1 / 9, 5, 4), (0.25, 20, 4), (0.3, 20, 3), (2.0, 20, 1), (0.5, 20, 2)],
)
def test_degrees_are_those_of_the_folds_or_of_the_pairs(ratio, n, df):
    treated = np.random.default_rng(0).normal(size=n)
    found = compare_scores(np.zeros(n), treated, test_to_train=ratio)
    assert found.df == df
    half = stats.t.ppf(0.95, df) * found.error
    assert found.equivalence_high - found.estimate == pytest.approx(half)


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_ratio_of_rows_is_refused(ratio):
    with pytest.raises(ConfigurationError, match="test_to_train"):
        compare_scores([0.1, 0.2], [0.2, 0.4], test_to_train=ratio)


def test_scores_set_the_size_of_rounding():
    control = np.array([1e6, 1e6, 1e6])
    treated = control + 0.5 + np.array([0.0, 1e-4, -1e-4])
    for a, b in ((control, treated), (-control, -treated)):
        assert compare_scores(a, b).error == 0.0
        assert compare_scores(a, b, test_to_train=0.5).error == 0.0
    assert compare_scores(np.zeros(3), [1e6, 1e6, 1e6 + 1e-4]).error == 0.0
    assert compare_scores([1e6, 1e6, 1e6 + 1e-4], np.zeros(3)).error == 0.0


def test_two_pairs_are_enough_and_tables_are_taken_row_by_row():
    assert compare_scores([0.1, 0.2], [0.2, 0.4]).n_pairs == 2
    assert compare_scores(np.zeros((2, 2)), np.ones((2, 2))).n_pairs == 4
    assert compare_scores([0.1, 0.2], [0.2, 0.4], greater_is_better=False).estimate < 0


@pytest.mark.parametrize("values", [[1, np.inf, 2], [np.nan, 1, 2]])
def test_pairs_that_are_no_numbers_are_named(values):
    number = 1 + int(np.flatnonzero(~np.isfinite(values))[0])
    for pair in ((values, [1, 2, 3]), ([1, 2, 3], values)):
        with pytest.raises(PairingError, match=f"Pair {number} of 3"):
            compare_scores(*pair)


@pytest.mark.parametrize("ratio", [None, 1 / 4])
def test_the_laws_hold_for_scores_made_elsewhere(ratio):
    rng = np.random.default_rng(0)

    def compared(control, treated, rows):
        del rows
        return compare_scores(control, treated, test_to_train=ratio, greater_is_better=False)

    assert_laws(compared, rng.normal(size=8), rng.normal(size=8))


@pytest.mark.parametrize(
    # The quantiles of 0.95 are 1.7291 at 19 degrees of freedom, 1.7247 at 20 and 1.7341 at 18.
    ("estimate", "error", "exceeds"),
    [(1.727, 1.0, False), (1.731, 1.0, True), (0.0, 0.0, False), (-2.0, 1.0, False)],
)
def test_what_exceeds_zero_is_shown_one_sided(estimate, error, exceeds):
    assert exceeds_zero(estimate, error, 20) == exceeds
