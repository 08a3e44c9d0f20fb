"""Stated error rates hold under simulation: benchmarks/false_claims.py, fewer draws, as tests."""

import pytest
from benchmarks.false_claims import DESIGNS, claims, most_claims

from transfergap.gap import Verdict

QUICK = [design for design in DESIGNS if design.n <= 120]


def assert_calibrated(design, n_draws, seed):
    found = claims(design, n_draws=n_draws, seed=seed)
    bound = most_claims(n_draws)
    assert found.verdicts[Verdict.HELPS] <= bound
    assert found.verdicts[Verdict.HURTS] <= bound
    assert found.covered >= n_draws - 2 * bound


@pytest.mark.parametrize("design", QUICK, ids=lambda design: design.name)
def test_claims_are_rare_where_nothing_is_gained_or_lost(design):
    assert_calibrated(design, 60, 500_000)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_claims_are_rare_over_many_draws(design):
    assert_calibrated(design, 1000, 700_000)


def test_the_check_can_fail():
    """With the interval of a naive t over folds, the same harness finds too many claims."""
    import numpy as np
    from benchmarks.false_claims import audited
    from scipy import stats

    design = next(d for d in DESIGNS if d.name.startswith("quick"))
    base = design.problem_at(design.shift)
    wrong = 0
    for draw in range(60):
        X, y = base.draw_target(900_000 + draw)
        gap = audited(design, X, y, base.sources, None, draw)
        spread = gap.error / np.sqrt(1 / 20 + 1 / 9)  # standard deviation of the fold means
        naive = spread / np.sqrt(20)
        wrong += abs(gap.estimate) > stats.t.ppf(0.95, 19) * naive
    assert wrong > 2 * most_claims(60)
