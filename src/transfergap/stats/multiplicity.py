"""Corrections for many comparisons: false discovery rate, and Holm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def discoveries(p_values: NDArray[np.float64], *, rate: float = 0.10) -> NDArray[np.bool_]:
    """Return which claims stand at a false discovery rate of ``rate``.

    Parameters
    ----------
    p_values : ndarray, shape (n_claims,)
        One-sided p-values of one direction, in [0, 1].
    rate : float
        Expected share of false claims among those made, in (0, 1).

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the False Discovery Rate, section 3.

    Examples
    --------
    >>> discoveries(np.array([0.01, 0.5])).tolist()
    [True, False]
    """
    if len(p_values) == 0:
        return np.zeros(0, bool)
    standing: NDArray[np.bool_] = stats.false_discovery_control(p_values) <= rate
    return standing


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values corrected for the family-wise error rate (Holm).

    References
    ----------
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    steps = np.maximum.accumulate((n - np.arange(n)) * p_values[order])
    corrected = np.empty(n)
    corrected[order] = np.minimum(steps, 1.0)
    return corrected
