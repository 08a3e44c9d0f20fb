"""Hand-worked numbers of every measure of transfer, and agreement with independent ones."""

import numpy as np
import pytest
from scipy import stats

from transfergap.analysis.people import Measurement, Trainees, judge_people
from transfergap.analysis.people.measures import score_measures, trials_to
from transfergap.analysis.training_curves import CurveMetric
from transfergap.stats.gap import Verdict
from transfergap.stats.randomization import (
    Comparison,
    difference_gap,
    p_values,
    ratio_factor,
    ratio_limits,
    rescaled,
)

TRIALS = np.array([1.0, 2.0, 3.0, 4.0])
NOVICES = [[0, 2, 4, 6], [2, 2, 6, 6], [1, 3, 5, 7], [1, 1, 5, 5], [1, 2, 5, 6]]
PIANISTS = [[2, 6, 6, 8], [4, 4, 8, 8], [3, 5, 7, 7], [3, 5, 7, 9], [3, 5, 7, 8]]


def people(control=NOVICES, treated=PIANISTS, design="between"):
    groups = {"control": control, "piano": treated}
    curves = {
        group: {
            f"{k}" if design == "within" else f"{group} {k}": np.array(scores, float)
            for k, scores in enumerate(rows)
        }
        for group, rows in groups.items()
    }
    return Trainees("control", TRIALS, curves, design)


def estimates(trainees, **how):
    result = judge_people(trainees, Measurement(0.5, **how))
    return {g.metric: g.gap.estimate for g in result.gaps if g.gap is not None}


def test_every_measure_by_hand():
    # Means over trials: control (3, 4, 4, 3, 3.5) -> 3.5; pianists (5.5, 6, 5.5, 6, 5.75) -> 5.75.
    # Trials to 5 right: control 4, 3, 3, 3, 3 -> 3.2; pianists 2, 3, 2, 2, 2 -> 2.2.
    found = estimates(people(), criterion=5.0, best=10.0, prior={"piano": 4.0})
    assert found[CurveMetric.FIRST_TRIAL] == pytest.approx(3.0 - 1.0)
    assert found[CurveMetric.MEAN_TRIALS] == pytest.approx(2.25)
    assert found[CurveMetric.LAST_TRIALS] == pytest.approx(8.0 - 6.0)
    assert found[CurveMetric.TRIALS_SAVED] == pytest.approx(1.0)
    assert found[CurveMetric.PERCENT] == pytest.approx(2.25 / 3.5)
    assert found[CurveMetric.POSSIBLE] == pytest.approx(2.25 / (10 - 3.5))
    assert found[CurveMetric.SYMMETRIC] == pytest.approx(2.25 / (5.75 + 3.5))
    assert found[CurveMetric.SAVINGS] == pytest.approx(1.0 / 3.2)
    assert found[CurveMetric.EFFECTIVENESS] == pytest.approx(1.0 / 4.0)


def test_percentages_follow_the_measure_that_groups_are_judged_by():
    found = estimates(people(), judged_by="first", best=9.0)
    assert found[CurveMetric.PERCENT] == pytest.approx(2.0)
    assert found[CurveMetric.POSSIBLE] == pytest.approx(2.0 / 8.0)
    assert estimates(people(), judged_by="last")[CurveMetric.PERCENT] == pytest.approx(1 / 3)


def test_fewer_errors_help_and_have_the_same_percentages():
    """Gagne, Foster and Crowley: for errors percent transfer is (C - E) / C."""
    errors = people([[8, 6, 4, 2]] * 4 + [[8, 6, 4, 3]], [[4, 3, 2, 1]] * 4 + [[4, 3, 2, 2]])
    found = estimates(errors, greater_is_better=False)
    assert found[CurveMetric.FIRST_TRIAL] == pytest.approx(4.0)
    assert found[CurveMetric.PERCENT] == pytest.approx((5.05 - 2.55) / 5.05)
    assert found[CurveMetric.SYMMETRIC] == pytest.approx((5.05 - 2.55) / (5.05 + 2.55))


