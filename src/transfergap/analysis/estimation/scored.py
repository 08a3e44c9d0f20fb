"""Gaps of metrics that only whole test folds have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from transfergap.analysis.estimation.pairs import ArmEstimate, PairedTrials
from transfergap.data.folds import N_FOLDS
from transfergap.experiment.design import Split
from transfergap.stats import resampled_estimate
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
    method = f"corrected resampled t on fold scores ({metric.title} has no losses per row)"
    estimate = resampled_estimate(np.array(gains), n_folds=N_FOLDS, method=method)
    return ArmEstimate(score, gap_from(replace(estimate, size=float(np.abs(scores).max()))))
