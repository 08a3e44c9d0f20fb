"""Cells of the verdict benchmark: a problem with known truth, drawn and judged again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.heavy_tails import left_out, means_of_folds
from benchmarks.verdicts.learners import LEARNERS, PENALTY, HalfOfColumns, Kind
from benchmarks.verdicts.populations import make_problem_of, ridge_null, with_intercept
from benchmarks.verdicts.rules import CLOSED_FORM, RULES, Evidence, Interval, K, from_gap
from transfergap.learners.linear import _newton
from transfergap.stats import (
    LinearFit,
    is_heavy_tailed,
    is_skewed,
    leave_one_out_estimate,
    leave_out,
)
from transfergap.stats.gap import gap_from

N_SOURCE = 200
# Between which the null of a learner lies.
SHIFTS = (0.05, 0.1, 0.2, 0.5, 0.8, 1.1, 1.6, 2.4, 3.6, 5.4)
# Rows on which a null is searched: of too few, what they happen to hold shifts it by much of the
# error of a thousand target rows. Twenty times the target: by a fifth of it.
N_TEST, TEST_TO_TARGET = 2000, 20
GROUP = 4  # rows of a patient, where rows cluster


class NoNullError(ValueError):
    """No shift of the source gains nothing on average."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    ``place`` is "null" (nothing is gained or lost), "helps" (the source is of the target's law) or
    "hurts" (twice as far off as at the null). Clustered cells have an exchangeable null: both arms
    are the learner on half of the columns, drawn for each fit; so have forests, which no shift up
    to four times the signal harms.
    """

    learner: str
    law: str
    n: int
    place: str = "null"
    clustered: bool = False

    @property
    def key(self) -> str:
        rows = "clustered" if self.clustered else self.law
        return f"{self.learner}, {rows}, n = {self.n}, {self.place}"

    @property
    def exchangeable(self) -> bool:
        return self.clustered or (self.place == "null" and self.learner.startswith("forest"))

    @cached_property
    def kind(self) -> Kind:
        return next(kind for kind in LEARNERS if kind.name == self.learner)

    def problem(self, shift: float) -> Any:
        return make_problem_of(
            self.law, n_target=self.n, shift=shift, seed=5, n_source=N_SOURCE, n_features=8
        )

    def rows(self, problem: Any, draw: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        X, y = problem.draw_target(draw)
        clusters = None
        if self.clustered:
            rng, clusters = np.random.default_rng([draw, 9]), np.arange(len(X)) // GROUP
            n_groups = clusters[-1] + 1
            X = X + rng.normal(size=(n_groups, X.shape[1]))[clusters]
            y = y + rng.normal(size=n_groups)[clusters]
        return X, self.labels(y), clusters

    def labels(self, y: np.ndarray) -> np.ndarray:
        return (y > 0).astype(float) if self.kind.classifies else y

    def source(self, problem: Any) -> tuple[np.ndarray, np.ndarray]:
        Xs, ys = problem.sources["source"]
        return Xs, self.labels(ys)

    def shift(self, *, n_draws: int) -> float:
        if self.place == "helps" or self.exchangeable:
            return 0.0
        factor = 2.0 if self.place == "hurts" else 1.0
        if self.learner.startswith("ridge"):
            return factor * ridge_null(self.problem, penalty=PENALTY, n_draws=400)
        return factor * searched_null(self, n_draws=n_draws)


def searched_null(cell: Cell, *, n_draws: int) -> float:
    """Return the shift where the mean gain over draws, tested on many rows, crosses zero.

    The same draws at every shift; other draws are judged.
    """
    X_test, y_test = cell.problem(0.0).population.draw(
        max(N_TEST, TEST_TO_TARGET * cell.n), shift=0.0, rng=np.random.default_rng(1)
    )
    y_test, kind = cell.labels(y_test), cell.kind
    base = cell.problem(0.0)
    targets = [cell.rows(base, 10_000_000 + draw)[:2] for draw in range(n_draws)]

    def risk(X: np.ndarray, y: np.ndarray, seed: int) -> float:
        return float(kind.losses(kind.make(seed).fit(X, y), X_test, y_test).mean())

    alone = np.mean([risk(X, y, seed) for seed, (X, y) in enumerate(targets)])

    def gain(shift: float) -> float:
        Xs, ys = cell.source(cell.problem(shift))
        pooled = [
            risk(np.vstack([X, Xs]), np.r_[y, ys], seed) for seed, (X, y) in enumerate(targets)
        ]
        return float(alone - np.mean(pooled))

    last, before = SHIFTS[0], gain(SHIFTS[0])
    for shift in SHIFTS[1:]:
        now = gain(shift)
        if now < 0 <= before:
            middle = last + (shift - last) * before / (before - now)
            here = gain(middle)  # one more chord: the gain bends
            low, high = (
                ((middle, here), (shift, now)) if here > 0 else ((last, before), (middle, here))
            )
            return low[0] + (high[0] - low[0]) * low[1] / (low[1] - high[1])
        last, before = shift, now
    raise NoNullError(f"no null between {SHIFTS[0]} and {SHIFTS[-1]} for {cell.key}")


def judged(cell: Cell, shift: float, draws: range) -> Iterator[dict[str, Interval]]:
    """Yield what each rule says of each draw."""
    problem = cell.problem(shift)
    source = cell.source(problem)
    for draw in draws:
        X, y, clusters = cell.rows(problem, draw)
        evidence = measured(cell, X, y, source, clusters, draw)
        said = {name: rule(evidence) for name, rule, _ in RULES}
        if cell.kind.closed_form and not cell.clustered:
            said = {CLOSED_FORM: closed_form(cell, X, y, source, evidence.fold), **said}
        yield said


def measured(cell: Cell, X, y, source, clusters, seed: int) -> Evidence:
    """Fit both arms on all splits that any rule asks for; groups are never cut."""
    rng, redrawn = np.random.default_rng([seed, 3]), np.random.default_rng([seed, 4])
    n = len(y)
    units = np.arange(n) if clusters is None else clusters
    n_units = units[-1] + 1
    roots = np.zeros(n)

    def differences(train: np.ndarray, test: np.ndarray, keep_roots: bool = False) -> np.ndarray:
        # Columns of exchangeable arms are drawn for each fit: of fixed ones the better would win.
        columns = redrawn.integers(2**31, size=2)
        control, treated = _arms(cell, X[train], y[train], source, seed, columns)
        before = cell.kind.losses(control, X[test], y[test])
        if keep_roots:
            roots[test] = y[test] - control.predict(X[test])
        return before - cell.kind.losses(treated, X[test], y[test])

    fold = np.stack([rng.permutation(np.arange(n_units) % K)[units] for _ in range(2)])
    single, double = np.full((2, n), np.nan), np.full((n, K), np.nan)
    for r in range(2):
        for a in range(K):
            test = np.flatnonzero(fold[r] == a)
            single[r, test] = differences(np.flatnonzero(fold[r] != a), test, keep_roots=True)
    for a in range(K):
        for b in range(a + 1, K):
            out = (fold[0] == a) | (fold[0] == b)
            test = np.flatnonzero(out)
            double[test, np.where(fold[0][test] == a, b, a)] = differences(
                np.flatnonzero(~out), test
            )
    seeds, halves = np.empty(10), np.empty((5, 2))
    for s in range(10):
        out = rng.permutation(n_units)[: max(n_units // 5, 1)]
        test = np.isin(units, out)
        seeds[s] = differences(np.flatnonzero(~test), np.flatnonzero(test)).mean()
    for s in range(5):
        test = np.isin(units, rng.permutation(n_units)[: n_units // 2])
        halves[s] = [
            differences(np.flatnonzero(~part), np.flatnonzero(part)).mean()
            for part in (test, ~test)
        ]
    squared = cell.kind.loss == "squared"
    return Evidence(
        fold, single, double, seeds, halves,
        zero_one=cell.kind.loss == "zero_one", skewed=squared and bool(is_skewed(roots)),
        clusters=clusters,
    )  # fmt: skip


def _arms(cell: Cell, X, y, source, seed: int, columns: np.ndarray) -> tuple[Any, Any]:
    kind = cell.kind
    if cell.exchangeable:
        arms = (HalfOfColumns(kind.make(seed), columns[arm]) for arm in range(2))
        control, treated = (arm.fit(X, y) for arm in arms)
        return control, treated
    pooled = np.vstack([X, source[0]]), np.r_[y, source[1]]
    return kind.make(seed).fit(X, y), kind.make(seed).fit(*pooled)


def closed_form(cell: Cell, X, y, source, folds: np.ndarray) -> Interval:
    if cell.kind.loss == "squared":
        draw = left_out(X, y, source, folds)
        return from_gap(draw.gap(heavy_tailed=is_heavy_tailed(draw.tails)))
    alone, pooled = (
        leave_out(_logistic(cell, *rows, n_target=len(y)), folds)
        for rows in ((X, y), (np.vstack([X, source[0]]), np.r_[y, source[1]]))
    )
    made = leave_one_out_estimate(
        alone.outputs,
        pooled.outputs,
        alone.without - pooled.without,
        skewed=False,
        fold_gaps=means_of_folds(alone.by_fold - pooled.by_fold, folds),
        n_folds=K,
    )
    return from_gap(gap_from(made))


def _logistic(cell: Cell, X, y, n_target: int) -> LinearFit:
    design = with_intercept(X)
    penalty = np.r_[np.full(X.shape[1], PENALTY), 0.0]
    beta = cell.kind.make(0).fit(X, y).beta
    response, weights = _newton(design, y, np.ones(len(y)), penalty, beta)
    return LinearFit(design, response, weights, penalty, y[:n_target], "log")
