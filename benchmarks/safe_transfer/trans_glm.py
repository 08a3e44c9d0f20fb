"""TransGLM of Tian and Feng (2023): detect the sources worth using, pool them, correct the bias.

The published procedure, in squared loss and with ridge penalties where it has lasso penalties.
"""

from __future__ import annotations

import numpy as np

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import PENALTIES, fit, spectrum

N_FOLDS = 3
THRESHOLD = 2.0  # C0, the default of the authors' package glmtrans
LEAST_SPREAD = 0.01
SEED = 0


def detected(problem: LinearProblem) -> np.ndarray:
    """Return which sources pass algorithm 2: loss with them at most C0 spreads above loss without.

    The target is cut into three folds; each source is pooled with two of them and judged on the
    third, beside the target alone. The spread is that of the target's loss over folds.
    """
    fold = np.random.default_rng(SEED).permutation(len(problem.y)) % N_FOLDS
    loss = np.empty((N_FOLDS, problem.n_sources + 1))
    for r in range(N_FOLDS):
        X, y = problem.X[fold != r], problem.y[fold != r]
        G = np.concatenate([np.zeros_like(problem.G0)[None], problem.G]) + X.T @ X
        b = np.concatenate([np.zeros_like(problem.b0)[None], problem.b]) + X.T @ y
        predicted = problem.X[fold == r] @ fit(G, b, X, y).coef.T
        loss[r] = np.mean((problem.y[fold == r, None] - predicted) ** 2, axis=0)
    spread = max(float(loss[:, 0].std(ddof=1)), LEAST_SPREAD)
    return loss[:, 1:].mean(axis=0) - loss[:, 0].mean() <= THRESHOLD * spread


def trans_glm(problem: LinearProblem) -> Model:
    """Return the two-step model on the detected sources; the control where none is detected."""
    used = detected(problem)
    n_fits = N_FOLDS * (problem.n_sources + 1) + 2
    if not used.any():
        return Model(problem.alone.coef, n_fits)
    return Model(two_steps(problem, used.astype(float)), n_fits)


def two_steps(problem: LinearProblem, used: np.ndarray) -> np.ndarray:
    """Pool target and sources, then fit on the target what the pooled model lacks.

    Both penalties are chosen together by the exact leave-one-out error of the two steps. Without
    row i, the pooled model is w - A^-1 x_i c_i with c_i = (y_i - x_i' w) / (1 - x_i' A^-1 x_i), so
    the residuals that the second step sees are R_ij = y_j - x_j' w + x_j' A^-1 x_i c_i.
    """
    X, y = problem.X, problem.y
    pooled = spectrum(problem.G0 + np.tensordot(used, problem.G, 1))
    alone = spectrum(problem.G0)
    b = problem.b0 + used @ problem.b
    corrections = [inverted(alone, second) for second in PENALTIES]
    hats = [X @ correction @ X.T for correction in corrections]
    best, least = np.empty(0), np.inf
    for first in PENALTIES:
        inverse = inverted(pooled, first)
        coef = inverse @ b
        across = X @ inverse @ X.T
        lacking = y - X @ coef
        seen = lacking + across * (lacking / (1.0 - np.diag(across)))[:, None]
        for correction, hat in zip(corrections, hats):
            own = np.diag(hat)
            held_out = ((hat * seen).sum(axis=1) - own * np.diag(seen)) / (1.0 - own)
            error = np.mean((np.diag(seen) - held_out) ** 2)
            if error < least:
                least, best = error, coef + correction @ (X.T @ lacking)
    return best[None]


def inverted(pair: tuple[np.ndarray, np.ndarray], penalty: float) -> np.ndarray:
    values, vectors = pair
    return (vectors / (values + penalty)) @ vectors.T
