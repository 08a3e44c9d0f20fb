"""AUC rows against scikit-learn and DeLong's covariance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from transfergap.stats import auc_rows, cluster_variance, macro_auc_rows


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_the_mean_of_the_rows_is_the_auc(seed, ties):
    rng = np.random.default_rng(seed)
    positive = np.arange(30) < rng.integers(1, 30)
    scores = rng.integers(0, 4, 30).astype(float) if ties else rng.normal(size=30)
    assert auc_rows(scores, positive).mean() == pytest.approx(roc_auc_score(positive, scores))


def test_the_variance_of_a_difference_is_delongs():
    rng = np.random.default_rng(0)
    positive = rng.random(200) < 0.3
    a, b = positive + rng.normal(size=200), positive + rng.normal(size=200)
    m, n = positive.sum(), (~positive).sum()

    def components(s):
        beats = (s[positive][:, None] > s[~positive]) + 0.5 * (s[positive][:, None] == s[~positive])
        return beats.mean(axis=1), beats.mean(axis=0)

    (va, wa), (vb, wb) = components(a), components(b)
    expected = np.var(va - vb, ddof=1) / m + np.var(wa - wb, ddof=1) / n
    got = cluster_variance(auc_rows(a, positive) - auc_rows(b, positive), None)
    assert got == pytest.approx(expected, rel=0.02)  # 1/m against 1/(m-1)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_strata_compare_rows_of_one_stratum_only(seed):
    rng = np.random.default_rng(seed)
    strata, positive = np.arange(40) % 4, rng.random(40) < 0.5
    scores = rng.integers(0, 6, 40) + 100.0 * strata  # strata are far apart: it must not matter
    right = total = 0.0
    for i in np.flatnonzero(positive):
        for j in np.flatnonzero(~positive & (strata == strata[i])):
            total += 1
            right += (scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j])
    if total:
        assert auc_rows(scores, positive, strata).mean() == pytest.approx(right / total)


def test_macro_auc_is_scikit_learns_one_vs_rest():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 90)
    p = rng.dirichlet(np.ones(3), 90) + 0.5 * np.eye(3)[labels]
    p /= p.sum(axis=1, keepdims=True)
    expected = roc_auc_score(labels, p, multi_class="ovr", average="macro")
    assert macro_auc_rows(p, labels).mean() == pytest.approx(expected)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_monotone_change_of_scores_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    positive, scores = np.arange(20) < 8, rng.normal(size=20)
    np.testing.assert_allclose(auc_rows(scores, positive), auc_rows(np.exp(scores), positive))
