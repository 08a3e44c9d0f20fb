"""Rivals and oracle around gradient-boosted trees, a learner without closed forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold, StratifiedKFold

from benchmarks.safe_transfer.scoring import score
from benchmarks.safe_transfer.stacking import simplex_weights
from benchmarks.safe_transfer.tasks import Task

SEED = 0
N_SCREEN_FOLDS, N_STACK_FOLDS = 3, 5


def trees(kind: str) -> Any:
    """Return small trees, for samples of some dozens to some thousands of rows."""
    estimator = (
        HistGradientBoostingClassifier if kind == "binary" else HistGradientBoostingRegressor
    )
    return estimator(
        max_iter=50,
        learning_rate=0.12,
        max_leaf_nodes=7,
        min_samples_leaf=5,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=SEED,
    )


class Workbench:
    """Counted fits of trees on the rows of a task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.parts = list(task.sources.values())
        self.n_fits = 0

    def predictions(
        self, used: Iterable[int], *, target: np.ndarray | None, on: list[np.ndarray]
    ) -> list[np.ndarray]:
        """Fit on some target rows and whole sources, and predict arrays.

        ``target`` holds the places of the target rows; None takes none.
        """
        rows = np.empty(0, int) if target is None else target
        parts = [(self.task.X[rows], self.task.y[rows]), *(self.parts[k] for k in used)]
        X, y = np.vstack([X for X, _ in parts]), np.concatenate([y for _, y in parts])
        self.n_fits += 1
        if self.task.kind == "binary" and len(np.unique(y)) == 1:
            return [np.full(len(part), y[0]) for part in on]
        model = trees(self.task.kind).fit(X, y)
        if self.task.kind == "binary":
            return [model.predict_proba(part)[:, 1] for part in on]
        return [model.predict(part) for part in on]

    def on_test(self, used: Iterable[int], *, target: bool = True) -> np.ndarray:
        rows = np.arange(len(self.task.y)) if target else None
        return self.predictions(used, target=rows, on=[self.task.X_test])[0]

    def held_out(self, used: Iterable[int], *, n_folds: int) -> np.ndarray:
        """Predict each target row by a model that has not seen its fold."""
        used = list(used)
        if self.task.kind == "binary":
            smallest = int(np.unique(self.task.y, return_counts=True)[1].min())
            folds = StratifiedKFold(min(n_folds, smallest), shuffle=True, random_state=SEED)
        else:
            folds = KFold(n_folds, shuffle=True, random_state=SEED)
        found = np.empty(len(self.task.y))
        for train, test in folds.split(self.task.X, self.task.y):
            found[test] = self.predictions(used, target=train, on=[self.task.X[test]])[0]
        return found


def target_only(bench: Workbench) -> np.ndarray:
    return bench.on_test([])


def pool(bench: Workbench) -> np.ndarray:
    return bench.on_test(range(len(bench.parts)))


def one_source_in(bench: Workbench) -> np.ndarray:
    """Pool the sources with which, one at a time, three-fold error is smaller than without."""
    y = bench.task.y
    alone = np.mean((y - bench.held_out([], n_folds=N_SCREEN_FOLDS)) ** 2)
    helps = [
        k
        for k in range(len(bench.parts))
        if np.mean((y - bench.held_out([k], n_folds=N_SCREEN_FOLDS)) ** 2) < alone
    ]
    return bench.on_test(helps)


def super_learner(bench: Workbench) -> np.ndarray:
    """Stack the control, a model of all sources and each source's model on the simplex."""
    task, everyone = bench.task, range(len(bench.parts))
    held_out = [bench.held_out([], n_folds=N_STACK_FOLDS)]
    on_test = [bench.on_test([])]
    for used in (everyone, *([k] for k in everyone)):
        here, there = bench.predictions(used, target=None, on=[task.X, task.X_test])
        held_out.append(here)
        on_test.append(there)
    return simplex_weights(np.column_stack(held_out), task.y) @ np.vstack(on_test)


def oracle_score(task: Task) -> float:
    """Return the best test score of none, each source in, each source out, and all sources."""
    bench, everyone = Workbench(task), range(len(task.sources))
    sets = {(), tuple(everyone), *((k,) for k in everyone)}
    sets |= {tuple(j for j in everyone if j != k) for k in everyone}
    return max(score(task.y_test, bench.on_test(used), kind=task.kind) for used in sets)


RIVALS: tuple[tuple[str, Callable[[Workbench], np.ndarray]], ...] = (
    ("target only", target_only),
    ("pool", pool),
    ("one source in", one_source_in),
    ("super learner", super_learner),
)
