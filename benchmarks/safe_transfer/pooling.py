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


SHARE = 0.75  # of the pool in "constant share": SafeTransfer's at low caution
PARTS = (0.25, 0.5, 1.0)  # of a source's rows that may be added
SURE = 1.0  # standard errors by which an addition must lead


def constant_share(problem: LinearProblem) -> Model:
    """Mix three quarters of the pool of all into the target-only model, come what may."""
    both = problem.pooled(np.array([np.zeros(problem.n_sources), np.ones(problem.n_sources)]))
    return Model.of(both.mixed(np.array([1.0 - SHARE, SHARE]), problem.y), 2)


def accept_or_reject(problem: LinearProblem) -> Model:
    """Add the source, and as many of its rows, that promise the largest gain, while it is sure.

    Greedy, in the manner of Cherkaoui, Halconruy and Petetin (2026, arXiv 2510.16986, When to
    transfer), with their estimate of the transfer gain replaced by held-out losses in closed form:
    an addition is accepted if it lowers them by more than a standard error of their differences.
    """
    shares = np.zeros(problem.n_sources)
    best, n_fits = problem.alone, 1
    while True:
        steps = [
            np.where(np.arange(problem.n_sources) == k, part, shares)
            for k in range(problem.n_sources)
            for part in PARTS
            if part > shares[k]
        ]
        if not steps:
            return Model.of(best, n_fits)
        fits = problem.pooled(np.array(steps))
        n_fits += len(steps)
        gains = (problem.y - best.held_out[0]) ** 2 - (problem.y - fits.held_out) ** 2
        lead = gains.mean(axis=1) - SURE * gains.std(axis=1, ddof=1) / np.sqrt(len(problem.y))
        first = int(lead.argmax())
        if lead[first] <= 0:
            return Model.of(best, n_fits)
        shares, best = steps[first], fits[first : first + 1]
