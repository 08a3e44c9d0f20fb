"""How often does fine-tuning harm, which ways of doing it repair that, and does the guard?

    python -m benchmarks.finetuning_bank --quick
    python -m benchmarks.finetuning_bank

Each pair of the bank, at each number of target rows, with paired seeds: the control gets the target
alone, every way the same steps on the target after as many on the source. The guard decides by
cross-validation on the target's training rows. How cautious it is was chosen on the families for
calibration, which get the plain ways and the guard only; the table in the docs is of the others.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from benchmarks.networks import Pair, absent_families, pairs, part_of
from benchmarks.networks.simulated import POPULATIONS
from benchmarks.networks.trials import STEPS, GapRow, gaps_of_ways, sample, summary
from benchmarks.record import write_record
from transfergap.data.problem import TrainingSet
from transfergap.learners import Learner
from transfergap.torch import FineTuned, Network
from transfergap.torch.ways import (
    BSS,
    DELTA,
    L2SP,
    LPFT,
    CoTuning,
    FrozenProbe,
    Interpolated,
    LayerwiseRates,
    LowRank,
    NewHead,
)

PLAIN = "fine-tuned"
WAYS: dict[str, Callable[[Network], Learner]] = {
    "pooled": lambda net: net,
    PLAIN: FineTuned,
    "new-head": NewHead,
    "frozen-probe": FrozenProbe,
    "lp-ft": LPFT,
    "layerwise-rates": LayerwiseRates,
    "l2-sp": L2SP,
    "delta": DELTA,
    "bss": BSS,
    "co-tuning": CoTuning,
    "interpolated": Interpolated,
    "lora": LowRank,
}
GUARDED = ("pooled", PLAIN)


def gaps_of(pair: Pair, *, seeds: int, ways: tuple[str, ...], most_rows: int) -> list[GapRow]:
    """Return the gaps of every way on a pair, over its sizes and paired seeds."""
    sizes = [n for n in pair.sizes if n <= most_rows]
    drawn = [(size, pair.load(seed, size)) for size in sizes for seed in range(seeds)]
    targets = [sample(data.target) for _, data in drawn]
    trains = [
        TrainingSet(target, (sample(data.source),))
        for target, (_, data) in zip(targets, drawn, strict=True)
    ]
    tests = [data.test for _, data in drawn]
    found = gaps_of_ways(WAYS, ways, GUARDED, trains, tests)
    rows_of = np.array([size for size, _ in drawn])
    part = part_of(pair.family)
    return [
        GapRow(f"{pair.name}, {n} rows", pair.family, part, way, tuple(gaps[rows_of == n].tolist()))
        for n in sizes
        for way, gaps in found.items()
    ]


def summaries(rows: list[GapRow], part: str) -> dict[str, object]:
    """Return the summary of every way on one part of the families."""
    by_way = defaultdict(list)
    for row in rows:
        if row.part == part:
            by_way[row.way].append(row)
    return {way: summary(own, by_way[PLAIN]) for way, own in by_way.items()}


def main() -> None:
    """Run, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five pairs, two seeds, few ways")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400, help="most target rows")
    asked = parser.parse_args()
    bank, ways, seeds = pairs(), tuple(WAYS), asked.seeds
    if asked.quick:
        bank, ways, seeds = (
            pairs((next(iter(POPULATIONS)),))[:3] + pairs(("mnist",))[:2],
            GUARDED,
            2,
        )
    rows: list[GapRow] = []
    for i, pair in enumerate(bank):
        chosen = ways if part_of(pair.family) == "judged" else GUARDED  # the rest only chooses
        rows += gaps_of(pair, seeds=seeds, ways=chosen, most_rows=asked.rows)
        print(f"{i + 1}/{len(bank)} {pair.name}", flush=True)
    record = {
        "steps": STEPS,
        "seeds": seeds,
        "most_target_rows": asked.rows,
        "pairs": len(bank),
        "absent_families": list(absent_families()),
        "calibration": summaries(rows, "calibration"),
        "judged": summaries(rows, "judged"),
        "gaps": [{"problem": r.problem, "part": r.part, "way": r.way, "gap": r.mean} for r in rows],
    }
    if not asked.quick:
        print(write_record("finetuning_bank", record))
    for part in ("calibration", "judged"):
        print(part)
        for way, found in record[part].items():  # type: ignore[attr-defined]
            print(f"  {way:<32}", {k: v for k, v in found.items() if "interval" not in k})


if __name__ == "__main__":
    main()
