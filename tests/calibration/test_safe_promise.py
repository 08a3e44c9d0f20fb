"""What SafeTransfer promises holds where the truth is known (benchmarks.safe_promise)."""

import pytest
from benchmarks.safe_promise import FAMILIES, outcomes, summary

BY_NAME = {family.name: family for family in FAMILIES}


def broken(family, n_tasks, seed):
    rows = summary(family, list(outcomes(family, n_tasks, seed)))
    return [(row["caution"], row["below_low"], row["lost_a_point"]) for row in rows
            if not row["holds"]]  # fmt: skip


@pytest.mark.parametrize("name", ["a third reversed"])  # `make slow` has all
def test_the_promise_holds_on_simulated_tasks(name):
    assert broken(BY_NAME[name], 12, seed=101) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_the_promise_holds_on_many_simulated_tasks(name):
    assert broken(BY_NAME[name], 300, seed=102) == []


def test_sources_that_are_the_same_are_worth_having():
    rows = summary(BY_NAME["same"], list(outcomes(BY_NAME["same"], 15, seed=103)))
    balanced = rows[0]
    assert balanced["mean_gain"]["regression"] > 0.02
    assert balanced["used"] > 0.8
    # A promise that is never near the truth would be worth nothing.
    assert balanced["mean_estimate"]["regression"] > 0.3 * balanced["mean_gain"]["regression"]
