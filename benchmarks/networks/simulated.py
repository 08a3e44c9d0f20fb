"""Simulated pairs: a small teacher network draws four classes, and sources drift from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from benchmarks.networks.pair import Pair, Rows

N_COLUMNS, N_HIDDEN, N_CLASSES = 20, 12, 4
N_ROWS = 2600
N_SOURCE = 2000
SHARPNESS = 4.0  # how far apart the classes' scores lie; the larger, the fewer chance labels


@dataclass(frozen=True)
class Drift:
    """How a source differs: the teacher turned by ``turn`` degrees, labels, inputs, rows."""

    turn: float = 0.0
    noise: float = 0.0
    shift: float = 0.0
    scale: float = 1.0
    classes_moved: bool = False
    n: int = N_SOURCE


DRIFTS = {
    "the same": Drift(),
    "the same, 100 rows": Drift(n=100),
    "turned 20": Drift(turn=20),
    "turned 40": Drift(turn=40),
    "turned 60": Drift(turn=60),
    "turned 90": Drift(turn=90),
    "turned 90, 200 rows": Drift(turn=90, n=200),
    "turned 150": Drift(turn=150),
    "half noise": Drift(noise=0.5),
    "all noise": Drift(noise=1.0),
    "half noise, turned 40": Drift(noise=0.5, turn=40),
    "inputs moved": Drift(shift=1.0),
    "inputs moved, turned 40": Drift(shift=1.0, turn=40),
    "inputs wider": Drift(scale=3.0),
    "classes moved": Drift(classes_moved=True),
    "classes moved, half noise": Drift(classes_moved=True, noise=0.5),
}


@dataclass(frozen=True, eq=False)
class Teacher:
    first: np.ndarray
    last: np.ndarray

    def label(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        scores = SHARPNESS * np.tanh(X @ self.first) @ self.last
        return np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)


@cache
def teacher(turn: float = 0.0) -> Teacher:
    """Return the target's teacher turned towards another by an angle in degrees."""
    rng = np.random.default_rng(3)
    firsts = rng.normal(size=(2, N_COLUMNS, N_HIDDEN)) / np.sqrt(N_COLUMNS)
    lasts = rng.normal(size=(2, N_HIDDEN, N_CLASSES)) / np.sqrt(N_HIDDEN)
    one, other = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    return Teacher(one * firsts[0] + other * firsts[1], abs(one) * lasts[0] + other * lasts[1])


@cache
def simulated_target() -> Rows:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(N_ROWS, N_COLUMNS))
    return Rows(X.astype(np.float32), teacher().label(X, rng))


def simulated_source(drift: Drift, rng: np.random.Generator) -> Rows:
    X = drift.scale * rng.normal(size=(drift.n, N_COLUMNS)) + drift.shift
    y = teacher(drift.turn).label(X, rng)
    if drift.classes_moved:
        y = (y + 1) % N_CLASSES
    noisy = rng.random(drift.n) < drift.noise
    y[noisy] = rng.integers(N_CLASSES, size=int(noisy.sum()))
    return Rows(X.astype(np.float32), y)


def simulated_pairs() -> list[Pair]:
    return [
        Pair(
            f"simulated, {name}",
            "simulated",
            simulated_target,
            partial(simulated_source, drift),
            n_classes=N_CLASSES,
            n_all=N_ROWS,
        )
        for name, drift in DRIFTS.items()
    ]
