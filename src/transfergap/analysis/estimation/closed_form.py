"""Gaps of arms with rows left out in closed form."""

from __future__ import annotations

import numpy as np

from transfergap.analysis.estimation.pairs import ArmEstimate, ClosedFormCheck, Floats, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import Split
from transfergap.stats import is_heavy_tailed, is_skewed, kurtosis, leave_one_out_estimate
from transfergap.stats.gap import gap_from

ALL = Split("loo")
_N_COLUMNS_BEFORE_FOLDS = 3


def closed_form(arm: PairedTrials) -> ArmEstimate:
    """Estimate one arm from its closed-form trial and the control's."""
    problem = arm.design.problem
    metric = problem.metric
    if not arm.has(ALL):
        return ArmEstimate(None, None)
    table = arm.outputs[arm.name, ALL]
    treated = problem.losses(table[:, 0])
    score = metric.score(float(treated.mean()))
    if arm.is_control or not arm.pairs(ALL):
        return ArmEstimate(score, None)
    # Columns: `CompletedTrial.outputs`.
    reference = arm.outputs[arm.control, ALL]
    control = problem.losses(reference[:, 0])
    # Losses are in score units already; what is left out of a trial is in units of the loss.
    y, weights = problem.target.y, problem.target.weights
    unit = 1.0
    if metric.has_residuals:
        unit = float(metric.losses(np.ones(1), y[:1], y, weights_all=weights)[0])
    roots = problem.loss_roots(reference[:, 0]) if metric.has_residuals else None
    estimate = leave_one_out_estimate(
        control,
        treated,
        (reference[:, 1] - table[:, 1]) * unit,
        skewed=roots is not None and is_skewed(roots),
        heavy_tailed=roots is not None and _are_heavy_tailed(roots, table),
        fold_gaps=_fold_gaps(arm, reference, table),
        n_folds=N_FOLDS,
    )
    gap = gap_from(arm.in_score_units(estimate, control, treated))
    scale = metric.gap_scale(float(control.mean()), float(treated.mean()))
    moved = _refitted_error(arm, control - treated, scale)
    check = None if moved is None else ClosedFormCheck(moved, gap, problem.margin)
    return ArmEstimate(score, gap, check)


def _are_heavy_tailed(roots: Floats, table: Floats) -> bool:
    """Return whether target or source errors have heavy tails.

    The sources have more rows: what a small target happens not to hold is seen there.
    """
    return is_heavy_tailed(max(kurtosis(roots), float(table[0, 2:3].max(initial=0.0))))


def _fold_gaps(arm: PairedTrials, reference: Floats, table: Floats) -> Floats | None:
    """Return the mean gap of each fold of each partition.

    ``None`` for trials of versions that left out no folds.
    """
    if min(reference.shape[1], table.shape[1]) <= _N_COLUMNS_BEFORE_FOLDS:
        return None
    problem = arm.design.problem
    gaps = []
    for column, folds in enumerate(arm.design.folds, start=_N_COLUMNS_BEFORE_FOLDS):
        differences = problem.losses(reference[:, column]) - problem.losses(table[:, column])
        gaps += [float(differences[folds == fold].mean()) for fold in range(N_FOLDS)]
    return np.array(gaps)


def _refitted_error(arm: PairedTrials, differences: Floats, scale: float) -> float | None:
    """Return how far refits move the gap, averaged over checked rows."""
    splits = [Split("row", 0, (row,)) for row in arm.design.checked_rows]
    moved = [
        float(arm.difference(split)[0] - differences[split.held_out[0]])
        for split in splits
        if arm.pairs(split)
    ]
    return abs(float(np.mean(moved))) * scale if moved else None
