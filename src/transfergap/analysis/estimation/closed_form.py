"""Gaps of arms with rows left out in closed form."""

from __future__ import annotations

import numpy as np

from transfergap.analysis.estimation.pairs import ArmEstimate, ClosedFormCheck, Floats, PairedTrials
from transfergap.experiment.design import Split
from transfergap.stats import is_heavy_tailed, is_skewed, kurtosis, leave_one_out_estimate
from transfergap.stats.gap import gap_from

ALL = Split("loo")


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
    # Columns: output of each row without it, mean loss of the other rows without it, and where
    # there are source rows and squared losses the kurtosis of their residuals.
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
    return is_heavy_tailed(max(kurtosis(roots), float(table[0, 2:].max(initial=0.0))))


def _refitted_error(arm: PairedTrials, differences: Floats, scale: float) -> float | None:
    """Return how far refits move the gap, averaged over checked rows."""
    splits = [Split("row", 0, (row,)) for row in arm.design.checked_rows]
    moved = [
        float(arm.difference(split)[0] - differences[split.held_out[0]])
        for split in splits
        if arm.pairs(split)
    ]
    return abs(float(np.mean(moved))) * scale if moved else None
