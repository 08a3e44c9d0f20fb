"""Ridge fits on subsets of sources, and their gains a row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.ridge import INTERCEPT, PENALTIES
from transfergap.stats.deletion import groups_by_size, without_groups, without_rows

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class PooledFits:
    """Statistics for a ridge fit on any subset of sources.

    No row of a source is among them.

    Parameters
    ----------
    design : ndarray, shape (n_rows, q)
        Encoded target rows, the intercept's column of ones last.
    responses : ndarray, shape (n_rows, n_responses)
    weights : ndarray, shape (n_rows,)
        Training weight of each target row.
    grams : ndarray, shape (n_sources, q, q)
    moments : ndarray, shape (n_sources, q, n_responses)
    powers : ndarray, shape (n_sources, n_responses)
        ``X'WX``, ``X'WY`` and ``y'Wy`` of each source.
    clusters : ndarray of int, shape (n_rows,), optional
        Rows of one cluster are left out together.

    Notes
    -----
    The penalty is chosen, for each subset anew, among those of SafeTransfer by the loss of left-out
    rows. A subset costs one eigendecomposition of q columns and a product with the target's rows.
    """

    design: Floats
    responses: Floats
    weights: Floats
    grams: Floats
    moments: Floats
    powers: Floats
    clusters: Rows | None = None

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return len(self.grams)

    @cached_property
    def gram(self) -> Floats:
        """Return the target's ``X'WX``."""
        weighted: Floats = (self.design * self.weights[:, None]).T @ self.design
        return weighted

    @cached_property
    def moment(self) -> Floats:
        """Return the target's ``X'WY``."""
        product: Floats = self.design.T @ (self.weights[:, None] * self.responses)
        return product

    @cached_property
    def penalties(self) -> Floats:
        """Return the penalties tried, larger for columns of shared variance."""
        total = self.weights.sum()
        spread = np.diag(self.gram)[:-1] / total - (self.gram[:-1, -1] / total) ** 2
        scaled: Floats = max(1.0, float(np.maximum(spread, 0.0).sum()) / 45.0) * PENALTIES
        return scaled

    @cached_property
    def _scale(self) -> Floats:
        scale = np.ones(self.design.shape[1])
        scale[-1] = INTERCEPT**-0.5
        return scale

    @cached_property
    def _blocks(self) -> tuple[Rows, ...] | None:
        """Return the rows of clusters, grouped by size."""
        return None if self.clusters is None else groups_by_size(self.clusters)

    def losses(self, subset: NDArray[np.bool_]) -> Floats:
        """Return each target row's squared loss without it, shape (n_rows,).

        Parameters
        ----------
        subset : ndarray of bool, shape (n_sources,)
            Sources that are pooled with the target; none of them gives the control.
        """
        gram = self.gram + self.grams[subset].sum(axis=0)
        moment = self.moment + self.moments[subset].sum(axis=0)
        values, rotated, projected = self._rotated(gram, moment)
        shrunk = 1.0 / (values + self.penalties[:, None])
        fitted = [rotated @ (inverse[:, None] * projected) for inverse in shrunk]
        residuals = np.stack([self.responses - fit for fit in fitted])
        deleted_residuals = self._left_out(rotated, shrunk, residuals)
        losses = (deleted_residuals**2).mean(axis=2)
        best: Floats = losses[int((losses @ self.weights).argmin())]
        return best

    def losses_alone(self, source: int) -> Floats:
        """Return each target row's squared loss under one source alone.

        Its penalty has the least generalised cross-validation error on the source.

        References
        ----------
        Golub, Heath and Wahba (1979), Generalized Cross-Validation, section 2.
        """
        values, rotated, projected = self._rotated(self.grams[source], self.moments[source])
        n = max(float(self.grams[source][-1, -1]), 1.0)
        shrunk = 1.0 / (values + self.penalties[:, None])
        explained = np.einsum("pj,jr->pr", 2 * shrunk - values * shrunk**2, projected**2)
        misfit = np.maximum(self.powers[source] - explained, 0.0).sum(axis=1) + 1e-12
        free = np.maximum(1.0 - (values * shrunk).sum(axis=1) / n, 1e-3)
        best = shrunk[int((misfit / free**2).argmin())]
        residuals = self.responses - rotated @ (best[:, None] * projected)
        losses: Floats = (residuals**2).mean(axis=1)
        return losses

    def _rotated(self, gram: Floats, moment: Floats) -> tuple[Floats, Floats, Floats]:
        """Return eigenvalues, and rows and moments in the directions of the eigenvectors."""
        scale = self._scale
        values, vectors = np.linalg.eigh(gram * scale[:, None] * scale[None, :])
        rotated = (self.design * scale) @ vectors
        return np.maximum(values, 0.0), rotated, vectors.T @ (moment * scale[:, None])

    def _left_out(self, rotated: Floats, shrunk: Floats, residuals: Floats) -> Floats:
        """Return residuals without each row, or cluster; shape (n_penalties, n_rows, n_resp.)."""
        if self._blocks is None:
            return without_rows(residuals, (shrunk @ (rotated**2).T) * self.weights)

        def hat_of(rows: Rows) -> Floats:
            part = rotated[rows]
            hats: Floats = (part * shrunk[:, None, None, :]) @ part.transpose(0, 2, 1)
            return hats

        return without_groups(residuals, self._blocks, hat_of, self.weights)


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
