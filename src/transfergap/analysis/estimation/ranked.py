"""Gaps in ROC AUC and Gini: within test folds, by DeLong's components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.estimation.pairs import ArmEstimate, Floats, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import Split
from transfergap.stats import (
    PairedEstimate,
    can_rank,
    cluster_variance,
    corrected_error,
    few_differences_floor,
    macro_auc_rows,
)
from transfergap.stats.gap import exceeds_zero, gap_from

ALL = Split("whole")


@dataclass(frozen=True)
class RankedRows:
    """Rows whose means are scores.

    The estimate compares rows within folds, its spread rows of all folds too.
    """

    within: Floats
    overall: Floats


def ranked_rows(
    arm: PairedTrials, name: str, folds: list[Split], among: NDArray[np.bool_] | None = None
) -> RankedRows:
    """Return one arm's AUC row by row, averaged over repeats.

    Rows that were not tested are NaN. ``among`` restricts it to some rows of the target, which are
    compared with each other only.

    Rows are compared within a test fold only: scores of different folds come from different models,
    and comparing them makes an unstable control look worse than it is, so that sources seem to help
    (measured at 40 rows: a false "helps" in 8 % of draws; docs/decisions/0010).
    """
    design, metric = arm.design, arm.design.problem.metric
    labels = np.searchsorted(design.problem.classes, design.problem.target.y)
    sums, counts = np.zeros((2, len(labels))), np.zeros(len(labels))
    for r in range(design.n_repeats):
        repeat_folds = [split for split in folds if split.repeat == r]
        if not repeat_folds:
            continue
        scores, rows = fold_scores(arm, name, repeat_folds)
        if among is not None:
            scores, rows = scores[among[rows]], rows[among[rows]]
        strata, weights = design.folds[r][rows], design.problem.row_weights(rows)
        if not can_rank(labels[rows], strata):
            continue
        sums[:, rows] += [
            metric.of_areas(macro_auc_rows(scores, labels[rows], strata, weights)),
            metric.of_areas(macro_auc_rows(scores, labels[rows], None, weights)),
        ]
        counts[rows] += 1
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return RankedRows(means[0], means[1])


def fold_scores(
    arm: PairedTrials, name: str, folds: list[Split]
) -> tuple[Floats, NDArray[np.intp]]:
    """Return an arm's scores of tested rows, and these rows.

    ``folds`` are of one repeat.
    """
    if (name, ALL) in arm.outputs:
        rows = np.sort(np.concatenate([arm.design.held_out(split) for split in folds]))
        return arm.outputs[name, ALL][rows], rows
    parts = [arm.outputs[name, split] for split in folds]
    rows = np.concatenate([arm.design.held_out(split) for split in folds])
    order = np.argsort(rows)
    return np.concatenate(parts)[order], rows[order]


def tested_folds(arm: PairedTrials, *, with_control: bool) -> list[Split]:
    """Return the folds that the arm (and the control) completed."""

    def completed(name: str, split: Split) -> bool:
        return (name, split) in arm.outputs or (name, ALL) in arm.outputs

    names = (arm.name, arm.control) if with_control else (arm.name,)
    return [split for split in arm.folds() if all(completed(name, split) for name in names)]


def ranked(arm: PairedTrials) -> ArmEstimate:
    """Estimate one arm's gap in AUC, or in Gini.

    Notes
    -----
    The variance is the mean of two: of rows compared within folds, where the chance of single pairs
    is counted twice (from either row), and of rows compared with all, where it hardly counts. The
    truth counts it once. Where neither arm is shown to be better than chance, models may turn
    with the sample, which rows within folds do not show: then the corrected error of fold
    means is used where it is larger (decision 0049).
    """
    design = arm.design
    arm_folds = tested_folds(arm, with_control=False)
    rows = ranked_rows(arm, arm.name, arm_folds).within
    rows = rows[~np.isnan(rows)]
    score = float(rows.mean()) if len(rows) else None
    folds = tested_folds(arm, with_control=True)
    if arm.is_control or len(folds) < 2:
        return ArmEstimate(score, None)
    treated, control = ranked_rows(arm, arm.name, folds), ranked_rows(arm, arm.control, folds)
    within, overall = treated.within - control.within, treated.overall - control.overall
    is_tested = ~np.isnan(within)
    n_units = _units_of_the_rarest_class(arm, is_tested)
    if n_units < 2:  # no fold holds rows of two classes, or one row stands for its whole class
        return ArmEstimate(score, None)
    within, overall = within[is_tested], overall[is_tested]
    clusters = None if design.clusters is None else design.clusters[is_tested]
    error = _error(within, overall, clusters)
    spread = _fold_error(arm, folds, treated.within - control.within)
    method = "DeLong components within test folds"
    if spread > error and not any(
        exceeds_zero(
            _excess_over_chance(arm, rows.within[is_tested]),
            _error(rows.within[is_tested], rows.overall[is_tested], clusters),
            n_units,
        )
        for rows in (control, treated)
    ):
        error = spread
        method = "corrected resampled t, as both arms may be chance"
    estimate = PairedEstimate(
        estimate=float(within.mean()),
        error=error,
        # The rarest class limits what is known: its rows, not all rows, are the sample.
        df=n_units - 1,
        equivalence_error=max(error, spread),
        equivalence_df=N_FOLDS - 1,
        n_pairs=len(folds),
        size=design.problem.loss_bound or 1.0,
        method=method,
        floor=few_differences_floor(overall, design.problem.loss_bound or 1.0),
    )
    return ArmEstimate(score, gap_from(estimate))


def _error(within: Floats, overall: Floats, clusters: NDArray[np.intp] | None) -> float:
    """Return the error of a mean of components.

    By the mean of V_w and V_o: docs/methods.md, "DeLong: ROC AUC".
    """
    variances = [cluster_variance(rows, clusters) for rows in (within, overall)]
    return float(np.sqrt(np.mean(variances)))


def _excess_over_chance(arm: PairedTrials, rows: Floats) -> float:
    """Return by how much components exceed those of a constant."""
    chance = arm.design.problem.metric.of_areas(np.array(0.5))
    return float(rows.mean() - chance)


def _fold_error(arm: PairedTrials, folds: list[Split], rows: Floats) -> float:
    tested = [rows[arm.design.held_out(split)] for split in folds]
    gaps = [float(part.mean()) for part in tested if not np.isnan(part).any()]
    return corrected_error(np.array(gaps), test_to_train=1.0 / (N_FOLDS - 1))


def _units_of_the_rarest_class(arm: PairedTrials, is_tested: NDArray[np.bool_]) -> int:
    """Return the units of the rarest class.

    Its rows, or groups where they are fewer; 0 without rows.
    """
    design = arm.design
    labels = np.searchsorted(design.problem.classes, design.problem.target.y)[is_tested]
    if len(labels) == 0:
        return 0
    units = int(np.bincount(labels, minlength=len(design.problem.classes)).min())
    return (
        units if design.clusters is None else min(units, len(np.unique(design.clusters[is_tested])))
    )
