"""Scores of predictions on test rows, and whether one is significantly below another."""

from __future__ import annotations

import numpy as np
from scipy import stats

from transfergap.stats.ranking import auc_rows

HARM_POINTS = 1.0


def score(y: np.ndarray, predicted: np.ndarray, *, kind: str) -> float:
    """Return 100 AUC, or 100 R2. ``y`` is 0/1 or -1/1 for two classes.

    Several classes are numbered from 0; ``predicted`` has a column each, and the AUC is the mean of
    one against the rest, over the classes that ``y`` holds.
    """
    if not np.isfinite(predicted).all():
        raise ValueError("A prediction is not finite, so it has no score: mend the method.")
    if kind == "regression":
        return float(100.0 * (1.0 - np.mean((y - predicted) ** 2) / y.var()))
    if kind == "classes":
        return float(np.mean([score(y == c, predicted[:, c], kind="binary") for c in held(y)]))
    positive = y > 0
    n_positive = int(positive.sum())
    n_pairs = n_positive * (len(y) - n_positive)
    ranks = stats.rankdata(predicted)
    return float(100.0 * (ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / n_pairs)


def held(y: np.ndarray) -> list[int]:
    """Return the classes that labels hold, but for one that is all of them."""
    classes, counts = np.unique(y, return_counts=True)
    return [int(c) for c, n in zip(classes, counts, strict=True) if n < len(y)]


def harm_p_value(y: np.ndarray, treated: np.ndarray, control: np.ndarray, *, kind: str) -> float:
    """Return the one-sided p-value of "the treated model is worse on these rows".

    DeLong's test for AUC, and for its mean over classes; for R2, the paired test of the squared
    errors, which the rows' number (at least a hundred) lets us read off the normal distribution.
    """
    if kind == "regression":
        difference = (y - control) ** 2 - (y - treated) ** 2
    elif kind == "classes":
        pairs = [(treated[:, c], control[:, c], y == c) for c in held(y)]
        difference = np.mean([auc_rows(t, p) - auc_rows(u, p) for t, u, p in pairs], axis=0)
    else:
        difference = auc_rows(treated, y > 0) - auc_rows(control, y > 0)
    error = difference.std(ddof=1) / np.sqrt(len(y))
    return float(stats.norm.cdf(difference.mean() / error)) if error > 0 else 1.0
