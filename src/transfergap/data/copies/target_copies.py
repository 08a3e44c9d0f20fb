"""Target rows that occur among rows whose labels nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.comparable import flat_numbers
from transfergap.data.copies.decision import CopyDecision, decide
from transfergap.data.copies.links import CopySearch
from transfergap.data.copies.nearby import WIDE, nearby_rows
from transfergap.data.copies.rows import len_of, search_rows


@dataclass(frozen=True, eq=False)
class TargetCopies:
    """Target rows of which copies were found.

    Parameters
    ----------
    rows : ndarray of int, shape (n_copied,)
        Positions in the target, ascending.
    searched : bool
        Whether the rows could be compared at all, and tell one from another.
    """

    rows: NDArray[np.intp]
    searched: bool


def target_copies(target: Any, trained_on: Any) -> TargetCopies:
    """Search rows without labels for rows of the target.

    Parameters
    ----------
    target, trained_on : DataFrame, array of any shape, sparse matrix, or list

    Notes
    -----
    As sources are searched, but that no label speaks for or against a copy. Rows of sixteen numbers
    or more, which may be pictures, are known with noise too; see :func:`nearby_rows`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(40, 4))
    >>> target_copies(rows[:20], rows[15:]).rows.tolist()
    [15, 16, 17, 18, 19]
    """
    search = search_rows(target, trained_on)
    unlabelled = np.zeros(len_of(target)), np.zeros(search.n_source)
    copied = _copied(search, decide(search, *unlabelled))
    if _are_wide(target):
        copied[nearby_rows(target, trained_on)[0]] = True
    return TargetCopies(np.flatnonzero(copied), search.outcome == "searched")


def _copied(search: CopySearch, decision: CopyDecision) -> NDArray[np.bool_]:
    """Return which target rows the removed rows are copies of."""
    is_equal = search.source_class >= 0
    copied = np.isin(search.target_class, search.source_class[decision.removed & is_equal])
    links = search.links
    changed = links.chosen(decision.removed[links.source_rows] & ~is_equal[links.source_rows])
    # A changed row is a copy of the target row with which it has most in common.
    best = np.full(search.n_source, -np.inf)
    np.maximum.at(best, changed.source_rows, changed.excess)
    copied[changed.target_rows[changed.excess >= best[changed.source_rows]]] = True
    return copied


def _are_wide(X: Any) -> bool:
    numbers = None if hasattr(X, "iloc") or hasattr(X, "tocsr") else flat_numbers(X)
    return numbers is not None and numbers.shape[1] >= WIDE
