"""What to expect of an arm: values worked by hand, and chances that come true."""

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from transfergap.stats import PairedEstimate
from transfergap.stats.gap import gap_from
from transfergap.stats.outlook import PRIOR_MEAN, PRIOR_SPREAD, outlook


def gap(estimate, error, df=9):
    return gap_from(PairedEstimate(estimate, error, df, error, df, 20, "by hand"))


def view(estimate, error, df=9, *, margin=0.02, room=0.2, prior=(PRIOR_MEAN, PRIOR_SPREAD)):
    return outlook(gap(estimate, error, df), margin=margin, room=room, prior=prior)


def by_quadrature(estimate, error, df, mean, spread, margin):
    """The posterior's mean and tails, by adaptive integration."""

    def density(x):
        return stats.t.pdf(x, df, estimate, error) * stats.t.pdf(x, 3, mean, spread)

    def over(low, high, weight=lambda x: 1.0):
        points = sorted({low, high, *(p for p in (estimate, mean, 0.0) if low < p < high)})
        pairs = itertools.pairwise(points)
        return sum(quad(lambda x: weight(x) * density(x), a, b, limit=400)[0] for a, b in pairs)

    far = 60 * max(error, spread) + abs(estimate)
    total = over(-far, far)
    return (
        over(-far, far, lambda x: x) / total,
        over(-far, -margin) / total,
        over(margin, far) / total,
    )


@pytest.mark.parametrize("estimate", [0.03, -0.2, 0.0])
@pytest.mark.parametrize(("error", "df"), [(0.02, 9), (0.05, 4), (0.002, 1000)])
def test_it_is_the_posterior_of_a_t_and_a_t(estimate, error, df):
    seen = view(estimate, error, df, prior=(0.03, 0.14))
    mean, cost, gain = by_quadrature(estimate, error, df, 0.006, 0.028, 0.02)
    assert seen.expected == pytest.approx(mean, abs=2e-4)
    assert seen.p_cost == pytest.approx(cost, abs=2e-4)
    assert seen.p_gain == pytest.approx(gain, abs=2e-4)


def test_with_a_flat_prior_it_is_the_t_of_the_gap():
    seen = view(0.03, 0.02, prior=(0.0, 1000.0))
    assert seen.expected == pytest.approx(0.03, abs=1e-4)
    assert seen.p_cost == pytest.approx(stats.t.cdf(-0.05 / 0.02, 9), abs=2e-4)
    assert seen.p_gain == pytest.approx(stats.t.sf(-0.01 / 0.02, 9), abs=2e-4)


def test_an_estimate_without_evidence_is_drawn_to_the_prior():
    seen = view(0.5, 50.0, prior=(0.03, 0.14))
    assert seen.expected == pytest.approx(0.006, abs=1e-3)
    assert seen.p_cost == pytest.approx(stats.t.cdf(-0.026 / 0.028, 3), abs=2e-3)


@pytest.mark.parametrize(("estimate", "shares"), [(0.03, (0, 1)), (0.0, (0, 0)), (-0.03, (1, 0))])
def test_pairs_without_spread_leave_no_doubt(estimate, shares):
    # A single pair of folds that differ by nothing but rounding has an error of zero.
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


def test_units_change_nothing():
    one = view(0.03, 0.02)
    other = outlook(gap(30.0, 20.0), margin=20.0, room=200.0)
    assert other.expected == pytest.approx(1000 * one.expected, rel=1e-6)
    assert other.p_cost == pytest.approx(one.p_cost, rel=1e-6)


def test_far_from_the_prior_nothing_is_lost():
    seen = view(-0.9, 0.001, room=0.1)
    assert seen.p_cost == pytest.approx(1.0)
    assert seen.expected == pytest.approx(-0.9, abs=0.02)


def test_chances_come_true_where_gaps_are_drawn_from_the_prior():
    rng = np.random.default_rng(0)
    room, error, df, n = 0.25, 0.025, 9, 4000
    truth = room * (PRIOR_MEAN + PRIOR_SPREAD * rng.standard_t(3, n))
    # A t is a normal whose error is itself estimated: the estimate's error varies from run to run.
    sigma = error / np.sqrt(rng.chisquare(df, n) / df)
    seen = [view(t + s * z, error, room=room) for t, s, z in zip(truth, sigma, rng.normal(size=n),
                                                                strict=True)]  # fmt: skip
    said = np.array([one.p_cost for one in seen])
    cost = truth < -0.02
    for low, high in ((0.0, 0.05), (0.05, 0.15), (0.15, 0.4), (0.4, 1.0)):
        band = (said >= low) & (said < high)
        expected, k = said[band].mean(), int(band.sum())
        tolerance = stats.norm.ppf(0.9999) * np.sqrt(expected * (1 - expected) / k)
        assert k > 100
        assert abs(cost[band].mean() - expected) < tolerance
    expected = np.array([one.expected for one in seen])
    off = (expected - truth).std() / np.sqrt(n)
    assert abs(expected.mean() - truth.mean()) < 4 * off
