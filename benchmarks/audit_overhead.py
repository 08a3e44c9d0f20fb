"""What does an audit cost beyond the fits and predictions that it needs?

Criterion, fixed before the run: CPU time of the whole audit, from ``make_problem`` to
``result.json``, over the CPU time of the bare fits and predictions of the same
splits with the same library: at most 1.5 for a learner of about 1 ms, 1.1 for 10 ms, 1.03 for 100
ms (median of the pairs).

The bare loop is what a careful user would write: clone, take rows, fit, predict; folds and stacked
sources are prepared outside the clock. The safe model counts as the fits of the learner that it
makes (counted once), each of the stacked rows; what is read off its models costs none. Both run on
one core with one linear-algebra thread, in turns, after a warm-up. No other tool makes this
comparison, so the bare loop is also the limit.

    python -m benchmarks.audit_overhead [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from threadpoolctl import threadpool_limits

from benchmarks.record import write_record
from transfergap.auditing.audit import make_design, run_design
from transfergap.data.validation import make_problem
from transfergap.experiment.design import ControlArm, Design
from transfergap.learners.mitigations import Balanced, SourceOnly
from transfergap.safe.learner import SafeLearner

LIMITS = {"1 ms": 1.5, "10 ms": 1.1, "100 ms": 1.03}


FITS = {"made": 0}  # by all copies of the learner in this process


class Paced(ClassifierMixin, BaseEstimator):
    """Weighted least squares that works for a given CPU time: a learner of that cost."""

    def __init__(self, work_s: float = 0.01) -> None:
        self.work_s = work_s

    def fit(self, X, y, sample_weight=None):
        FITS["made"] += 1
        until = time.process_time() + self.work_s
        w = np.ones(len(y)) if sample_weight is None else sample_weight
        self.classes_ = np.unique(y)
        Z = np.column_stack([X, np.ones(len(X))])
        self.coef_ = np.linalg.solve((Z * w[:, None]).T @ Z + 1e-3 * np.eye(Z.shape[1]),
                                     Z.T @ (w * (2.0 * (y == self.classes_[1]) - 1.0)))  # fmt: skip
        while time.process_time() < until:
            pass
        return self

    def predict(self, X):
        return self.classes_[(X @ self.coef_[:-1] + self.coef_[-1] > 0).astype(int)]


LEARNERS = {
    "1 ms": Paced(work_s=0.001),
    "10 ms": Paced(work_s=0.01),
    "100 ms": Paced(work_s=0.1),
}


def data(seed: int = 0):
    rng = np.random.default_rng(seed)

    def rows(n):
        X = rng.normal(size=(n, 20))
        return X, (X[:, 0] + rng.normal(size=n) > 0).astype(int)

    X, y = rows(200)
    return X, y, {"b": rows(400)}


def bare_cpu_s(design: Design, model) -> float:
    """CPU seconds of the fits and predictions of all cells, and nothing else."""
    target = design.problem.target
    jobs = []
    for cell in design.cells():
        if cell.arm in design.read_off:
            continue
        arm = design.arm(cell.arm)
        train = design.training_set(cell)
        n_fits = n_fits_of_safe(arm.learner, train, cell.seed)
        if isinstance(arm, ControlArm):
            sample = train.target
        elif isinstance(arm.learner, SourceOnly):
            sample = train.sources[0]
        elif isinstance(arm.learner, Balanced):
            sample = arm.learner.changed(train).stacked()
        else:
            sample = train.stacked()
        jobs += [(sample, target.X[design.held_out(cell.split)])] * n_fits
    started = time.process_time()
    for sample, test in jobs:
        fitted = clone(model)
        if sample.weights is None:
            fitted.fit(sample.X, sample.y)
        else:
            fitted.fit(sample.X, sample.y, sample_weight=sample.weights)
        fitted.predict(test)
    return time.process_time() - started


def n_fits_of_safe(learner, train, seed: int) -> int:
    """Return how often the safe model fits the learner; 1 for any other learner."""
    if not isinstance(learner, SafeLearner) or learner.estimator is None:
        return 1
    before = FITS["made"]
    replace(learner, estimator=Paced(0.0)).train(train, seed=seed)
    return FITS["made"] - before


def n_fits_of(design: Design) -> int:
    cells = [cell for cell in design.cells() if cell.arm not in design.read_off]
    return sum(
        n_fits_of_safe(design.arm(cell.arm).learner, design.training_set(cell), cell.seed)
        for cell in cells
    )


def audit_cpu_s(model, X, y, sources) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.01)
        run_design(make_design(model, problem), run_dir=Path(folder) / "run")
        return time.process_time() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pairs, no 100 ms learner")
    options = parser.parse_args()
    X, y, sources = data()
    rows, good = [], True
    with threadpool_limits(limits=1):
        audit_cpu_s(Paced(0.0), X, y, sources)  # imports, warm caches
        for name, model in LEARNERS.items():
            if options.quick and name == "100 ms":
                continue
            problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.01)
            design = make_design(model, problem)
            pairs = []
            for _ in range(3 if options.quick or name == "100 ms" else 7):
                bare = bare_cpu_s(design, model)
                pairs.append((audit_cpu_s(model, X, y, sources), bare))
            ratio = statistics.median(a / b for a, b in pairs)
            n_fits = n_fits_of(design)
            bare = statistics.median(b for _, b in pairs)
            good &= ratio <= LIMITS[name]
            rows.append(
                {
                    "learner": name,
                    "n_fits": n_fits,
                    "bare_cpu_s": bare,
                    "ratio": ratio,
                    "ratios": sorted(a / b for a, b in pairs),
                    "over_ms_a_fit": 1000 * bare * (ratio - 1) / n_fits,
                    "limit": LIMITS[name],
                }
            )
            print(f"{name:>7}: {ratio:.3f} times the bare {bare:.2f} s of {n_fits} fits"
                  f" (at most {LIMITS[name]})", flush=True)  # fmt: skip
    if not options.quick:
        write_record("audit_overhead", {"passed": good, "rows": rows})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
