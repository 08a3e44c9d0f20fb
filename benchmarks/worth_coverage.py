"""How often does the interval of a source's worth in rows hold the truth?

The truth is exact up to simulation: ``make_shift`` knows the population risk of every linear model,
so the rows are searched with which the target-only model is, on average, as good as the one that
pools the source with the target's training rows. Sources that are the target's own kind, near it,
and far from it (worth less than nothing).

Criterion, fixed before the run: in at least 90 % of the draws of every design in which a worth is
named, down to the binomial error of the draws (99.99 % bound).

    python -m benchmarks.worth_coverage --quick      60 draws a design
    python -m benchmarks.worth_coverage              100 draws a design

Writes benchmarks/results/worth_coverage.json.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.crossing_coverage import least_held
from benchmarks.false_claims import (
    alone_ridge,
    alone_signs,
    pooled_ridge,
    pooled_signs,
    train_ridge,
    train_signs,
)
from benchmarks.record import write_record
from transfergap.analysis.curves import Worth, arms_for_curve, draw_curve
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.store import TrialStore
from transfergap.learners import FunctionLearner

N_RISK = 1500  # draws of the population risk at a size
FEATURES = 10


@dataclass(frozen=True)
class Source:
    """A source of ``n_source`` rows at a distance, seen with ``n`` target rows."""

    name: str
    n: int
    n_source: int
    shift: float
    task: str = "regression"
    metric: str = "mse"


SOURCES = (
    Source("ridge, the target's kind, 100 rows", 100, 100, 0.0),
    Source("ridge, the target's kind, 300 rows", 200, 300, 0.0),
    Source("ridge, near", 100, 300, 0.3),
    Source("ridge, far", 150, 300, 0.9),
    Source("least squares, accuracy, the target's kind", 200, 200, 0.0, "binary", "accuracy"),
    Source("least squares, accuracy, near", 200, 300, 0.4, "binary", "accuracy"),
    Source("least squares, ROC AUC, near", 200, 300, 0.4, "binary", "roc_auc"),
)


def problem_of(source: Source, n_target: int) -> Any:
    return make_shift(
        n_target=n_target,
        n_source=source.n_source,
        n_features=FEATURES,
        shift=source.shift,
        task=source.task,
        random_state=5,
    )


def true_worth(source: Source) -> float:
    """Return the rows that the target alone needs more, by the exact risks of many fits."""
    loss = {"mse": "squared", "accuracy": "zero_one", "roc_auc": "auc"}[source.metric]
    fits = (
        (alone_ridge, pooled_ridge) if source.task == "regression" else (alone_signs, pooled_signs)
    )
    trained = round(source.n * 0.9)

    def risk(n_rows: int, fit: Any) -> float:
        problem = problem_of(source, n_rows)
        rows = problem.sources["source"]
        seeds = np.random.default_rng(1).integers(2**62, size=N_RISK)
        draws = (problem.draw_target(int(seed)) for seed in seeds)
        return float(np.mean([problem.risk(*fit(X, y, *rows), loss=loss) for X, y in draws]))

    goal = risk(trained, fits[1])
    sizes = np.unique(np.geomspace(FEATURES + 2, 10 * trained, 24).astype(int))
    risks = np.array([risk(int(n), fits[0]) for n in sizes])
    # Risks fall with rows; linear between sizes in 1/n, as they nearly are.
    inverse = np.interp(goal, risks[::-1], 1.0 / sizes[::-1], left=np.nan, right=np.nan)
    return float(1.0 / inverse - trained)


def worth_of(source: Source, seed: int) -> Worth | None:
    """Return the estimated worth of the source on a fresh target."""
    base = problem_of(source, source.n)
    X, y = base.draw_target(seed)
    problem = make_problem(X, y, sources=base.sources, metric=source.metric, margin=1e-9)
    learner = FunctionLearner(train_ridge if source.task == "regression" else train_signs)
    design = Design(problem, ControlArm(learner), (Arm("pooled", ("source",), learner),), seed=seed)
    store = TrialStore()
    curve = draw_curve(design, arms_for_curve(design, {}, ["pooled"]), store)
    store.close()
    return curve.curves[0].worth


def rates(source: Source, *, n_draws: int, seed: int) -> dict[str, Any]:
    """Return how often the interval held the truth, where a worth was named."""
    truth = true_worth(source)
    named = [w for w in (worth_of(source, seed + d) for d in range(n_draws)) if w is not None]
    held = sum(
        (w.low is None or w.low <= truth) and (w.high is None or truth <= w.high) for w in named
    )
    numbers = [w.rows for w in named if w.rows is not None]
    closed = [w for w in named if w.low is not None and w.high is not None]
    return {
        "design": source.name,
        "n_target": source.n,
        "truth": round(truth, 1),
        "n_draws": n_draws,
        "named": len(named),
        "held": held,
        "closed": len(closed),
        "median": round(float(np.median(numbers)), 1) if numbers else None,
        "median_width": (
            round(float(np.median([w.high - w.low for w in closed])), 1) if closed else None
        ),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 draws a design")
    parser.add_argument("--only", default="", help="designs whose name holds this")
    options = parser.parse_args()
    n_draws = 60 if options.quick else 100
    rows, good = [], True
    for source in (source for source in SOURCES if options.only in source.name):
        row = rates(source, n_draws=n_draws, seed=50_000_000)
        good &= row["held"] >= least_held(row["named"])
        rows.append(row)
        print(" ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if not options.quick and not options.only:
        criterion = {"at_least": 0.90, "bound": least_held(n_draws) / n_draws}
        write_record("worth_coverage", {"criterion": criterion, "passed": good, "rows": rows})
    print("passed" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
