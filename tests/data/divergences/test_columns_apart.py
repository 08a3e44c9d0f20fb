"""Distances of columns are SciPy's, at a tenth of its cost."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from transfergap.data.divergences import columns_apart as apart


@pytest.mark.parametrize("decimals", [0, 1, 12])
@pytest.mark.parametrize("sizes", [(20, 20), (20, 333), (97, 101), (400, 60)])
def test_distance_and_decision_are_those_of_the_exact_test(sizes, decimals):
    rng = np.random.default_rng([*sizes, decimals])
    for shift in rng.uniform(0.0, 1.5, 40):
        one = rng.normal(size=sizes[0]).round(decimals)
        other = rng.normal(shift, 1.3, size=sizes[1]).round(decimals)
        exact = ks_2samp(one, other)
        distance = apart._distance(one, other)
        assert distance == float(exact.statistic)
        for level in (1e-2, 1e-3, 1e-4, 1.5e-5):
            assert apart._is_rare(distance, one, other, level) == (exact.pvalue <= level)


def test_the_exact_test_is_asked_only_where_it_is_close(monkeypatch):
    import scipy.stats

    calls = []
    monkeypatch.setattr(scipy.stats, "ks_2samp", lambda *pair: calls.append(pair))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 30))
    Z = np.concatenate([rng.normal(size=(200, 15)), 5 + rng.normal(size=(200, 15))], axis=1)
    assert [one.column for one in apart.columns_apart(X, Z)] == list(range(15, 30))
    assert calls == []
