"""A race stops an arm only where the fits left cannot change its verdict, or hardly can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfergap.stats import PairFits, block_estimate
from transfergap.stats.block import SKEW_FACTOR, error_floor
from transfergap.stats.gap import Verdict, gap_from
from transfergap.stats.racing import NARROW, WIDE, RaceStanding, race_bounds, race_standing

K, MARGIN = 10, 0.02


def draw(n, mean, spread, seed, *, partitions=2):
    """Rows with folds, differences of each partition, and any pair fits."""
    rng = np.random.default_rng(seed)
    fold = np.stack([rng.permutation(np.arange(n) % K) for _ in range(2)])
    rows = rng.normal(mean, 1.0, n)
    single = rows + rng.normal(0, spread, (2, n))
    double = np.where(fold[0][:, None] == np.arange(K), np.nan, rng.normal(0, spread, (n, K)))
    return fold[:partitions], single[:partitions], double + single[0][:, None]


def bounds_of(fold, single, **known):
    gaps = np.array([row[at == a].mean() for row, at in zip(single, fold, strict=True)
                     for a in range(K)])  # fmt: skip
    return race_bounds(single.mean(axis=0), gaps, n_folds=K, **known), gaps


@given(
    n=st.sampled_from([30, 60, 200]),
    mean=st.floats(-0.6, 0.6),
    spread=st.sampled_from([0.05, 0.5, 2.0]),
    zero_one=st.booleans(),
    skewed=st.booleans(),
    margin=st.sampled_from([0.001, 0.05, 0.5, 2.0]),
    seed=st.integers(0, 10**6),
)
def test_a_hopeless_arm_stays_open_whatever_its_pair_fits_are(
    n, mean, spread, zero_one, skewed, margin, seed
):
    fold, single, double = draw(n, mean, spread, seed)
    known = {"zero_one": zero_one, "skewed": skewed}
    bounds, gaps = bounds_of(fold, single, **known)
    if race_standing(bounds, margin=margin, n_arms=1) is not RaceStanding.HOPELESS:
        return
    pairs = (PairFits(fold[0], single[0], double),)
    full = gap_from(block_estimate(single.mean(axis=0), gaps, pairs, n_folds=K, **known))
    assert full.verdict(margin) is Verdict.NOT_ENOUGH_EVIDENCE


@pytest.mark.parametrize(
    ("mean", "margin", "standing"),
    [
        (0.0, MARGIN, RaceStanding.HOPELESS),
        (3.0, MARGIN, RaceStanding.SETTLED),
        (-3.0, MARGIN, RaceStanding.SETTLED),
        (0.35, MARGIN, RaceStanding.RACING),  # a claim by a narrow interval only
        (0.0, 5.0, RaceStanding.SETTLED),  # equal by far
    ],
)
@pytest.mark.parametrize("partitions", [1, 2])
def test_where_an_arm_stands_follows_from_how_clear_it_is(mean, margin, standing, partitions):
    fold, single, _ = draw(60, 0.0, 0.05, 3, partitions=partitions)
    single = single - single.mean() + mean
    bounds, _ = bounds_of(fold, single, zero_one=False, skewed=False)
    assert race_standing(bounds, margin=margin, n_arms=1) is standing


def test_a_settled_claim_must_survive_the_correction_for_all_arms():
    fold, single, _ = draw(60, 0.0, 0.05, 3)
    error = bounds_of(fold, single, zero_one=False, skewed=False)[0].now.error
    single = single - single.mean() + 1.1 * WIDE[2] * 1.833 * error  # t of 9 degrees, 5 %
    bounds, _ = bounds_of(fold, single, zero_one=False, skewed=False)
    p = gap_from(bounds.now).p_helps
    n_few, n_many = int(0.1 / p), int(0.1 / p) + 1
    assert race_standing(bounds, margin=MARGIN, n_arms=n_few) is RaceStanding.SETTLED
    assert race_standing(bounds, margin=MARGIN, n_arms=n_many) is RaceStanding.RACING


def test_swapping_control_and_treatment_changes_nothing():
    for seed in range(20):
        fold, single, _ = draw(60, 0.3, 0.3, seed)
        one, other = (
            race_standing(
                bounds_of(fold, sign * single, zero_one=True, skewed=False)[0],
                margin=MARGIN,
                n_arms=3,
            )
            for sign in (1, -1)
        )
        assert one is other


def test_the_smallest_error_is_that_of_the_jackknife_or_of_the_folds():
    fold, single, _ = draw(60, 0.0, 0.05, 3)
    known = {"zero_one": False, "skewed": True}
    bounds, _ = bounds_of(fold, single, **known)
    floor = error_floor(single.mean(axis=0), **known)
    assert bounds.narrowest.error == min(floor, bounds.now.error)
    assert floor == pytest.approx(0.7 * SKEW_FACTOR * single.mean(axis=0).std(ddof=1) / 60**0.5)
    assert NARROW[2] == 1.0  # exact: the estimate is final
    assert WIDE[1] > WIDE[2] > 1.0
