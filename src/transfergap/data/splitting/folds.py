"""Folds of rows, and nested parts of training rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Problem
from transfergap.data.splitting.groups import group_numbers
from transfergap.errors import DataError

N_FOLDS = 10  # by convention (Kohavi 1995)


def check_enough_rows(problem: Problem) -> None:
    """Raise ``DataError`` if the target cannot be cut into ten folds."""
    if problem.splitting is not None:  # checked when it was made
        return
    n = len(problem.target)
    if n < N_FOLDS:
        raise DataError(
            f"The target {problem.name!r} has {n} labelled rows, fewer than the {N_FOLDS} folds.",
            hint="label more target rows; no honest verdict is possible with so few",
        )
    groups = problem.target.groups
    if groups is not None and len(np.unique(groups)) < N_FOLDS:
        raise DataError(
            f"The target {problem.name!r} has {len(np.unique(groups))} groups, fewer than the"
            f" {N_FOLDS} folds.",
            hint="groups are the units that are resampled: more of them are needed, not more rows",
        )


def fold_numbers(problem: Problem, *, seed: int) -> NDArray[np.intp]:
    """Return the fold, 0 to 9, of each target row.

    Folds are stratified for classes, and never cut a group. A class with fewer rows than folds is
    spread over as many folds as it has rows.

    Parameters
    ----------
    problem : Problem
    seed : int
        Another seed, another partition.
    """
    target = problem.target
    labels = problem.task.strata(target.y, problem.classes)
    return folds_of_rows(len(target), labels, target.groups, seed=seed)


def folds_of_rows(
    n_rows: int,
    strata: NDArray[np.intp] | None,
    groups: NDArray[Any] | None,
    *,
    seed: int,
    n_folds: int = N_FOLDS,
) -> NDArray[np.intp]:
    """Return the fold of each row, stratified, without cutting groups.

    Parameters
    ----------
    n_rows : int
        At least ``n_folds``, and as many groups if there are groups.
    strata : ndarray of int, shape (n_rows,), optional
        Classes whose shares folds retain.
    groups : ndarray, shape (n_rows,), optional
    seed, n_folds : int

    Examples
    --------
    >>> folds_of_rows(6, np.array([0, 0, 0, 1, 1, 1]), None, seed=0, n_folds=3).tolist()
    [2, 1, 0, 2, 0, 1]
    """
    if groups is not None:
        groups = group_numbers(groups)
    folds = _numbered(n_rows, strata, groups, seed, n_folds)
    if np.bincount(folds, minlength=n_folds).min() == 0:  # stratified groups can starve a fold
        folds = _numbered(n_rows, None, groups, seed, n_folds)
    return folds


def _numbered(
    n_rows: int,
    strata: NDArray[np.intp] | None,
    groups: NDArray[Any] | None,
    seed: int,
    n_folds: int,
) -> NDArray[np.intp]:
    splitter = _splitter(strata, groups is not None, seed, n_folds)
    folds = np.empty(n_rows, np.intp)
    with warnings.catch_warnings():
        # A class with fewer rows than folds is a finding of ours (TG123), not a warning.
        warnings.simplefilter("ignore", UserWarning)
        for number, (_, test) in enumerate(splitter.split(np.zeros((n_rows, 1)), strata, groups)):
            folds[test] = number
    return folds


def _splitter(strata: NDArray[np.intp] | None, grouped: bool, seed: int, n_folds: int) -> Any:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    stratify = strata is not None and int(np.bincount(strata).max()) >= n_folds
    options: dict[str, Any] = {"n_splits": n_folds, "shuffle": True, "random_state": seed}
    if grouped:
        return StratifiedGroupKFold(**options) if stratify else GroupKFold(**options)
    return StratifiedKFold(**options) if stratify else KFold(**options)


WHOLE_PART = 8  # parts are counted in eighths
# chosen by hand: below it many estimators cannot be fitted
FEWEST_TRAINED, FEWEST_OF_A_CLASS = 10, 2
_EIGHTHS = (1, 2, 4, 6, WHOLE_PART)  # an eighth to the whole, spaced for a fit of a + b/n
_TRAINED_SHARE = 0.9  # of ten folds, nine are trained on
Rows = NDArray[np.intp]


def usable_parts(problem: Problem) -> tuple[int, ...]:
    """Return the eighths of training rows worth fitting, the whole last.

    A part has at least ten rows, and about two of every class.
    """
    n = len(problem.target)
    rarest = problem.task.smallest_stratum(problem.target.y, problem.classes)
    share = _TRAINED_SHARE / WHOLE_PART
    return tuple(
        part
        for part in _EIGHTHS
        if part == WHOLE_PART
        or (share * part * n >= FEWEST_TRAINED and share * part * rarest >= FEWEST_OF_A_CLASS)
    )


def part_of(problem: Problem, rows: Rows, *, eighths: int, seed: int) -> Rows:
    """Draw a part of the training rows, nested by seed.

    The same seed gives nested parts.

    Parameters
    ----------
    problem : Problem
    rows : ndarray of int
        Training rows of one fold.
    eighths : int
        How large the part is, 1 to 8.
    seed : int
        Orders the rows: each part is the beginning of one order.

    Notes
    -----
    Classes keep their shares in every part. Groups come one after the
    other, so that at most one is cut.
    """
    size = max(round(len(rows) * eighths / WHOLE_PART), 1)
    order = _order(problem, rows, np.random.default_rng(seed))
    chosen: Rows = np.sort(rows[order[:size]])
    return chosen


def _order(problem: Problem, rows: Rows, rng: np.random.Generator) -> Rows:
    target = problem.target
    if target.groups is not None:
        groups = group_numbers(target.groups[rows])
        return np.argsort(rng.permutation(groups.max() + 1)[groups], kind="stable")
    strata = problem.task.strata(target.y[rows], problem.classes)
    if strata is None:
        return rng.permutation(len(rows))
    place = np.empty(len(rows))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        # Fractional ranks within each class: every part has the classes in proportion.
        place[members] = (rng.permutation(len(members)) + rng.random()) / len(members)
    return np.argsort(place, kind="stable")
