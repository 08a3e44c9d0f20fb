"""Many arms on the same folds, fitted in full: what a race would have seen, and what came of it.

Linear problems of eight columns; each arm pools a source of its own with the target, so arms share
the target's rows and the control's fits. Ridges are fitted by sums of products, trees one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from benchmarks.verdicts.populations import LawPopulation, with_intercept
from transfergap.datasets import RegressionPopulation
from transfergap.stats import PairFits, block_estimate, is_skewed
from transfergap.stats.gap import Gap, gap_from
from transfergap.stats.racing import RaceBounds, race_bounds

K, N_FEATURES, N_SOURCE = 10, 8, 200
PENALTY = np.r_[np.ones(N_FEATURES), 0.0]
FOLDS = [(a,) for a in range(K)]
PAIRS = [(a, b) for a in range(K) for b in range(a + 1, K)]
# Shifts between which a null lies, and the steps in which it is halved.
NEAREST, FARTHEST, N_HALVINGS = 0.1, 2.4, 6

Source = tuple[np.ndarray, np.ndarray] | None


@dataclass(frozen=True)
class Looks:
    """An arm after one partition, after two, and after all fits."""

    one: RaceBounds
    two: RaceBounds
    full: Gap


@dataclass(frozen=True)
class World:
    """A target with sources; ``learner`` is "ridge" or "tree", ``loss`` "squared" or "zero_one"."""

    law: str
    n: int
    seed: int
    learner: str
    loss: str

    @cached_property
    def population(self) -> LawPopulation:
        plain = RegressionPopulation.random(
            N_FEATURES, noise=1.0, rng=np.random.default_rng([self.seed, 1])
        )
        return LawPopulation(plain.beta, plain.u, 1.0, self.law)

    def rows(self, n: int, shift: float, *key: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, *key])
        X, y = self.population.draw(n, shift=shift, rng=rng)
        return X, np.where(y > 0, 1.0, -1.0) if self.loss == "zero_one" else y

    def source(self, number: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
        return self.rows(N_SOURCE, shift, 2, number)

    def target(self, draw: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, labels and the folds of two partitions, shape (2, n)."""
        rng = np.random.default_rng([self.seed, 4, draw])
        fold = np.stack([rng.permutation(np.arange(self.n) % K) for _ in range(2)])
        return *self.rows(self.n, 0.0, 3, draw), fold

    def outputs(self, X, y, fold, splits, source: Source) -> np.ndarray:
        """Return the outputs on all rows of models without each split, shape (n, n_splits)."""
        return (_ridges if self.learner == "ridge" else _trees)(X, y, fold, splits, source)

    def losses(self, y: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        if self.loss == "squared":
            return (y[:, None] - outputs) ** 2
        return ((outputs > 0) != (y[:, None] > 0)).astype(float)

    def mean_gap(self, number: int, shift: float, draws: range) -> float:
        """Return an arm's mean gap over draws, of one partition each."""
        return self._mean_loss(draws, None) - self._mean_loss(draws, (number, shift))

    @cache  # noqa: B019  (a world lives as long as its benchmark)
    def _mean_loss(self, draws: range, arm: tuple[int, float] | None) -> float:
        source, rows = None if arm is None else self.source(*arm), np.arange(self.n)
        losses = []
        for draw in draws:
            X, y, (fold, _) = self.target(draw)
            outputs = self.outputs(X, y, fold, FOLDS, source)
            losses.append(self.losses(y, outputs)[rows, fold].mean())
        return float(np.mean(losses))

    def null_shift(self, number: int, draws: range) -> float:
        """Return the shift at which an arm gains nothing on average, by halving."""
        low, high = NEAREST, FARTHEST
        for _ in range(N_HALVINGS):
            middle = (low + high) / 2
            if self.mean_gap(number, middle, draws) > 0:
                low = middle
            else:
                high = middle
        return (low + high) / 2


def raced(world: World, shifts: list[float], draws: range) -> Iterator[list[Looks]]:
    """Yield the looks of all arms, draw by draw."""
    sources = [world.source(number, shift) for number, shift in enumerate(shifts)]
    for draw in draws:
        X, y, fold = world.target(draw)
        outputs = [world.outputs(X, y, fold[0], FOLDS + PAIRS, None),
                   world.outputs(X, y, fold[1], FOLDS, None)]  # fmt: skip
        roots = y - outputs[0][np.arange(world.n), fold[0]]
        skewed = world.loss == "squared" and bool(is_skewed(roots))
        before = [world.losses(y, part) for part in outputs]
        yield [_looks(world, X, y, fold, before, source, skewed) for source in sources]


def _looks(world: World, X, y, fold, before, source: Source, skewed: bool) -> Looks:
    rows, zero_one = np.arange(world.n), world.loss == "zero_one"
    first = before[0] - world.losses(y, world.outputs(X, y, fold[0], FOLDS + PAIRS, source))
    again = before[1] - world.losses(y, world.outputs(X, y, fold[1], FOLDS, source))
    single = np.stack([first[rows, fold[0]], again[rows, fold[1]]])
    double = np.full((world.n, K), np.nan)
    for column, (a, b) in enumerate(PAIRS, start=K):
        out = (fold[0] == a) | (fold[0] == b)
        double[out, np.where(fold[0][out] == a, b, a)] = first[out, column]
    gaps = np.array([single[r][fold[r] == a].mean() for r in range(2) for a in range(K)])
    known = {"n_folds": K, "zero_one": zero_one, "skewed": skewed}
    pairs = (PairFits(fold[0], single[0], double),)
    return Looks(
        race_bounds(single[0], gaps[:K], **known),
        race_bounds(single.mean(axis=0), gaps, **known),
        gap_from(block_estimate(single.mean(axis=0), gaps, pairs, **known)),
    )


def _ridges(X, y, fold, splits, source: Source) -> np.ndarray:
    Z = with_intercept(X)
    grams = np.stack([Z[fold == a].T @ Z[fold == a] for a in range(K)])
    sums = np.stack([Z[fold == a].T @ y[fold == a] for a in range(K)])
    gram, total = grams.sum(axis=0) + np.diag(PENALTY), sums.sum(axis=0)
    if source is not None:
        Zs = with_intercept(source[0])
        gram, total = gram + Zs.T @ Zs, total + Zs.T @ source[1]
    normal = np.stack([gram - grams[list(split)].sum(axis=0) for split in splits])
    right = np.stack([total - sums[list(split)].sum(axis=0) for split in splits])
    return Z @ np.linalg.solve(normal, right[..., None])[..., 0].T


def _trees(X, y, fold, splits, source: Source) -> np.ndarray:
    outputs = np.empty((len(X), len(splits)))
    for column, split in enumerate(splits):
        kept = ~np.isin(fold, split)
        rows, labels = X[kept], y[kept]
        if source is not None:
            rows, labels = np.vstack([rows, source[0]]), np.r_[labels, source[1]]
        tree = DecisionTreeRegressor(max_depth=4, random_state=0).fit(rows, labels)
        outputs[:, column] = tree.predict(X)
    return outputs
