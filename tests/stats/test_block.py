"""BLOCK: values worked from the definitions, and the laws that every comparison obeys."""

import numpy as np
import pytest

from transfergap.stats import PairFits, block_estimate, cluster_variance
from transfergap.stats.block import jackknife_variance, refit_noise
from transfergap.stats.resampled import corrected_error

K = 10


def some_pairs(seed: int, n: int = 40) -> PairFits:
    rng = np.random.default_rng(seed)
    return PairFits(np.arange(n) % K, rng.normal(size=n), rng.normal(size=(n, K)))


def estimate_of(differences, fold_gaps, pairs, **options):
    defaults = {"n_folds": K, "zero_one": True, "skewed": False}
    return block_estimate(differences, fold_gaps, (pairs,), **(defaults | options))


def test_jackknife_variance_by_hand():
    pairs = some_pairs(0)
    thetas = []
    for b in range(K):
        total = [pairs.double[i, b] for i in range(40) if pairs.fold[i] != b]
        thetas.append(sum(total) / len(total))
    expected = (K - 1) / K * sum((t - np.mean(thetas)) ** 2 for t in thetas)
    assert jackknife_variance(pairs) == pytest.approx(expected)


def test_refit_noise_by_hand():
    pairs = some_pairs(1)
    parts = []
    for a in range(K):
        rows = np.flatnonzero(pairs.fold == a)
        for b in range(K):
            if a != b:
                change = pairs.double[rows, b] - pairs.single[rows]
                parts.append(np.var(change, ddof=1) / len(rows))
    assert refit_noise(pairs, None) == pytest.approx(np.mean(parts))


def test_the_corrected_error_is_nadeau_and_bengios():
    gaps = np.array([0.1, 0.3, 0.2, 0.0])
    assert corrected_error(gaps, test_to_train=1 / 9) == pytest.approx(
        np.sqrt(np.var(gaps, ddof=1) * (1 / 4 + 1 / 9))
    )


def test_identical_arms_have_a_gap_of_exactly_zero():
    zero = PairFits(np.arange(40) % K, np.zeros(40), np.zeros((40, K)))
    estimate = estimate_of(np.zeros(40), np.zeros(20), zero)
    assert (estimate.estimate, estimate.error, estimate.equivalence_error) == (0.0, 0.0, 0.0)


def test_swapping_control_and_treatment_flips_the_sign_and_nothing_else():
    rng = np.random.default_rng(2)
    d, gaps, pairs = rng.normal(size=40), rng.normal(size=20), some_pairs(2)
    back = PairFits(pairs.fold, -pairs.single, -pairs.double)
    one, two = estimate_of(d, gaps, pairs), estimate_of(-d, -gaps, back)
    assert one.estimate == -two.estimate
    assert one.error == pytest.approx(two.error)
    assert one.equivalence_error == pytest.approx(two.equivalence_error)


def test_one_row_a_cluster_is_the_same_as_no_clusters():
    rng = np.random.default_rng(3)
    d, gaps, pairs = rng.normal(size=40), rng.normal(size=20), some_pairs(3)
    plain = estimate_of(d, gaps, pairs)
    clustered = estimate_of(d, gaps, pairs, clusters=np.arange(40))
    assert clustered.error == pytest.approx(plain.error)


def test_four_copies_of_every_row_do_not_shrink_the_variance():
    values = np.random.default_rng(4).normal(size=10)
    copies, owner = np.repeat(values, 4), np.repeat(np.arange(10), 4)
    assert cluster_variance(copies, owner) == pytest.approx(cluster_variance(values, None))
    assert cluster_variance(copies, None) < 0.3 * cluster_variance(values, None)


def test_two_partitions_have_eighteen_degrees_of_freedom():
    rng = np.random.default_rng(5)
    parts = (some_pairs(5), some_pairs(6))
    estimate = block_estimate(
        rng.normal(size=40), rng.normal(size=30), parts, n_folds=K, zero_one=False, skewed=False
    )
    assert estimate.df == 18
    assert estimate.n_pairs == 30 + 90
