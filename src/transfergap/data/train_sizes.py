"""Parts of the training rows: nested, and as mixed as the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Problem

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
        groups = np.unique(target.groups[rows], return_inverse=True)[1]
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
