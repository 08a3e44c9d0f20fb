"""The part with gradient-boosted trees: the same questions with ``estimator=`` set.

Fits are dear here: fewer draws, and at most 250 rows of a source and 1,500 test rows.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.safe_transfer.cache import Record, packed, unpacked
from benchmarks.safe_transfer.comparison import compared, rivals_found
from benchmarks.safe_transfer.ours import answer
from benchmarks.safe_transfer.scoring import score
from benchmarks.safe_transfer.tasks import Task, TaskId, draw_task
from benchmarks.safe_transfer.tree_rivals import RIVALS, Workbench, oracle_score, trees

MAX_SOURCE, MAX_TEST = 250, 1500
EFFORTS = {"fast": "full", "thorough": "thorough"}  # as stored results call them, and now


def draw(task_id: TaskId) -> Task:
    return draw_task(task_id, max_source=MAX_SOURCE, max_test=MAX_TEST)


def rivals_record(task: Task) -> Record:
    """Fit every rival and the oracle's pools."""
    methods = {}
    for name, rival in RIVALS:
        bench, started = Workbench(task), time.process_time()
        predicted = rival(bench)
        methods[name] = {
            "cpu_ms": 1e3 * (time.process_time() - started),
            "score": score(task.y_test, predicted, kind=task.kind),
            "n_fits": bench.n_fits,
            "predicted": packed(predicted),
        }
    return rivals_found(task, oracle_score(task), methods)


def ours_record(task: Task, rivals: Record) -> Record:
    """Fit SafeTransfer around the same trees at both efforts."""
    answers = {
        f"SafeTransfer {effort}": answer(task, estimator=trees(task.kind), effort=level)
        for effort, level in EFFORTS.items()
    }
    control = answers["SafeTransfer fast"].control
    return compared(task, rivals, answers, control, rival_prediction)


def control_record(task: Task, rivals: Record) -> Record:
    """Compare the rivals with target-only trees, where SafeTransfer is not asked."""
    control = rival_prediction(rivals["methods"]["target only"])
    return compared(task, rivals, {}, control, rival_prediction)


def rival_prediction(method: dict[str, Any]) -> np.ndarray:
    return unpacked(method["predicted"], 1)[:, 0]