def test_who_never_gets_there_counts_as_one_trial_more():
    scores = np.array([[1, 2, 3, 4], [0, 0, 0, 0]], float)
    assert trials_to(3.0, scores, TRIALS, sign=1.0).tolist() == [3.0, 5.0]
    assert trials_to(1.0, scores, TRIALS, sign=-1.0).tolist() == [1.0, 1.0]


def test_scores_of_a_person_are_first_mean_and_last():
    scores = np.array([[1.0, 2.0, 3.0, 6.0]])
    assert [v.tolist() for v in score_measures(scores, TRIALS).values()] == [[1.0], [3.0], [6.0]]


@pytest.mark.parametrize("sizes", [(4, 5), (5, 4)])
def test_the_p_value_is_the_largest_of_t_unskewed_t_and_the_permutation_test(sizes):
    rng = np.random.default_rng(sum(sizes))
    control, treated = rng.exponential(size=sizes[0]), rng.exponential(size=sizes[1])

    def welch(x, y):
        return stats.ttest_ind(x, y, equal_var=False).statistic

    for side, ours in zip(
        ("greater", "less"), p_values(Comparison(control, treated, False)), strict=True
    ):
        t, df = welch(treated, control), min(sizes) - 1
        parts = [(stats.kstat(g, 3), np.var(g, ddof=1), len(g)) for g in (treated, control)]
        error = np.sqrt(sum(variance / n for _, variance, n in parts))
        third = parts[0][0] / parts[0][2] ** 2 - parts[1][0] / parts[1][2] ** 2
        skew = third / error**3
        unskewed = t + skew / 6 + skew * t**2 / 3 + skew**2 * t**3 / 27
        tail = stats.t.sf if side == "greater" else stats.t.cdf
        exact = stats.permutation_test(
            (treated, control), welch, alternative=side, n_resamples=np.inf
        ).pvalue
        assert ours == pytest.approx(max(tail(t, df), tail(unskewed, df), exact))


def test_paired_p_values_are_the_largest_of_students_unskewed_t_and_all_sign_flips():
    rng = np.random.default_rng(4)
    control, treated = rng.normal(size=7), rng.normal(0.5, size=7)
    above, _ = p_values(Comparison(control, treated, True))
    t = stats.ttest_rel(treated, control).statistic
    gains = treated - control
    skew = stats.kstat(gains, 3) / 7**2 / (np.std(gains, ddof=1) / np.sqrt(7)) ** 3
    unskewed = stats.t.sf(t + skew / 6 + skew * t**2 / 3 + skew**2 * t**3 / 27, 6)
    exact = stats.permutation_test(
        (treated - control,), np.mean, permutation_type="samples", alternative="greater",
        n_resamples=np.inf,
    ).pvalue  # fmt: skip
    assert above == pytest.approx(max(stats.t.sf(t, 6), unskewed, exact))


@pytest.mark.parametrize("paired", [False, True])
def test_limits_are_where_a_p_value_is_one_in_twenty(paired):
    rng = np.random.default_rng(8)
    data = Comparison(rng.gamma(2, size=12), 2 + rng.gamma(2, size=12), paired)
    gap = difference_gap(data)
    assert p_values(data, gap.low - 1e-6)[0] <= 0.05 <= p_values(data, gap.low + 1e-6)[0]
    assert p_values(data, gap.high + 1e-6)[1] <= 0.05 <= p_values(data, gap.high - 1e-6)[1]
    ratio, low, high = ratio_limits(data)
    assert low < ratio < high
    assert p_values(data, low - 1e-6, of_ratio=True)[0] <= 0.05
    assert p_values(data, high + 1e-6, of_ratio=True)[1] <= 0.05


def test_a_ratio_excludes_one_exactly_where_the_difference_excludes_zero():
    rng = np.random.default_rng(3)
    excluded = 0
    for factor in (0.5, 1.0, 2.0, 2.0):
        for _ in range(10):
            data = Comparison(rng.gamma(2.0, size=9), factor * rng.gamma(2.0, size=14), False)
            gap, limits = difference_gap(data), ratio_limits(data)
            assert (gap.low > 0) == (limits[1] > 1)
            assert (gap.high < 0) == (limits[2] < 1)
            excluded += limits[1] > 1 or limits[2] < 1
    assert 10 < excluded < 30


