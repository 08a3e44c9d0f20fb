"""The area under the ROC curve as a mean over rows, by DeLong's components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def auc_rows(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Return a number for each row whose mean is the area under the ROC curve.

    Parameters
    ----------
    scores : ndarray, shape (n_rows,)
        Larger means more likely positive.
    positive : ndarray of bool, shape (n_rows,)
        At least one row of each kind.

    Returns
    -------
    ndarray, shape (n_rows,)
        AUC plus the row's influence: n/m * (V10 - AUC) for the m positive rows and
        n/(n-m) * (V01 - AUC) for the others, where V10 is the share of negative rows that the row
        beats (ties half) and V01 the share of positive rows that beat it. Differences of these
        between two models have the variance that DeLong's covariance gives, up to 1/m against
        1/(m-1).

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated
    receiver operating characteristic curves; ranks as in Sun and Xu (2014).

    Examples
    --------
    >>> auc_rows(np.array([0.1, 0.4, 0.8]), np.array([False, True, True])).mean()
    np.float64(1.0)
    """
    n, m = len(scores), int(positive.sum())
    ranks = stats.rankdata(scores)
    components = np.empty(n)
    components[positive] = (ranks[positive] - stats.rankdata(scores[positive])) / (n - m)
    below = ranks[~positive] - stats.rankdata(scores[~positive])
    components[~positive] = 1.0 - below / m
    auc = components[positive].mean()
    share = np.where(positive, n / m, n / (n - m))
    rows: Floats = auc + share * (components - auc)
    return rows


def macro_auc_rows(scores: Floats, labels: NDArray[np.intp]) -> Floats:
    """Return rows whose mean is the AUC, or the macro mean of one-against-rest AUCs.

    Parameters
    ----------
    scores : ndarray, shape (n_rows, 1) for two classes, (n_rows, n_classes) for more
    labels : ndarray of int, shape (n_rows,)
        Class of each row, 0 to n_classes - 1. A class without rows is left out of the mean.
    """
    if scores.shape[1] == 1:
        return auc_rows(scores[:, 0], labels == 1)
    parts = [
        auc_rows(scores[:, c], labels == c)
        for c in range(scores.shape[1])
        if 0 < np.count_nonzero(labels == c) < len(labels)
    ]
    rows: Floats = np.mean(parts, axis=0)
    return rows
