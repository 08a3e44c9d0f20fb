"""Claims on groups of people who learn alike, and limits where one group is ahead."""

import json

import pytest
from benchmarks.people_claims import (
    CLASSES,
    CONTROL,
    CRITERION,
    FASTER,
    HEAD_START,
    KINDS,
    cells,
    class_row,
    coverage_row,
    is_held,
    most_claims,
    null_row,
    truth,
)
from benchmarks.record import RESULTS

from transfergap.analysis.training_curves import CurveMetric

FEW, MANY = 150, 1000


@pytest.mark.parametrize(
    ("kind", "sizes", "paired"),
    [("right answers", (6, 6), False)],  # `make slow` has all, with many draws
)
def test_people_who_learn_alike_are_told_apart_one_time_in_twenty(kind, sizes, paired):
    assert is_held(null_row(kind, (CONTROL, CONTROL), sizes, paired=paired, n_draws=FEW))


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "paired"), cells())
@pytest.mark.parametrize("kind", KINDS)
def test_many_draws_of_people_who_learn_alike_hold_the_rate(kind, sizes, paired):
    assert is_held(null_row(kind, (CONTROL, CONTROL), sizes, paired=paired, n_draws=MANY))


def test_the_stored_rates_hold_and_those_of_t_alone_do_not():
    record = json.loads((RESULTS / "people_claims.json").read_text(encoding="utf-8"))
    rows = [*record["alike"], *record["classes"]]
    assert record["criterion"]["held"] and all(map(is_held, rows))
    usual = [row | {"ours": row["usual"]} for row in record["alike"]]
    assert not all(map(is_held, usual))
    assert all(is_held(row, "misses") for row in record["coverage"])
    assert not all(is_held(row, "rivals") for row in record["coverage"])


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "paired"), CLASSES)
def test_classes_that_learn_alike_hold_the_rate_and_people_in_them_do_not(sizes, paired):
    row = class_row("right answers", sizes, paired=paired, n_draws=400)
    assert is_held(row)
    assert paired or not is_held(row | {"ours": row["usual"]})


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "group"), [("head start", HEAD_START), ("faster", FASTER)])
def test_limits_miss_the_truth_of_a_gap_about_one_time_in_twenty(effect, group):
    row = coverage_row("right answers", effect, group, (40, 40), paired=False, n_draws=MANY)
    assert all(max(pair) <= most_claims(MANY) for pair in row["misses"].values())


def test_effects_of_the_simulation_are_effects():
    before, after = truth("right answers", CONTROL), truth("right answers", HEAD_START)
    assert after[CurveMetric.FIRST_TRIAL] > before[CurveMetric.FIRST_TRIAL]
    assert after[CurveMetric.TRIALS_SAVED] < before[CurveMetric.TRIALS_SAVED]
    assert set(CRITERION) == set(KINDS)
