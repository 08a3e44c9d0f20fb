"""How often does an auxiliary task harm the target, by which combination of losses?

    python -m benchmarks.multitask_bank --quick
    python -m benchmarks.multitask_bank

Each target of the bank with each of its auxiliary tasks, at each number of target rows, with paired
seeds: the control trains on the target alone, every combination as many steps with a batch of each
task. The guard decides by cross-validation on the target's training rows. Families for calibration
get the plain sum and the guard only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from benchmarks.networks import Auxiliary, absent_families, auxiliaries, part_of
from benchmarks.networks.simulated import POPULATIONS
from benchmarks.networks.trials import STEPS, GapRow, gaps_of_ways, sample, summary
from benchmarks.record import write_record
from transfergap.data.problem import TrainingSet
from transfergap.data.sources.models_and_tasks import TaskSource
from transfergap.learners import Learner
from transfergap.torch import CoTrained, Network
from transfergap.torch.ways import EMAGated, GradientSurgery, UncertaintyWeighted

PLAIN = "co-trained"
WAYS: dict[str, Callable[[Network], Learner]] = {
    PLAIN: CoTrained,
    "uncertainty": UncertaintyWeighted,
    "ema-gate": EMAGated,
    "surgery": GradientSurgery,
}
GUARDED = (PLAIN,)


def gaps_of(
    problem: Auxiliary, *, seeds: int, ways: tuple[str, ...], most_rows: int
) -> list[GapRow]:
    """Return the gaps of every combination on an auxiliary task, over sizes and paired seeds."""
    sizes = [n for n in problem.sizes if n <= most_rows]
    drawn = [(size, problem.load(seed, size)) for size in sizes for seed in range(seeds)]
    targets = [sample(data.main.target) for _, data in drawn]
    trains = [
        TrainingSet(target, (), (TaskSource(data.X, data.y),))
        for target, (_, data) in zip(targets, drawn, strict=True)
    ]
    tests = [data.main.test for _, data in drawn]
    found = gaps_of_ways(WAYS, ways, GUARDED, trains, tests)
    rows_of = np.array([size for size, _ in drawn])
    part = part_of(problem.family)
    return [
        GapRow(
            f"{problem.name}, {n} rows",
            problem.family,
            part,
            way,
            tuple(gaps[rows_of == n].tolist()),
        )
        for n in sizes
        for way, gaps in found.items()
    ]


def main() -> None:
    """Run, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four tasks, two seeds, few ways")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400, help="most target rows")
    asked = parser.parse_args()
    bank, ways, seeds = auxiliaries(), tuple(WAYS), asked.seeds
    if asked.quick:
        bank = auxiliaries((next(iter(POPULATIONS)),))[:2] + auxiliaries(("mnist",))[:2]
        ways, seeds = (PLAIN, "ema-gate"), 2
    rows: list[GapRow] = []
    for i, problem in enumerate(bank):
        chosen = ways if part_of(problem.family) == "judged" else (PLAIN,)  # the rest only chooses
        rows += gaps_of(problem, seeds=seeds, ways=chosen, most_rows=asked.rows)
        print(f"{i + 1}/{len(bank)} {problem.name}", flush=True)
    found = {}
    for part in ("calibration", "judged"):
        own = [row for row in rows if row.part == part]
        plain = [row for row in own if row.way == PLAIN]
        found[part] = {
            way: summary([row for row in own if row.way == way], plain)
            for way in dict.fromkeys(row.way for row in own)
        }
        print(part)
        for way, said in found[part].items():
            print(f"  {way:<32}", {k: v for k, v in said.items() if "interval" not in k})
    record = {
        "steps": STEPS,
        "seeds": seeds,
        "most_target_rows": asked.rows,
        "tasks": len(bank),
        "absent_families": list(absent_families()),
        **found,
        "gaps": [{"problem": r.problem, "part": r.part, "way": r.way, "gap": r.mean} for r in rows],
    }
    if not asked.quick:
        print(write_record("multitask_bank", record))


if __name__ == "__main__":
    main()
