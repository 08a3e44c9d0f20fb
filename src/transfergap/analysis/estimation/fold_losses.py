"""Loss of one arm on each test fold, for any metric.

Repairs are compared by it.
"""

from __future__ import annotations

import numpy as np

from transfergap.analysis.estimation.pairs import Floats, Outputs
from transfergap.experiment.design import Design, Split


def fold_losses(design: Design, outputs: Outputs, arm: str) -> Floats:
    """Return an arm's mean loss on each fold, shape (n_folds,).

    Folds are those of the first partition. In units of the score (squared for RMSE), smaller is
    better; NaN where the arm has no trial, or a fold whose rows cannot be ranked.
    """
    problem = design.problem
    # An area's loss is its distance from the best one.
    best = 1.0 if problem.metric.ranks_rows else 0.0
    losses = np.full(design.n_folds(), np.nan)
    for a in range(len(losses)):
        split = Split("fold", 0, (a,))
        if (arm, split) not in outputs:
            continue
        losses[a] = best + problem.fold_loss(outputs[arm, split], design.held_out(split))
    return losses
