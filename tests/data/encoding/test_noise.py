"""Noise: as much as stated, from a generator nobody can repeat, on statistics that stay sound."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from transfergap import summarize, summarize_batches
from transfergap.data.encoding import Accumulator, Noise, fit_encoder
from transfergap.data.encoding.noise import nearest_semidefinite
from transfergap.errors import ConfigurationError, MissingExtraError

pytest.importorskip("opendp", reason="the extra `privacy` is not installed")


def rows(n, task="regression", seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    if task == "regression":
        return X, X[:, 0] + rng.normal(size=n)
    return X, rng.integers(2 if task == "binary" else 3, size=n)


def encoder_of(task, later=False):
    X, y = rows(200, task, seed=1)
    encoder = fit_encoder(X, y, task=task)
    r = encoder.labels.n_responses
    return encoder.at(np.full((r, 5), 0.3)) if later else encoder


CASES = [("regression", False), ("binary", False), ("binary", True), ("multiclass", False),
         ("multiclass", True)]  # fmt: skip
BY_CASE = pytest.mark.parametrize(("task", "later"), CASES)


def told(joints, n_rows, noise, m, n_blocks):
    """What is told of statistics, as the vector that noise is added to."""
    upper = np.triu_indices(m)
    stretch = np.where((upper[0] != upper[1]) & (noise.delta > 0), math.sqrt(2), 1.0)
    return np.concatenate([*(stretch * j[upper] for j in joints), [noise.max_norm**2 / 4 * n_rows]])


@BY_CASE
@pytest.mark.parametrize("delta", [1e-6, 0.0])
def test_one_row_moves_what_is_told_by_no_more_than_the_stated_sensitivity(task, later, delta):
    encoder = encoder_of(task, later)
    X, y = rows(400, task, seed=2)
    X[::3] *= 1e6  # rows as long as they can be
    X[::7, 2] = np.nan
    if task == "regression":
        y[::5] *= 1e9
    before = Accumulator(encoder, noise=Noise(1.0, delta))
    moved = []
    for i in range(len(X)):
        one = Accumulator(encoder, noise=Noise(1.0, delta))
        one.add(X[i : i + 1], y[i : i + 1])
        n_blocks, m, _ = one._joints.shape
        vector = told(one._joints, 1, one.noise, m, n_blocks)
        moved.append(np.abs(vector).sum() if delta == 0 else np.linalg.norm(vector))
    bound = before.noise.sensitivity(m, n_blocks)
    assert max(moved) <= bound * (1 + 1e-12)
    if delta > 0:
        assert max(moved) > 0.8 * bound  # and the bound is not far above


def test_the_scale_keeps_the_promise_by_the_accounts_of_balle_and_wang():
    # Balle and Wang (2018), theorem 8: the exact delta of the Gaussian mechanism.
    for epsilon in (0.1, 1.0, 5.0):
        noise = Noise(epsilon, 1e-6).bounding(6, later_round=False)
        ratio = noise.sensitivity(6, 1) / noise.scale(6, 1)
        exact = stats.norm.cdf(ratio / 2 - epsilon / ratio) - math.exp(epsilon) * stats.norm.cdf(
            -ratio / 2 - epsilon / ratio
        )
        assert 1e-8 < exact <= 1e-6  # kept, and not by wasting noise
    pure = Noise(2.0, 0.0).bounding(6, later_round=False)
    assert pure.scale(6, 1) == pure.sensitivity(6, 1) / 2.0


@pytest.mark.parametrize("delta", [1e-6, 0.0])
def test_the_noise_has_the_stated_scale(delta):
    noise, m, n = Noise(1.0, delta).bounding(40, later_round=False), 40, 10**9
    big = np.eye(m)[None] * 1e9  # far from the edge of the cone, so nothing is projected
    found, n_rows = noise.added(big, n)
    scale = noise.scale(m, 1)
    error = (found - big)[0]
    upper = np.triu_indices(m, 1)
    above = error[upper] * (math.sqrt(2) if delta else 1.0)
    draws = np.concatenate([above, np.diag(error), [(n_rows - n) * noise.max_norm**2 / 4]]) / scale
    law = stats.norm() if delta else stats.laplace()
    assert stats.kstest(draws, law.cdf).pvalue > 1e-4
    if delta:
        low, high = stats.chi2.ppf([5e-5, 1 - 5e-5], len(draws))
        assert low < (draws**2).sum() < high


def test_nobody_can_repeat_the_noise():
    X, y = rows(300)
    np.random.seed(0)  # noqa: NPY002  a seed of others must not matter
    one = summarize(X, y, encoder=encoder_of("regression"), epsilon=1.0)
    np.random.seed(0)  # noqa: NPY002
    two = summarize(X, y, encoder=encoder_of("regression"), epsilon=1.0)
    assert not np.any(one.grams == two.grams)


@BY_CASE
def test_a_huge_epsilon_changes_next_to_nothing_and_a_small_one_a_lot(task, later):
    encoder = encoder_of(task, later)
    X, y = rows(2000, task)
    exact = summarize(X, y, encoder=encoder)
    loose = {"encoder": encoder, "max_norm": 10.0}  # nothing is shortened
    near = summarize(X, y, epsilon=1e9, **loose)
    assert near.n_rows == 2000
    assert np.abs(near.grams - exact.grams).max() < 1e-2 * exact.grams.max()
    assert np.abs(near.moments - exact.moments).max() < 1e-2 * exact.grams.max()
    far = summarize(X, y, encoder=encoder, epsilon=0.05)
    assert np.abs(far.grams - exact.grams).max() > 0.05 * exact.grams.max()
    for summary in (near, far):
        summary.check_sound()
        assert summary.grams.shape == exact.grams.shape
    assert (far.noised, far.delta, exact.noised) == (0.05, 1e-6, None)


@BY_CASE
@pytest.mark.parametrize("n", [1, 30])
def test_few_rows_under_loud_noise_are_still_sound(task, later, n, tmp_path):
    X, y = rows(n, task)
    summary = summarize(X, y, encoder=encoder_of(task, later), epsilon=0.1, delta=0.0)
    summary.check_sound()
    assert summary.n_rows >= 1
    summary.save(tmp_path / "b.tgsum")
    assert type(summary).load(tmp_path / "b.tgsum").noised == 0.1


def test_noise_is_added_once_over_all_batches():
    X, y = rows(1000)
    encoder = encoder_of("regression")
    whole = summarize(X, y, encoder=encoder, epsilon=1e9, max_norm=2.0)
    cuts = np.arange(0, 1001, 50)
    batches = ((X[a:b], y[a:b]) for a, b in itertools.pairwise(cuts))
    streamed = summarize_batches(batches, encoder=encoder, epsilon=1e9, max_norm=2.0)
    assert np.allclose(whole.grams, streamed.grams, atol=0.05)


def test_long_rows_are_shortened_and_short_ones_left_alone():
    noise = Noise(1.0, max_norm=5.0)
    columns = np.array([[3.0, 30.0], [4.0, 40.0]])
    assert noise.shortened(columns).tolist() == [[3.0, 3.0], [4.0, 4.0]]


def test_the_nearest_semidefinite_matrix_is_the_clipped_one():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(6, 6))
    A = A + A.T
    near = nearest_semidefinite(A)
    values = np.linalg.eigvalsh(A)
    assert np.isclose(((near - A) ** 2).sum(), (values[values < 0] ** 2).sum())
    assert np.linalg.eigvalsh(near)[0] > -1e-12


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epsilon": 0.0}, "epsilon is 0.0"),
        ({"epsilon": math.nan}, "epsilon is nan"),
        ({"epsilon": 1.0, "delta": 1.0}, "delta is 1.0"),
        ({"epsilon": 1.0, "delta": -0.1}, "delta is -0.1"),
        ({"epsilon": 1.0, "max_norm": 0.0}, "max_norm is 0.0"),
    ],
)
def test_promises_that_are_none_are_refused(options, said):
    X, y = rows(30)
    with pytest.raises(ConfigurationError, match=said) as error:
        summarize(X, y, encoder=encoder_of("regression"), **options)
    assert error.value.hint


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "opendp", None)
    X, y = rows(30)
    with pytest.raises(MissingExtraError) as error:
        summarize(X, y, encoder=encoder_of("regression"), epsilon=1.0)
    assert "transfergap[privacy]" in error.value.hint
