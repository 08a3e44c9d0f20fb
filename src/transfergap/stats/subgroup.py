"""Gap on some of the rows, its spread widened for training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.stats.paired import (
    PairedEstimate,
    cluster_variance,
    few_differences_floor,
    without_rounding,
)

Floats = NDArray[np.float64]


def subgroup_estimate(
    differences: Floats,
    *,
    inflation: float,
    largest: float,
    clusters: NDArray[np.intp] | None = None,
) -> PairedEstimate:
    """Estimate a gap on the rows of one subgroup.

    Parameters
    ----------
    differences : ndarray, shape (n_rows,)
        Control minus treated loss of each row of the subgroup; at least 2.
    inflation : float
        Squared error of the arm's own gap over the plain variance of its mean difference: what the
        rows of the training sets add to the rows that are tested. Below 1 counts as 1.
    largest : float
        Bound of one row's difference.
    clusters : ndarray of int, shape (n_rows,), optional
        Group of each row where rows are not independent.

    Notes
    -----
    The part of training in the error is taken to grow like the part of the rows: that is too much
    where a subgroup shares the training of all, and errs on the safe side. Ours; measured in
    ``benchmarks/subgroup_claims.py``.
    """
    n_units = len(differences) if clusters is None else len(np.unique(clusters))
    error = float(np.sqrt(max(inflation, 1.0) * cluster_variance(differences, clusters)))
    return PairedEstimate(
        estimate=float(differences.mean()),
        error=error,
        df=max(n_units - 1, 1),
        equivalence_error=error,
        equivalence_df=max(n_units - 1, 1),
        n_pairs=n_units,
        method="t over the rows of the subgroup, widened for training",
        floor=few_differences_floor(differences, largest),
        size=largest,
    )


def sign_limit(differences: Floats, clusters: NDArray[np.intp] | None = None) -> float:
    """Return the smallest p-value that rows which differ can give.

    It is one half to the power of their number. Where few rows differ between two arms, a t over
    rows is too narrow; if nothing is gained or lost, the signs of k differences agree once in 2^k.

    Examples
    --------
    >>> sign_limit(np.array([0.0, 1.0, 1.0, 0.0]))
    0.25
    """
    totals = differences
    if clusters is not None:
        totals = np.bincount(clusters, weights=differences).astype(float)
    different = without_rounding(totals, size=float(np.abs(totals).max(initial=0.0)))
    # 1000 keeps the power from underflowing to zero.
    return float(0.5 ** min(int(np.count_nonzero(different)), 1000))
