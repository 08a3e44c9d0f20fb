"""Hand-worked and independent values of every curve metric."""

import numpy as np
import pytest
from scipy import stats

from transfergap.analysis.training_curves import (
    areas,
    delayed,
    finals,
    improvement_gap,
    interquartile_mean,
    jumpstarts,
    mean_gap,
    raced,
    ratio_gap,
    times_to,
    trimmed_gap,
)
from transfergap.stats.gap import compare_scores

STEPS = np.array([0.0, 10.0, 20.0, 40.0])
SCORES = np.array([[0.0, 1.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]])


def test_area_is_the_mean_height_on_uneven_steps():
    # (0.5 * 10 + 1.5 * 10 + 2 * 20) / 40
    assert areas(SCORES, STEPS).tolist() == [1.5, 1.0]


def test_the_last_tenth_may_hold_one_score_or_several():
    assert finals(SCORES, STEPS).tolist() == [2.0, 1.0]
    steps = np.array([0.0, 90.0, 95.0, 100.0])
    assert finals(np.array([[5.0, 1.0, 2.0, 6.0]]), steps).tolist() == [3.0]


def test_jumpstart_is_the_first_score():
    assert jumpstarts(SCORES).tolist() == [0.0, 1.0]


def test_a_threshold_that_is_never_reached_costs_the_budget():
    times, reached = times_to(1.5, SCORES, STEPS)
    assert times.tolist() == [20.0, 40.0]
    assert reached.tolist() == [True, False]


def test_few_seeds_give_the_paired_t_of_scipy():
    rng = np.random.default_rng(0)
    control, treated = rng.normal(size=8), rng.normal(size=8) + 0.5
    gap = mean_gap(control, treated)
    t = stats.ttest_rel(treated, control, alternative="greater")
    assert gap.p_helps == pytest.approx(t.pvalue, rel=1e-12)
    low, high = stats.ttest_rel(treated, control).confidence_interval(0.9)
    assert (gap.low, gap.high) == pytest.approx((low, high))


def test_skewed_differences_of_many_seeds_only_widen_the_interval():
    rng = np.random.default_rng(1)
    control = np.zeros(24)
    skewed = np.where(rng.random(24) < 0.85, 0.2, -0.9) + 0.01 * rng.normal(size=24)
    plain, gap = compare_scores(control, skewed), mean_gap(control, skewed)
    assert gap.low < plain.low
    assert gap.high >= plain.high
    assert gap.p_helps > plain.p_helps and gap.p_hurts >= plain.p_hurts
    # The claim and the interval say the same.
    assert (gap.p_helps < 0.05) is (gap.low > 0)


def test_symmetric_differences_are_hardly_widened():
    d = np.concatenate([np.linspace(-1, 1, 24), [0.0]]) + 0.3
    plain, gap = compare_scores(np.zeros(25), d), mean_gap(np.zeros(25), d)
    assert gap.high - gap.low == pytest.approx(plain.high - plain.low, rel=0.02)


@pytest.mark.parametrize("skew", [-1.0, 1.0])
def test_halls_interval_is_that_of_the_inverted_cubic(skew):
    """Solved with a root finder instead of the closed form."""
    from scipy.optimize import brentq

    rng = np.random.default_rng(2)
    d = skew * np.exp(rng.normal(size=30))
    n, s = len(d), d.std(ddof=1)
    a = float(stats.skew(d)) / np.sqrt(n)
    q = stats.t.ppf(0.95, n - 1)

    def at(t, aim):
        return t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6 - aim

    back = [brentq(at, -200, 200, args=(aim,)) for aim in (q, -q)]
    plain = compare_scores(np.zeros(n), d)
    gap = mean_gap(np.zeros(n), d)
    assert gap.low == pytest.approx(min(plain.low, d.mean() - s / np.sqrt(n) * back[0]))
    assert gap.high == pytest.approx(max(plain.high, d.mean() - s / np.sqrt(n) * back[1]))


def test_seeds_that_hardly_differ_do_not_exclude_what_never_came_up():
    same = np.full(6, 500.0)
    gap = mean_gap(same, same, largest=490.0)
    assert (gap.estimate, gap.low, gap.high) == (0.0, 0.0, 0.0)
    assert gap.equivalence_high == 3 * 490.0 / 6


