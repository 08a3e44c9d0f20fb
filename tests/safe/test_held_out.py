"""Folds of target rows: what they never cut, and what does not change them."""

from __future__ import annotations

import numpy as np

from transfergap.safe.held_out import held_out_folds


def numbers(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, X[:, 0] + rng.normal(size=n)


def test_folds_deal_out_classes_keep_groups_and_ignore_the_order_of_rows():
    X, y = numbers(53, 0)
    y = np.digitize(y, np.quantile(y, [1 / 3, 2 / 3]))
    folds = held_out_folds(X, y, None, task="multiclass", seed=0)
    assert sorted(np.concatenate(folds).tolist()) == list(range(53))
    counts = np.array([np.bincount(y[fold], minlength=3) for fold in folds])
    assert (np.ptp(counts, axis=0) <= 1).all()

    order = np.random.default_rng(1).permutation(53)
    shuffled = held_out_folds(X[order], y[order], None, task="multiclass", seed=0)
    assert [set(order[fold]) for fold in shuffled] == [set(fold) for fold in folds]

    groups = np.arange(53) % 9
    for fold in held_out_folds(X, y, groups, task="multiclass", seed=0):
        assert not set(groups[fold]) & set(np.delete(groups, fold))


def test_copies_of_a_row_are_held_out_together_and_one_group_is_cut():
    X, y = numbers(10, 0)
    X, y = np.repeat(X, 3, axis=0), np.repeat(y, 3)
    for fold in held_out_folds(X, y, None, task="regression", seed=0):
        assert (np.bincount(fold // 3, minlength=10) % 3 == 0).all()
    assert len(held_out_folds(X, y, np.zeros(30, int), task="regression", seed=0)) == 5
