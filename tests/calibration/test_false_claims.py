"""Stated error rates hold under simulation: benchmarks/false_claims.py, fewer draws, as tests."""

from dataclasses import replace

import pytest
from benchmarks.false_claims import DESIGNS, claims, most_claims

from transfergap.stats.gap import Verdict

# One of each way to estimate: what differs within a way runs with -m slow, over many draws.
FAMILIES = ("closed form, ridge", "quick", "DeLong", "jackknife, random stumps")
QUICK = [next(d for d in DESIGNS if d.name.startswith(family)) for family in FAMILIES]
N_DRAWS = 10  # more than 4 claims of a direction, where 5 % is stated, once in 10,000


def assert_calibrated(design, n_draws, seed):
    found = claims(design, n_draws=n_draws, seed=seed)
    bound = most_claims(n_draws)
    assert found.verdicts[Verdict.HELPS] <= bound
    assert found.verdicts[Verdict.HURTS] <= bound
    assert found.covered >= n_draws - 2 * bound


@pytest.mark.parametrize("design", QUICK, ids=lambda design: design.name)
def test_claims_are_rare_where_nothing_is_gained_or_lost(design):
    assert_calibrated(design, N_DRAWS, 500_000)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_claims_are_rare_over_many_draws(design):
    assert_calibrated(design, 1000, 700_000)


@pytest.mark.parametrize(
    ("shift", "said", "unsaid", "n_draws"),
    [
        (1.5, Verdict.HURTS, Verdict.HELPS, 10),
        # The same law: rows that help are seen in one draw of three.
        pytest.param(0.0, Verdict.HELPS, Verdict.HURTS, 60, marks=pytest.mark.slow),
    ],
)
def test_the_check_can_fail(shift, said, unsaid, n_draws):
    """The same harness on a source that does differ finds far more than 5 % of claims."""
    design = next(d for d in DESIGNS if d.name.startswith("closed form, ridge"))
    found = claims(replace(design, shift=shift), n_draws=n_draws, seed=900_000)
    assert found.verdicts[said] > 1.5 * most_claims(n_draws)
    assert found.verdicts[unsaid] <= 1
