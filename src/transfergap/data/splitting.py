"""Held-out target rows, where shuffled folds do not serve."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.errors import DataError

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class HeldOut:
    """A fold: its tested rows and the rows to train on.

    Parameters
    ----------
    tested, trained : ndarray of int
        Positions of target rows, in ascending order; none in both.
    cutoff : scalar, optional
        Rows of a source that have this time or a later one are not trained on; ``None`` where
        order has no part.
    """

    tested: Rows
    trained: Rows
    cutoff: Any = None


@dataclass(frozen=True)
class Splitting:
    """The held-out target rows, decided before any training.

    Parameters
    ----------
    kind : {"forward", "splitter"}
        Blocks in order of time, each tested by models of the rows before it; or the folds of a
        splitter of the user's own says.
    repeats : tuple of tuple of HeldOut
        In one repeat no row is tested twice.
    description : str
        One sentence for the report.

    Examples
    --------
    >>> first = HeldOut(np.array([2, 3]), np.array([0, 1]))
    >>> Splitting("splitter", ((first,),), "One fold.").fold_numbers(4).tolist()
    [[-1, -1, 0, 0]]
    """

    kind: Literal["forward", "splitter"]
    repeats: tuple[tuple[HeldOut, ...], ...]
    description: str

    def fold_numbers(self, n_rows: int) -> NDArray[np.intp]:
        """Return each row's fold in each repeat; -1 if never tested."""
        numbers = np.full((len(self.repeats), n_rows), -1, np.intp)
        for repeat, folds in enumerate(self.repeats):
            for fold, held_out in enumerate(folds):
                numbers[repeat, held_out.tested] = fold
        return numbers

    @property
    def folds(self) -> tuple[HeldOut, ...]:
        """All folds of all repeats, in order."""
        return tuple(fold for folds in self.repeats for fold in folds)

    @cached_property
    def test_to_train(self) -> float:
        """Tested rows over trained rows, on average over the folds."""
        return float(np.mean([len(fold.tested) / len(fold.trained) for fold in self.folds]))

    @cached_property
    def n_disjoint(self) -> int:
        """Number of disjoint test sets of this size, for intervals.

        Five folds repeated three times are five; twenty random fifths are five as well.
        """
        tested = np.concatenate([fold.tested for fold in self.folds])
        size = len(tested) / len(self.folds)
        return min(round(len(np.unique(tested)) / size), len(self.folds))

    def digest(self) -> str:
        """Return a digest of every fold, for the fingerprint of a design."""
        digest = hashlib.sha256(self.kind.encode())
        for repeat, folds in enumerate(self.repeats):
            for fold in folds:
                digest.update(f"{repeat}:{fold.cutoff}:{len(fold.tested)}".encode())
                digest.update(np.ascontiguousarray(fold.tested, dtype="<i8").tobytes())
                digest.update(np.ascontiguousarray(fold.trained, dtype="<i8").tobytes())
        return digest.hexdigest()[:16]


def check_classes(splitting: Splitting, y: NDArray[Any]) -> None:
    """Raise ``DataError`` if a fold trains on a single class."""
    for number, fold in enumerate(splitting.folds):
        labels = np.unique(y[fold.trained])
        if len(labels) < 2:
            raise DataError(
                f"The training rows of fold {number + 1} of {len(splitting.folds)} have one class"
                f" only, {str(labels[0])!r}.",
                hint="more target rows, or another order: a model needs two classes to learn from",
            )
