"""Losses of single target rows of one arm and the control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation.pairs import PairedTrials
from transfergap.analysis.estimation.ranked import fold_scores, ranked_rows, tested_folds
from transfergap.experiment.design import Split

Floats = NDArray[np.float64]
LOO, WHOLE = Split("loo"), Split("whole")


@dataclass(frozen=True)
class RowLosses:
    """Loss of each target row, in score units.

    NaN where a pair is missing.
    """

    control: Floats
    treated: Floats

    @property
    def differences(self) -> Floats:
        """Control minus treated: positive helps."""
        return self.control - self.treated


def row_losses(arm: PairedTrials) -> RowLosses | None:
    """Return the losses of both arms, averaged over the repeats.

    For ROC AUC they are minus DeLong's components within folds. ``None`` for metrics that only
    whole folds have.
    """
    problem = arm.design.problem
    metric = problem.metric
    if not metric.has_row_values:
        return None
    if metric.ranks_rows:
        folds = tested_folds(arm, with_control=True)
        control, treated = (-ranked_rows(arm, n, folds).within for n in (arm.control, arm.name))
        return RowLosses(control, treated)
    if arm.design.in_closed_form(arm.name):
        if not arm.pairs(LOO):
            return None
        control, treated = (
            problem.losses(arm.outputs[name, LOO][:, 0]) for name in (arm.control, arm.name)
        )
        return RowLosses(control, treated)
    if arm.has(WHOLE):
        return RowLosses(arm.control_losses(), arm.losses(arm.name, WHOLE))
    splits = [split for split in arm.folds() if arm.pairs(split)]
    return RowLosses(arm.mean_losses(arm.control, splits), arm.mean_losses(arm.name, splits))


def wrong_rows(arm: PairedTrials, name: str) -> Floats | None:
    """Return each row's error rate, in [0, 1], NaN if untested.

    ``None`` where the stored outputs do not tell: regression, more than two classes without a
    right-or-wrong loss, metrics of whole folds.
    """
    problem = arm.design.problem
    metric = problem.metric
    if metric.ranks_rows:
        return _flagged_wrong(arm, name) if problem.task.has_two_classes else None
    limit = metric.wrong_above
    if limit is None or not (problem.task.has_two_classes or metric.zero_one):
        return None
    if (name, LOO) in arm.outputs and arm.design.in_closed_form(name):
        return (arm.outputs[name, LOO][:, 0] > limit).astype(float)
    if (name, WHOLE) in arm.outputs:
        return (arm.outputs[name, WHOLE] > limit).astype(float)
    n = len(problem.target)
    wrong, count = np.zeros(n), np.zeros(n)
    for split in arm.folds():
        if (name, split) in arm.outputs:
            rows = arm.design.held_out(split)
            wrong[rows] += arm.outputs[name, split] > limit
            count[rows] += 1
    return np.where(count > 0, wrong / np.maximum(count, 1), np.nan)


def _flagged_wrong(arm: PairedTrials, name: str) -> Floats:
    """Return wrong rows when folds flag as many as are positive.

    Rows whose score ties with the last flagged one share what is left of the flags.
    """
    design = arm.design
    positive = np.searchsorted(design.problem.classes, design.problem.target.y) == 1
    n = len(positive)
    wrong, count = np.zeros(n), np.zeros(n)
    folds = tested_folds(arm, with_control=True)
    for r in range(design.n_repeats):
        repeat_folds = [split for split in folds if split.repeat == r]
        if not repeat_folds:
            continue
        scores, rows = fold_scores(arm, name, repeat_folds)
        for number in np.unique(design.folds[r][rows]):
            in_fold = design.folds[r][rows] == number
            # As many flags as positives: the threshold at which precision equals recall.
            flagged = _flags(scores[in_fold].ravel(), int(positive[rows[in_fold]].sum()))
            wrong[rows[in_fold]] += np.where(positive[rows[in_fold]], 1.0 - flagged, flagged)
            count[rows[in_fold]] += 1
    return np.where(count > 0, wrong / np.maximum(count, 1), np.nan)


def _flags(scores: Floats, n_flags: int) -> Floats:
    if n_flags == 0 or n_flags == len(scores):
        return np.full(len(scores), float(n_flags > 0))
    last = np.sort(scores)[-n_flags]
    above, tied = scores > last, scores == last
    share: Floats = above + tied * (n_flags - above.sum()) / tied.sum()
    return share
