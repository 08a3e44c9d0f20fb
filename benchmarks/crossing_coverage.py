"""How often does the interval of a crossing point hold the true number of target rows?

Criterion, fixed before the run: in at least 90 % of the draws of every design, down to the binomial
error of the draws (99.99 % bound). The truth is exact: ``make_shift`` knows the population risk of
every linear model, and the shifts below are those at which pooled and target-only ridge are level
with just that many training rows (``null_shift``; benchmarks/false_claims.py --search). The target
has fewer, about as many, or more rows than that.

    python -m benchmarks.crossing_coverage --quick      100 draws a design
    python -m benchmarks.crossing_coverage              300 draws a design

Writes benchmarks/results/crossing_coverage.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.false_claims import (
    alone_ridge,
    alone_signs,
    pooled_ridge,
    pooled_signs,
    train_ridge,
    train_signs,
)
from benchmarks.record import write_record
from transfergap.analysis.curves import Crossing, arms_for_curve, draw_curve
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.store import TrialStore
from transfergap.learners import FunctionLearner

N_SEARCH = 2000


@dataclass(frozen=True)
class Level:
    """A problem whose gap is zero at ``crossing`` training rows, seen with ``n`` rows."""

    name: str
    n: int
    crossing: int
    shift: float
    task: str = "regression"
    metric: str = "mse"


LEVELS = (
    Level("ridge, level at 60 rows, seen with 100", 100, 60, 0.5093),
    Level("ridge, level at 60 rows, seen with 300", 300, 60, 0.5093),
    Level("ridge, level at 300 rows, seen with 100", 100, 300, 0.2622),
    Level("ridge, level at 300 rows, seen with 200", 200, 300, 0.2622),
    Level("ridge, level at 300 rows, seen with 500", 500, 300, 0.2622),
    Level("least squares, accuracy, level at 60 rows, seen with 100", 100, 60, 0.8472, "binary",
          "accuracy"),
    Level("least squares, accuracy, level at 200 rows, seen with 150", 150, 200, 0.5864, "binary",
          "accuracy"),
    Level("least squares, ROC AUC, level at 100 rows, seen with 200", 200, 100, 0.6704, "binary",
          "roc_auc"),
)  # fmt: skip


def crossing_of(level: Level, seed: int) -> Crossing | None:
    """Return the estimated crossing on a fresh target."""
    base = make_shift(n_target=level.n, shift=level.shift, task=level.task, random_state=5)
    X, y = base.draw_target(seed)
    problem = make_problem(X, y, sources=base.sources, metric=level.metric, margin=1e-9)
    learner = FunctionLearner(train_ridge if level.task == "regression" else train_signs)
    design = Design(problem, ControlArm(learner), (Arm("pooled", ("source",), learner),), seed=seed)
    store = TrialStore()
    curve = draw_curve(design, arms_for_curve(design, {}, ["pooled"]), store)
    store.close()
    return curve.curves[0].crossing


def outcome(level: Level, found: Crossing | None) -> str:
    """Return what a curve said of the truth: held, missed, or no claim."""
    if found is None or found.at is None:
        return "none"
    low = 0.0 if found.low is None else found.low
    high = np.inf if found.high is None else found.high
    return "held" if low <= level.crossing <= high else "missed"


def rates(level: Level, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how often the interval held the truth, where a crossing was named."""
    found = [crossing_of(level, seed + draw) for draw in range(n_draws)]
    said = [outcome(level, crossing) for crossing in found]
    named = [c for c in found if c is not None and c.at is not None]
    closed = [c for c in named if c.low is not None and c.high is not None]
    return {
        "design": level.name,
        "n_draws": n_draws,
        "named": len(named),
        "held": said.count("held"),
        "closed": len(closed),
        "median": float(np.median([c.at for c in named])) if named else None,
        "median_ratio": float(np.median([c.high / c.low for c in closed])) if closed else None,
    }


def least_held(n: int, *, alpha: float = 1e-4) -> int:
    """Return the fewest draws that hold the truth if 90 % do, but for one time in 1/alpha."""
    return int(stats.binom.ppf(alpha, n, 0.90))


def true_gap(level: Level) -> tuple[float, float]:
    """Return the exact gap at the crossing on other draws, to check the shift."""
    fits = (
        (alone_ridge, pooled_ridge) if level.task == "regression" else (alone_signs, pooled_signs)
    )
    loss = {"mse": "squared", "accuracy": "zero_one", "roc_auc": "auc"}[level.metric]
    base = make_shift(n_target=level.crossing, shift=level.shift, task=level.task, random_state=5)
    return base.expected_gap(*fits, loss=loss, n_draws=N_SEARCH, random_state=1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="100 draws a design")
    parser.add_argument("--only", default="", help="designs whose name holds this")
    options = parser.parse_args()
    n_draws = 100 if options.quick else 300
    rows, good = [], True
    for level in (level for level in LEVELS if options.only in level.name):
        started = time.process_time()
        row = rates(level, n_draws=n_draws, seed=40_000_000)
        good &= row["held"] >= least_held(row["named"])
        rows.append(row)
        seconds = time.process_time() - started
        print(
            f"{level.name:<58} named {row['named']:4d} held {row['held']:4d} closed"
            f" {row['closed']:4d} median {row['median'] or 0:7.0f}"
            f" high/low {row['median_ratio'] or 0:5.1f}  {seconds:.0f} s",
            flush=True,
        )
    if not options.quick and not options.only:
        criterion = {"at_least": 0.90, "bound": least_held(n_draws) / n_draws}
        write_record("crossing_coverage", {"criterion": criterion, "passed": good, "rows": rows})
    print("passed" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
