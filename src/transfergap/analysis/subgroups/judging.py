"""Gaps of judged arms in subgroups, corrected for their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.estimation import ArmEstimate
from transfergap.analysis.estimation.pairs import Outputs, PairedTrials
from transfergap.analysis.estimation.ranked import ranked_rows, tested_folds
from transfergap.analysis.subgroups.gaps import ErrorRate, SubgroupGap
from transfergap.analysis.subgroups.grouping import FEWEST_ROWS, Subgroup
from transfergap.analysis.subgroups.row_gaps import RowLosses, row_losses, wrong_rows
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import Design
from transfergap.stats import (
    PairedEstimate,
    cluster_variance,
    few_differences_floor,
    holm,
    is_rounding,
    sign_limit,
    subgroup_estimate,
)
from transfergap.stats.gap import CLAIM_RATE, LEVEL, Gap, Verdict, gap_from

Floats = NDArray[np.float64]
# Ratio of the resampled error to DeLong's for a stable learner (decision 0016).
_STABLE = 2.0
FEWEST_OF_A_CLASS = 5  # rows of either class that an AUC within a subgroup rests on


@dataclass(frozen=True)
class JudgedArm:
    """Judged arm with losses and errors of its rows.

    Parameters
    ----------
    trials : PairedTrials
    gap : Gap
        On all rows.
    losses : RowLosses
    inflation : float
        Squared error of the gap over the plain variance of the mean difference.
    wrong : pair of ndarray or None
        Error rate of each row under the control and under the arm.
    """

    trials: PairedTrials
    gap: Gap
    losses: RowLosses
    inflation: float
    wrong: tuple[Floats, Floats] | None


@dataclass(frozen=True)
class SubgroupComparison:
    """Gap of one arm in one subgroup, before the correction."""

    arm: str
    subgroup: str
    n_rows: int
    gap: Gap
    errors: tuple[ErrorRate, ...]


def judged_arms(
    design: Design, outputs: Outputs, estimates: Mapping[str, ArmEstimate]
) -> list[JudgedArm]:
    """Return judged arms with row values and a trusted gap."""
    arms = []
    for arm in design.treatments:
        estimate = estimates[arm.name]
        if not arm.judged or estimate.gap is None or estimate.closed_form_is_off:
            continue
        trials = PairedTrials(design, outputs, arm.name)
        losses = row_losses(trials)
        if losses is None or np.isnan(losses.differences).all():
            continue
        control, treated = (wrong_rows(trials, n) for n in (trials.control, trials.name))
        wrong = None if control is None or treated is None else (control, treated)
        arms.append(
            JudgedArm(trials, estimate.gap, losses, _inflation(trials, estimate.gap, losses), wrong)
        )
    return arms


def _inflation(trials: PairedTrials, gap: Gap, losses: RowLosses) -> float:
    if trials.design.problem.metric.ranks_rows:
        # DeLong's error is that of the rows alone; the folds show what training adds. The corrected
        # error over folds is about twice DeLong's where the learner is stable.
        quantile = float(stats.t.ppf(0.5 + LEVEL / 2, N_FOLDS - 1))
        folds = (gap.equivalence_high - gap.estimate) / quantile
        return (folds / (_STABLE * gap.error)) ** 2 if gap.error > 0 else 1.0
    is_tested = ~np.isnan(losses.differences)
    clusters = trials.design.clusters
    plain = cluster_variance(
        losses.differences[is_tested], None if clusters is None else clusters[is_tested]
    )
    metric = trials.design.problem.metric
    scale = metric.gap_scale(
        abs(float(losses.control[is_tested].mean())), abs(float(losses.treated[is_tested].mean()))
    )
    size = float(np.abs(losses.control[is_tested]).mean())
    if scale == 0 or is_rounding(float(np.sqrt(plain)), size=size):
        return 1.0
    return gap.error**2 / (plain * scale**2)


def compare(arm: JudgedArm, group: Subgroup) -> SubgroupComparison | None:
    """Return an arm's gap in a subgroup, ``None`` without enough values."""
    ranking = arm.trials.design.problem.metric.ranks_rows
    comparison = _ranked(arm, group) if ranking else _of_losses(arm, group)
    if comparison is None:
        return None
    paired, limit, n_rows = comparison
    gap = gap_from(paired)
    # Few differing rows: a t claims too much, so the signs set a limit.
    gap = replace(gap, p_helps=max(gap.p_helps, limit), p_hurts=max(gap.p_hurts, limit))
    return SubgroupComparison(
        arm.trials.name, group.name, n_rows, gap, error_rates(arm, group.rows)
    )


def _of_losses(arm: JudgedArm, group: Subgroup) -> tuple[PairedEstimate, float, int] | None:
    rows = group.rows & ~np.isnan(arm.losses.differences)
    clusters = _clusters(arm, rows)
    if _n_units(rows, clusters) < FEWEST_ROWS:
        return None
    problem = arm.trials.design.problem
    # Losses are weighted by shares of the mean weight of all rows; here it is that of these rows.
    every = problem.target.weights
    share = 1.0 if every is None else float(every[rows].mean() / every.mean())
    control, treated = arm.losses.control[rows] / share, arm.losses.treated[rows] / share
    bound = None if problem.loss_bound is None else problem.loss_bound / share
    largest = max(float(control.max()), float(treated.max())) if bound is None else bound
    estimate = subgroup_estimate(
        control - treated, inflation=arm.inflation, largest=largest, clusters=clusters
    )
    scale = problem.metric.gap_scale(float(control.mean()), float(treated.mean()))
    return _scaled(estimate, scale), sign_limit(control - treated, clusters), int(rows.sum())


