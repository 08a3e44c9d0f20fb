"""Can a look at the beginning of a training tell that its sources will hurt?

A network is trained on the target alone (the control), from weights pretrained on a source, with
the source's loss added, and with an auxiliary task's loss added; the monitor sees 200 held-out
target rows at every twentieth of the training. A run is harmed if its test log loss is higher than
the control's of the same seed, each at the checkpoint with its lowest held-out loss.

Chosen on the calibration families (benchmarks/networks/families.py): two signs, a logistic
regression, and the threshold from which at most 10 % of harmless runs are warned of by a fifth of
the training in four of five families, by models that left the run's family out. Criteria, on the
judged families: area under the ROC curve at a fifth of the training at least .95 for fine-tuning
and .85 for co-training, over runs whose gap is told from zero by its test rows (two standard
errors; the headline, since the sign of the others is largely chance); false alarms at most 10 %;
at most 1.05 times the CPU time of the same loop without it, at the default interval. Areas over
all runs are reported beside.

This is the third version, so the judged families have been seen twice before. The first had a
third sign (how long ago a run's best look was), one simulated population instead of six, and
source networks that were trained to the end instead of kept at their best: fine-tuning had an area
of .76 (.61 to .87) and false alarms in 27 % (16 % to 39 %) of harmless runs, co-training .88 (.82
to .93) and 5 % (3 % to 8 %). The second had the present signs and a threshold at 10 % in the mean
of the families: .86 (.75 to .93) and 22 % (13 % to 33 %), .89 (.83 to .93) and 5 % (3 % to 9 %).
Each change was decided on the calibration families.

    python -m benchmarks.monitor            writes results/monitor.json, and the calibration
    python -m benchmarks.monitor --quick    a few pairs; writes nothing
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import transfergap.torch.monitors
from benchmarks.monitor.calibrating import (
    FALSE_ALARMS,
    FAMILIES_KEPT,
    JUDGED_AT,
    NOISE,
    SHARES,
    WHOLE,
    fitted,
    highest,
    left_out,
    table_of,
    threshold_of,
    with_probability,
)
from benchmarks.monitor.judging import areas, bins, by_family, rates
from benchmarks.monitor.overhead import overheads
from benchmarks.monitor.traces import Trace, auxiliary_traces, pair_traces
from benchmarks.networks import CALIBRATION, JUDGED, absent_families, auxiliaries, pairs
from benchmarks.record import write_record
from transfergap.torch.monitors.calibration import FILE, KINDS, SIGNS, Model

N_STEPS = (100, 400)
N_SEEDS = 4
FEW_HELD = 50
QUICK = {
    "families": ("simulated_plain", "simulated_clean", "scans", "mnist"),
    "every": 6,
    "seeds": 4,
    "n_steps": (100,),
}
SHIPPED = Path(transfergap.torch.monitors.__file__).with_name(FILE)
RANKERS = ("probability", "ratio", "standing", "start", "cosine", "look_ahead")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.monitor", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="a few pairs; writes nothing")
    quick: bool = parser.parse_args().quick
    torch.set_num_threads(1)
    started = time.monotonic()
    traces = list(recorded(quick=quick))
    print(f"{len(traces)} runs trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
    rows, few = table_of(traces), table_of(traces, FEW_HELD)
    models = {kind: calibrated(rows[rows["kind"] == kind]) for kind in KINDS}
    found = {kind: judged(kind, rows, few, *models[kind]) for kind in KINDS}
    show(found)
    if not quick:
        SHIPPED.write_text(json.dumps(shipped(found, models), indent=1) + "\n", encoding="utf-8")
        print(f"Written to {SHIPPED}")
    costs = overheads(2, 200) if quick else overheads(15)
    for cost in costs:
        print(f"{cost['network']}, {cost['looks']}: {cost['ratio']:.3f} times "
              f"({cost['low']:.3f} to {cost['high']:.3f})")  # fmt: skip
    print(f"{time.monotonic() - started:.0f} s")
    if quick:
        return 0
    setting = {
        "calibration_families": CALIBRATION,
        "judged_families": JUDGED,
        "absent_families": absent_families(),
        "seeds": N_SEEDS,
        "n_steps": N_STEPS,
        "noise_errors": NOISE,
        "false_alarms_allowed": FALSE_ALARMS,
        "families_kept": FAMILIES_KEPT,
    }
    print(f"Written to {write_record('monitor', {**setting, 'kinds': found, 'overhead': costs})}")
    return 0


def recorded(*, quick: bool) -> Iterator[Trace]:
    """Train everything, family by family."""
    every = QUICK["every"] if quick else 1
    lengths = QUICK["n_steps"] if quick else N_STEPS
    seeds = list(range(QUICK["seeds"] if quick else N_SEEDS))  # type: ignore[call-overload]
    families = QUICK["families"] if quick else None
    for pair in pairs(families)[::every]:  # type: ignore[arg-type]
        for n_target in pair.sizes[:1] if quick else pair.sizes:
            for n_steps in lengths:  # type: ignore[attr-defined]
                yield from pair_traces(pair, n_target, n_steps, seeds)
    for task in auxiliaries(families)[::every]:  # type: ignore[arg-type]
        for n_target in task.sizes[:1] if quick else task.sizes:
            for n_steps in lengths:  # type: ignore[attr-defined]
                yield from auxiliary_traces(task, n_target, n_steps, seeds)


def calibrated(rows: pd.DataFrame) -> tuple[tuple[Model, ...], float]:
    """Return the models and the threshold, from calibration families alone."""
    own = rows[rows["part"] == "calibration"]
    return tuple(fitted(own, share) for share in SHARES), threshold_of(left_out(own))


def judged(
    kind: str, rows: pd.DataFrame, few: pd.DataFrame, models: tuple[Model, ...], threshold: float
) -> dict[str, Any]:
    """Return everything about one kind of training."""
    own = rows[(rows["kind"] == kind) & (rows["part"] == "judged")]
    told = with_probability(own, models)
    at = {share: told[np.isclose(told["share"], share)] for share in SHARES}
    fifth = at[JUDGED_AT]
    seen = rows[(rows["kind"] == kind) & (rows["part"] == "calibration")]
    looked = left_out(seen)
    cut = few[(few["kind"] == kind) & (few["part"] == "judged")]
    less = with_probability(cut[np.isclose(cut["share"], JUDGED_AT)], models)
    return {
        "threshold": threshold,
        "harmed": round(float(fifth["harmed"].mean()), 4),
        "clear": round(float(fifth["clear"].mean()), 4),
        "areas": {name: areas(fifth, name) for name in RANKERS},
        "areas_by_share": {str(share): areas(at[share], "probability") for share in SHARES},
        "areas_by_way": {
            f"{way}, {n} rows, {n_steps} steps": areas(part, "probability")["clear"]
            for (way, n, n_steps), part in fifth.groupby(["way", "n_target", "n_steps"])
        },
        "areas_50_held": areas(less, "probability"),
        "areas_whole": areas(told[np.isclose(told["share"], WHOLE)], "standing"),
        "areas_calibration": {
            name: areas(looked[np.isclose(looked["share"], JUDGED_AT)], name) for name in RANKERS
        },
        "areas_whole_calibration": areas(looked[np.isclose(looked["share"], WHOLE)], "standing"),
        "rates": rates(highest(told), threshold),
        "rates_calibration": rates(highest(looked), threshold),
        "bins": bins(fifth),
        "families": by_family(fifth, threshold),
    }


def shipped(
    found: dict[str, Any], models: dict[str, tuple[tuple[Model, ...], float]]
) -> dict[str, Any]:
    """Return what the package needs to turn signs into a warning."""
    return {
        "made_with": "python -m benchmarks.monitor",
        "calibration_families": CALIBRATION,
        "judged_families": JUDGED,
        "absent_families": absent_families(),
        "kinds": {
            kind: {
                "threshold": round(threshold, 6),
                "models": [
                    {
                        "share": model.share,
                        "intercept": round(model.intercept, 6),
                        "coefficients": {
                            sign: round(slope, 6) for sign, slope in zip(SIGNS, model.coefficients)
                        },
                    }
                    for model in own
                ],
                "false_alarms": _rate(found[kind]["rates"]["false_alarms"]),
                "found": _rate(found[kind]["rates"]["found"]),
                "bins": [
                    {
                        "low": row["low"],
                        "high": row["high"],
                        "n_runs": row["observed_n_runs"],
                        "n_harmed": row["n_harmed"],
                    }
                    for row in found[kind]["bins"]
                ],
            }
            for kind, (own, threshold) in models.items()
        },
    }


def _rate(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "share": found["value"],
        "low": found["low"],
        "high": found["high"],
        "n_runs": found["n_runs"],
    }


def show(found: dict[str, Any]) -> None:
    for kind, own in found.items():
        print(f"{kind}: threshold {own['threshold']:.3f}, {own['harmed']:.0%} harmed")
        for name, area in own["areas"].items():
            print(f"  AUC of {name:12}" + "".join(
                f"  {label} {_told(value)}" for label, value in area.items()))  # fmt: skip
        print("  50 held-out rows: " + _told(own["areas_50_held"]["clear"]))
        print(
            "  calibration families, left out: "
            + _told(own["areas_calibration"]["probability"]["clear"])
        )
        for name, rate in own["rates"].items():
            print(f"  {name}: {_told(rate)}")
        for row in own["bins"]:
            print(f"  told {row['low']}-{row['high']} ({row['predicted']}): "
                  f"{row['n_harmed']} of {row['observed_n_runs']}")  # fmt: skip
        for row in own["families"]:
            print(f"  {row['family']:16}{row['way']:12} {row['n_runs']:5} runs, "
                  f"{row['harmed']:.0%} harmed, AUC {_told(row['auc'])}, "
                  f"false alarms {_told(row['false_alarms'])}")  # fmt: skip


def _told(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "none"
    return f"{found['value']:.3f} ({found['low']:.3f}-{found['high']:.3f}; {found['n_runs']})"


if __name__ == "__main__":
    sys.exit(main())
