"""Folds: scikit-learn's splitters, chosen for labels and groups."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Problem
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
    folds = _numbered(problem, labels, seed=seed, stratify=labels is not None)
    if np.bincount(folds, minlength=N_FOLDS).min() == 0:  # stratified groups can starve a fold
        folds = _numbered(problem, labels, seed=seed, stratify=False)
    return folds


def _numbered(
    problem: Problem, labels: NDArray[np.intp] | None, *, seed: int, stratify: bool
) -> NDArray[np.intp]:
    target = problem.target
    splitter = _splitter(labels if stratify else None, target.groups is not None, seed)
    folds = np.empty(len(target), np.intp)
    with warnings.catch_warnings():
        # A class with fewer rows than folds is a finding of ours (TG123), not a warning.
        warnings.simplefilter("ignore", UserWarning)
        for number, (_, test) in enumerate(
            splitter.split(np.zeros((len(target), 1)), labels, target.groups)
        ):
            folds[test] = number
    return folds


def _splitter(labels: NDArray[np.intp] | None, grouped: bool, seed: int) -> Any:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    stratify = labels is not None and int(np.bincount(labels).max()) >= N_FOLDS
    options: dict[str, Any] = {"n_splits": N_FOLDS, "shuffle": True, "random_state": seed}
    if grouped:
        return StratifiedGroupKFold(**options) if stratify else GroupKFold(**options)
    return StratifiedKFold(**options) if stratify else KFold(**options)
