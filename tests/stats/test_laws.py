"""Every estimator of the core obeys the laws of a paired comparison."""

import numpy as np
import pytest
from tests.laws import assert_laws, assert_moves_with_the_data, assert_scale, assert_swap

from transfergap.stats import (
    PairFits,
    block_estimate,
    forward_estimate,
    forward_score_estimate,
    leave_one_out_estimate,
    resampled_estimate,
    subgroup_estimate,
)
from transfergap.stats.resampled import split_estimate

N, K = 60, 10
RNG = np.random.default_rng(7)
CONTROL, TREATED = RNG.normal(size=N), RNG.normal(size=N)
FOLD = np.arange(N) % K
# What leaving a fold, or a row, out of training adds to each row's loss of the treated arm, as a
# share of how far the row's difference is from the mean: so it scales and turns as losses do.
SHAKE = RNG.normal(size=(N, K))
OWNERS = np.arange(N) // 3


def shaken(control, treated, rows):
    differences = control - treated
    return differences[:, None] + SHAKE[rows] * (differences - differences.mean())[:, None]


def by_folds(control, treated, rows):
    return np.array([(control - treated)[FOLD[rows] == a].mean() for a in range(K)])


@pytest.mark.parametrize("zero_one", [False, True])
@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("n_parts", [1, 2])
def test_the_two_fold_jackknife(zero_one, skewed, clustered, n_parts):
    def estimator(control, treated, rows):
        pairs = PairFits(FOLD[rows], control - treated, shaken(control, treated, rows))
        return block_estimate(
            control - treated, by_folds(control, treated, rows), (pairs,) * n_parts, n_folds=K,
            zero_one=zero_one, skewed=skewed, clusters=OWNERS[rows] if clustered else None,
        )  # fmt: skip

    assert_laws(estimator, CONTROL, TREATED)


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("share", [0.0, 1.0])  # the floor decides, or the jackknife
def test_the_closed_form(skewed, share):
    def estimator(control, treated, rows):
        differences = control - treated
        without = differences.mean() + share * (differences - differences.mean()) * SHAKE[rows, 0]
        return leave_one_out_estimate(control, treated, without, skewed=skewed)

    assert_laws(estimator, CONTROL, TREATED)


def test_the_corrected_t():
    def resampled(control, treated, rows):
        del rows
        return resampled_estimate(control - treated, n_folds=K, method="m")

    def splits(control, treated, rows):
        del rows
        return split_estimate(
            control - treated, test_to_train=0.3, n_disjoint=4, method="m",
            estimate=float((control - treated).mean()),
        )  # fmt: skip

    assert_laws(resampled, CONTROL, TREATED)
    assert_laws(splits, CONTROL, TREATED)


@pytest.mark.parametrize("n", [15, 60])
def test_rows_in_order_of_time(n):
    def estimator(control, treated, rows):
        return forward_estimate(control - treated, np.zeros(n), rows // 2 * 2 + 1, n_pairs=5)

    assert_laws(estimator, CONTROL[:n], TREATED[:n])


def test_scores_of_blocks():
    labels = RNG.normal(size=90)

    def estimator(control, treated, rows):
        del rows
        return forward_score_estimate(control - treated, labels, method="m")

    assert_laws(estimator, CONTROL[:6], TREATED[:6])


@pytest.mark.parametrize("clustered", [False, True])
def test_a_subgroup(clustered):
    def estimator(control, treated, rows):
        owners = OWNERS[rows] if clustered else None
        return subgroup_estimate(control - treated, inflation=2.0, largest=1.0, clusters=owners)

    assert_laws(estimator, CONTROL, TREATED)


def test_the_control_of_rows_in_order_widens_but_moves_nothing():
    def estimator(control, treated, rows):
        return forward_estimate(control - treated, np.cumsum(CONTROL), rows, n_pairs=5)

    for law in (assert_swap, assert_scale, assert_moves_with_the_data):
        law(estimator, CONTROL, TREATED)
