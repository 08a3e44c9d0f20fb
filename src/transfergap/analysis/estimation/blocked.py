"""Gaps of arms refitted fold by fold, where rows have losses."""

from __future__ import annotations

import numpy as np

from transfergap.analysis.estimation.chance import beside_chance
from transfergap.analysis.estimation.pairs import ArmEstimate, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import Split
from transfergap.stats import PairFits, block_estimate, is_skewed, resampled_estimate
from transfergap.stats.gap import gap_from

ALL = Split("whole")


def blocked(arm: PairedTrials) -> ArmEstimate:
    """Estimate one arm from folds, and from complete pairs of folds."""
    if arm.has(ALL):
        return _informed(arm)
    design, metric = arm.design, arm.design.problem.metric
    losses = arm.mean_losses(arm.name, [split for split in arm.folds() if arm.has(split)])
    tested = losses[~np.isnan(losses)]
    score = metric.score(float(tested.mean())) if len(tested) else None
    splits = [split for split in arm.folds() if arm.pairs(split)]
    if arm.is_control or len(splits) < 2:
        return ArmEstimate(score, None)
    control = arm.mean_losses(arm.control, splits)
    treated = arm.mean_losses(arm.name, splits)
    is_tested = ~np.isnan(control)
    control, treated = control[is_tested], treated[is_tested]
    fold_gaps = np.array([arm.difference(split).mean() for split in splits])
    # The jackknife needs every fold; with one missing the resampled t remains.
    pairs = _pair_fits(arm) if len(splits) == len(arm.folds()) else ()
    if pairs:
        estimate = block_estimate(
            control - treated,
            fold_gaps,
            pairs,
            n_folds=N_FOLDS,
            zero_one=metric.zero_one,
            skewed=has_skewed_residuals(arm, splits),
            clusters=design.clusters,
        )
    else:
        estimate = resampled_estimate(
            fold_gaps,
            n_folds=N_FOLDS,
            method="corrected resampled t (for stable learners)",
            estimate=float((control - treated).mean()),
        )
    estimate = beside_chance(arm, estimate, control, treated, is_tested)
    return ArmEstimate(score, gap_from(arm.in_score_units(estimate, control, treated)))


def has_skewed_residuals(arm: PairedTrials, splits: list[Split]) -> bool:
    """Return whether the control's residuals are too skewed for t intervals."""
    design = arm.design
    if not design.problem.metric.has_residuals:
        return False
    roots = [
        design.problem.loss_roots(arm.outputs[arm.control, split], design.held_out(split))
        for split in splits
    ]
    return is_skewed(np.concatenate(roots))


def _pair_fits(arm: PairedTrials) -> tuple[PairFits, ...]:
    """Return the differences of the pair fits.

    Empty where some are missing or none are planned.
    """
    parts = []
    for r in range(arm.design.n_pair_partitions):
        fold = arm.design.folds[r]
        double = np.full((len(fold), N_FOLDS), np.nan)
        single = np.full(len(fold), np.nan)
        for a in range(N_FOLDS):
            single[fold == a] = arm.difference(Split("fold", r, (a,)))
            for b in range(a + 1, N_FOLDS):
                split = Split("pair", r, (a, b))
                if not arm.pairs(split):
                    return ()
                rows = arm.design.held_out(split)
                # Column b of the rows of fold a: the fit without both; both directions share one
                # fit.
                double[rows, np.where(fold[rows] == a, b, a)] = arm.difference(split)
        parts.append(PairFits(fold, single, double))
    return tuple(parts)


def _informed(arm: PairedTrials) -> ArmEstimate:
    """Estimate an arm that learns nothing from the target.

    One fit serves every row.
    """
    treated = arm.losses(arm.name, ALL)
    score = arm.design.problem.metric.score(float(treated.mean()))
    control = arm.control_losses()
    is_tested = ~np.isnan(control)
    # Fewer rows than folds: no spread over folds.
    if is_tested.sum() < N_FOLDS:
        return ArmEstimate(score, None)
    fold = arm.design.folds[0][is_tested]
    control, treated = control[is_tested], treated[is_tested]
    gaps = [(control - treated)[fold == a] for a in range(N_FOLDS)]
    estimate = resampled_estimate(
        np.array([gap.mean() for gap in gaps if len(gap)]),
        n_folds=N_FOLDS,
        method="corrected resampled t",
        estimate=float((control - treated).mean()),
    )
    return ArmEstimate(score, gap_from(arm.in_score_units(estimate, control, treated)))
