"""Gaps of metrics that only whole test folds have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from transfergap.analysis.estimation.pairs import ArmEstimate, Floats, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import Split
from transfergap.stats import few_differences_floor, resampled_estimate
from transfergap.stats.gap import gap_from


def scored(arm: PairedTrials) -> ArmEstimate:
    """Estimate one arm from the scores of its folds."""
    metric = arm.design.problem.metric
    whole = Split("whole")
    if arm.has(whole):
        return ArmEstimate(float(arm.outputs[arm.name, whole][0]), None)
    scores = [float(arm.outputs[arm.name, split][0]) for split in arm.folds() if arm.has(split)]
    score = float(np.mean(scores)) if scores else None
    splits = [split for split in arm.folds() if arm.pairs(split)]
    if arm.is_control or len(splits) < 2:
        return ArmEstimate(score, None)
    gains = [
        metric.gain(
            of=float(arm.outputs[arm.name, split][0]),
            over=float(arm.outputs[arm.control, split][0]),
        )
        for split in splits
    ]
    control = [float(arm.outputs[arm.control, split][0]) for split in splits]
    method = f"corrected resampled t on fold scores ({metric.title} has no losses per row)"
    estimate = resampled_estimate(np.array(gains), n_folds=N_FOLDS, method=method)
    estimate = replace(estimate, size=float(np.abs(scores).max()))
    floor = equal_scores_floor(metric.is_share, np.array(gains), np.array([*scores, *control]))
    return ArmEstimate(score, gap_from(replace(estimate, floor=floor)))


def equal_scores_floor(is_share: bool, gains: Floats, scores: Floats) -> float:
    """Return the gap that folds which hardly differ cannot exclude.

    Folds that all score alike, such as F1 where no positive is found, exclude no effect.

    Parameters
    ----------
    is_share : bool
        Of the metric: a fold's gap is at most 1 of a share, else as far as scores lie apart.
    gains, scores : ndarray
        Of folds; scores of both arms.

    Examples
    --------
    >>> round(equal_scores_floor(True, np.zeros(20), np.zeros(40)), 3)
    0.15
    """
    if np.all(gains != 0.0):
        return 0.0
    largest = float(np.ptp(scores)) or float(np.abs(scores).max()) or 1.0
    return few_differences_floor(gains, 1.0 if is_share else largest)
