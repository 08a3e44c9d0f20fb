"""Inner products of columns by fold, and determinants of classes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from transfergap.analysis.scores.algebra import Algebra, Matrix
from transfergap.analysis.scores.labels import ClassCodes
from transfergap.analysis.scores.rows import SortedRows

Floats = NDArray[np.float64]
DISTORTION = 1e-4  # epsilon of TransRate (Huang et al. 2022, section 4), as in their code
_PROBES = 4  # random directions in which products are compared


def inner_products(
    rows: SortedRows, algebra: Algebra, shift: Floats, class_sums: Floats, *, volumes: bool
) -> tuple[list[Matrix], Floats]:
    """Return the inner products of each fold, and log determinants by class.

    Classes with as many rows as columns need their own inner products, which are added to those of
    the folds; all other rows are multiplied fold by fold.
    """
    grams = [algebra.zeros(rows.n_columns) for _ in range(rows.n_folds)]
    fold_of = rows.fold_of_rows()
    if not volumes or not isinstance(rows.labels, ClassCodes):
        for fold in range(rows.n_folds):
            _add(rows, algebra, (grams[fold],), *rows.fold_starts[fold : fold + 2])
        return grams, np.zeros(0)
    codes = rows.labels.codes
    counts = np.bincount(codes, minlength=rows.labels.n_classes)
    is_large = counts >= rows.n_columns
    class_volumes = np.zeros(rows.labels.n_classes)
    for c in np.flatnonzero(is_large):
        total = algebra.zeros(rows.n_columns)
        for start, stop in _runs(codes == c, fold_of):
            _add(rows, algebra, (grams[fold_of[start]], total), start, stop)
        class_volumes[c] = _large_volume(algebra, total, class_sums[c], int(counts[c]), shift)
    for start, stop in _runs(~is_large[codes], fold_of):
        _add(rows, algebra, (grams[fold_of[start]],), start, stop)
    by_class = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts)[:-1])
    for c in np.flatnonzero(~is_large):
        class_volumes[c] = _small_volume(rows, by_class[c], shift)
    return grams, class_volumes


def _runs(member: NDArray[np.bool_], fold_of: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Yield start and stop of members that stand together in one fold."""
    change = np.flatnonzero((np.diff(member) != 0) | (np.diff(fold_of) != 0)) + 1
    bounds = np.concatenate([[0], change, [len(member)]])
    for start, stop in pairwise(bounds):
        if member[start]:
            yield int(start), int(stop)


def _add(
    rows: SortedRows, algebra: Algebra, matrices: tuple[Matrix, ...], start: int, stop: int
) -> None:
    for part in rows.blocks(start, stop):
        product = algebra.gram(rows.block(part.start, part.stop))
        for matrix in matrices:
            matrix += product


def _large_volume(
    algebra: Algebra, total: Matrix, row_sum: Floats, n_rows: int, shift: Floats
) -> float:
    total = algebra.rank_one(total, -2.0, row_sum, shift)
    total = algebra.rank_one(total, float(n_rows), shift, shift)
    scale = n_rows * DISTORTION
    # log det(I + Z'Z / scale) = log det(scale I + Z'Z) - columns * log scale
    factor = algebra.factor(total, scale)
    return algebra.log_determinant(factor) - len(shift) * float(np.log(scale))


def _small_volume(rows: SortedRows, places: NDArray[np.intp], shift: Floats) -> float:
    if len(places) == 0:
        return 0.0
    if rows.copy is None:
        block = rows.gather(rows.order[places]).astype(float)
    else:
        block = rows.copy[places].astype(float)
    block -= shift
    inner = blas.dsyrk(1.0 / (len(places) * DISTORTION), block.T, trans=1, lower=1)
    inner[np.diag_indices_from(inner)] += 1.0
    factor = lapack.dpotrf(inner, lower=1, clean=0, overwrite_a=1)[0]
    return float(2.0 * np.log(np.diag(factor)).sum())


def product_error(rows: SortedRows, gram: Matrix, algebra: Algebra) -> float:
    """Return the relative error of products.

    It is measured on the first block in random directions; NaN after an overflow, 0 for rows that
    are multiplied in float64.
    """
    if rows.dtype == np.float64:
        return 0.0
    if not np.isfinite(algebra.trace(gram)):
        return float(np.nan)
    directions = np.random.default_rng(0).normal(size=(rows.n_columns, _PROBES))
    part = rows.fold_blocks(0)[0]
    block = rows.block(part.start, part.stop)
    product = algebra.zeros(rows.n_columns)
    product += algebra.gram(block)
    wide = block.astype(float)
    exact = wide.T @ (wide @ directions)
    approximate = np.column_stack([algebra.times(product, v) for v in directions.T])
    size = max(float(np.linalg.norm(exact)), np.finfo(float).tiny)
    return float(np.linalg.norm(approximate - exact)) / size
