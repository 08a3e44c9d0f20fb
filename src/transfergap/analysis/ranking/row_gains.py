"""Gains of each source on each target row, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.ranking.pooled_fits import PooledFits

Floats = NDArray[np.float64]
# 256 subsets, each one eigendecomposition.
MOST_EXACT = 8  # sources: up to here every subset of them is fitted
# As many fits as all subsets of eight sources.
N_PAIRS = 128  # of a subset and its complement, where not every subset is
PAIRS_A_SOURCE = 2  # at least, so that as many effects can be told apart


@dataclass(frozen=True)
class RowGains:
    """Falls of loss a row, shape (n_sources, n_rows); positive helps.

    Parameters
    ----------
    one_in : ndarray
        Target and source against the target alone.
    alone : ndarray
        The source alone against the target alone.
    leave_one_out : ndarray
        All sources against all but this one.
    banzhaf : ndarray
        Mean, over subsets of the other sources, of what adding this one gains.
    banzhaf_error : ndarray, shape (n_sources,)
        Standard error of its mean over rows that comes from sampling subsets; 0 where none was
        sampled.
    n_subsets : int
        Subsets that were fitted for the Banzhaf values.
    exact : bool
        Whether these are all.
    """

    one_in: Floats
    alone: Floats
    leave_one_out: Floats
    banzhaf: Floats
    banzhaf_error: Floats
    n_subsets: int
    exact: bool


def row_gains(fits: PooledFits, *, seed: int) -> RowGains:
    """Return the gains of every source.

    Notes
    -----
    Under uniform subsets, Banzhaf values are the coefficients of the least-squares fit of the loss
    on who takes part (Hammer and Holzman 1992, section 3), so that every subset serves every
    source; a subset and its complement together cancel interactions of two sources.
    """
    k, everyone = fits.n_sources, np.ones(fits.n_sources, bool)
    control, full = fits.losses(~everyone), fits.losses(everyone)
    single = np.eye(k, dtype=bool)
    subsets = _subsets(k, seed=seed)
    banzhaf, error = _banzhaf(fits, subsets, sampled=k > MOST_EXACT)
    return RowGains(
        one_in=np.stack([control - fits.losses(only) for only in single]),
        alone=np.stack([control - fits.losses_alone(i) for i in range(k)]),
        leave_one_out=np.stack([fits.losses(~only) - full for only in single]),
        banzhaf=banzhaf,
        banzhaf_error=error,
        n_subsets=2 * len(subsets),
        exact=k <= MOST_EXACT,
    )


def _subsets(n_sources: int, *, seed: int) -> NDArray[np.bool_]:
    """Return one subset of each pair of complements, shape (n_pairs, n_sources)."""
    if n_sources <= MOST_EXACT:
        tails = product([False, True], repeat=n_sources - 1)
        return np.array([(True, *tail) for tail in tails])
    n_pairs = max(N_PAIRS, PAIRS_A_SOURCE * n_sources)
    rng = np.random.default_rng([seed, 31])
    # Banzhaf values weigh all subsets alike: each source is in with probability one half.
    drawn: NDArray[np.bool_] = rng.random((n_pairs, n_sources)) < 0.5
    return drawn


def _banzhaf(
    fits: PooledFits, subsets: NDArray[np.bool_], *, sampled: bool
) -> tuple[Floats, Floats]:
    falls = np.stack([fits.losses(~subset) - fits.losses(subset) for subset in subsets])
    signs = np.where(subsets, 1.0, -1.0)
    inverse = np.linalg.pinv(signs)
    gains = inverse @ falls
    if not sampled:
        return gains, np.zeros(fits.n_sources)
    means = falls.mean(axis=1)
    misfit = means - signs @ (inverse @ means)
    variance = float(misfit @ misfit) / (len(subsets) - fits.n_sources)
    return gains, np.sqrt(variance * (inverse**2).sum(axis=1))
