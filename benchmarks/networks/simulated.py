"""Simulated pairs: a small teacher network draws the classes, and sources drift from it.

Six populations stand for what data are like: from noisy yes-or-no questions with a straight border
to many classes that hardly overlap. Each is a family of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from benchmarks.networks.pair import Pair, Rows

N_ROWS = 2600
N_SOURCE = 2000


@dataclass(frozen=True)
class Population:
    """What a target is like; the larger ``sharpness``, the fewer labels are chance.

    ``n_hidden`` of 0 is a straight border; ``rarity`` lowers the scores of all classes but the
    first.
    """

    seed: int
    n_columns: int
    n_classes: int
    n_hidden: int
    sharpness: float
    rarity: float = 0.0


@dataclass(frozen=True)
class Drift:
    """How a source differs: the teacher turned by ``turn`` degrees, labels, inputs, rows."""

    turn: float = 0.0
    noise: float = 0.0
    shift: float = 0.0
    classes_moved: bool = False
    n: int = N_SOURCE


POPULATIONS = {
    "simulated_plain": Population(3, n_columns=20, n_classes=4, n_hidden=12, sharpness=4),
    "simulated_straight": Population(13, n_columns=20, n_classes=2, n_hidden=0, sharpness=2),
    "simulated_wide": Population(23, n_columns=60, n_classes=2, n_hidden=12, sharpness=3),
    "simulated_many": Population(33, n_columns=64, n_classes=10, n_hidden=24, sharpness=8),
    "simulated_rare": Population(43, n_columns=12, n_classes=2, n_hidden=8, sharpness=3, rarity=2),
    "simulated_clean": Population(53, n_columns=30, n_classes=3, n_hidden=12, sharpness=16),
}
DRIFTS = {
    "the same": Drift(),
    "the same, 100 rows": Drift(n=100),
    "turned 20": Drift(turn=20),
    "turned 40": Drift(turn=40),
    "turned 60": Drift(turn=60),
    "turned 90": Drift(turn=90),
    "half noise": Drift(noise=0.5),
    "all noise": Drift(noise=1.0),
    "inputs moved, turned 20": Drift(shift=1.0, turn=20),
    "classes moved": Drift(classes_moved=True),
}


@dataclass(frozen=True, eq=False)
class Teacher:
    first: np.ndarray | None
    last: np.ndarray
    offsets: np.ndarray

    def label(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        hidden = X if self.first is None else np.tanh(X @ self.first)
        scores = hidden @ self.last - self.offsets
        return np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)


@cache
def teacher(population: Population, turn: float = 0.0) -> Teacher:
    """Return the target's teacher turned towards another by an angle in degrees."""
    rng = np.random.default_rng(population.seed)
    one, other = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))

    def layer(n_in: int, n_out: int) -> np.ndarray:
        pair = rng.normal(size=(2, n_in, n_out)) / np.sqrt(n_in)
        return one * pair[0] + other * pair[1]

    offsets = population.rarity * (np.arange(population.n_classes) > 0)
    k, sharpness = population.n_classes, population.sharpness
    if not population.n_hidden:
        return Teacher(None, sharpness * layer(population.n_columns, k), offsets)
    first = layer(population.n_columns, population.n_hidden)
    return Teacher(first, sharpness * layer(population.n_hidden, k), offsets)


@cache
def simulated_target(population: Population) -> Rows:
    rng = np.random.default_rng(population.seed + 1)
    X = rng.normal(size=(N_ROWS, population.n_columns))
    return Rows(X.astype(np.float32), teacher(population).label(X, rng))


def simulated_source(population: Population, drift: Drift, rng: np.random.Generator) -> Rows:
    X = rng.normal(size=(drift.n, population.n_columns)) + drift.shift
    y = teacher(population, drift.turn).label(X, rng)
    if drift.classes_moved:
        y = (y + 1) % population.n_classes
    noisy = rng.random(drift.n) < drift.noise
    y[noisy] = rng.integers(population.n_classes, size=int(noisy.sum()))
    return Rows(X.astype(np.float32), y)


def simulated_pairs(family: str) -> list[Pair]:
    return [simulated_pair(family, f"{family}, {name}", drift) for name, drift in DRIFTS.items()]


def simulated_pair(family: str, name: str, drift: Drift) -> Pair:
    population = POPULATIONS[family]
    return Pair(
        name,
        family,
        partial(simulated_target, population),
        partial(simulated_source, population, drift),
        n_classes=population.n_classes,
        n_all=N_ROWS,
    )
