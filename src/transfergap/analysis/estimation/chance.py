"""Wider errors where the control may be no better than a constant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation.control import constant_losses
from transfergap.analysis.estimation.pairs import Floats, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.stats import PairedEstimate, cluster_variance
from transfergap.stats.gap import exceeds_zero

# Of the plain error of the rows' differences. Taken from 1, 1.1 and 1.2 on other draws than those
# that judge it: decision 0050.
ROWS_FACTOR = 1.2


def beside_chance(
    arm: PairedTrials,
    estimate: PairedEstimate,
    control: Floats,
    treated: Floats,
    is_tested: NDArray[np.bool_],
) -> PairedEstimate:
    """Widen an estimate of a right-or-wrong loss whose control may be chance.

    Parameters
    ----------
    arm : PairedTrials
    estimate : PairedEstimate
        Of ``control - treated``, before it is scaled to the score.
    control, treated : ndarray, shape (n_tested,)
        Losses of the tested rows.
    is_tested : ndarray of bool, shape (n_rows,)

    Returns
    -------
    PairedEstimate
        With at least 1.2 times the plain error of the rows' differences, unless the control is
        shown to be better than the best constant. Other losses are left as they are.

    Notes
    -----
    A model that predicts the commonest class turns with its training rows, and against the rows of
    a test fold, in all folds at once: neither folds nor pairs of folds show it (decision 0050).
    """
    constant = constant_losses(arm.design.problem) if arm.design.problem.metric.zero_one else None
    if constant is None:
        return estimate
    clusters = None if arm.design.clusters is None else arm.design.clusters[is_tested]
    advantage = constant[is_tested] - control
    error = float(np.sqrt(cluster_variance(advantage, clusters)))
    if exceeds_zero(float(advantage.mean()), error, N_FOLDS):
        return estimate
    of_rows = ROWS_FACTOR * float(np.sqrt(cluster_variance(control - treated, clusters)))
    if of_rows <= estimate.error:
        return estimate
    return replace(
        estimate,
        error=of_rows,
        equivalence_error=max(of_rows, estimate.equivalence_error),
        method=f"{estimate.method}, widened as the control may be chance",
    )
