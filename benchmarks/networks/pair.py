"""One source and one target, drawn with a seed into training, held-out and test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_HELD = 200  # held-out target rows for whoever watches or chooses, where there are that many
N_TEST = 2000  # test rows at most
SIZES = (100, 400)
FEWEST_HELD = 40


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows and their labels.

    ``X`` float32 of shape (n, d), about standardised; images are flat, with values from 0 to 1.
    ``y`` int64 classes from 0. Rows with equal ``units`` are the same person.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    units: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.y)

    def take(self, index: NDArray[np.intp]) -> Rows:
        units = None if self.units is None else self.units[index]
        return Rows(self.X[index], self.y[index], units)


@dataclass(frozen=True, eq=False)
class PairData:
    """What one draw of a pair hands to a training run.

    ``source`` and ``target`` are to be trained on, ``held`` is labelled target rows that no run
    trains on, ``test`` is for the judgement alone and the same rows in every draw.
    """

    source: Rows
    target: Rows
    held: Rows
    test: Rows
    n_classes: int
    same_labels: bool
    image_side: int | None


@dataclass(frozen=True, eq=False)
class Pair:
    """A source and a target of one family.

    Parameters
    ----------
    name, family : str
    target_rows : callable
        Returns all rows of the target.
    source_rows : callable
        Takes a generator and returns the rows of the source, with whatever was done to them.
    same_labels : bool
        Whether the source's classes carry the target's names, so that a network's last layer can
        be kept. They may carry them wrongly: that is what some sources are for.
    image_side : int, optional
        Rows are square images of that side, flattened.
    n_all : int
        Rows of the target in all.
    """

    name: str
    family: str
    target_rows: Callable[[], Rows]
    source_rows: Callable[[np.random.Generator], Rows]
    n_classes: int
    n_all: int
    same_labels: bool = True
    image_side: int | None = None

    @property
    def n_pool(self) -> int:
        """Target rows that training and held-out rows are drawn from; the others are for tests."""
        return max(SIZES) + N_HELD if self.n_all >= 950 else self.n_all // 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of target training rows that leave enough rows to hold out."""
        return tuple(n for n in SIZES if n + FEWEST_HELD <= self.n_pool)

    def load(self, seed: int, n_target: int) -> PairData:
        """Draw ``n_target`` training rows, the held-out rows and the source's rows."""
        rows = self.target_rows()
        if len(rows) != self.n_all:
            raise ValueError(f"{self.name}: {len(rows)} rows, not {self.n_all}")
        if n_target not in self.sizes:
            raise ValueError(f"{self.name} has no draw of {n_target} rows, only {self.sizes}")
        test, pool = cut(len(rows), self.n_pool)
        drawn = np.random.default_rng([seed, n_target]).permutation(pool)
        held = drawn[n_target : n_target + N_HELD]
        return PairData(
            source=self.source_rows(np.random.default_rng([seed, 1])),
            target=rows.take(drawn[:n_target]),
            held=rows.take(held),
            test=rows.take(test),
            n_classes=self.n_classes,
            same_labels=self.same_labels,
            image_side=self.image_side,
        )


def cut(n_rows: int, n_pool: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices of test rows and of the pool, always the same for the same numbers."""
    order = np.random.default_rng(20).permutation(n_rows)
    return order[n_pool:][:N_TEST], order[:n_pool]
