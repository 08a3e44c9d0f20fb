"""Spread of all differences from a few fits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from transfergap.experiment.design import Design
from transfergap.experiment.trial import CompletedTrial, Trial
from transfergap.stats import can_rank, is_rounding, macro_auc_rows


def pilot_variance(design: Design, trials: Iterable[Trial]) -> list[float]:
    """Return each pilot arm's variance of differences of single rows.

    Rows of all folds that were tried are taken together; for ranking metrics they are compared
    within their folds, as in the audit. Empty where the metric has no value per row.
    """
    problem = design.problem
    if not problem.metric.has_row_values:
        return []
    outputs = {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial) and trial.cell.split.kind == "fold"
    }
    splits = sorted({split for _, split in outputs}, key=str)
    variances = []
    for name in design.arm_names()[1:]:
        paired_splits = [
            s for s in splits if (name, s) in outputs and (design.control.name, s) in outputs
        ]
        if not paired_splits:
            continue
        rows = np.concatenate([design.held_out(split) for split in paired_splits])
        control, treated = (
            np.concatenate([outputs[arm, split] for split in paired_splits])
            for arm in (design.control.name, name)
        )
        y = problem.target.y
        if problem.metric.ranks_rows:
            labels = np.searchsorted(problem.classes, y[rows])
            strata, weights = design.folds[0][rows], problem.row_weights(rows)
            if can_rank(labels, strata):
                within, overall = (
                    problem.metric.of_areas(macro_auc_rows(treated, labels, s, weights))
                    - problem.metric.of_areas(macro_auc_rows(control, labels, s, weights))
                    for s in (strata, None)
                )
                # As DeLong's variance in `ranked`: pairs counted twice within folds, hardly
                # overall.
                half = 0.5 * np.var(within, ddof=1) + 0.5 * np.var(overall, ddof=1)
                variances.append(_above_rounding(float(half), problem.loss_bound or 1.0))
            continue
        losses = [problem.losses(values, rows) for values in (control, treated)]
        scale = problem.metric.gap_scale(float(losses[0].mean()), float(losses[1].mean()))
        spread = float(np.var(losses[0] - losses[1], ddof=1))
        variances.append(_above_rounding(spread, float(losses[0].mean())) * scale**2)
    # Arms equal to the control have no spread, and no power to plan.
    return [variance for variance in variances if variance > 0]


def _above_rounding(variance: float, size: float) -> float:
    return 0.0 if is_rounding(float(np.sqrt(variance)), size=size) else variance
