"""Target rows in five folds that do not depend on their order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.digests import are_copies, row_keys
from transfergap.data.task import find_task

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
N_FOLDS = 5  # by convention (Hastie et al. 2009, section 7.10: five or ten)


def held_out_folds(
    X: Any, y: NDArray[Any], groups: Rows | None, *, task: str, seed: int
) -> list[Rows]:
    """Return the row positions of two to five held-out folds.

    Parameters
    ----------
    X : table, array, sparse matrix or list of str
    y : ndarray, shape (n_rows,)
    groups : ndarray of int, shape (n_rows,), optional
        Never cut; copies of a row neither (docs/decisions/0011). A single group is cut, as there
        is nothing else to hold out.
    task : {"binary", "multiclass", "regression"}
    seed : int

    Notes
    -----
    Stratified: classes are dealt out to the folds, and so are numbers, in blocks of neighbours,
    which makes folds alike in their level. A class with fewer rows than folds lacks in some folds.
    """
    keys = _keys(X)
    ranks = np.unique(keys, return_inverse=True)[1]
    units = groups
    if units is None and are_copies(keys, y):
        units = ranks
    if units is None or len(np.unique(units)) < 2:
        units = np.arange(len(y))
    units = np.unique(units, return_inverse=True)[1]
    labels, order = _canonical(units, ranks, y)
    rng = np.random.default_rng(seed)
    n_folds = min(N_FOLDS, len(order))
    fold = np.empty(len(order), np.intp)
    if not find_task(task).has_classes:
        by_label = order[np.argsort(labels[order], kind="stable")]
        for start in range(0, len(order), n_folds):
            block = by_label[start : start + n_folds]
            fold[block] = rng.permutation(n_folds)[: len(block)]
    else:
        mixed = order[rng.permutation(len(order))]
        fold[mixed[np.argsort(labels[mixed], kind="stable")]] = np.arange(len(order)) % n_folds
    return [np.flatnonzero(fold[units] == number) for number in range(n_folds)]


def _keys(X: Any) -> NDArray[Any]:
    if isinstance(X, np.ndarray) and X.dtype.kind == "O":
        import pandas as pd

        X = pd.DataFrame(X)
    return row_keys(X)


def _canonical(units: Rows, ranks: Rows, y: NDArray[Any]) -> tuple[Floats, Rows]:
    """Return a label a unit, and a row-order-free order of units."""
    n_units = int(units.max()) + 1
    codes = np.unique(y, return_inverse=True)[1] if y.dtype.kind not in "biuf" else y
    numbers = codes.astype(float)
    counts = np.bincount(units, minlength=n_units)
    first = np.full(n_units, len(ranks))
    np.minimum.at(first, units, ranks)
    by_unit = np.lexsort((numbers, units))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    labels: Floats = numbers[by_unit][starts + (counts - 1) // 2]  # its median
    return labels, np.lexsort((labels, first))
