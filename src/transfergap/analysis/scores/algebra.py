"""Dense linear algebra of the one pass."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, eigh, lapack

from transfergap.analysis.scores.spectrum import Spectrum

Floats = NDArray[np.float64]
Rows = NDArray[Any]  # float32 or float64, shape (n_rows, n_columns)
Matrix = Any  # symmetric float64 matrix of an algebra: an array, or a tensor


class Algebra(Protocol):
    """Linear algebra that the one pass needs.

    Matrices are symmetric, in float64, wherever the algebra holds them; rows and results of few
    columns are NumPy arrays.
    """

    def zeros(self, size: int) -> Matrix:
        """Return a matrix of zeros."""
        ...

    def gram(self, block: Rows) -> Matrix:
        """Return ``block.T @ block``, multiplied in the precision of the rows."""
        ...

    def rank_one(self, matrix: Matrix, factor: float, v: Floats, w: Floats) -> Matrix:
        """Add ``factor (v w' + w v') / 2``.

        The matrix may be overwritten."""
        ...

    def factor(self, matrix: Matrix, ridge: float) -> Any:
        """Return a factor of ``matrix + ridge I``, which is overwritten."""
        ...

    def solve(self, factor: Any, right: Floats) -> Floats:
        """Return the solution for a right side of shape (size, n)."""
        ...

    def log_determinant(self, factor: Any) -> float:
        """Return the log determinant of a factored matrix."""
        ...

    def trace(self, matrix: Matrix) -> float:
        """Return the trace."""
        ...

    def squared_norm(self, matrix: Matrix) -> float:
        """Return the sum of all squared entries."""
        ...

    def times(self, matrix: Matrix, vector: Floats) -> Floats:
        """Return a matrix times a vector."""
        ...

    def product(self, block: Rows, weights: Floats) -> Rows:
        """Return ``block @ weights`` in the precision of the rows."""
        ...

    def spectrum(self, matrix: Matrix, right: Floats) -> tuple[Spectrum, Floats]:
        """Return the spectrum, and right sides in its basis."""
        ...

    def eigenvectors(self, matrix: Matrix) -> tuple[Floats, Floats]:
        """Return eigenvalues, ascending, and eigenvectors as columns."""
        ...


class NumpyAlgebra:
    """BLAS and LAPACK of SciPy.

    Of each symmetric matrix the lower half alone is true.

    Threads are those that the process grants BLAS (``OMP_NUM_THREADS``, threadpoolctl).
    """

    def zeros(self, size: int) -> Matrix:
        """Return a matrix of zeros, column by column as LAPACK wants it."""
        return np.zeros((size, size), order="F")

    def gram(self, block: Rows) -> Matrix:
        """Return ``block.T @ block`` with half of the multiplications of a product."""
        product = blas.ssyrk if block.dtype == np.float32 else blas.dsyrk
        return product(1.0, block.T, lower=1)

    def rank_one(self, matrix: Matrix, factor: float, v: Floats, w: Floats) -> Matrix:
        """Add a symmetric rank-two update in place."""
        return blas.dsyr2(factor / 2, v, w, lower=1, a=matrix, overwrite_a=1)

    def factor(self, matrix: Matrix, ridge: float) -> Any:
        """Return the lower Cholesky factor.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the matrix is not positive definite.
        """
        matrix[np.diag_indices_from(matrix)] += ridge
        factor, failed = lapack.dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise np.linalg.LinAlgError("a matrix of features is not positive definite")
        return factor

    def solve(self, factor: Any, right: Floats) -> Floats:
        """Return the solution by forward and back substitution."""
        solution: Floats = lapack.dpotrs(factor, right, lower=1)[0]
        return solution

    def log_determinant(self, factor: Any) -> float:
        """Return twice the sum of logs of the diagonal."""
        return float(2.0 * np.log(np.diag(factor)).sum())

    def trace(self, matrix: Matrix) -> float:
        """Return the sum of the diagonal."""
        return float(np.trace(matrix))

    def squared_norm(self, matrix: Matrix) -> float:
        """Return the sum of squares, by the lower half."""
        total = 0.0
        for j in range(len(matrix)):  # columns are contiguous
            column = matrix[j:, j]
            total += 2.0 * float(column @ column) - float(column[0]) ** 2
        return total

    def times(self, matrix: Matrix, vector: Floats) -> Floats:
        """Return the product by the lower half."""
        product: Floats = blas.dsymv(1.0, matrix, vector, lower=1)
        return product

    def product(self, block: Rows, weights: Floats) -> Rows:
        """Return the product in the precision of the rows."""
        product: Rows = block @ weights.astype(block.dtype)
        return product

    def spectrum(self, matrix: Matrix, right: Floats) -> tuple[Spectrum, Floats]:
        """Return a tridiagonal form, and right sides in its basis.

        No eigenvector is formed: every score needs eigenvalues and resolvents of few right sides,
        and both follow from the tridiagonal form at a third of the cost of eigenvectors.
        """
        size = len(matrix)
        if size == 1:
            return Spectrum(np.maximum(matrix[0], 0.0), matrix[0].copy(), np.zeros(0)), right
        work = int(lapack.dsytrd_lwork(size, lower=1)[0])
        reflectors, diagonal, off, tau, _ = lapack.dsytrd(matrix, lower=1, lwork=work)
        # Golub and Van Loan (2013), section 8.3: reflector i acts on entries i + 1 and below.
        below = np.asfortranarray(reflectors[1:, :-1])
        rotated = np.array(right, order="F")
        work = int(lapack.dormqr("L", "T", below, tau, rotated[1:], -1)[1][0])
        rotated[1:] = lapack.dormqr("L", "T", below, tau, rotated[1:], work)[0]
        values = lapack.dsterf(diagonal, off)[0]
        return Spectrum(np.maximum(values, 0.0), diagonal, off), rotated

    def eigenvectors(self, matrix: Matrix) -> tuple[Floats, Floats]:
        """Return eigenvalues and eigenvectors by divide and conquer."""
        values, vectors = eigh(matrix, lower=True, driver="evd", check_finite=False)
        return values, vectors
