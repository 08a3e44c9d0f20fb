"""What to expect of an arm: values worked by hand, and chances that come true."""

import itertools
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from transfergap.stats import PairedEstimate
from transfergap.stats.gap import gap_from
from transfergap.stats.outlook import PRIOR_MEAN, PRIOR_SPREAD, outlook


def gap(estimate, error, df=9):
    return gap_from(PairedEstimate(estimate, error, df, error, df, 20, "by hand"))


def view(estimate, error, df=9, *, margin=0.02, room=0.2, size=0.8, prior=(0.06, 0.14)):
    return outlook(gap(estimate, error, df), margin=margin, room=room, size=size, prior=prior)


def by_quadrature(estimate, error, df, mean, spread, wide, margin):
    """The posterior's mean and tails, by adaptive integration."""

    def density(x):
        prior = 0.9 * stats.t.pdf(x, 3, mean, spread) + 0.1 * stats.cauchy.pdf(x, 0.0, wide)
        return stats.t.pdf(x, df, estimate, error) * prior

    def over(low, high, weight=lambda x: 1.0):
        near = (mean, 0.0, *(estimate + k * error for k in (-30, -10, 0, 10, 30)))
        points = sorted({low, high, *(p for p in near if low < p < high)})
        pairs = pairwise(points)
        return sum(quad(lambda x: weight(x) * density(x), a, b, limit=400)[0] for a, b in pairs)

    far = 60 * max(error, spread) + abs(estimate)
    total = over(-far, far)
    return (
        over(-far, far, lambda x: x) / total,
        over(-far, -margin) / total,
        over(margin, far) / total,
    )


@pytest.mark.parametrize("estimate", [0.03, -0.2, 0.0, 0.15])
@pytest.mark.parametrize(("error", "df"), [(0.02, 9), (0.05, 4), (0.002, 1000)])
def test_it_is_the_posterior_of_a_t_and_a_mixture(estimate, error, df):
    seen = view(estimate, error, df)
    # Center .06 and spread .14 of a room of .2; below zero the spread is the estimate's at least.
    spread = max(0.028, -estimate)
    mean, cost, gain = by_quadrature(estimate, error, df, 0.012, spread, 0.8, 0.02)
    assert seen.expected == pytest.approx(mean, abs=5e-4)
    assert seen.p_cost == pytest.approx(cost, abs=5e-4)
    assert seen.p_gain == pytest.approx(gain, abs=5e-4)


def test_where_nobody_knows_what_is_perfect_it_is_the_t_of_the_gap():
    seen = view(0.03, 0.02, room=None)
    assert seen.expected == 0.03
    assert seen.p_cost == pytest.approx(stats.t.cdf(-0.05 / 0.02, 9))
    assert seen.p_gain == pytest.approx(stats.t.sf(-0.01 / 0.02, 9))


@pytest.mark.parametrize(
    ("estimate", "error", "df", "room", "size"),
    [
        (-0.5, 0.1, 9, 0.05, 0.95),
        (-0.2, 0.1, 9, 0.02, 0.98),  # a control with little to gain, and a clear harm
        (-3.57, 0.6, 9, 0.077, 0.9),
        (-1.0, 0.2, 4, 0.05, 0.95),
        (-0.89, 0.05, 9, 0.03, 0.97),
        (-4.8, 0.9, 9, 1.1, 1.1),  # an error in units of the label
    ],
)
def test_clear_harm_is_never_made_small(estimate, error, df, room, size):
    seen = outlook(gap(estimate, error, df), margin=0.01, room=room, size=size)
    assert seen.p_cost > 0.85
    assert seen.expected < 0.6 * estimate


@pytest.mark.parametrize(("estimate", "shares"), [(0.03, (0, 1)), (0.0, (0, 0)), (-0.03, (1, 0))])
def test_pairs_without_spread_leave_no_doubt(estimate, shares):
    seen = outlook(gap(estimate, 0.0), margin=0.02, room=0.2)
    assert (seen.p_cost, seen.p_gain) == shares
    assert seen.expected == estimate


def test_it_is_monotone_in_the_estimate_and_chances_add_up():
    views = [view(estimate, 0.02) for estimate in np.linspace(-0.2, 0.2, 41)]
    for one, other in itertools.pairwise(views):
        assert one.expected < other.expected
        assert one.p_cost > other.p_cost
        assert one.p_gain < other.p_gain
    assert all(0 <= seen.p_cost + seen.p_gain <= 1 + 1e-9 for seen in views)


@pytest.mark.parametrize("estimate", [-0.215, -0.22, -0.245, -0.375, -0.39])
def test_a_chance_is_never_beyond_one(estimate):
    harm = outlook(gap(estimate, 0.001), margin=0.02, room=0.2)
    assert (harm.p_cost, harm.p_gain) == (1.0, 0.0)


def test_units_change_nothing():
    one = view(0.03, 0.02)
    other = view(30.0, 20.0, margin=20.0, room=200.0, size=800.0)
    assert other.expected == pytest.approx(1000 * one.expected, rel=1e-6)
    assert other.p_cost == pytest.approx(one.p_cost, rel=1e-6)


def test_chances_come_true_or_are_too_high_where_gaps_are_drawn_from_the_prior():
    rng = np.random.default_rng(0)
    room, error, df, n = 0.25, 0.025, 9, 1000
    usual = room * (PRIOR_MEAN + PRIOR_SPREAD * rng.standard_t(3, n))
    truth = np.where(rng.random(n) < 0.1, 0.75 * rng.standard_cauchy(n), usual)
    # A t is a normal whose error is itself estimated: the estimate's error varies from run to run.
    sigma = error / np.sqrt(rng.chisquare(df, n) / df)
    estimates = truth + sigma * rng.normal(size=n)
    said = np.array([view(one, error, room=room, size=0.75).p_cost for one in estimates])
    cost = truth < -0.02
    for low, high in ((0.0, 0.05), (0.05, 0.15), (0.15, 0.4), (0.4, 1.0)):
        band = (said >= low) & (said < high)
        expected, k = said[band].mean(), int(band.sum())
        tolerance = stats.norm.ppf(0.9999) * np.sqrt(expected * (1 - expected) / k)
        assert k > 50
        assert cost[band].mean() < expected + tolerance
        # Below zero harm is not drawn back, so chances of a cost are rather too high.
        assert cost[band].mean() > 0.5 * expected - tolerance
