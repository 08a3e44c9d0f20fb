"""Verdicts are a pure function of gap and margin; scores made elsewhere are paired by position."""

import numpy as np
import pytest
from scipy import stats

from transfergap.errors import ConfigurationError, PairingError
from transfergap.stats import PairedEstimate, discoveries
from transfergap.stats.gap import Verdict, compare_scores, gap_from, judge


def gap(estimate, error, *, wide=None, floor=0.0, df=9):
    wide = error if wide is None else wide
    return gap_from(PairedEstimate(estimate, error, df, wide, 9, 20, "by hand", floor))


def test_the_interval_is_a_90_percent_t_interval():
    found = gap(0.1, 0.02)
    half = stats.t.ppf(0.95, 9) * 0.02
    assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half))


@pytest.mark.parametrize(
    ("estimate", "error", "wide", "verdict"),
    [
        (0.10, 0.02, None, Verdict.HELPS),
        (-0.10, 0.02, None, Verdict.HURTS),
        (0.00, 0.05, None, Verdict.NOT_ENOUGH_EVIDENCE),
        (0.00, 0.001, None, Verdict.NO_MATERIAL_EFFECT),
        (0.01, 0.001, None, Verdict.NO_MATERIAL_EFFECT),  # off zero, yet inside the margin
        (0.01, 0.001, 0.05, Verdict.HELPS),  # equivalence uses the wider error
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
    assert compare_scores(a, b, higher_is_better=False).estimate == pytest.approx(two.estimate)


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
