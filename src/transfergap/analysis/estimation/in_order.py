"""Gaps of arms tested on forward folds, or by a splitter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation.chance import beside_chance
from transfergap.analysis.estimation.pairs import ArmEstimate, Floats, PairedTrials
from transfergap.analysis.estimation.ranked import ranked_rows
from transfergap.analysis.estimation.scored import equal_scores_floor
from transfergap.data.splitting.held_out import FEWEST_BLOCKS, Splitting
from transfergap.experiment.design import Split
from transfergap.stats import (
    PairedEstimate,
    few_differences_floor,
    forward_estimate,
    forward_score_estimate,
)
from transfergap.stats.gap import gap_from
from transfergap.stats.resampled import split_estimate


def on_ordered_folds(arm: PairedTrials, splitting: Splitting) -> ArmEstimate:
    """Estimate one arm from folds that are not shuffled.

    Neither the closed form nor pairs of folds apply.
    """
    alone = [split for split in arm.folds() if arm.has(split)]
    splits = [split for split in arm.folds() if arm.pairs(split)]
    if not arm.design.problem.metric.has_row_values:
        return _of_scores(arm, splitting, alone, splits)
    score = _score(arm, alone)
    if arm.design.problem.metric.ranks_rows:  # a block of one class ranks nothing
        splits = [split for split in splits if _has_two_classes(arm, split)]
    if arm.is_control or len(splits) < _fewest(splitting):
        return ArmEstimate(score, None)
    control, treated = (_row_losses(arm, name, splits) for name in (arm.control, arm.name))
    is_paired = ~np.isnan(control) & ~np.isnan(treated)
    if np.count_nonzero(is_paired) < 2:
        return ArmEstimate(score, None)
    if splitting.kind == "forward":
        estimate = forward_estimate(
            (control - treated)[is_paired],
            control[is_paired],
            _places(arm)[is_paired],
            n_pairs=len(splits),
        )
    else:
        estimate = _resampled(arm, splitting, splits, (control - treated)[is_paired])
        estimate = beside_chance(arm, estimate, control[is_paired], treated[is_paired], is_paired)
    return ArmEstimate(
        score, gap_from(_in_score_units(arm, estimate, control[is_paired], treated[is_paired]))
    )


def _fewest(splitting: Splitting) -> int:
    return FEWEST_BLOCKS if splitting.kind == "forward" else 2


def _has_two_classes(arm: PairedTrials, split: Split) -> bool:
    return len(np.unique(arm.design.problem.target.y[arm.design.held_out(split)])) > 1


def _score(arm: PairedTrials, splits: list[Split]) -> float | None:
    metric = arm.design.problem.metric
    if not splits:
        return None
    losses = _row_losses(arm, arm.name, splits)
    tested = losses[~np.isnan(losses)]
    if not len(tested):
        return None
    mean = float(tested.mean())
    return metric.score(mean)


def _row_losses(arm: PairedTrials, name: str, splits: list[Split]) -> Floats:
    """Return each row's loss, NaN where it was not tested.

    For AUC it is minus DeLong's component.
    """
    if arm.design.problem.metric.ranks_rows:
        return -ranked_rows(arm, name, splits).within
    return arm.mean_losses(name, splits)


def _places(arm: PairedTrials) -> NDArray[np.intp]:
    times = arm.design.problem.target.times
    assert times is not None
    # Ranks of times: stretches and autocorrelation count steps, not hours.
    return np.unique(times, return_inverse=True)[1]


def _in_score_units(
    arm: PairedTrials, estimate: PairedEstimate, control: Floats, treated: Floats
) -> PairedEstimate:
    if not arm.design.problem.metric.ranks_rows:
        return arm.in_score_units(estimate, control, treated)
    # 1.0 bounds the component of a row: an AUC lies in [0, 1].
    return replace(estimate, floor=few_differences_floor(control - treated, 1.0))


def _resampled(
    arm: PairedTrials, splitting: Splitting, splits: list[Split], differences: Floats
) -> PairedEstimate:
    gaps = []
    for split in splits:
        control, treated = (_row_losses(arm, name, [split]) for name in (arm.control, arm.name))
        fold = (control - treated)[arm.design.held_out(split)]
        if not np.isnan(fold).all():
            gaps.append(float(np.nanmean(fold)))
    return split_estimate(
        np.array(gaps),
        test_to_train=splitting.test_to_train,
        n_disjoint=splitting.n_disjoint,
        method="corrected resampled t on the folds of the splitter",
        estimate=float(differences.mean()),
    )


def _of_scores(
    arm: PairedTrials, splitting: Splitting, alone: list[Split], splits: list[Split]
) -> ArmEstimate:
    """Estimate one arm whose metric only whole folds have."""
    problem = arm.design.problem
    metric = problem.metric
    score = float(np.mean([arm.outputs[arm.name, s][0] for s in alone])) if alone else None
    if arm.is_control or len(splits) < _fewest(splitting):
        return ArmEstimate(score, None)
    gains = np.array(
        [
            metric.gain(
                of=float(arm.outputs[arm.name, split][0]),
                over=float(arm.outputs[arm.control, split][0]),
            )
            for split in splits
        ]
    )
    basis = f"fold scores ({metric.title} has no losses per row)"
    if splitting.kind == "splitter":
        estimate = split_estimate(
            gains,
            test_to_train=splitting.test_to_train,
            n_disjoint=splitting.n_disjoint,
            method=f"corrected resampled t on {basis}",
        )
        return ArmEstimate(
            score, gap_from(replace(estimate, floor=_scores_floor(arm, splits, gains)))
        )
    tested = np.concatenate([arm.design.held_out(split) for split in splits])
    # Stable: rows of one time stay in the order of the file.
    order = tested[np.argsort(_places(arm)[tested], kind="stable")]
    y = problem.target.y[order]
    labels = problem.task.as_one_response(y, problem.classes)  # only their persistence counts
    method = f"t over forward blocks on {basis}, widened by how labels go together"
    estimate = forward_score_estimate(gains, labels, method=method)
    return ArmEstimate(score, gap_from(replace(estimate, floor=_scores_floor(arm, splits, gains))))


def _scores_floor(arm: PairedTrials, splits: list[Split], gains: Floats) -> float:
    scores = [arm.outputs[name, split] for name in (arm.control, arm.name) for split in splits]
    return equal_scores_floor(arm.design.problem.metric.is_share, gains, np.concatenate(scores))
