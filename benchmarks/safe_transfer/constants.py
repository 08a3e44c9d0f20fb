"""Are the engine's constants those that named tables would choose?

Most constants were first set on tables that are not kept (docs/decisions/0012). Here each is tried
at its neighbours, one at a time, on the sets of "choosing" (`later_sets.py`), which judge nothing.

Rule, fixed before the run: another value takes the place of today's if its mean gain over plain
ridge is larger by more than 2.5 clustered errors on the tasks as they are or on those with spoilt
sources, and by no more than one error smaller on the others. Of the values tried, fewer than one
passes by chance.

    python -m benchmarks.safe_transfer.constants [--share 0.3] [--trees 0.05] [--jobs 2]

Writes benchmarks/results/safe_constants.json, whose table docs/decisions/0043 has.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from benchmarks.record import RESULTS, write_record
from benchmarks.safe_transfer import boosting, linear
from benchmarks.safe_transfer.ours import answer
from benchmarks.safe_transfer.plan import Plan
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import with_intercept
from benchmarks.safe_transfer.rivals import RIVALS
from benchmarks.safe_transfer.scoring import HARM_POINTS, score
from benchmarks.safe_transfer.summary import CLIP, clustered_error
from benchmarks.safe_transfer.tasks import Task, TaskId
from benchmarks.safe_transfer.tree_rivals import trees

ENOUGH, NO_WORSE = 2.5, 1.0  # clustered errors
Setting = tuple[str, str, Any]  # module of transfergap.safe, constant, value
LINEAR: tuple[Setting, ...] = (
    ("hierarchy", "SWEEPS", 2),
    ("hierarchy", "SWEEPS", 6),
    ("hierarchy", "TEMPER", 0.25),
    ("hierarchy", "TEMPER", 1.0),
    ("hierarchy", "SLOPE_PRECISIONS", (10.0, 40.0)),
    ("hierarchy", "SLOPE_PRECISIONS", (1.0, 3.0, 10.0, 40.0, 150.0, 500.0)),
    ("hierarchy", "INTERCEPT_PRECISION", 0.005),
    ("hierarchy", "INTERCEPT_PRECISION", 0.5),
    ("hierarchy", "NOISE_SHARES", (0.65, 0.8, 0.95)),
    ("hierarchy", "NOISE_SHARES", (0.35, 0.5, 0.65, 0.8, 0.95, 1.1, 1.4)),
    ("hierarchy", "REVERSED", 0.01),
    ("hierarchy", "REVERSED", 0.2),
    ("hierarchy", "DOUBT", 0.0),
    ("hierarchy", "DOUBT", 1.0),
    ("library", "JOINT", 0.1),
    ("library", "JOINT", 1.0),
    ("blend", "RATE", 0.05),
    ("blend", "RATE", 0.5),
    ("source_terms", "_RIDGE", 1.0),
    ("source_terms", "_RIDGE", 10.0),
    ("source_terms", "_PRIOR_ROWS", 2.0),
    ("source_terms", "_PRIOR_ROWS", 15.0),
    # As many as before: the numbers of options hang on them.
    ("source_terms", "DISTANCES", (0.015, 0.06, 0.15, 0.35, 0.75, 2.0, 7.5)),
    ("source_terms", "DISTANCES", (0.06, 0.24, 0.6, 1.4, 3.0, 8.0, 30.0)),
    ("source_terms", "LEVELS", (0.01, 0.1, 1.3)),
    ("source_terms", "LEVELS", (0.1, 1.0, 12.0)),
)
TREES: tuple[Setting, ...] = (
    ("black_box", "AFFINE_PENALTIES", (10.0, 100.0)),
    ("black_box", "AFFINE_PENALTIES", (0.1, 1.0, 10.0, 100.0, 1e4)),
    ("black_box", "STACK_PENALTIES", (1.0, 3.0, 10.0, 30.0, 100.0)),
    ("black_box", "STACK_PENALTIES", (30.0, 100.0, 300.0, 1e3, 3e3)),
    ("black_box", "FULL_PRIOR", (0.3, 0.2, 0.5, 0.0)),
    ("black_box", "FULL_PRIOR", (0.7, 0.15, 0.15, 0.0)),
    ("black_box", "MEMBER_PRIOR", (3.0, 5.0, 5.0)),
    ("black_box", "MEMBER_PRIOR", (0.0, 5.0, 5.0)),
)
NATURAL = "natural"


@contextmanager
def set_to(setting: Setting | None) -> Iterator[None]:
    """Give a constant another value for a while."""
    if setting is None:
        yield
        return
    module = import_module(f"transfergap.safe.{setting[0]}")
    before = getattr(module, setting[1])
    value = np.array(setting[2]) if isinstance(before, np.ndarray) else setting[2]
    setattr(module, setting[1], value)
    try:
        yield
    finally:
        setattr(module, setting[1], before)


def gains(task_id: TaskId, settings: tuple[Setting, ...], *, with_trees: bool) -> dict[str, Any]:
    """Return the gain over plain ridge on one task, in points, today and at each setting."""
    with threadpool_limits(1):
        task = (boosting if with_trees else linear).draw(task_id)
        plain = plain_ridge(task)
        options = {"estimator": trees(task.kind), "effort": "full"} if with_trees else {}
        found = []
        for setting in (None, *settings):
            with set_to(setting):
                predicted = answer(task, caution="low", **options).predicted
            found.append(score(task.y_test, predicted, kind=task.kind) - plain)
    return {"natural": task_id.condition == NATURAL, "cluster": task.cluster, "gains": found}


def plain_ridge(task: Task) -> float:
    problem = LinearProblem.of(task)
    model = RIVALS[linear.CONTROL](problem)
    predicted = problem.level + problem.scale * model.predict(with_intercept(task.X_test))
    return score(task.y_test, predicted, kind=task.kind)


def row_of(setting: Setting, place: int, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a setting does beside today's value, by condition."""
    module = import_module(f"transfergap.safe.{setting[0]}")
    row: dict[str, Any] = {
        "constant": f"{setting[0]}.{setting[1]}",
        "today": np.asarray(getattr(module, setting[1])).tolist(),
        "value": setting[2],
    }
    for name in (NATURAL, "spoilt"):
        part = [task for task in tasks if task["natural"] is (name == NATURAL)]
        both = np.array([[t["gains"][0], t["gains"][place]] for t in part]).clip(-CLIP, CLIP)
        change = both[:, 1] - both[:, 0]
        row[name] = {
            "n_tasks": len(part),
            "gain": float(both[:, 0].mean()),
            "change": float(change.mean()),
            "error": clustered_error(change, np.array([t["cluster"] for t in part])),
            "harmed": int((both[:, 0] < -HARM_POINTS).sum()),
            "harmed_at_value": int((both[:, 1] < -HARM_POINTS).sum()),
            "n_changed": int((change != 0).sum()),
        }
    row["takes_its_place"] = takes_its_place(row)
    return row


