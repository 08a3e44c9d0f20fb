"""The linear algebra of the one pass on a device of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.algebra import Matrix, Rows
from transfergap.analysis.scores.spectrum import Spectrum
from transfergap.errors import ConfigurationError, require

Floats = NDArray[np.float64]


class TorchAlgebra:
    """Matrices in float64 on a device; rows go there block by block.

    Parameters
    ----------
    device : str
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``.

    Raises
    ------
    MissingExtraError
        Without PyTorch.
    ConfigurationError
        If PyTorch cannot use the device, or the device has no float64.
    """

    def __init__(self, device: str = "cuda") -> None:
        self._torch = require("torch", extra="torch")
        try:
            self._device = self._torch.zeros(1, dtype=self._torch.float64, device=device).device
        except (RuntimeError, AssertionError, TypeError) as error:
            first = str(error).splitlines()[0]
            raise ConfigurationError(
                f"PyTorch cannot compute in float64 on {device!r}: {first}",
                hint="use device=None for the processor",
            ) from error

    def _tensor(self, array: Any) -> Any:
        return self._torch.from_numpy(np.array(array)).to(self._device)

    def _wide(self, array: Any) -> Any:
        return self._tensor(np.asarray(array, np.float64))

    def zeros(self, size: int) -> Matrix:
        """Return a matrix of zeros."""
        return self._torch.zeros((size, size), dtype=self._torch.float64, device=self._device)

    def gram(self, block: Rows) -> Matrix:
        """Return ``block.T @ block``."""
        rows = self._tensor(block)
        return (rows.T @ rows).double()

    def rank_one(self, matrix: Matrix, factor: float, v: Floats, w: Floats) -> Matrix:
        """Return the matrix with a symmetric rank-two update."""
        outer = self._torch.outer(self._wide(v), self._wide(w))
        return matrix + (factor / 2) * (outer + outer.T)

    def factor(self, matrix: Matrix, ridge: float) -> Any:
        """Return the lower Cholesky factor.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the matrix is not positive definite.
        """
        matrix.diagonal().add_(ridge)
        factor, failed = self._torch.linalg.cholesky_ex(matrix)
        if int(failed):
            raise np.linalg.LinAlgError("a matrix of features is not positive definite")
        return factor

    def solve(self, factor: Any, right: Floats) -> Floats:
        """Return the solution by forward and back substitution."""
        solution: Floats = self._torch.cholesky_solve(self._wide(right), factor).cpu().numpy()
        return solution

    def log_determinant(self, factor: Any) -> float:
        """Return twice the sum of logs of the diagonal."""
        return float(2.0 * factor.diagonal().log().sum())

    def trace(self, matrix: Matrix) -> float:
        """Return the trace."""
        return float(matrix.diagonal().sum())

    def squared_norm(self, matrix: Matrix) -> float:
        """Return the sum of all squared entries."""
        return float((matrix * matrix).sum())

    def times(self, matrix: Matrix, vector: Floats) -> Floats:
        """Return a matrix times a vector."""
        product: Floats = (matrix @ self._wide(vector)).cpu().numpy()
        return product

    def product(self, block: Rows, weights: Floats) -> Rows:
        """Return ``block @ weights`` in the precision of the rows."""
        rows = self._tensor(block)
        product: Rows = (rows @ self._wide(weights).to(rows.dtype)).cpu().numpy()
        return product

    def spectrum(self, matrix: Matrix, right: Floats) -> tuple[Spectrum, Floats]:
        """Return eigenvalues, and right sides in the basis of eigenvectors."""
        values, vectors = self.eigenvectors(matrix)
        return Spectrum.of_eigenvalues(values), vectors.T @ right

    def eigenvectors(self, matrix: Matrix) -> tuple[Floats, Floats]:
        """Return eigenvalues and eigenvectors."""
        matrix = matrix if isinstance(matrix, self._torch.Tensor) else self._wide(matrix)
        values, vectors = self._torch.linalg.eigh(matrix)
        return values.cpu().numpy(), vectors.cpu().numpy()
