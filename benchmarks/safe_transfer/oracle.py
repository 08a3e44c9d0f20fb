"""The best subset of sources to pool, by the test rows: a bound that no method can know."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.scoring import score

LARGEST_FULL = 8
N_RANDOM = 300
SEED = 0


def subsets(n_sources: int) -> np.ndarray:
    """Return all subsets as rows of 0 and 1, the empty one first; 300 random ones above eight.

    The random ones always have among them none, all, each source alone and all but each.
    """
    if n_sources <= LARGEST_FULL:
        return np.array(list(itertools.product((0.0, 1.0), repeat=n_sources)))
    rng = np.random.default_rng(SEED)
    drawn = (rng.random((N_RANDOM, n_sources)) < rng.random((N_RANDOM, 1))).astype(float)
    one, each = np.ones((1, n_sources)), np.eye(n_sources)
    return np.vstack([0.0 * one, one, each, one - each, drawn])


def oracle_score(problem: LinearProblem, X_test: np.ndarray, y_test: np.ndarray) -> float:
    """Return the best test score over subsets; penalties are chosen as for every rival."""
    fits = problem.pooled(subsets(problem.n_sources))
    predicted = fits.coef @ X_test.T
    return max(score(y_test, row, kind=problem.kind) for row in predicted)