@pytest.mark.parametrize("n", [4, 5, 8, 10, 23])
def test_the_interquartile_mean_is_scipys_trimmed_mean(n):
    values = np.random.default_rng(n).normal(size=n)
    assert interquartile_mean(values) == stats.trim_mean(values, 0.25)


def test_yuens_interval_without_pairing_is_that_of_independent_samples():
    """For samples without covariance, the variance is the sum of Yuen's two, as scipy has it."""
    rng = np.random.default_rng(3)
    n = 20
    control = rng.normal(size=n)
    treated = rng.normal(size=n) + 0.4
    gap = trimmed_gap(control, treated)
    yuen = stats.ttest_ind(treated, control, equal_var=False, trim=0.25)
    variance = ((gap.estimate) / yuen.statistic) ** 2

    def winsorized(values):
        ordered = np.sort(values)
        return np.clip(values, ordered[5], ordered[14])

    covariance = np.cov(winsorized(treated), winsorized(control))[0, 1] * (n - 1) / (10 * 9)
    assert gap.error**2 == pytest.approx(variance - 2 * covariance)
    assert gap.df == 9


def test_probability_of_improvement_has_the_exact_binomial_test():
    control, treated = np.zeros(10), np.array([1.0] * 8 + [-1.0] * 2)
    gap = improvement_gap(control, treated)
    test = stats.binomtest(8, 10, alternative="greater")
    assert gap.p_helps == pytest.approx(test.pvalue)
    low, high = stats.binomtest(8, 10).proportion_ci(0.9, method="exact")
    assert (gap.low + 0.5, gap.high + 0.5) == pytest.approx((low, high))


def test_ties_count_half_and_all_ties_are_even():
    gap = improvement_gap(np.zeros(6), np.zeros(6))
    assert gap.estimate == 0.0
    assert gap.low == pytest.approx(-gap.high)


def test_fiellers_interval_is_where_the_t_test_does_not_reject():
    rng = np.random.default_rng(4)
    control = 1.0 + 0.2 * rng.normal(size=9)
    treated = 1.5 * control + 0.2 * rng.normal(size=9)
    gap = ratio_gap(control, treated, mean_gap(control, treated))
    for end in (gap.low, gap.high):
        t = stats.ttest_1samp(treated - (1 + end) * control, 0.0)
        assert abs(t.statistic) == pytest.approx(stats.t.ppf(0.95, 8))
    assert gap.estimate == pytest.approx(treated.mean() / control.mean() - 1)


def test_a_control_that_cannot_be_told_from_nothing_has_no_ratio():
    control, treated = np.array([-1.0, 1.0, 0.5]), np.array([1.0, 2.0, 3.0])
    assert ratio_gap(control, treated, mean_gap(control, treated)) is None


def test_a_delay_shifts_the_curve_and_loses_its_end():
    steps = np.array([0.0, 10.0, 20.0, 30.0])
    late = delayed(np.array([5.0, 6.0, 7.0, 8.0]), steps, by=20.0, before=1.0)
    assert late.tolist() == [1.0, 1.0, 5.0, 6.0]
    assert delayed(steps, steps, by=0.0, before=9.0).tolist() == steps.tolist()


def race(control, challenger, **how):
    steps = np.arange(0.0, 11.0)
    return raced(np.asarray(control, float), [np.asarray(challenger, float)], steps, **how)


def test_ties_of_a_race_go_to_the_control():
    flat = np.zeros(11)
    assert race(flat, flat, share=0.2, margin=0.0)[1] == 0
    assert race(flat, flat + 0.1, share=0.2, margin=0.1)[1] == 0
    assert race(flat, flat + 0.11, share=0.2, margin=0.1)[1] == 1


def test_the_winner_is_late_by_what_the_loser_used():
    rising = np.arange(11.0)
    curve, winner = race(rising, -rising, share=0.4, margin=0.0)
    assert winner == 0
    # Two steps each: slowed down by half, then two steps late.
    assert curve.tolist() == [0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8]
    curve, winner = race(rising, 10 * rising, share=0.4, margin=0.0)
    assert winner == 1
    assert curve.tolist() == [0, 0, 1, 1, 20, 30, 40, 50, 60, 70, 80]
