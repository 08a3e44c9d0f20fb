"""The one pass over features: sums that all scores need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from transfergap.scores.algebra import Algebra, Matrix, NumpyAlgebra
from transfergap.scores.labels import ClassCodes, Responses
from transfergap.scores.rows import SUM_BLOCK, SortedRows, sort_rows
from transfergap.scores.spectrum import Spectrum

Floats = NDArray[np.float64]
# Of the largest inner product: an error of float32 products above it has them made in float64.
# A block of 2,048 rows rounds at about 1e-6; ten times that tells of cancellation.
PRODUCT_ERROR = 1e-5
DISTORTION = 1e-4  # epsilon of TransRate (Huang et al. 2022, section 4), as in their code
# Rows a column up to which each row has a leverage of its own: beyond three the mean leverage is
# below a third, and generalised cross-validation is near leave-one-out.
FEW_ROWS = 3
_PROBES = 4  # random directions in which products are compared


@dataclass(frozen=True)
class OnePass:
    """Sums over rows by fold, and inner products of columns by fold.

    Parameters
    ----------
    rows : SortedRows
        In coordinates of their span where there are fewer rows than columns.
    algebra : Algebra
    cross : ndarray, shape (n_folds, n_responses, n_columns)
        Responses times rows, summed; for classes the sums of their rows.
    row_sums : ndarray, shape (n_folds, n_columns)
    response_sums : ndarray, shape (n_folds, n_responses)
    fold_grams : tuple of matrices
    gram : matrix
        Of all rows, about their mean.
    shift : ndarray, shape (n_columns,)
        The mean of the rows less their centre: rounding.
    class_means, class_variances : ndarray, shape (n_classes, n_dimensions)
        Of the features themselves; without rows for quantities.
    class_volumes : ndarray, shape (n_classes,)
        Log determinants of I + Z'Z / (n_c eps), Z the class's rows about the mean: TransRate.
    product_error : float
        Of inner products in float32, relative, as measured; 0 in float64.
    """

    rows: SortedRows
    algebra: Algebra
    cross: Floats
    row_sums: Floats
    response_sums: Floats
    fold_grams: tuple[Matrix, ...]
    gram: Matrix
    shift: Floats
    class_means: Floats
    class_variances: Floats
    class_volumes: Floats
    product_error: float

    @property
    def labels(self) -> Responses:
        """Return the responses, in the order of the rows."""
        return self.rows.labels

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return self.rows.n_rows

    @cached_property
    def response_squares(self) -> Floats:
        """The sum of squares of each response; counts of classes."""
        squares: Floats = self.response_sums.sum(0)
        if not self.labels.has_classes:
            squares = np.square(self.labels.matrix()).sum(0)
        return squares

    @cached_property
    def centred_cross(self) -> Floats:
        """Responses times rows about their mean, shape (n_responses, n_columns)."""
        centred: Floats = self.cross.sum(0) - np.outer(self.response_sums.sum(0), self.shift)
        return centred

    @cached_property
    def eigenvectors(self) -> tuple[Floats, Floats] | None:
        """Eigenvalues and eigenvectors; ``None`` where rows are many enough to do without.

        They give the leverage of each row, which varies little where rows are many.
        """
        if self.n_rows > FEW_ROWS * self.rows.n_columns:
            return None
        return self.algebra.eigenvectors(self.gram)

    @cached_property
    def _spectrum(self) -> tuple[Spectrum, Floats]:
        right = np.column_stack([self.centred_cross.T, self.mean])
        if self.eigenvectors is None:
            return self.algebra.spectrum(self.gram, right)
        values, vectors = self.eigenvectors
        return Spectrum.of_eigenvalues(values), vectors.T @ right

    @property
    def spectrum(self) -> Spectrum:
        """Return the spectrum of the inner products about the mean."""
        return self._spectrum[0]

    @property
    def rotated_cross(self) -> Floats:
        """Return ``centred_cross`` in the spectrum's basis, shape (n_columns, n_responses)."""
        return self._spectrum[1][:, :-1]

    @property
    def rotated_mean(self) -> Floats:
        """Return the mean of the features in the spectrum's basis."""
        return self._spectrum[1][:, -1]

    @property
    def mean(self) -> Floats:
        """Return the mean of the rows as they are, without a centre."""
        return self.rows.centre.astype(float) + self.shift

    @property
    def rounding(self) -> float:
        """Return the rounding of eigenvalues, in shares of the largest.

        The error of products is measured in few directions: four times it is safe.
        """
        return 4.0 * self.product_error + self.rows.n_columns * float(np.finfo(float).eps)

    @cached_property
    def squared_norms(self) -> Floats:
        """Return the squared length of each row about the mean."""
        norms = np.empty(self.n_rows)
        for part in self.rows.blocks(0, self.n_rows):
            block = self.rows.block(part.start, part.stop)
            # A shift of rounding size: its square is below the last digit.
            norms[part] = np.einsum("ij,ij->i", block, block) - 2.0 * (block @ self.shift)
        return norms