def takes_its_place(row: dict[str, Any]) -> bool:
    """Return whether another value is better by the rule."""
    steps = [row[name]["change"] / max(row[name]["error"], 1e-12) for name in (NATURAL, "spoilt")]
    return max(steps) > ENOUGH and min(steps) > -NO_WORSE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.3, help="of the tasks, for lines")
    parser.add_argument("--trees", type=float, default=0.05, help="of the tasks, for trees")
    parser.add_argument("--only", nargs="+", help="constants; the others as they were stored")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    rows, started = [], time.time()
    if options.only:
        record = json.loads((RESULTS / "safe_constants.json").read_text(encoding="utf-8"))
        rows = [r for r in record["rows"] if r["constant"].split(".")[1] not in options.only]
    for settings, share, with_trees in (
        (LINEAR, options.share, False),
        (TREES, options.trees, True),
    ):
        if options.only:
            settings = tuple(s for s in settings if s[1] in options.only)
        if not settings:
            continue
        tasks = Parallel(n_jobs=options.jobs, verbose=5)(
            delayed(gains)(task_id, settings, with_trees=with_trees)
            for task_id in Plan(4, 2, 2, share=share, sets="choosing").ids()
        )
        rows += [row_of(setting, k, tasks) for k, setting in enumerate(settings, 1)]
    for row in rows:
        parts = [
            f"{row[name]['change']:+.3f} ± {row[name]['error']:.3f}" for name in (NATURAL, "spoilt")
        ]
        better = "  takes its place" if row["takes_its_place"] else ""
        print(f"{row['constant']:32s} {row['value']!s:42s} {'  '.join(parts)}{better}")
    write_record(
        "safe_constants",
        {
            "rule": {"enough": ENOUGH, "no_worse": NO_WORSE, "harm_points": HARM_POINTS},
            "seconds": round(time.time() - started),
            "only": options.only,
            "rows": rows,
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
