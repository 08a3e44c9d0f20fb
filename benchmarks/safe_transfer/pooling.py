"""Rivals that fit target rows together with weighted or chosen sources."""

from __future__ import annotations

import numpy as np

from benchmarks.safe_transfer.model import Model
from benchmarks.safe_transfer.problem import LinearProblem


def target_only(problem: LinearProblem) -> Model:
    return Model.of(problem.alone, 1)


def pool(problem: LinearProblem) -> Model:
    return Model.of(problem.pooled(np.ones((1, problem.n_sources))), 1)


def balanced_pool(problem: LinearProblem) -> Model:
    """Pool with sources that weigh, together, what the target weighs."""
    share = len(problem.y) / problem.n_rows.sum()
    return Model.of(problem.pooled(np.full((1, problem.n_sources), share)), 1)


def one_source_in(problem: LinearProblem) -> Model:
    """Pool the sources with which, one at a time, the held-out error is smaller than without."""
    helps = problem.one_source_in.error < problem.alone.error[0]
    return Model.of(problem.pooled(helps[None].astype(float)), problem.n_sources + 2)


def nested_sets(problem: LinearProblem) -> Model:
    """Rank sources, pool the best 0, 1, ... K, and mix by exponential weights.

    After Trans-Lasso (Li, Cai and Li 2022), with ridge for the lasso and leave-one-out for the
    split.
    """
    rank = np.argsort(np.argsort(problem.one_source_in.error))
    sets = rank[None] < np.arange(problem.n_sources + 1)[:, None]
    fits = problem.pooled(sets.astype(float))
    exponent = -0.5 * len(problem.y) * fits.error / fits.error.min()
    weights = np.exp(exponent - exponent.max())
    mixed = fits.mixed(weights / weights.sum(), problem.y)
    return Model.of(mixed, 2 * problem.n_sources + 1)
