"""Gaps of some of the rows, and corrections for many looks: numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfergap.stats import cluster_variance, holm, sign_limit, subgroup_estimate

P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


def test_the_error_is_that_of_a_mean_times_the_inflation():
    d = np.array([0.1, 0.3, -0.2, 0.4, 0.0, 0.6])
    plain = subgroup_estimate(d, inflation=1.0, largest=1.0)
    wide = subgroup_estimate(d, inflation=4.0, largest=1.0)
    assert plain.error == pytest.approx(np.std(d, ddof=1) / np.sqrt(6))
    assert (wide.error / plain.error, plain.estimate, plain.df) == pytest.approx((2.0, 0.2, 5))


def test_an_inflation_below_one_never_narrows():
    d = np.arange(6.0)
    assert subgroup_estimate(d, inflation=0.2, largest=1.0).error == pytest.approx(
        subgroup_estimate(d, inflation=1.0, largest=1.0).error
    )


def test_clusters_are_the_unit_of_the_error():
    d, clusters = np.array([1.0, 1.0, 0.0, 0.0, 2.0, 2.0]), np.array([0, 0, 1, 1, 2, 2])
    found = subgroup_estimate(d, inflation=1.0, largest=1.0, clusters=clusters)
    assert found.error**2 == pytest.approx(cluster_variance(d, clusters))
    assert (found.df, found.n_pairs) == (2, 3)


def test_holm_by_hand():
    # 4 looks: 4 * .01, then 3 * .02, then max(2 * .03, before), then max(.2, before).
    assert holm(np.array([0.2, 0.01, 0.03, 0.02])) == pytest.approx([0.2, 0.04, 0.06, 0.06])


@given(P_VALUES)
def test_corrected_p_values_are_never_smaller_and_keep_their_order(values):
    p = np.array(values)
    corrected = holm(p)
    assert (corrected >= p).all() and (corrected <= np.minimum(len(p) * p, 1.0) + 1e-12).any()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()


def test_signs_of_clusters_count_once():
    d = np.array([1.0, 1.0, 1.0, 1.0])
    assert sign_limit(d) == 1 / 16
    assert sign_limit(d, np.array([0, 0, 1, 1])) == 1 / 4
    assert sign_limit(np.zeros(3)) == 1.0
