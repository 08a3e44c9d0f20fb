"""The super learner: source models and the control, mixed on the simplex."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import Fits, fit, joined


def super_learner(problem: LinearProblem) -> Model:
    """Stack the control, the model of all sources and each source's model on the simplex.

    Weights minimise the squared error on target rows, where the control predicts held out
    (van der Laan, Polley and Hubbard 2007). Source models choose penalties by their own rows.
    """
    coef = source_models(problem)
    members = joined([problem.alone, Fits(coef, coef @ problem.X.T, np.full(len(coef), np.nan))])
    weights = simplex_weights(members.held_out.T, problem.y)
    return Model.of(members.mixed(weights, problem.y), problem.n_sources + 2)


def source_models(problem: LinearProblem) -> np.ndarray:
    """Return ridge of all sources pooled, then of each source."""
    parts = problem.sources
    X, y = np.vstack([X for X, _ in parts]), np.concatenate([y for _, y in parts])
    whole = fit(problem.G.sum(axis=0)[None], problem.b.sum(axis=0)[None], X, y)
    each = [fit(G[None], b[None], X, y) for G, b, (X, y) in zip(problem.G, problem.b, parts)]
    return np.vstack([whole.coef, *(one.coef for one in each)])


def simplex_weights(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return weights, at least 0 and of sum 1, with the least squared error."""
    heavy = 1e3 * np.sqrt(len(y))
    design = np.vstack([predictions, np.full(predictions.shape[1], heavy)])
    weights, _ = nnls(design, np.append(y, heavy))
    return weights / weights.sum()
