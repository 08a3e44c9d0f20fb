"""Gain of the control over a constant."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import rankdata

from transfergap.analysis.estimation.pairs import Floats, PairedTrials, outputs_of
from transfergap.analysis.estimation.ranked import ranked_rows, tested_folds
from transfergap.data.problem import Problem
from transfergap.experiment.design import Design, Split
from transfergap.experiment.trial import Trial


def control_losses(design: Design, trials: Iterable[Trial]) -> Floats:
    """Return the control's held-out loss of each row.

    NaN where it was not tested.
    """
    return PairedTrials(design, outputs_of(trials), design.control.name).control_losses()


def control_residuals(design: Design, trials: Iterable[Trial]) -> Floats | None:
    """Return the control's residual of each row.

    Signed where outputs give the sign. Numbers: label minus prediction. Two classes: positive
    where the label is the second class. More classes: the loss. NaN for rows that were not
    tested; ``None`` where no row has an output.
    """
    problem = design.problem
    metric, y = problem.metric, problem.target.y
    arm = PairedTrials(design, outputs_of(trials), design.control.name)
    if not metric.has_row_values:
        return None
    values = _mean_outputs(arm)
    if not problem.task.has_two_classes or np.isnan(values).all():
        return None if np.isnan(values).all() else values
    second = y == problem.classes[1]
    if metric.ranks_rows:
        ranks = np.full(len(values), np.nan)
        tested = ~np.isnan(values)
        # Scores have no unit: their ranks in (0, 1] stand for probabilities.
        ranks[tested] = rankdata(values[tested]) / tested.sum()
        distances: Floats = second - ranks
        return distances
    signed: Floats = np.where(second, values, -values)
    return signed


def _mean_outputs(arm: PairedTrials) -> Floats:
    """Return the control's first output of each row, over the repeats."""
    n = len(arm.design.problem.target)
    whole = Split("loo")
    if arm.has(whole):
        table: Floats = arm.outputs[arm.name, whole]
        return table[:, 0]
    total, count = np.zeros(n), np.zeros(n)
    for split in arm.folds():
        if arm.has(split):
            rows, values = arm.design.held_out(split), arm.outputs[arm.name, split]
            total[rows] += values.reshape(len(rows), -1)[:, 0]
            count[rows] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def constant_losses(problem: Problem) -> Floats | None:
    """Return each row's loss under the best constant prediction; ``None`` if unknown.

    It is the best by the target's own labels.
    """
    target = problem.target
    outputs = problem.metric.constant_outputs(target.y, problem.classes, target.weights)
    return None if outputs is None else problem.losses(outputs)


def control_advantage(design: Design, trials: Iterable[Trial]) -> Floats | None:
    """Return the control's gain over a constant, row by row.

    The constant is the best one for the metric, from the target's own labels: the commonest class,
    the class shares, or the mean; an AUC of one half. For a user-defined loss it is unknown.

    Returns
    -------
    ndarray, shape (n_rows,), or None
        In score units, NaN for rows that were not tested; ``None`` where the metric has no value
        per row, or nothing was tested.
    """
    problem = design.problem
    metric = problem.metric
    arm = PairedTrials(design, outputs_of(trials), design.control.name)
    if not metric.has_row_values:
        return None
    if metric.ranks_rows:
        folds = tested_folds(arm, with_control=False)
        rows = ranked_rows(arm, arm.name, folds).within
        # AUC 0.5, or Gini 0.
        chance = metric.of_areas(np.full(1, 0.5))
        return None if np.isnan(rows).all() else rows - chance
    losses = arm.control_losses()
    tested = ~np.isnan(losses)
    if not tested.any():
        return None
    constant = constant_losses(problem)
    if constant is None:
        return None
    advantage: Floats = constant - losses
    return advantage * metric.gap_scale(float(constant.mean()), float(losses[tested].mean()))
