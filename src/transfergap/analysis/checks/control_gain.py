"""Gain of the control from other columns.

Its fits are in addition to those of the design.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.data.problem import TargetSet
from transfergap.experiment.design import Design, Split
from transfergap.stats.gap import Gap, compare_scores


def control_gain(design: Design, X: Any) -> Gap | None:
    """Return the control's gain from other columns of the target.

    By fits on the first folds.

    Parameters
    ----------
    design : Design
    X : DataFrame or array
        The target's rows with other columns.

    Returns
    -------
    Gap or None
        By the corrected resampled t over folds; ``None`` where the model cannot be fitted without
        columns that are gone, or fewer than two folds have a score.
    """
    problem = design.problem
    alternative = replace(problem.target, X=X)
    outputs: dict[tuple[str, Split], NDArray[np.float64]] = {}
    for fold in range(design.n_folds()):
        split = Split("fold", 0, (fold,))
        for name, target in (("now", problem.target), ("other", alternative)):
            train = TargetSet(target.rows(design.trained(split)))
            test = target.rows(design.held_out(split))
            try:
                model = design.control.learner.train(train, seed=fold)
                outputs[name, split] = problem.metric.outputs(
                    model, test.X, test.y, problem.classes
                )
            except (ValueError, TypeError, KeyError):
                return None  # the model names the column: it cannot do without
    before, after = (fold_losses(design, outputs, name) for name in ("now", "other"))
    scored = np.isfinite(before) & np.isfinite(after)
    # Two folds at least, for a spread.
    if scored.sum() < 2:
        return None
    before, after = before[scored], after[scored]
    # From mean losses to the unit of the score, such as MSE to RMSE.
    scale = problem.metric.gap_scale(float(before.mean()), float(after.mean()))
    return compare_scores(
        before * scale,
        after * scale,
        test_to_train=1.0 / (len(before) - 1),
        greater_is_better=False,
    )
