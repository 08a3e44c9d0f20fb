"""Eigenvalues of a symmetric matrix, and its resolvents, without eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spectrum:
    """A positive semidefinite matrix in a basis where it is tridiagonal.

    Parameters
    ----------
    values : ndarray, shape (size,)
        Eigenvalues, ascending; rounding below zero is zero.
    diagonal : ndarray, shape (size,)
    off : ndarray, shape (size - 1,)
        Beside the diagonal; zeros where the basis is that of eigenvectors.

    Examples
    --------
    >>> spectrum = Spectrum(np.array([1.0, 3.0]), np.array([2.0, 2.0]), np.array([1.0]))
    >>> spectrum.solve(1.0, np.array([[4.0], [4.0]])).ravel().round(12).tolist()
    [1.0, 1.0]
    """

    values: Floats
    diagonal: Floats
    off: Floats

    @classmethod
    def of_eigenvalues(cls, values: Floats) -> Spectrum:
        """Return the spectrum in the basis of eigenvectors."""
        values = np.maximum(values, 0.0)
        return cls(values, values, np.zeros(len(values) - 1))

    def solve(self, shift: float, right: Floats) -> Floats:
        """Return ``(T + shift I)^-1 right``, shift > 0."""
        diagonal = self.diagonal + shift
        if not self.off.any():
            return right / diagonal[:, None]
        solved, failed = lapack.dptsv(diagonal, self.off, right)[2:]
        if failed:  # an eigenvalue that rounding put below zero outweighs the shift
            rounding = len(diagonal) * np.finfo(float).eps * float(self.values[-1])
            solved = lapack.dptsv(diagonal + rounding, self.off, right)[2]
        solution: Floats = solved
        return solution

    def times(self, right: Floats) -> Floats:
        """Return ``T right`` for a right side of shape (size, n)."""
        product = self.diagonal[:, None] * right
        product[1:] += self.off[:, None] * right[:-1]
        product[:-1] += self.off[:, None] * right[1:]
        return product
