"""Ridge fits of many weightings of the sources at once, each with its exact leave-one-out.

Squared loss throughout, on labels -1 and 1 for two classes. Every fit of every method here chooses
its penalty on ``PENALTIES`` by the leave-one-out error on the target rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PENALTIES = (0.3, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
# An intercept column of this value is penalised 10,000 times less than the other columns.
INTERCEPT = 100.0


def with_intercept(X: np.ndarray) -> np.ndarray:
    return np.column_stack([X, np.full(len(X), INTERCEPT)])


@dataclass(frozen=True, eq=False)
class Fits:
    """Fitted models of one target, a row each.

    ``coef`` has shape (n_models, p); ``held_out`` holds the prediction of each target row by the
    model without this row, of shape (n_models, n); ``error`` is its mean squared error.
    """

    coef: np.ndarray
    held_out: np.ndarray
    error: np.ndarray

    def __getitem__(self, index: slice | np.ndarray) -> Fits:
        return Fits(self.coef[index], self.held_out[index], self.error[index])

    def best(self) -> Fits:
        """Return the one with the least held-out error."""
        first = int(self.error.argmin())
        return self[first : first + 1]

    def mixed(self, weights: np.ndarray, y: np.ndarray) -> Fits:
        """Return one model, the weighted mean; the weights are held fixed."""
        held_out = weights @ self.held_out
        return Fits(
            (weights @ self.coef)[None], held_out[None], np.mean((y - held_out) ** 2, keepdims=True)
        )


def joined(parts: Sequence[Fits]) -> Fits:
    return Fits(
        np.vstack([part.coef for part in parts]),
        np.vstack([part.held_out for part in parts]),
        np.concatenate([part.error for part in parts]),
    )


def spectrum(G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues, not below zero, and eigenvectors of one Gram matrix or of a stack."""
    values, vectors = np.linalg.eigh(G)
    return np.maximum(values, 0.0), vectors


def fit(
    G: np.ndarray,
    b: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    *,
    penalties: Sequence[float] = PENALTIES,
    weights: np.ndarray | None = None,
) -> Fits:
    """Fit ridge on each Gram matrix of a stack, with its best penalty.

    Parameters
    ----------
    G, b : ndarray, shapes (n_models, p, p) and (n_models, p)
        X'X and X'y of all rows of a model, those of ``X`` among them, ``weights`` times if given.
    X, y : ndarray, shapes (n, p) and (n,)
        Target rows: leave-one-out is over them. ``y`` may differ by model: (n_models, 1, n).
    weights : ndarray, shape (n,), optional
        Weight of each target row.

    Notes
    -----
    With A = G + penalty I and h_i = w_i x_i' A^-1 x_i, the prediction of row i without row i is
    y_i - (y_i - x_i' beta) / (1 - h_i). One spectrum serves all penalties.
    """
    values, vectors = spectrum(G)
    inverse = 1.0 / (values[:, None, :] + np.asarray(penalties)[None, :, None])
    rotated = X @ vectors
    coef = inverse * (b[:, None, :] @ vectors)
    across = np.swapaxes(rotated, 1, 2)
    leverage = inverse @ across**2
    if weights is not None:
        leverage = leverage * weights
    held_out = y - (y - coef @ across) / (1.0 - leverage)
    loss = (y - held_out) ** 2
    error = loss.mean(axis=2) if weights is None else np.average(loss, axis=2, weights=weights)
    best = error.argmin(axis=1)
    row = np.arange(len(G))
    return Fits(
        np.einsum("cpq,cq->cp", vectors, coef[row, best]), held_out[row, best], error[row, best]
    )
