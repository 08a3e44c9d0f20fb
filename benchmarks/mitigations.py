"""How much does each mitigation gain over the target alone, and how often does it harm?

Question: all sources of a task handed to a mitigation around one model, against the same model on
the target alone. No criterion is to be reached: what is measured is what `transfergap list
mitigations` and docs/mitigations.md tell users before they try. A task is harmed if it ends more
than one point (of 100 AUC or 100 R2) below the control.

Tasks are a random part of those of benchmarks/safe_transfer: real sets, every domain in turn the
target, 20 to 300 labelled target rows; as they are, and with a third of the sources flipped,
shuffled or made noisy. The model is the audit's default: logistic or ridge regression behind a
scaler, with scikit-learn's penalties. Boosting that goes on on the target needs trees, and is
compared with the same trees on the target alone, on every fourth task. Every constant of a
mitigation is its default; none was chosen on these sets.

    python -m benchmarks.mitigations            some ten minutes
    python -m benchmarks.mitigations --quick    a few tasks; writes nothing
    python -m benchmarks.mitigations --only NAME     that one anew, on the same tasks; others kept

Writes benchmarks/results/mitigations.json, from which docs/mitigations.md takes its table, and
src/transfergap/mitigations/measured.json, which the package ships. CORAL, KLIEP, kernel mean
matching and optimal transport need `pip install skada POT`, confident learning `pip install
cleanlab`; they are left out without.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import transfergap.learners.mitigations
from benchmarks.record import RESULTS, write_record
from benchmarks.safe_transfer.plan import CORRUPTED
from benchmarks.safe_transfer.scoring import HARM_POINTS, score
from benchmarks.safe_transfer.summary import CLIP, clustered_error
from benchmarks.safe_transfer.tasks import (
    Task,
    TaskId,
    dataset_names,
    draw_task,
    load_dataset,
    task_ids,
)
from transfergap.data.predictions import ranking_scores
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.learners import EstimatorLearner, Learner
from transfergap.learners.mitigations.mitigation import facts_of
from transfergap.learners.mitigations.names import BUILT_IN, mitigated, mitigation_named

MEASURED = Path(transfergap.learners.mitigations.__file__).with_name("measured.json")
N_NATURAL, N_CORRUPTED = 200, 99
N_QUICK = 16
MAX_SOURCE = 500  # rows of a source: the quadratic programs take most of the time
TREES_EVERY = 4
POOLED = "pooled"  # no mitigation, for comparison
GATED = ("coral", "tradaboost", "residual-correction")  # also measured behind the gate
TREES = frozenset({"warm-boosting"})
NEEDS = {"coral": "skada", "kliep": "skada", "kernel-mean-matching": "skada",
         "optimal-transport": "ot", "confident-learning": "cleanlab"}  # fmt: skip
SEED = 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mitigations", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="a few tasks; writes nothing")
    parser.add_argument("--only", metavar="NAME", choices=sorted(BUILT_IN), help="others are kept")
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_args()
    counts = (N_QUICK, N_QUICK // 2) if options.quick else (N_NATURAL, N_CORRUPTED)
    started = time.monotonic()
    table = pd.DataFrame(rows_of(chosen_tasks(*counts), n_jobs=options.n_jobs, only=options.only))
    rows = summaries(table)
    show(rows)
    print(f"{time.monotonic() - started:.0f} s")
    if options.quick:
        return 0
    found = {
        "model": "StandardScaler and LogisticRegression or Ridge, with scikit-learn's defaults",
        "harm_points": HARM_POINTS,
        "max_source_rows": MAX_SOURCE,
        "rows": rows,
    }
    if options.only:
        before = json.loads((RESULTS / "mitigations.json").read_text(encoding="utf-8"))
        kept = [row for row in before["rows"] if row["name"] != options.only]
        rows = sorted([*kept, *rows], key=lambda row: -row["natural"]["gain"])
        found |= {"rows": rows, "others_of_commit": before.get("others_of_commit",
                                                               before["commit"])}  # fmt: skip
    print(f"Written to {write_record('mitigations', found)}")
    MEASURED.write_text(json.dumps(shipped(rows), indent=1) + "\n", encoding="utf-8")
    print(f"Written to {MEASURED}")
    return 0


def chosen_tasks(n_natural: int, n_corrupted: int) -> list[TaskId]:
    """Return random tasks; the corrupted ones are shared out evenly over the corruptions."""
    rng = np.random.default_rng(SEED)
    wanted = {"natural": n_natural} | dict.fromkeys(CORRUPTED, -(-n_corrupted // len(CORRUPTED)))
    found = []
    for condition, count in wanted.items():
        ids = [i for name in dataset_names() for i in task_ids(load_dataset(name), condition,
                                                               range(2))]  # fmt: skip
        places = rng.permutation(len(ids))[:count]
        found += [ids[place] for place in sorted(places)]
    return found


def rows_of(ids: Sequence[TaskId], *, n_jobs: int, only: str | None = None) -> list[dict[str, Any]]:
    """Return a row for each task and method, or for one mitigation alone."""
    jobs = (
        delayed(measured)(task_id, trees=k % TREES_EVERY == 0, only=only)
        for k, task_id in enumerate(ids)
    )
    done: list[dict[str, Any]] = []
    for k, rows in enumerate(Parallel(n_jobs=n_jobs, return_as="generator")(jobs), start=1):
        done += rows
        if k % 20 == 0:
            print(f"{k} of {len(ids)} tasks", file=sys.stderr)
    return done


def measured(task_id: TaskId, *, trees: bool, only: str | None = None) -> list[dict[str, Any]]:
    """Fit every method on one task, on one thread."""
    task = draw_task(task_id, max_source=MAX_SOURCE)
    shared = {"condition": task_id.condition, "cluster": task.cluster}
    rows = []
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # solvers that end early: what users would get too
        train = training_set(task)
        models = {False: linear_model(task)} | ({True: boosting_model(task)} if trees else {})
        controls = {
            kind: scored(learner, TargetSet(train.target), task) for kind, learner in models.items()
        }
        for name, names in methods(task):
            kind = name in TREES
            if kind not in models or only not in (None, name):
                continue
            started = time.process_time()
            got = scored(mitigated(names, models[kind]), train, task)
            spent_s = time.process_time() - started
            rows.append({**shared, "name": name, "gain": got - controls[kind], "cpu_s": spent_s})
    return rows


def methods(task: Task) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what fits the labels: no mitigation, each one, and some behind the gate."""
    yield POOLED, ()
    fitting = []
    for name in BUILT_IN:
        facts = facts_of(mitigation_named(name))
        if (facts is None or task.kind in facts.tasks) and is_installed(name):
            fitting.append(name)
    for name in fitting:
        yield name, (name,)
    for name in GATED:
        if name in fitting:
            yield f"gated {name}", ("gated", name)