def _ranked(arm: JudgedArm, group: Subgroup) -> tuple[PairedEstimate, float, int] | None:
    """Estimate an AUC gap from pairs of one subgroup and fold."""
    trials = arm.trials
    folds = tested_folds(trials, with_control=True)
    control, treated = (
        ranked_rows(trials, name, folds, group.rows) for name in (trials.control, trials.name)
    )
    within, overall = treated.within - control.within, treated.overall - control.overall
    rows = ~np.isnan(within)
    clusters = _clusters(arm, rows)
    labels = trials.design.problem.target.y[rows]
    rarest = int(np.unique(labels, return_counts=True)[1].min()) if rows.any() else 0
    n_classes = len(np.unique(labels))
    if (
        _n_units(rows, clusters) < FEWEST_ROWS
        or rarest < FEWEST_OF_A_CLASS
        or n_classes < len(trials.design.problem.classes)
    ):
        return None
    within, overall = within[rows], overall[rows]
    variance = 0.5 * cluster_variance(within, clusters) + 0.5 * cluster_variance(overall, clusters)
    df = min(rarest, _n_units(rows, clusters)) - 1
    error = float(np.sqrt(variance * max(arm.inflation, 1.0)))
    paired = PairedEstimate(
        estimate=float(within.mean()),
        error=error,
        df=df,
        equivalence_error=error,
        equivalence_df=df,
        n_pairs=int(rows.sum()),
        size=trials.design.problem.loss_bound or 1.0,
        method="DeLong components of the subgroup's rows within test folds",
        floor=few_differences_floor(overall, trials.design.problem.loss_bound or 1.0),
    )
    return paired, sign_limit(within, clusters), int(rows.sum())


def _clusters(arm: JudgedArm, rows: NDArray[np.bool_]) -> NDArray[np.intp] | None:
    clusters = arm.trials.design.clusters
    return None if clusters is None else np.unique(clusters[rows], return_inverse=True)[1]


def _n_units(rows: NDArray[np.bool_], clusters: NDArray[np.intp] | None) -> int:
    return int(rows.sum()) if clusters is None else len(np.unique(clusters))


def _scaled(estimate: PairedEstimate, scale: float) -> PairedEstimate:
    return replace(
        estimate,
        estimate=estimate.estimate * scale,
        error=estimate.error * scale,
        equivalence_error=estimate.equivalence_error * scale,
        floor=estimate.floor * scale,
        size=estimate.size * scale,
    )


def error_rates(arm: JudgedArm, rows: NDArray[np.bool_]) -> tuple[ErrorRate, ...]:
    """Return the error rate of each class, with its change.

    The change has an interval.
    """
    if arm.wrong is None:
        return ()
    problem = arm.trials.design.problem
    control, treated = arm.wrong
    rates = []
    for label in problem.classes:
        class_rows = rows & (problem.target.y == label) & ~np.isnan(control + treated)
        clusters = _clusters(arm, class_rows)
        if _n_units(class_rows, clusters) < FEWEST_ROWS:
            continue
        weights = problem.row_weights(np.flatnonzero(class_rows))
        counts = np.ones(int(class_rows.sum())) if weights is None else weights / weights.mean()
        gap = gap_from(
            subgroup_estimate(
                (control[class_rows] - treated[class_rows]) * counts,
                inflation=arm.inflation,
                largest=float(counts.max()),
                clusters=clusters,
            )
        )
        kind = "missed"
        if problem.task.has_two_classes:
            negative = label != problem.metric.positive
            kind = "false positives" if negative else "false negatives"
        rates.append(
            ErrorRate(
                str(label),
                kind,
                int(class_rows.sum()),
                float((control[class_rows] * counts).mean()),
                float((treated[class_rows] * counts).mean()),
                gap.estimate,
                max(gap.low, -1.0),
                min(gap.high, 1.0),
            )
        )
    return tuple(rates)


def corrected(comparisons: list[SubgroupComparison], margin: float) -> tuple[SubgroupGap, ...]:
    """Return looks with p-values that pay for all of them, worst first."""
    helps = holm(np.array([comparison.gap.p_helps for comparison in comparisons]))
    hurts = holm(np.array([comparison.gap.p_hurts for comparison in comparisons]))
    gaps = [
        SubgroupGap(
            comparison.arm,
            comparison.subgroup,
            comparison.n_rows,
            comparison.gap,
            float(up),
            float(down),
            _verdict(comparison.gap, float(up), float(down), margin),
            comparison.errors,
        )
        for comparison, up, down in zip(comparisons, helps, hurts, strict=True)
    ]
    return tuple(sorted(gaps, key=lambda gap: gap.gap.p_hurts))


def _verdict(gap: Gap, p_helps: float, p_hurts: float, margin: float) -> Verdict:
    if -margin < gap.equivalence_low and gap.equivalence_high < margin:
        return Verdict.NO_MATERIAL_EFFECT
    if p_helps < CLAIM_RATE and gap.estimate > 0:
        return Verdict.HELPS
    if p_hurts < CLAIM_RATE and gap.estimate < 0:
        return Verdict.HURTS
    return Verdict.NOT_ENOUGH_EVIDENCE
