"""Auxiliary tasks for co-training: further labels on the target's rows, or on rows of their own.

Each is paired with a main task (a target of the bank). What an auxiliary says may be useful,
beside the point or noise; that is written in its name, and whether it helps is for a run to show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.networks.families import REAL
from benchmarks.networks.images import N_SCANS, N_TARGET_POOL, mnist8, mnist16, scans
from benchmarks.networks.pair import Pair, PairData, Rows
from benchmarks.networks.pairs import absent_families
from benchmarks.networks.simulated import POPULATIONS, Drift, simulated_pair
from benchmarks.networks.tables import apart, domains

Outputs = NDArray[np.int64] | NDArray[np.float32]
AuxiliaryRows = tuple[NDArray[np.float32], Outputs]
Maker = Callable[[Rows, Rows, np.random.Generator], AuxiliaryRows]
N_OTHER = 1500


@dataclass(frozen=True, eq=False)
class AuxiliaryData:
    """A draw: the main task's rows, and the auxiliary's.

    ``y`` is int64 classes of shape (n,) if ``kind`` is "classes", else float32 of shape (n, k),
    standardised. The auxiliary has a last layer of its own, with ``n_outputs`` outputs.
    """

    main: PairData
    X: NDArray[np.float32]
    y: Outputs
    kind: Literal["classes", "numbers"]
    n_outputs: int


@dataclass(frozen=True, eq=False)
class Auxiliary:
    """A main task and one auxiliary task; ``load`` draws both."""

    name: str
    family: str
    main: Pair
    make: Maker

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.main.sizes

    def load(self, seed: int, n_target: int) -> AuxiliaryData:
        main = self.main.load(seed, n_target)
        X, y = self.make(main.target, main.source, np.random.default_rng([seed, 2]))
        if y.dtype == np.int64:
            return AuxiliaryData(main, X, y, "classes", int(y.max()) + 1)
        y = (y - y.mean(axis=0)) / np.where(y.std(axis=0) > 0, y.std(axis=0), 1)
        return AuxiliaryData(main, X, y.astype(np.float32), "numbers", y.shape[1])


def auxiliaries(families: tuple[str, ...] | None = None) -> tuple[Auxiliary, ...]:
    """Return the auxiliary tasks of some families, or of all whose data are there."""
    if families is None:
        families = tuple(f for f in (*POPULATIONS, *REAL) if f not in absent_families())
    return tuple(task for family in families for task in _family(family))


def _family(family: str) -> list[Auxiliary]:
    return [
        Auxiliary(f"{main.name}, with {name}", family, main, make)
        for main in main_tasks(family)
        for name, make in (COMMON | (DIGITS if main.n_classes == 10 else {})).items()
    ]


def main_tasks(family: str) -> list[Pair]:
    """Return the main tasks of a family; ``source_rows`` are the unlabelled or other rows."""
    if family == "scans":
        return [Pair("scans", family, scans, lambda rng: mnist8("cropped"), n_classes=10,
                     n_all=N_SCANS, image_side=8)]  # fmt: skip
    if family == "mnist":
        return [Pair("MNIST", family, partial(mnist16, 1), lambda rng: mnist16(0), n_classes=10,
                     n_all=N_TARGET_POOL, image_side=16)]  # fmt: skip
    if family in POPULATIONS:
        return [simulated_pair(family, family, Drift())]
    found = domains(family)
    target = max(found, key=lambda name: len(found[name]))
    other = max(found.keys() - {target}, key=lambda name: len(apart(family, name, target)))
    return [Pair(f"{family}: {target}", family, lambda: found[target],
                 lambda rng: apart(family, other, target), n_classes=2,
                 n_all=len(found[target]))]  # fmt: skip


def _random_classes(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, rng.integers(10, size=len(target))


def _shuffled_labels(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, rng.permutation(target.y)


def _shuffled_labels_elsewhere(
    target: Rows, other: Rows, rng: np.random.Generator
) -> AuxiliaryRows:
    return _some(other).X, rng.permutation(_some(other).y)


def _labels_elsewhere(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    rows = _some(other)
    return rows.X, rows.y


def _linear(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    slopes = rng.normal(size=(target.X.shape[1], 1))
    return target.X, (target.X @ slopes).astype(np.float32)


def _random_numbers(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, rng.normal(size=(len(target), 5)).astype(np.float32)


def _autoencoding(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    rows = _some(other)
    return rows.X, rows.X


def _other_half(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    """Fill in the second half of the columns from the first, on the other rows."""
    rows, half = _some(other), target.X.shape[1] // 2
    seen = rows.X.copy()
    seen[:, half:] = 0
    return seen, rows.X[:, half:]


def _parity(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, target.y % 2


def _parity_elsewhere(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    rows = _some(other)
    return rows.X, rows.y % 2


def _at_least_five(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, (target.y >= 5).astype(np.int64)


def _turns(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    """By how many right angles was the image turned?"""
    rows = _some(other)
    side = round(rows.X.shape[1] ** 0.5)
    turns = rng.integers(4, size=len(rows))
    images = [np.rot90(x, k) for x, k in zip(rows.X.reshape(-1, side, side), turns)]
    return np.stack(images).reshape(len(rows), -1), turns


def _ink(target: Rows, other: Rows, rng: np.random.Generator) -> AuxiliaryRows:
    return target.X, target.X.mean(axis=1, keepdims=True)


def _some(rows: Rows) -> Rows:
    """Return ``N_OTHER`` rows, the same in every draw."""
    return rows.take(np.random.default_rng(6).permutation(len(rows))[:N_OTHER])


COMMON: dict[str, Maker] = {
    "random classes": _random_classes,
    "its labels shuffled": _shuffled_labels,
    "other rows' labels": _labels_elsewhere,
    "other rows' labels shuffled": _shuffled_labels_elsewhere,
    "a linear function": _linear,
    "random numbers": _random_numbers,
    "autoencoding": _autoencoding,
    "the other half of the columns": _other_half,
}
DIGITS: dict[str, Maker] = {
    "parity": _parity,
    "parity of other rows": _parity_elsewhere,
    "at least five": _at_least_five,
    "turns": _turns,
    "ink": _ink,
}
