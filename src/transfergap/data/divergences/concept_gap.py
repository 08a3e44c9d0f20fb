"""Concept gap: losses of a source's model beside the control's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.data.divergences.divergence import LEVEL, Divergence
from transfergap.errors import PairingError
from transfergap.stats import cluster_variance

Floats = NDArray[np.float64]


def concept_gap(
    source_losses: Floats, control_losses: Floats, clusters: NDArray[np.intp] | None = None
) -> Divergence:
    """Return the loss of a source's model above the control's.

    Parameters
    ----------
    source_losses : ndarray, shape (n_rows,)
        Losses of target rows under a model of the source alone.
    control_losses : ndarray, shape (n_rows,)
        Losses of the same rows under models of the target that did not see them.
    clusters : ndarray of int, shape (n_rows,), optional
        Groups of rows.

    Returns
    -------
    Divergence
        The mean difference with its 90 % t interval, and the two-sided p-value; below zero where
        the source's model is better.

    Raises
    ------
    PairingError
        If the losses are not of the same rows.

    Notes
    -----
    Needs labels of the target. On real tables it predicts the sign of the gap with an AUC of about
    .9, where distances of columns do not (which_sources.md).

    Examples
    --------
    >>> concept_gap(np.array([2.0, 4.0]), np.array([1.0, 1.0])).value
    2.0
    """
    if source_losses.shape != control_losses.shape or source_losses.ndim != 1:
        raise PairingError(
            f"There are losses of shapes {source_losses.shape} and {control_losses.shape}.",
            hint="give one loss a row of the same rows",
        )
    apart = source_losses - control_losses
    n_units = len(apart) if clusters is None else int(clusters.max()) + 1
    error = float(np.sqrt(cluster_variance(apart, clusters))) if n_units > 1 else np.inf
    df, mean = max(n_units - 1, 1), float(apart.mean())
    half = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * error
    p_value = float(2 * stats.t.sf(abs(mean) / error, df)) if error > 0 else float(mean == 0)
    return Divergence(mean, mean - half, mean + half, p_value, (len(apart), len(apart)))