def test_p_values_of_a_ratio_are_those_of_its_pivot_times_the_factor_but_at_one():
    """Nine pairs with t = 3 at a ratio of 0.5: p = .0085 with eight degrees of freedom."""
    rng = np.random.default_rng(0)
    control, spread = rng.gamma(4.0, size=9), rng.normal(size=9)
    spread = (spread - spread.mean()) / spread.std(ddof=1)
    data = Comparison(control, 0.5 * control + spread + 1.0, paired=True)
    by_signs, by_t = rescaled(data).at(0.5, 0.0)[0], rescaled(data).at(0.5, 8.0)[0] / 8.0
    assert by_t >= stats.t.sf(3.0, 8)
    assert by_t == pytest.approx(stats.t.sf(3.0, 8), rel=0.2)
    assert rescaled(data).at(0.5)[0] == pytest.approx(max(by_signs, by_t))
    assert ratio_factor(data) == 4.0
    assert p_values(data, 0.5, of_ratio=True)[0] == pytest.approx(max(by_signs, 4.0 * by_t))
    assert p_values(data, 1.0, of_ratio=True) == rescaled(data).at(1.0)


def test_factors_of_ratios_by_hand():
    ones = {n: np.ones(n) for n in (6, 12, 13, 26, 39, 60)}
    paired = {n: ratio_factor(Comparison(x, x, paired=True)) for n, x in ones.items()}
    assert paired == {6: 4.0, 12: 4.0, 13: 4.0, 26: 2.5, 39: 2.0, 60: 1.65}
    apart = {n: ratio_factor(Comparison(ones[60], x, paired=False)) for n, x in ones.items()}
    assert apart == {6: 2.0, 12: 1.5, 13: 1 + 6 / 13, 26: 1 + 6 / 26, 39: 1 + 6 / 39, 60: 1.1}


def test_many_normal_scores_give_welchs_interval():
    """With 200 people the permutation test adds nothing: the limits are those of Welch's t."""
    rng = np.random.default_rng(0)
    control, treated = rng.normal(size=200), rng.normal(1.0, 2.0, size=150)
    gap = difference_gap(Comparison(control, treated, False))
    low, high = stats.ttest_ind(treated, control, equal_var=False).confidence_interval(0.9)
    assert (gap.low, gap.high) == pytest.approx((low, high), abs=0.03)


@pytest.mark.parametrize("design", ["between", "within"])
def test_groups_that_score_alike_have_a_gap_of_exactly_zero(design):
    result = judge_people(people(NOVICES, NOVICES, design), Measurement(0.5, best=10.0))
    assert {g.gap.estimate for g in result.gaps} == {0.0}
    assert not {g.verdict for g in result.gaps} & {Verdict.HELPS, Verdict.HURTS}


def test_equal_gains_of_all_people_are_judged_by_their_signs():
    scores = np.array([0.11, 0.72, 0.33, 0.94, 0.55])
    gap = difference_gap(Comparison(scores, scores + 0.1, True))
    assert gap.error == 0
    assert gap.p_helps == pytest.approx(1 / 32)


def test_a_group_that_is_all_at_the_best_score_excludes_no_rare_failure():
    """Rule of three: of six people none failed, and up to half of such people may."""
    control, treated = np.array([8.0, 9.0, 7.0, 10.0, 6.0, 8.0]), np.full(6, 10.0)
    gap = difference_gap(Comparison(control, treated, False), largest=10.0)
    assert gap.equivalence_low <= gap.estimate - 5.0


@pytest.mark.parametrize("paired", [False, True])
def test_limits_of_very_skewed_scores_are_near_the_scores(paired):
    rng = np.random.default_rng(1)
    for _ in range(40):
        control, treated = rng.lognormal(0, 2, 9), rng.lognormal(0, 2, 9)
        gap = difference_gap(Comparison(control, treated, paired))
        reach = 10 * max(np.ptp(control), np.ptp(treated))
        assert -reach < gap.low < gap.estimate < gap.high < reach
