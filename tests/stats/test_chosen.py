"""The gap of an arm that was chosen: its interval holds, and its estimate is not too high."""

import numpy as np
import pytest
from benchmarks.false_claims import most_claims
from scipy import stats

from transfergap.stats import PairedEstimate
from transfergap.stats.chosen import chosen_gap
from transfergap.stats.gap import gap_from
from transfergap.stats.outlook import PRIOR_DF, PRIOR_MEAN, PRIOR_SPREAD, outlook

DF, ERROR, ROOM = 9, 0.03, 0.3


def gap(estimate, error=ERROR, floor=0.0):
    return gap_from(PairedEstimate(estimate, error, DF, error, DF, 20, "by hand", floor))


def test_the_lower_limit_is_that_of_bonferroni():
    made = chosen_gap(gap(0.1), expected=0.05, n_candidates=4)
    assert made.low == pytest.approx(0.1 - stats.t.ppf(1 - 0.05 / 4, DF) * ERROR)
    assert (made.high, made.expected, made.estimate) == (gap(0.1).high, 0.05, 0.1)


def test_a_single_arm_was_not_chosen():
    assert chosen_gap(gap(0.1), expected=0.1, n_candidates=1).low == gap(0.1).low


def test_a_gap_without_spread_stays_a_point():
    made = chosen_gap(gap(0.1, error=0.0), expected=0.1, n_candidates=9)
    assert (made.low, made.high) == (0.1, 0.1)


def test_a_floor_grows_with_the_quantile():
    made = chosen_gap(gap(0.1, error=0.0, floor=0.2), expected=0.1, n_candidates=3)
    wider = stats.t.ppf(1 - 0.05 / 3, DF) / stats.t.ppf(0.95, DF)
    assert made.low == pytest.approx(0.1 - 0.2 * wider)


def draws(rng, truths, correlation):
    """Return estimates with errors that share a part, as arms beside one control do."""
    spread = np.sqrt(correlation) * rng.normal() + np.sqrt(1 - correlation) * rng.normal(
        size=len(truths)
    )
    errors = ERROR * np.sqrt(rng.chisquare(DF, size=len(truths)) / DF)
    return truths + ERROR * spread, errors


@pytest.mark.parametrize("n_arms", [2, pytest.param(5, marks=pytest.mark.slow), 10])
@pytest.mark.parametrize("correlation", [0.0, 0.7])
@pytest.mark.parametrize("truths", ["all nothing", "one good", "spread"])
def test_the_interval_of_the_largest_holds(n_arms, correlation, truths):
    rng, n = np.random.default_rng([n_arms, int(10 * correlation)]), 300
    too_high = too_low = naive = 0
    for _ in range(n):
        true = {
            "all nothing": np.zeros(n_arms),
            "one good": np.r_[0.05, np.zeros(n_arms - 1)],
            "spread": rng.normal(0.0, 0.03, n_arms),
        }[truths]
        estimates, errors = draws(rng, true, correlation)
        best = int(np.argmax(estimates))
        made = chosen_gap(gap(estimates[best], errors[best]), expected=0.0, n_candidates=n_arms)
        too_high += made.low > true[best]
        too_low += made.high < true[best]
        naive += gap(estimates[best], errors[best]).low > true[best]
    assert too_high <= most_claims(n)
    assert too_low <= most_claims(n)
    if (n_arms, correlation, truths) == (10, 0.0, "all nothing"):
        assert naive > 3 * most_claims(n)  # the curse that is taken out


@pytest.mark.parametrize("n_arms", [1, pytest.param(5, marks=pytest.mark.slow), 10])
def test_the_expected_gain_is_not_too_high_where_gaps_are_as_large_as_usual(n_arms):
    rng, n = np.random.default_rng(n_arms), 300
    excess, naive = [], []
    for _ in range(n):
        usual = stats.t.rvs(PRIOR_DF, PRIOR_MEAN, PRIOR_SPREAD, size=n_arms, random_state=rng)
        true = ROOM * usual
        estimates, errors = draws(rng, true, 0.0)
        best = int(np.argmax(estimates))
        one = gap(estimates[best], errors[best])
        view = outlook(one, margin=0.01, room=ROOM, size=0.7)
        made = chosen_gap(one, expected=view.expected, n_candidates=n_arms)
        excess.append(made.expected - true[best])
        naive.append(made.estimate - true[best])
    error = np.std(excess, ddof=1) / np.sqrt(n)
    assert np.mean(excess) < 4 * error
    if n_arms > 1:
        assert np.mean(naive) > 4 * np.std(naive, ddof=1) / np.sqrt(n)
