"""The class of a target that each class of a source means."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def naming(scores: Floats, truth: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """Return the target's class for each of the source's, by mean scores.

    ``None`` if every class is best named as it is.

    Parameters
    ----------
    scores : ndarray, shape (n_rows, n_classes)
        Of the source's model for the target's rows.
    truth : ndarray of int, shape (n_rows,)
        The target's classes.

    Examples
    --------
    >>> truth = np.array([0, 1, 2, 0, 1, 2])
    >>> naming(np.eye(3)[[1, 0, 2, 1, 0, 2]], truth).tolist()
    [1, 0, 2]
    """
    from scipy.optimize import linear_sum_assignment

    k = scores.shape[1]
    # Row: class of the source. Column: class of the target, each counting alike.
    means = np.stack([scores[truth == c].mean(axis=0) for c in range(k)], axis=1)
    rows, names = linear_sum_assignment(-means)
    return None if (names == rows).all() else names


def chance_of(
    names: NDArray[np.intp], scores: Floats, truth: NDArray[np.intp], n_effective: int
) -> float:
    """Return the p-value of a naming, corrected for choosing among all.

    A t-test of what each row's class scores under its new name above its old one; rows whose class
    keeps its name do not count.

    Parameters
    ----------
    names : ndarray of int, shape (n_classes,)
        From :func:`naming`.
    scores, truth : ndarray
        As there.
    n_effective : int
        Independent rows: those of a group count once.
    """
    from scipy.stats import t

    former = np.argsort(names)[truth]  # the source's name of each row's class
    rows = np.flatnonzero(former != truth)
    gains = scores[rows, former[rows]] - scores[rows, truth[rows]]
    n = max(int(len(rows) * n_effective / len(truth)), 2)
    error = max(float(gains.std(ddof=1)) / math.sqrt(n), 1e-300)
    return float(t.sf(gains.mean() / error, n - 1)) * math.factorial(scores.shape[1])