def one_pass(
    X: Any,
    labels: Responses,
    folds: NDArray[np.intp],
    *,
    algebra: Algebra | None = None,
    volumes: bool = True,
) -> OnePass:
    """Read features and form all sums that scores need.

    Parameters
    ----------
    X : array, shape (n_rows, n_columns)
        Finite numbers; an array or a memory map.
    labels : Responses
    folds : ndarray of int, shape (n_rows,)
    algebra : Algebra, optional
        NumPy and SciPy by default.
    volumes : bool
        Whether TransRate will be wanted: determinants of each class.

    Notes
    -----
    Memory is a matrix of n_columns x n_columns a fold, and three more, at any number of rows. With
    at most as many rows as columns, rows are written in coordinates of their span first, so that
    no matrix is larger than n_rows x n_rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = ClassCodes(np.arange(40) % 2, 2)
    >>> read = one_pass(rng.normal(size=(40, 3)), labels, np.arange(40) // 2 % 5)
    >>> len(read.fold_grams), read.cross.shape
    (5, (5, 2, 3))
    """
    algebra = NumpyAlgebra() if algebra is None else algebra
    read = _read(sort_rows(X, labels, folds), algebra, volumes=volumes)
    if read.rows.dtype == np.float32 and not read.product_error <= PRODUCT_ERROR:  # NaN: overflow
        double = np.dtype(np.float64)
        read = _read(sort_rows(X, labels, folds, dtype=double), algebra, volumes=volumes)
    return read


def _read(rows: SortedRows, algebra: Algebra, *, volumes: bool) -> OnePass:
    cross, row_sums, squares = _sums(rows)
    means, variances = _class_moments(rows.labels, cross.sum(0), squares)
    if rows.n_rows <= rows.n_columns:
        rows = rows.in_span()
        cross, row_sums, _ = _sums(rows)
    response_sums = np.add.reduceat(rows.labels.matrix(), rows.fold_starts[:-1], axis=0)
    shift = row_sums.sum(0) / rows.n_rows
    grams, class_volumes = _grams(rows, algebra, shift, cross.sum(0), volumes=volumes)
    gram = grams[0] + grams[1] if len(grams) > 1 else grams[0] + 0.0
    for part in grams[2:]:
        gram += part
    error = _product_error(rows, gram, algebra)
    gram = algebra.rank_one(gram, -float(rows.n_rows), shift, shift)
    return OnePass(
        rows, algebra, cross, row_sums, response_sums, tuple(grams), gram, shift,
        means, variances, class_volumes, error,
    )  # fmt: skip


def _class_moments(labels: Responses, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each column by class, about the centre."""
    if not isinstance(labels, ClassCodes):
        return np.zeros((0, sums.shape[1])), np.zeros((0, sums.shape[1]))
    counts = np.bincount(labels.codes, minlength=labels.n_classes)[:, None]
    means = sums / counts
    return means, squares / counts - means**2


def _sums(rows: SortedRows) -> tuple[Floats, Floats, Floats]:
    """Return cross sums and row sums by fold, squares by class."""
    cross = np.zeros((rows.n_folds, rows.labels.n_responses, rows.n_columns))
    row_sums = np.zeros((rows.n_folds, rows.n_columns))
    squares = np.zeros(cross.shape[1:])
    for fold in range(rows.n_folds):
        for part in rows.fold_blocks(fold, SUM_BLOCK):
            block = rows.block(part.start, part.stop)
            sums = rows.labels.sums(block, part)
            cross[fold] += sums
            if rows.labels.has_classes:
                squares += rows.labels.sums(np.square(block), part)
                row_sums[fold] += sums.sum(0)
            else:
                row_sums[fold] += np.ones(len(block), block.dtype) @ block
    return cross, row_sums, squares


def _grams(
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


def _product_error(rows: SortedRows, gram: Matrix, algebra: Algebra) -> float:
    """Return the relative error of products of the first block, NaN after an overflow.

    It is measured in random directions; 0 for rows that are multiplied in float64.
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
    found = np.column_stack([algebra.times(product, v) for v in directions.T])
    size = max(float(np.linalg.norm(exact)), np.finfo(float).tiny)
    return float(np.linalg.norm(found - exact)) / size
