"""Rivals that fit what the sources say and how the target differs from it."""

from __future__ import annotations

import numpy as np

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.ridge import PENALTIES, Fits, joined, spectrum


def offset_pool(problem: LinearProblem) -> Model:
    """Fit the pooled sources, then shrink towards them on the target (L2-SP, transfer ridge)."""
    values, vectors = spectrum(problem.G.sum(axis=0))
    rotated = vectors.T @ problem.b.sum(axis=0)
    prior = (rotated / (values + np.asarray(PENALTIES)[:, None])) @ vectors.T
    return Model.of(problem.offset(prior), len(PENALTIES) + 1)


def augmentation(problem: LinearProblem) -> Model:
    """Give each domain a copy of the features beside the common one (Daume 2007).

    The copies of the sources are minimised out: with penalty P on them, a source with the Gram
    matrix G adds G - G (G + P I)^-1 G = G P / (G + P I) to the common block. The penalty on the
    domains' own copies is that on the common one, or ten times it.
    """
    found = joined(
        [augmented(problem, common, ratio * common) for common in PENALTIES for ratio in (1, 10)]
    )
    p = len(problem.b0)
    return Model(found.best().coef[:, :p] + found.best().coef[:, p:], 2 * len(PENALTIES))


def augmented(problem: LinearProblem, common: float, own: float) -> Fits:
    """Return coefficients of the common block, then of the target's own, for two penalties."""
    values, vectors = problem.source_spectra
    shrunk = own / (values + own)
    G = np.einsum("kpq,kq,krq->pr", vectors, values * shrunk, vectors, optimize=True)
    b = np.einsum("kpq,kq,krq,kr->p", vectors, shrunk, vectors, problem.b, optimize=True)
    X = np.hstack([problem.X, problem.X])
    ridge = np.repeat([common, own], len(problem.b0))
    whole = X.T @ X + np.diag(ridge)
    whole[: len(b), : len(b)] += G
    right = X.T @ problem.y
    right[: len(b)] += b
    inverse = np.linalg.inv(whole)
    coef = inverse @ right
    leverage = np.einsum("np,pq,nq->n", X, inverse, X, optimize=True)
    held_out = problem.y - (problem.y - X @ coef) / (1.0 - leverage)
    return Fits(coef[None], held_out[None], np.mean((problem.y - held_out) ** 2, keepdims=True))