def is_installed(name: str) -> bool:
    return name not in NEEDS or find_spec(NEEDS[name]) is not None


def training_set(task: Task) -> TrainingSet:
    def sample(X: np.ndarray, y: np.ndarray) -> Sample:
        return Sample(X, y.astype(int) if task.kind == "binary" else y)

    return TrainingSet(
        sample(task.X, task.y), tuple(sample(X, y) for X, y in task.sources.values())
    )


def linear_model(task: Task) -> Learner:
    last = LogisticRegression(max_iter=1000) if task.kind == "binary" else Ridge()
    return EstimatorLearner(make_pipeline(StandardScaler(), last))


def boosting_model(task: Task) -> Learner:
    kind = GradientBoostingClassifier if task.kind == "binary" else GradientBoostingRegressor
    return EstimatorLearner(kind())


def scored(learner: Learner, train: TrainingSet | TargetSet, task: Task) -> float:
    model = learner.train(train, seed=SEED)
    if task.kind == "regression":
        predicted = np.asarray(model.predict(task.X_test), float)
    else:
        predicted = ranking_scores(model, task.X_test, np.array([0, 1]))[:, 0]
    return score(task.y_test, predicted, kind=task.kind)


def summaries(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row for each method, with natural and corrupted tasks side by side."""
    rows = []
    for name, part in table.groupby("name", sort=False):
        natural = part["condition"] == "natural"
        if natural.all() or not natural.any():  # of a quick run, by chance
            continue
        rows.append({
            "name": name,
            "natural": summary(part[natural]),
            "corrupted": summary(part[~natural]),
            "cpu_s": round(float(part["cpu_s"].mean()), 3),
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["natural"]["gain"])


def summary(part: pd.DataFrame) -> dict[str, Any]:
    """Return means with standard errors over target domains, whose tasks share rows."""
    gain = part["gain"].to_numpy()
    clipped, harmed = gain.clip(-CLIP, CLIP), (gain < -HARM_POINTS).astype(float)
    clusters = part["cluster"].to_numpy()
    return {
        "n_tasks": len(part),
        "n_clusters": len(np.unique(clusters)),
        "gain": round(float(clipped.mean()), 2),
        "gain_error": round(clustered_error(clipped, clusters) or 0.0, 2),
        "harmed": round(float(harmed.mean()), 4),
        "harmed_error": round(clustered_error(harmed, clusters) or 0.0, 4),
        "worst": round(float(gain.min()), 1),
    }


def shipped(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the package tells of each mitigation that can be asked for by one name."""
    return {
        row["name"]: {
            f"{kind}_{field}": row[kind][key]
            for kind in ("natural", "corrupted")
            for field, key in (("share", "harmed"), ("error", "harmed_error"), ("tasks", "n_tasks"))
        }
        for row in sorted(rows, key=lambda row: row["name"])
        if row["name"] in BUILT_IN
    }


def show(rows: list[dict[str, Any]]) -> None:
    print(f"{'':<28}{'gain':>14}{'harmed':>14}{'worst':>8}   corrupted {'harmed':>14}{'cpu':>8}")
    for row in rows:
        n, c = row["natural"], row["corrupted"]
        print(
            f"{row['name']:<28}{n['gain']:>7.2f} ±{n['gain_error']:>5.2f}"
            f"{n['harmed']:>8.1%} ±{n['harmed_error']:>4.1%}{n['worst']:>8.1f}"
            f"{c['gain']:>8.2f} ±{c['gain_error']:>4.2f}{c['harmed']:>8.1%}{row['cpu_s']:>8.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
