"""The linear part: rivals and oracle on a task, then SafeTransfer and who harms.

All are compared with plain ridge on the target, its penalty by leave-one-out; SafeTransfer's own
control is one more method.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np

from benchmarks.safe_transfer.cache import Record, packed, unpacked
from benchmarks.safe_transfer.comparison import compared, rivals_found
from benchmarks.safe_transfer.density import DENSITY_RIVALS, EVERY, is_installed
from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.oracle import oracle_score
from benchmarks.safe_transfer.ours import Answer, at_each_caution
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import with_intercept
from benchmarks.safe_transfer.rivals import RIVALS
from benchmarks.safe_transfer.scoring import score
from benchmarks.safe_transfer.tasks import Task, TaskId, draw_task


def draw(task_id: TaskId) -> Task:
    return draw_task(task_id)


CONTROL = "target only"


def rivals_record(task: Task, *, control_alone: bool = False) -> Record:
    """Fit every rival from the rows on, so that its time holds the forming of Gram matrices."""
    problem = LinearProblem.of(task)
    X_test = with_intercept(task.X_test)
    methods = {}
    for name, fit in ({CONTROL: RIVALS[CONTROL]} if control_alone else rivals_of(task)).items():
        started = time.process_time()
        model = fit(LinearProblem.of(task))
        cpu_ms = 1e3 * (time.process_time() - started)
        predicted = problem.level + problem.scale * model.predict(X_test)
        methods[name] = {
            "score": score(task.y_test, predicted, kind=task.kind),
            "cpu_ms": cpu_ms,
            "n_fits": model.n_fits,
            "coef": packed(model.coef),
            "votes": None if model.votes is None else model.votes.tolist(),
        }
    oracle = oracle_score(problem, X_test, (task.y_test - problem.level) / problem.scale)
    return rivals_found(task, oracle, methods)


def rivals_of(task: Task) -> dict[str, Any]:
    dense = is_installed() and task.id.draw % EVERY == 0
    return {**RIVALS, **(DENSITY_RIVALS if dense else {})}


def ours_record(task: Task, rivals: Record) -> Record:
    """Fit SafeTransfer at each level of caution."""
    return _beside_plain_ridge(task, rivals, at_each_caution(task))


def control_record(task: Task, rivals: Record) -> Record:
    """Compare the rivals alone, where SafeTransfer is not asked."""
    return _beside_plain_ridge(task, rivals, {})


def _beside_plain_ridge(task: Task, rivals: Record, answers: dict[str, Answer]) -> Record:
    control = rival_prediction(task, rivals["methods"][CONTROL])
    return compared(task, rivals, answers, control, partial(rival_prediction, task))


def rival_prediction(task: Task, method: Record) -> np.ndarray:
    problem = LinearProblem.of(task)
    coef = unpacked(method["coef"], problem.X.shape[1])
    votes = None if method["votes"] is None else np.asarray(method["votes"])
    model = Model(coef, method["n_fits"], votes)
    return problem.level + problem.scale * model.predict(with_intercept(task.X_test))
