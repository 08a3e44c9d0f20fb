"""The part with several classes: plain ridge, pools and oracle one against the rest.

Every one of them has one penalty for all classes, by the summed leave-one-out error, as ridge
regression of several responses in scikit-learn has.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.safe_transfer.cache import Record
from benchmarks.safe_transfer.comparison import compared, rivals_found
from benchmarks.safe_transfer.oracle import subsets
from benchmarks.safe_transfer.ours import Answer, at_each_caution
from benchmarks.safe_transfer.ridge import PENALTIES, spectrum, with_intercept
from benchmarks.safe_transfer.scoring import score
from benchmarks.safe_transfer.tasks import Task, TaskId, draw_task

MAX_TEST = 1500
MOST_SUBSETS = 80  # that the oracle tries: with a dozen sources every one would be 4,096
FEWEST_ROWS = 5  # of a source, once the classes that the target sample lacks are left out
SEED = 0


def draw(task_id: TaskId) -> Task:
    """Draw a task and number the classes that the target sample holds; others are left out."""
    task = draw_task(task_id, max_test=MAX_TEST)
    names = np.unique(task.y)

    def coded(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        known = np.isin(y, names)
        return X[known], np.searchsorted(names, y[known]).astype(float)

    X_test, y_test = coded(task.X_test, task.y_test)
    sources = {name: coded(*rows) for name, rows in task.sources.items()}
    sources = {name: rows for name, rows in sources.items() if len(rows[1]) >= FEWEST_ROWS}
    y = coded(task.X, task.y)[1]
    return replace(task, y=y, sources=sources, X_test=X_test, y_test=y_test)


class ClassProblem:
    """Grams of target and sources, with a response of -1 and 1 for each class."""

    def __init__(self, task: Task) -> None:
        self.classes = np.unique(task.y)
        self.X, self.Y = with_intercept(task.X), self.signs(task.y)
        parts = [(with_intercept(X), self.signs(y)) for X, y in task.sources.values()]
        self.G0, self.b0 = self.X.T @ self.X, self.X.T @ self.Y
        self.G = np.stack([X.T @ X for X, _ in parts])
        self.b = np.stack([X.T @ Y for X, Y in parts])

    def signs(self, y: np.ndarray) -> np.ndarray:
        return np.where(y[:, None] == self.classes, 1.0, -1.0)

    def pooled(self, weights: np.ndarray) -> tuple[np.ndarray, float]:
        """Return coefficients (q, n_classes) and the held-out error of weighted sources."""
        values, vectors = spectrum(self.G0 + np.tensordot(weights, self.G, 1))
        pull = vectors.T @ (self.b0 + np.tensordot(weights, self.b, 1))
        rotated = self.X @ vectors
        found = []
        for penalty in PENALTIES:
            inverse = 1.0 / (values + penalty)
            coef = inverse[:, None] * pull
            left = (self.Y - rotated @ coef) / (1.0 - rotated**2 @ inverse)[:, None]
            found.append((float((left**2).mean()), coef))
        error, coef = min(found, key=lambda pair: pair[0])
        return vectors @ coef, error


def rivals_record(task: Task, *, control_alone: bool = False) -> Record:
    """Fit plain ridge, the pool and nested sets; the oracle pools the best subset."""
    problem, X_test = ClassProblem(task), with_intercept(task.X_test)
    methods = {}
    for name, fit in list(RIVALS.items())[: 1 if control_alone else None]:
        started = time.process_time()
        coef, n_fits = fit(ClassProblem(task))
        cpu_ms = 1e3 * (time.process_time() - started)
        methods[name] = {
            "score": score(task.y_test, X_test @ coef, kind="classes"),
            "cpu_ms": cpu_ms,
            "n_fits": n_fits,
            "coef": coef.tolist(),
        }
    tried = _subsets(len(task.sources))
    oracle = max(
        score(task.y_test, X_test @ problem.pooled(weights)[0], kind="classes") for weights in tried
    )
    return rivals_found(task, oracle, methods)


def _subsets(n_sources: int) -> np.ndarray:
    every = subsets(n_sources)
    if len(every) <= MOST_SUBSETS:
        return every
    drawn = np.random.default_rng(SEED).permutation(len(every))[:MOST_SUBSETS]
    return np.vstack([np.zeros(n_sources), np.ones(n_sources), every[drawn]])


def target_only(problem: ClassProblem) -> tuple[np.ndarray, int]:
    return problem.pooled(np.zeros(len(problem.G)))[0], 1


def pool(problem: ClassProblem) -> tuple[np.ndarray, int]:
    return problem.pooled(np.ones(len(problem.G)))[0], 1


def nested_sets(problem: ClassProblem) -> tuple[np.ndarray, int]:
    """Pool the best 0, 1, ... K sources, and mix by exponential weights."""
    each = [problem.pooled(row)[1] for row in np.eye(len(problem.G))]
    rank = np.argsort(np.argsort(each))
    fits = [problem.pooled((rank < k).astype(float)) for k in range(len(each) + 1)]
    errors = np.array([error for _, error in fits])
    weights = np.exp(-0.5 * len(problem.X) * (errors / errors.min() - 1.0))
    coef = np.tensordot(weights / weights.sum(), np.stack([coef for coef, _ in fits]), 1)
    return coef, 2 * len(each) + 1


RIVALS = {"target only": target_only, "pool": pool, "nested sets (Trans-Lasso)": nested_sets}


def ours_record(task: Task, rivals: Record) -> Record:
    """Fit SafeTransfer at each level of caution; probabilities are what is scored."""
    return _beside_plain_ridge(task, rivals, at_each_caution(task))


def control_record(task: Task, rivals: Record) -> Record:
    """Compare the rivals alone, where SafeTransfer is not asked."""
    return _beside_plain_ridge(task, rivals, {})


def _beside_plain_ridge(task: Task, rivals: Record, answers: dict[str, Answer]) -> Record:
    X_test = with_intercept(task.X_test)

    def prediction(method: dict[str, Any]) -> np.ndarray:
        return X_test @ np.asarray(method["coef"])

    control = prediction(rivals["methods"]["target only"])
    return compared(task, rivals, answers, control, prediction)
