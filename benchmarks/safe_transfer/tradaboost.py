"""TrAdaBoost for two classes (Dai et al. 2007) and for numbers (Pardoe and Stone 2010).

Rounds reweight rows: source rows that the round's model gets wrong lose weight, target rows that it
gets wrong gain weight. The base learner is the weighted ridge of the other rivals.
"""

from __future__ import annotations

import numpy as np

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import fit

N_ROUNDS = 10  # the default of the package adapt
LEAST_ERROR, LARGEST_ERROR = 0.01, 0.49


def tradaboost(problem: LinearProblem) -> Model:
    """Combine the models of the later half of the rounds.

    Two classes: the mean of their linear scores, weighted by ln(1 / beta_t), since ranking needs a
    score and the published vote takes few values. Numbers: the published weighted median.
    """
    coef, votes, _ = boosted_rounds(problem)
    later = slice(N_ROUNDS // 2, None)
    if problem.kind == "regression":
        return Model(coef[later], N_ROUNDS, votes[later])
    return Model((votes[later] @ coef[later] / votes[later].sum())[None], N_ROUNDS)


def boosted_rounds(problem: LinearProblem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients and votes of each round, and the source rows' final weights."""
    n_source = int(problem.n_rows.sum())
    X = np.vstack([*(X for X, _ in problem.sources), problem.X])
    y = np.concatenate([*(y for _, y in problem.sources), problem.y])
    weight = np.ones(len(y))
    shrink = 1.0 / (1.0 + np.sqrt(2.0 * np.log(n_source) / N_ROUNDS))
    coefs, votes = [], []
    for _ in range(N_ROUNDS):
        weight = weight / weight.mean()
        coef = weighted_ridge(X, y, weight, n_source)
        error = row_errors(y, X @ coef, kind=problem.kind)
        on_target = np.average(error[n_source:], weights=weight[n_source:])
        on_target = np.clip(on_target, LEAST_ERROR, LARGEST_ERROR)
        beta = on_target / (1.0 - on_target)
        weight[:n_source] *= shrink ** error[:n_source]
        weight[n_source:] *= beta ** -error[n_source:]
        coefs.append(coef)
        votes.append(np.log(1.0 / beta))
    return np.array(coefs), np.array(votes), weight[:n_source]


def weighted_ridge(X: np.ndarray, y: np.ndarray, weight: np.ndarray, n_source: int) -> np.ndarray:
    """Fit weighted ridge with the penalty of least weighted leave-one-out error on the target."""
    heavy = X * weight[:, None]
    own = slice(n_source, None)
    found = fit((heavy.T @ X)[None], (y @ heavy)[None], X[own], y[own], weights=weight[own])
    return found.coef[0]


def row_errors(y: np.ndarray, predicted: np.ndarray, *, kind: str) -> np.ndarray:
    """Return 0 or 1 for classes, and the share of the largest residual for numbers."""
    if kind == "binary":
        return (np.sign(predicted) != y).astype(float)
    residual = np.abs(y - predicted)
    return residual / max(float(residual.max()), 1e-12)
