"""ROC AUC as a mean over rows, by DeLong's components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def auc_rows(
    scores: Floats,
    positive: NDArray[np.bool_],
    strata: NDArray[np.intp] | None = None,
    weights: Floats | None = None,
) -> Floats:
    """Return one number a row whose mean is the ROC AUC.

    Parameters
    ----------
    scores : ndarray, shape (n_rows,)
        Larger means more likely positive.
    positive : ndarray of bool, shape (n_rows,)
    strata : ndarray of int, shape (n_rows,), optional
        Only rows of one stratum are compared: the test fold of each row, since scores of different
        folds come from different models. ``None`` compares all.
    weights : ndarray, shape (n_rows,), optional
        Above 0: a pair counts as the product of its rows' weights.

    Returns
    -------
    ndarray, shape (n_rows,)
        AUC plus the row's influence. With M pairs of a positive and a negative row, of which the
        row is in M_i and ranked right in R_i (ties half): AUC + n / M * (R_i - M_i AUC). A row
        without a partner has no influence. Without strata, differences of these between two models
        have the variance that DeLong's covariance gives, up to 1/m against 1/(m-1); with strata a
        little more, since each pair is seen from both of its rows.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated
    receiver operating characteristic curves; ranks as in Sun and Xu (2014). Why not to pool scores
    over folds: Airola et al. (2011), An experimental comparison of cross-validation techniques for
    estimating the area under the ROC curve, section 4.

    Examples
    --------
    >>> auc_rows(np.array([0.1, 0.4, 0.8]), np.array([False, True, True])).mean()
    np.float64(1.0)
    """
    n = len(scores)
    right, partners = np.zeros(n), np.zeros(n)
    for stratum in (None,) if strata is None else np.unique(strata):
        rows = np.arange(n) if stratum is None else np.flatnonzero(strata == stratum)
        if weights is None:
            right[rows], partners[rows] = _ranked_right(scores[rows], positive[rows])
        else:
            right[rows], partners[rows] = _weighed_right(
                scores[rows], positive[rows], weights[rows]
            )
    n_pairs = partners.sum() / 2.0
    auc = right.sum() / 2.0 / n_pairs
    # DeLong, DeLong and Clarke-Pearson (1988); the mean of the components is the AUC.
    values: Floats = auc + n / n_pairs * (right - partners * auc)
    return values


def _ranked_right(scores: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return for each row the correctly ordered pairs, and all pairs."""
    n, m = len(scores), int(positive.sum())
    right, partners = np.empty(n), np.where(positive, n - m, m).astype(float)
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    right[positive] = _n_below(below, scores[positive])
    right[~positive] = m - _n_below(above, scores[~positive])
    return right, partners


def _n_below(ordered: Floats, scores: Floats) -> Floats:
    """Count the ordered numbers below each score, ties as half."""
    count = 0.5 * (
        np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    )
    return np.asarray(count, float)


def _weighed_right(
    scores: Floats, positive: NDArray[np.bool_], weights: Floats
) -> tuple[Floats, Floats]:
    """Return the same, each pair counted by the product of its weights."""
    right, partners = np.empty(len(scores)), np.empty(len(scores))
    for side, sign in ((positive, 1.0), (~positive, -1.0)):
        order = np.argsort(sign * scores[~side])
        opposite_scores = sign * scores[~side][order]
        below = np.concatenate([[0.0], np.cumsum(weights[~side][order])])
        first = np.searchsorted(opposite_scores, sign * scores[side], side="left")
        last = np.searchsorted(opposite_scores, sign * scores[side], side="right")
        right[side] = weights[side] * 0.5 * (below[first] + below[last])
        partners[side] = weights[side] * below[-1]
    return right, partners


def macro_auc_rows(
    scores: Floats,
    labels: NDArray[np.intp],
    strata: NDArray[np.intp] | None = None,
    weights: Floats | None = None,
) -> Floats:
    """Return rows whose mean is the AUC.

    For several classes it is the macro mean of one-against-rest AUCs.

    Parameters
    ----------
    scores : ndarray, shape (n_rows, 1) for two classes, (n_rows, n_classes) for more
    labels : ndarray of int, shape (n_rows,)
        Class of each row, 0 to n_classes - 1. A class that never meets another one within a
        stratum is left out of the mean.
    strata, weights
        As in :func:`auc_rows`.
    """
    # Two classes have one column of scores; with more, each class is ranked against the rest.
    columns = [1] if scores.shape[1] == 1 else list(range(scores.shape[1]))
    parts = [
        auc_rows(scores[:, 0 if len(columns) == 1 else c], labels == c, strata, weights)
        for c in columns
        if _meets_others(labels == c, strata)
    ]
    rows: Floats = np.mean(parts, axis=0)
    return rows


def can_rank(labels: NDArray[np.intp], strata: NDArray[np.intp]) -> bool:
    """Return whether rows of different classes meet in some stratum."""
    return any(len(np.unique(labels[strata == stratum])) > 1 for stratum in np.unique(strata))


def _meets_others(positive: NDArray[np.bool_], strata: NDArray[np.intp] | None) -> bool:
    if strata is None:
        return 0 < int(positive.sum()) < len(positive)
    return bool(np.isin(strata[positive], strata[~positive]).any())
