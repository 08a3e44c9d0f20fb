"""Loss of one arm on each test fold, for any metric.

Repairs are compared by it.
"""

from __future__ import annotations

import numpy as np

from transfergap.analysis.estimation.pairs import Floats, Outputs
from transfergap.experiment.design import Design, Split
from transfergap.stats import can_rank, macro_auc_rows


def fold_losses(design: Design, outputs: Outputs, arm: str) -> Floats:
    """Return an arm's mean loss on each fold, shape (n_folds,).

    Folds are those of the first partition. In units of the score (squared for RMSE), smaller is
    better; NaN where the arm has no trial, or a fold whose rows cannot be ranked.
    """
    problem = design.problem
    metric, y = problem.metric, problem.target.y
    losses = np.full(design.n_folds(), np.nan)
    for a in range(len(losses)):
        split = Split("fold", 0, (a,))
        if (arm, split) not in outputs:
            continue
        values, rows = outputs[arm, split], design.held_out(split)
        if metric.kind == "scorer":
            # Minus the score: smaller is better, as for losses.
            losses[a] = -metric.gain(of=float(values[0]), over=0.0)
        elif metric.kind == "ranking":
            labels = np.searchsorted(problem.classes, y[rows])
            one_fold = np.zeros(len(rows), np.intp)
            if can_rank(labels, one_fold):
                weights = problem.row_weights(rows)
                areas = macro_auc_rows(values, labels, one_fold, weights)
                losses[a] = 1.0 - float(metric.of_areas(areas).mean())
        else:
            losses[a] = float(problem.losses(values, rows).mean())
    return losses
