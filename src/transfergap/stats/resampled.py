"""Corrected resampled t: folds share training rows, so they are dependent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transfergap.stats.paired import PairedEstimate


def corrected_error(fold_gaps: NDArray[np.float64], *, test_to_train: float) -> float:
    """Return the standard error of a mean over cross-validation folds.

    Parameters
    ----------
    fold_gaps : ndarray, shape (n_folds_in_all,)
        Mean gap of each test fold, over all repeats; at least 2.
    test_to_train : float
        Test rows over training rows: 1/9 for ten folds.

    Returns
    -------
    float
        ``sqrt(S2 * (1/J + test_to_train))`` with S2 the variance of the J fold means.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the Generalization Error, section 3.

    Examples
    --------
    >>> round(corrected_error(np.array([0.0, 1.0]), test_to_train=0.5), 6)
    0.707107
    """
    spread = float(np.var(fold_gaps, ddof=1))
    # Nadeau and Bengio (2003), Inference for the Generalization Error, section 3.
    return float(np.sqrt(spread * (1.0 / len(fold_gaps) + test_to_train)))


def resampled_estimate(
    fold_gaps: NDArray[np.float64], *, n_folds: int, method: str, estimate: float | None = None
) -> PairedEstimate:
    """Return the corrected resampled t estimate from fold gaps alone.

    Parameters
    ----------
    fold_gaps : ndarray, shape (n_repeats * n_folds,)
    n_folds : int
        Folds in one repeat, K; the degrees of freedom are K - 1 however many repeats there are,
        since repeats bring no new rows.
    method : str
        Words for the report.
    estimate : float, optional
        The row-weighted gap where rows have losses; the mean of ``fold_gaps`` otherwise.
    """
    error = corrected_error(fold_gaps, test_to_train=1.0 / (n_folds - 1))
    return PairedEstimate(
        estimate=float(fold_gaps.mean()) if estimate is None else estimate,
        error=error,
        df=n_folds - 1,
        equivalence_error=error,
        equivalence_df=n_folds - 1,
        n_pairs=len(fold_gaps),
        method=method,
    )


def split_estimate(
    fold_gaps: NDArray[np.float64],
    *,
    test_to_train: float,
    n_disjoint: int,
    method: str,
    estimate: float | None = None,
) -> PairedEstimate:
    """Return the corrected resampled t estimate from the gaps of any splits.

    Parameters
    ----------
    fold_gaps : ndarray, shape (n_splits,)
    test_to_train : float
        Tested rows over trained rows, on average.
    n_disjoint : int
        Test sets without a common row that the tested rows make up; degrees of freedom are one
        fewer, however often rows are tested.
    method : str
    estimate : float, optional
        The mean of ``fold_gaps`` otherwise.
    """
    # Repeats bring no new rows: only disjoint test sets count as units.
    df = max(min(n_disjoint, len(fold_gaps)) - 1, 1)
    error = corrected_error(fold_gaps, test_to_train=test_to_train)
    return PairedEstimate(
        estimate=float(fold_gaps.mean()) if estimate is None else estimate,
        error=error,
        df=df,
        equivalence_error=error,
        equivalence_df=df,
        n_pairs=len(fold_gaps),
        method=method,
    )
