"""The banks of networks: what a summary says of gaps whose truth is known, and that they run."""

import numpy as np
import pytest
from benchmarks.networks import auxiliaries, pairs
from benchmarks.networks.simulated import POPULATIONS
from benchmarks.networks.trials import GapRow, summary

from benchmarks import finetuning_bank, multitask_bank


def row(problem, gaps, way="plain"):
    return GapRow(problem, problem[0], "judged", way, tuple(gaps))


def test_a_summary_counts_harm_and_what_is_kept():
    plain = [
        row("a1", [0.10, 0.12, 0.11, 0.09]), row("a2", [-0.20, -0.21, -0.19, -0.2]),
        row("b1", [0.0, 0.0, 0.0, 0.0]), row("b2", [-0.03, 0.04, -0.02, 0.005]),
    ]  # fmt: skip
    guard = [
        row("a1", [0.10, 0.12, 0.0, 0.0]), row("a2", [0.0] * 4), row("b1", [0.0] * 4),
        row("b2", [0.0, 0.04, 0.0, 0.0]),
    ]  # fmt: skip
    said = summary(plain, plain)
    assert said["harmed_more_than_a_point"] == 0.25
    assert said["harmed_significantly"] == said["harmed_after_correction"] == 1
    assert said["worst"] == pytest.approx(-0.2)
    assert said["kept"] == 1.0
    kept = summary(guard, plain)
    assert kept["harmed_significantly"] == 0
    assert kept["kept"] == pytest.approx(0.22 / 0.42)
    low, high = kept["mean_gap_interval"]
    assert low <= kept["mean_gap"] <= high


@pytest.mark.slow  # the benchmark itself, on its smallest
def test_a_pair_and_a_task_run_with_paired_seeds():
    pair = pairs((next(iter(POPULATIONS)),))[0]
    rows = finetuning_bank.gaps_of(pair, seeds=2, ways=("pooled", "fine-tuned"), most_rows=100)
    by_way = {r.way: np.array(r.gaps) for r in rows}
    assert len(by_way["fine-tuned"]) == 2
    guard = by_way["gated fine-tuned, caution 0"]
    assert all(g in (0.0, f) for g, f in zip(guard, by_way["fine-tuned"], strict=True))
    task = auxiliaries((next(iter(POPULATIONS)),))[0]
    rows = multitask_bank.gaps_of(task, seeds=2, ways=("co-trained",), most_rows=100)
    assert {r.problem for r in rows} == {f"{task.name}, 100 rows"}
