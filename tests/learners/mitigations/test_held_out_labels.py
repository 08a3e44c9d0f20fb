"""Held-out judgements of a sample's labels are made once a sample."""

import numpy as np
import pytest

from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners import FunctionLearner
from transfergap.learners.mitigations import LikelyLabels, held_out_labels
from transfergap.learners.mitigations.held_out_labels import held_out_residuals, held_out_shares


def rows(n, seed, classes):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    y = 2 * X[:, 0] + rng.normal(size=n)
    return Sample(X, np.where(y > 0, "yes", "no") if classes else y)


@pytest.fixture
def judged(monkeypatch):
    """How many samples were judged by fits, as a list that grows."""
    monkeypatch.setattr(held_out_labels, "_remembered", {})
    samples = []
    columns = held_out_labels._own_columns

    def counted(sample):
        samples.append(sample)
        return columns(sample)

    monkeypatch.setattr(held_out_labels, "_own_columns", counted)
    return samples


def flipped(sample, share):
    rng = np.random.default_rng(5)
    wrong = rng.random(len(sample)) < share
    return Sample(sample.X, np.where(wrong, np.where(sample.y == "no", "yes", "no"), sample.y))


def test_folds_of_an_audit_share_what_a_source_says_of_itself(judged):
    target, source = rows(100, 0, True), flipped(rows(200, 1, True), 0.3)
    learner = LikelyLabels(
        FunctionLearner(lambda target, sources: sources[0].weights_or_ones.sum())
    )
    weights = {
        learner.train(TrainingSet(target.rows(np.arange(k, k + 60)), (source,)), seed=k)
        for k in range(6)
    }
    assert len(judged) == 1  # and yet the target's fold decides on the rates of confusion
    assert len(weights) == 6


def test_what_is_remembered_is_what_would_be_fitted(judged):
    sample, numbers = rows(80, 2, True), rows(80, 3, False)
    first = held_out_shares(sample), held_out_residuals(numbers)
    same_rows = Sample(sample.X.copy(), sample.y.copy())
    assert held_out_shares(same_rows) is first[0]
    held_out_labels._remembered.clear()
    assert np.array_equal(held_out_shares(sample), first[0])
    assert np.array_equal(held_out_residuals(numbers), first[1])
    assert not first[0].flags.writeable
    np.testing.assert_allclose(first[0].sum(axis=1), 1.0)


def test_a_changed_label_is_another_sample(judged):
    sample = rows(80, 2, True)
    swapped = {"yes": "no", "no": "yes"}[sample.y[7]]
    other = Sample(sample.X, np.where(np.arange(80) == 7, swapped, sample.y))
    assert not np.array_equal(held_out_shares(sample), held_out_shares(other))
    assert len(judged) == 2


def test_no_more_samples_are_kept_than_an_audit_has(judged):
    for seed in range(held_out_labels._MOST_REMEMBERED + 5):
        held_out_residuals(rows(20, seed, False))
    assert len(held_out_labels._remembered) == held_out_labels._MOST_REMEMBERED


def test_columns_in_another_unit_than_the_targets_change_nothing(judged):
    sample = rows(80, 3, False)
    factor = np.array([1000.0, 1.0, 0.001])
    told = held_out_residuals(Sample(sample.X * factor + 5.0, sample.y))
    np.testing.assert_allclose(told, held_out_residuals(sample), rtol=1e-8)
