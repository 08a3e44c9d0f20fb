"""Rankings of sources find those that harm; intervals hold (benchmarks.source_ranking)."""

import pytest
from benchmarks.source_ranking import measured, summary


def told(n_tasks, seed):
    return summary([measured(seed, number) for number in range(n_tasks)])


def check(found):
    auc = {row["score"]: row["auc"] for row in found["rows"]}
    assert auc["rank"] >= max(0.83, auc["alone"] - 0.05)
    assert min(found["coverage"].values()) >= 0.80


def test_harmful_sources_rank_first_and_intervals_hold():
    check(told(2, seed=301))


@pytest.mark.slow
def test_harmful_sources_rank_first_over_many_tasks():
    check(told(80, seed=302))
