"""BLOCK: paired gaps from ten folds and fits that leave two out.

Formulas and the evidence for the constants: docs/methods.md, "BLOCK". The constants were chosen on
simulated problems with known truth, never on the data sets that our benchmarks judge us by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.stats.paired import PairedEstimate, cluster_variance, is_rounding
from transfergap.stats.resampled import corrected_error

Floats = NDArray[np.float64]

# Share of the plain error of rows that the jackknife may not fall below; right-or-wrong losses keep
# it at every size. Chosen in simulation: docs/methods.md, "BLOCK".
ZERO_ONE_FLOOR = 0.7
# Of the refit noise N, subtracted from V; chosen in the same simulation.
NOISE_SHARE = 0.4
# As in LIN: residuals above SKEWED_ABOVE need intervals wider by this factor.
SKEW_FACTOR = 1.6
# Of the resampled error: below it the learner is stable, and the smaller interval holds.
MIX_BELOW = {1: 1.5, 2: 1.75}  # by how many partitions have pair fits
# Of the resampled error: above it TG303 calls the learner unstable.
UNSTABLE_ABOVE = 1.75


@dataclass(frozen=True)
class PairFits:
    """Differences a row, two folds left out, of one partition.

    Parameters
    ----------
    fold : ndarray of int, shape (n_rows,)
        The fold of each row.
    single : ndarray, shape (n_rows,)
        Control minus treated loss of each row, both trained without the row's fold.
    double : ndarray, shape (n_rows, n_folds)
        The same, trained without the row's fold and fold ``b`` too; column ``b`` of a row in
        fold ``b`` is not used.
    """

    fold: NDArray[np.intp]
    single: Floats
    double: Floats


def jackknife_variance(pairs: PairFits) -> float:
    """Return the delete-one-fold jackknife variance of the gap.

    theta_b is the mean over the rows outside fold b of the difference trained without b; the
    variance is (K-1)/K times their squared spread.
    """
    n_folds = pairs.double.shape[1]
    # T_b: mean gap over the rows outside fold b, of models fitted without b as well.
    thetas = np.array([pairs.double[pairs.fold != b, b].mean() for b in range(n_folds)])
    return float((n_folds - 1) / n_folds * ((thetas - thetas.mean()) ** 2).sum())


def refit_noise(pairs: PairFits, clusters: NDArray[np.intp] | None) -> float:
    """Return the jackknife variance due to single rows of small folds.

    The mean over ordered pairs of folds (a, b) of the variance of fold a's mean change when b is
    left out as well.
    """
    n_folds = pairs.double.shape[1]
    variances = []
    for a in range(n_folds):
        rows = pairs.fold == a
        inside = None if clusters is None else np.unique(clusters[rows], return_inverse=True)[1]
        for b in range(n_folds):
            if b != a:
                # Refit noise: movement of the losses of fold a once fold b is left out too.
                change = pairs.double[rows, b] - pairs.single[rows]
                variances.append(cluster_variance(change, inside))
    return float(np.mean(variances))


def error_floor(
    differences: Floats,
    *,
    zero_one: bool,
    skewed: bool,
    clusters: NDArray[np.intp] | None = None,
) -> float:
    """Return the error that the jackknife may not fall below.

    Parameters
    ----------
    differences, zero_one, skewed, clusters
        As of :func:`block_estimate`.

    Examples
    --------
    >>> error_floor(np.array([0.0, 1.0]), zero_one=True, skewed=False)
    0.35
    """
    n_units = len(differences) if clusters is None else len(np.unique(clusters))
    # Smooth losses shrink the floor as (60 / n)^(1/3), from 60 units on.
    share = ZERO_ONE_FLOOR * (1.0 if zero_one else min(1.0, (60.0 / n_units) ** (1 / 3)))
    share *= SKEW_FACTOR if skewed else 1.0
    return float(share * np.sqrt(cluster_variance(differences, clusters)))


def block_estimate(
    differences: Floats,
    fold_gaps: Floats,
    pairs: tuple[PairFits, ...],
    *,
    n_folds: int,
    zero_one: bool,
    skewed: bool,
    clusters: NDArray[np.intp] | None = None,
) -> PairedEstimate:
    """Estimate a gap from folds, repeats and pair fits.

    Parameters
    ----------
    differences : ndarray, shape (n_rows,)
        Control minus treated loss of each target row, averaged over the repeats.
    fold_gaps : ndarray, shape (n_repeats * n_folds,)
        Mean difference of each test fold.
    pairs : tuple of PairFits
        One for each partition whose pairs of folds were fitted; 1 ("full") or 2 ("thorough").
    n_folds : int
    zero_one : bool
        Whether a row's loss is right-or-wrong: such differences get the larger floor.
    skewed : bool
        Whether squared losses rest on strongly skewed residuals: the error is widened.
    clusters : ndarray of int, shape (n_rows,), optional
        Group of each row where rows are not independent.

    Returns
    -------
    PairedEstimate
        Degrees of freedom 9 a partition.

    Notes
    -----
    Ours; ``benchmarks/`` and ``tests/calibration`` measure how often it claims falsely.
    """
    estimate = float(differences.mean())
    floor = error_floor(differences, zero_one=zero_one, skewed=skewed, clusters=clusters)
    variance = float(np.mean([jackknife_variance(part) for part in pairs]))
    noise = float(np.mean([refit_noise(part, clusters) for part in pairs]))
    error = np.sqrt(max(variance - NOISE_SHARE * noise, 0.0)) * (SKEW_FACTOR if skewed else 1.0)
    error = max(float(error), floor)
    jackknife = float(np.sqrt(variance))
    resampled = corrected_error(fold_gaps, test_to_train=1.0 / (n_folds - 1))
    no_spread = is_rounding(resampled, size=float(np.abs(fold_gaps).max()))
    df = float((n_folds - 1) * len(pairs))
    if jackknife < MIX_BELOW[len(pairs)] * resampled:
        # The smaller interval of the two: errors are compared at their own degrees of freedom.
        ratio = stats.t.ppf(0.95, n_folds - 1) / stats.t.ppf(0.95, df)
        error = min(float(error), resampled * ratio)
    return PairedEstimate(
        estimate=estimate,
        error=float(error),
        df=df,
        equivalence_error=max(resampled, jackknife),
        equivalence_df=n_folds - 1,
        n_pairs=len(fold_gaps) + len(pairs) * n_folds * (n_folds - 1) // 2,
        method="two-fold jackknife",
        instability=None if no_spread else jackknife / resampled,
    )
