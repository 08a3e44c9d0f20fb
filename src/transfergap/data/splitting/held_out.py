"""Held-out target rows where folds are not shuffled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.splitting.times import Gap, Times
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


# Share of the rows that is only ever trained on. With less, the first block is judged by models of
# a handful of rows; with more, too few rows are left to test. Rolling-origin evaluations keep a
# third to a half (Tashman 2000); measured with this share in benchmarks/time_claims.py.
FIRST_SHARE = 0.4  # before the first block: the first models need rows; chosen by hand
N_BLOCKS = 10  # as many as shuffled folds
FEWEST_BLOCKS = 4  # a t with three degrees of freedom is wide, one with two says nothing
FEWEST_TRAINED = 10  # rows; chosen by hand
FEWEST_A_BLOCK = 4  # rows; chosen by hand


def forward_folds(times: Times, *, gap: Gap, groups: NDArray[Any] | None = None) -> Splitting:
    """Cut rows into blocks by time; equal times are never split.

    Parameters
    ----------
    times : ndarray, shape (n_rows,)
        From :func:`transfergap.data.splitting.times.checked_times`.
    gap : Gap
        Span or rows left out between the training rows and the tested block.
    groups : ndarray, shape (n_rows,), optional
        Rows of a group that is tested are not trained on, however early they are.

    Returns
    -------
    Splitting
        One repeat of 4 to 10 blocks of about equal size.

    Raises
    ------
    DataError
        If there are too few different times, or a block would have nothing to train on.

    Examples
    --------
    >>> folds = forward_folds(np.arange(100), gap=Gap()).folds
    >>> len(folds), folds[0].trained[-1].item(), folds[0].tested.tolist()
    (10, 39, [40, 41, 42, 43, 44, 45])
    """
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    edges = _edges(ordered)
    folds = []
    for start, stop in pairwise(edges):
        cutoff = _cutoff(ordered, int(start), gap)
        early = order[: np.searchsorted(ordered, cutoff)]
        tested = order[start:stop]
        if groups is not None:
            early = early[~np.isin(groups[early], groups[tested])]
        folds.append(HeldOut(np.sort(tested), np.sort(early), cutoff))
    _check_trained(folds, gap, groups is not None)
    return Splitting("forward", (tuple(folds),), _description(ordered, edges, gap))


def _edges(ordered: Times) -> Rows:
    """Return the positions at which blocks start, and the end.

    A block starts only where the time changes.
    """
    n = len(ordered)
    changes = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
    if len(changes) < FEWEST_BLOCKS:
        raise DataError(
            f"The rows have {len(changes) + 1} different times, too few for {FEWEST_BLOCKS} blocks"
            " after a first part.",
            hint="give times that tell rows apart, such as days instead of years",
        )
    first = FIRST_SHARE * n
    n_blocks = int(np.clip((n - first) // FEWEST_A_BLOCK, FEWEST_BLOCKS, N_BLOCKS))
    while True:
        even_starts = np.linspace(first, n, n_blocks + 1)[:-1]
        # Blocks start where the time changes, nearest to even cuts: equal times stay together.
        starts = np.unique(changes[np.abs(changes[:, None] - even_starts).argmin(axis=0)])
        if len(starts) == n_blocks:
            return np.append(starts, n)
        if n_blocks == FEWEST_BLOCKS:
            # Many rows share few times: any four changes do, as long as rows come before them.
            return np.append(changes[-FEWEST_BLOCKS:], n)
        n_blocks -= 1


def _cutoff(ordered: Times, start: int, gap: Gap) -> Any:
    """Return the time from which rows are barred from training.

    They are barred while one block is tested.
    """
    if gap.span is not None:
        return ordered[start] - gap.span
    return ordered[max(start - gap.rows, 0)]


def _check_trained(folds: list[HeldOut], gap: Gap, grouped: bool) -> None:
    fewest = min(len(fold.trained) for fold in folds)
    if fewest >= FEWEST_TRAINED:
        return
    number = next(i for i, fold in enumerate(folds) if len(fold.trained) == fewest)
    reasons = ["a shorter gap"] if gap.rows or gap.span is not None else []
    reasons += ["no groups (later rows are kept out anyway)"] if grouped else []
    raise DataError(
        f"Block {number + 1} of {len(folds)} in order of time would be tested by models of {fewest}"
        f" target rows; at least {FEWEST_TRAINED} are needed.",
        hint=" or ".join([*reasons, "more target rows"]),
    )


def _description(ordered: Times, edges: Rows, gap: Gap) -> str:
    n_blocks, sizes = len(edges) - 1, np.diff(edges)
    rows = f"{sizes.min()}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
    spare = "" if str(gap) == "none" else f", with a gap of {gap}"
    fewer = "" if n_blocks == N_BLOCKS else f" (fewer than {N_BLOCKS}, since rows or times are few)"
    first, start, end = (_time_words(ordered[i]) for i in (edges[0] - 1, edges[0], -1))
    return (
        f"Forward folds: rows in order of time, the first {edges[0]} of {len(ordered)} only"
        f" trained on (up to {first}); then {n_blocks} blocks{fewer} of"
        f" {rows} rows, from {start} to {end}, each tested by models of target"
        f" rows from before the block only{spare}."
    )


def _time_words(time: Any) -> str:
    if np.asarray(time).dtype.kind != "M":
        return f"{time:g}" if isinstance(time, (float, np.floating)) else str(time)
    text = str(np.datetime_as_string(time, unit="m")).replace("T", " ")
    return text.removesuffix(" 00:00")
