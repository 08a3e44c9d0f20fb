"""The one pass over features: sums that all scores need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.algebra import Algebra, Matrix, NumpyAlgebra
from transfergap.analysis.scores.inner_products import inner_products, product_error
from transfergap.analysis.scores.labels import ClassCodes, Responses
from transfergap.analysis.scores.rows import SUM_BLOCK, SortedRows, sort_rows
from transfergap.analysis.scores.spectrum import Spectrum

Floats = NDArray[np.float64]
# Of the largest inner product: an error of float32 products above it has them made in float64.
# A block of 2,048 rows rounds at about 1e-6; ten times that tells of cancellation.
PRODUCT_ERROR = 1e-5
# Rows a column up to which each row has a leverage of its own: beyond three the mean leverage is
# below a third, and generalised cross-validation is near leave-one-out.
FEW_ROWS = 3


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
    def rotated_rows(self) -> Floats | None:
        """Rows about their mean in the basis of eigenvectors; few rows only."""
        if self.eigenvectors is None:
            return None
        rotated = np.empty((self.n_rows, self.rows.n_columns))
        for part in self.rows.blocks(0, self.n_rows):
            block = self.rows.block(part.start, part.stop) - self.shift
            rotated[part] = self.algebra.product(block, self.eigenvectors[1])
        return rotated

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
    grams, class_volumes = inner_products(rows, algebra, shift, cross.sum(0), volumes=volumes)
    gram = grams[0] + grams[1] if len(grams) > 1 else grams[0] + 0.0
    for part in grams[2:]:
        gram += part
    error = product_error(rows, gram, algebra)
    gram = algebra.rank_one(gram, -float(rows.n_rows), shift, shift)
    return OnePass(
        rows,
        algebra,
        cross,
        row_sums,
        response_sums,
        tuple(grams),
        gram,
        shift,
        means,
        variances,
        class_volumes,
        error,
    )


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
