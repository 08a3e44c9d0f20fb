"""From stored trials to estimated gaps: pairs by key, never by position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.design import Design, Split
from transfergap.folds import N_FOLDS
from transfergap.gap import Gap, gap_from
from transfergap.stats import (
    PairedEstimate,
    PairFits,
    block_estimate,
    cluster_variance,
    corrected_error,
    few_differences_floor,
    leave_one_out_estimate,
    macro_auc_rows,
    resampled_estimate,
    skewness,
)
from transfergap.trial import CompletedTrial, Trial

Floats = NDArray[np.float64]
SKEWED_ABOVE = 0.8
CLOSED_FORM_TOLERANCE = 0.25


@dataclass(frozen=True)
class ArmEstimate:
    """What the trials say of one arm.

    Parameters
    ----------
    score : float or None
        Natural score on the target; ``None`` if nothing was completed.
    gap : Gap or None
        ``None`` for the control, and where too few pairs are complete.
    differences : ndarray, shape (n_rows,), or None
        Control minus treated loss of each target row, NaN where it was not tested; ``None`` where
        rows have no losses.
    closed_form_error : float or None
        How far the closed form's gap is from brute-force refits, on the rows that were refitted.
    """

    score: float | None
    gap: Gap | None
    differences: Floats | None = None
    closed_form_error: float | None = None


def estimate_gaps(design: Design, trials: Iterable[Trial]) -> dict[str, ArmEstimate]:
    """Estimate every arm's gap to the control from completed pairs.

    Returns
    -------
    dict of str to ArmEstimate
        In the order of the arms, the control first.
    """
    outputs: dict[tuple[str, Split], Floats] = {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial)
    }
    return {name: _Arm(design, outputs, name).estimate() for name in design.arm_names()}


@dataclass(frozen=True)
class _Arm:
    """One arm's trials beside the control's."""

    design: Design
    outputs: dict[tuple[str, Split], Floats]
    name: str

    def estimate(self) -> ArmEstimate:
        kind = self.design.problem.metric.kind
        if self.name in self.design.closed_form_arms:
            return self._closed_form()
        if kind == "scorer":
            return self._scored()
        return self._ranked() if kind == "ranking" else self._blocked()

    def _has(self, *splits: Split, both: bool = True) -> bool:
        arms = (self.name, self.design.control.name) if both else (self.name,)
        return all((arm, split) in self.outputs for arm in arms for split in splits)

    def _losses(self, arm: str, split: Split) -> Floats:
        problem = self.design.problem
        rows = self.design.held_out(split)
        y = problem.target.y
        return problem.metric.losses(self.outputs[arm, split], y[rows], y)

    @property
    def _is_control(self) -> bool:
        return self.name == self.design.control.name

    def _closed_form(self) -> ArmEstimate:
        metric, y = self.design.problem.metric, self.design.problem.target.y
        loo = Split("loo")
        if not self._has(loo, both=False):
            return ArmEstimate(None, None)
        # Losses are in score units already; what is left out of a trial is in units of the loss.
        unit = float(metric.losses(np.ones(1), y[:1], y)[0]) if metric.kind == "residual" else 1.0
        table = self.outputs[self.name, loo]
        treated = metric.losses(table[:, 0], y, y)
        score = metric.score(float(treated.mean()))
        if self._is_control or not self._has(loo):
            return ArmEstimate(score, None)
        reference = self.outputs[self.design.control.name, loo]
        control = metric.losses(reference[:, 0], y, y)
        skewed = metric.kind == "residual" and abs(skewness(reference[:, 0])) > SKEWED_ABOVE
        scale = metric.gap_scale(float(control.mean()), float(treated.mean()))
        estimate = leave_one_out_estimate(
            control, treated, (reference[:, 1] - table[:, 1]) * unit, skewed=skewed
        )
        gap = gap_from(self._finished(estimate, control, treated, scale))
        return ArmEstimate(
            score, gap, (control - treated) * scale, self._refitted_error(control, treated, scale)
        )

    def _refitted_error(self, control: Floats, treated: Floats, scale: float) -> float | None:
        """Return by how much real refits move the gap, on average over the checked rows."""
        splits = [Split("row", 0, (row,)) for row in self.design.checked_rows]
        splits = [split for split in splits if self._has(split)]
        if not splits:
            return None
        errors = []
        for split in splits:
            row = split.held_out[0]
            brute = self._losses(self.design.control.name, split) - self._losses(self.name, split)
            errors.append(float(brute[0]) - float(control[row] - treated[row]))
        return abs(float(np.mean(errors))) * scale

    def _finished(
        self, estimate: PairedEstimate, control: Floats, treated: Floats, scale: float
    ) -> PairedEstimate:
        """Return the estimate in score units, with the floor for nearly identical arms."""
        metric, y = self.design.problem.metric, self.design.problem.target.y
        bound = metric.bound(y)
        largest = max(float(control.max()), float(treated.max())) if bound is None else bound
        floor = few_differences_floor(control - treated, largest)
        return PairedEstimate(
            estimate.estimate * scale,
            estimate.error * scale,
            estimate.df,
            estimate.equivalence_error * scale,
            estimate.equivalence_df,
            estimate.n_pairs,
            estimate.method,
            floor * scale,
            estimate.instability,
        )

    def _fold_splits(self, *, both: bool) -> list[Split]:
        splits = [
            Split("fold", r, (a,)) for r in range(self.design.n_repeats) for a in range(N_FOLDS)
        ]
        return [split for split in splits if self._has(split, both=both)]

    def _mean_losses(self, arm: str, splits: list[Split]) -> Floats:
        """Return each row's loss averaged over the repeats; NaN where no split tested it."""
        n = len(self.design.problem.target)
        total, count = np.zeros(n), np.zeros(n)
        for split in splits:
            rows = self.design.held_out(split)
            total[rows] += self._losses(arm, split)
            count[rows] += 1
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _own_score(self, splits: list[Split]) -> float | None:
        losses = self._mean_losses(self.name, splits)
        tested = losses[~np.isnan(losses)]
        return self.design.problem.metric.score(float(tested.mean())) if len(tested) else None

    def _blocked(self) -> ArmEstimate:
        design, metric = self.design, self.design.problem.metric
        whole = Split("whole")
        if self._has(whole, both=False):
            return self._informed(whole)
        score = self._own_score(self._fold_splits(both=False))
        splits = self._fold_splits(both=True)
        if self._is_control or len(splits) < 2:
            return ArmEstimate(score, None)
        control = self._mean_losses(design.control.name, splits)
        treated = self._mean_losses(self.name, splits)
        differences = control - treated
        seen = ~np.isnan(differences)
        fold_gaps = np.array(
            [
                (self._losses(design.control.name, s) - self._losses(self.name, s)).mean()
                for s in splits
            ]
        )
        complete = len(splits) == design.n_repeats * N_FOLDS
        pairs = self._pair_fits() if complete else None
        if pairs:
            estimate = block_estimate(
                differences,
                fold_gaps,
                pairs,
                n_folds=N_FOLDS,
                zero_one=metric.zero_one,
                skewed=self._skewed(splits),
                clusters=design.clusters,
            )
        else:
            estimate = resampled_estimate(
                fold_gaps,
                n_folds=N_FOLDS,
                method="corrected resampled t (for stable learners)",
                estimate=float(differences[seen].mean()),
            )
        scale = metric.gap_scale(float(control[seen].mean()), float(treated[seen].mean()))
        gap = gap_from(self._finished(estimate, control[seen], treated[seen], scale))
        return ArmEstimate(score, gap, differences * scale)

    def _skewed(self, splits: list[Split]) -> bool:
        if self.design.problem.metric.kind != "residual":
            return False
        residuals = [self.outputs[self.design.control.name, split] for split in splits]
        return abs(skewness(np.concatenate(residuals))) > SKEWED_ABOVE

    def _pair_fits(self) -> tuple[PairFits, ...] | None:
        """Return the differences of the pair fits, or ``None`` where some are missing."""
        design = self.design
        parts = []
        for r in range(design.n_pair_partitions):
            fold = design.folds[r]
            double = np.full((len(fold), N_FOLDS), np.nan)
            single = np.full(len(fold), np.nan)
            for a in range(N_FOLDS):
                single[fold == a] = self._difference(Split("fold", r, (a,)))
                for b in range(a + 1, N_FOLDS):
                    split = Split("pair", r, (a, b))
                    if not self._has(split):
                        return None
                    rows = design.held_out(split)
                    other = np.where(fold[rows] == a, b, a)
                    double[rows, other] = self._difference(split)
            parts.append(PairFits(fold, single, double))
        return tuple(parts)

    def _difference(self, split: Split) -> Floats:
        return self._losses(self.design.control.name, split) - self._losses(self.name, split)

    def _control_rows(self) -> Floats:
        """Return the control's loss of each row, however it was computed."""
        control = self.design.control.name
        if (control, Split("loo")) in self.outputs:
            problem = self.design.problem
            y = problem.target.y
            return problem.metric.losses(self.outputs[control, Split("loo")][:, 0], y, y)
        splits = [
            Split("fold", r, (a,)) for r in range(self.design.n_repeats) for a in range(N_FOLDS)
        ]
        done = [split for split in splits if (control, split) in self.outputs]
        return self._mean_losses(control, done)

    def _informed(self, whole: Split) -> ArmEstimate:
        """Estimate an arm that learns nothing from the target: one fit serves every row."""
        treated = self._losses(self.name, whole)
        score = self.design.problem.metric.score(float(treated.mean()))
        control = self._control_rows()
        seen = ~np.isnan(control)
        if seen.sum() < N_FOLDS:
            return ArmEstimate(score, None)
        differences = np.where(seen, control - treated, np.nan)
        folds = self.design.folds[0]
        gaps = [differences[seen & (folds == a)] for a in range(N_FOLDS)]
        estimate = resampled_estimate(
            np.array([gap.mean() for gap in gaps if len(gap)]),
            n_folds=N_FOLDS,
            method="corrected resampled t",
            estimate=float(differences[seen].mean()),
        )
        scale = self.design.problem.metric.gap_scale(
            float(control[seen].mean()), float(treated[seen].mean())
        )
        gap = gap_from(self._finished(estimate, control[seen], treated[seen], scale))
        return ArmEstimate(score, gap, differences * scale)

    def _ranking_rows(self, arm: str, repeat: int) -> Floats | None:
        """Return rows whose mean is the AUC within the test folds of one repeat."""
        problem = self.design.problem
        labels = np.searchsorted(problem.classes, problem.target.y)
        strata = self.design.folds[repeat]
        whole = Split("whole")
        if (arm, whole) in self.outputs:
            return macro_auc_rows(self.outputs[arm, whole], labels, strata)
        splits = [Split("fold", repeat, (a,)) for a in range(N_FOLDS)]
        if not all((arm, split) in self.outputs for split in splits):
            return None
        n_columns = self.outputs[arm, splits[0]].shape[1]
        scores = np.empty((len(labels), n_columns))
        for split in splits:
            scores[self.design.held_out(split)] = self.outputs[arm, split]
        return macro_auc_rows(scores, labels, strata)

    def _ranked(self) -> ArmEstimate:
        design = self.design
        repeats = range(design.n_repeats)
        own = [rows for r in repeats if (rows := self._ranking_rows(self.name, r)) is not None]
        score = float(np.mean(own)) if own else None
        if self._is_control:
            return ArmEstimate(score, None)
        kept, differences = [], []
        for r in repeats:
            control = self._ranking_rows(design.control.name, r)
            treated = self._ranking_rows(self.name, r)
            if control is not None and treated is not None:
                kept.append(r)
                differences.append(treated - control)
        if not kept:
            return ArmEstimate(score, None)
        rows = np.mean(differences, axis=0)
        fold_gaps = np.array(
            [d[design.folds[r] == a].mean() for r, d in zip(kept, differences) for a in range(10)]
        )
        labels = np.searchsorted(design.problem.classes, design.problem.target.y)
        error = float(np.sqrt(cluster_variance(rows, design.clusters)))
        df = float(max(np.bincount(labels).min() - 1, 1))
        wide = corrected_error(fold_gaps, test_to_train=1.0 / (N_FOLDS - 1))
        estimate = PairedEstimate(
            estimate=float(rows.mean()),
            error=error,
            df=df,
            equivalence_error=max(error, wide),
            equivalence_df=N_FOLDS - 1,
            n_pairs=len(fold_gaps),
            method="DeLong components within test folds",
            floor=few_differences_floor(rows, 1.0),
        )
        return ArmEstimate(score, gap_from(estimate), rows)

    def _scored(self) -> ArmEstimate:
        metric, control = self.design.problem.metric, self.design.control.name
        method = f"corrected resampled t on fold scores ({metric.title} has no losses per row)"
        whole = Split("whole")
        if self._has(whole, both=False):
            return ArmEstimate(float(self.outputs[self.name, whole][0]), None)
        own = [float(self.outputs[self.name, s][0]) for s in self._fold_splits(both=False)]
        score = float(np.mean(own)) if own else None
        splits = self._fold_splits(both=True)
        if self._is_control or len(splits) < 2:
            return ArmEstimate(score, None)
        gains = [
            metric.gain(
                of=float(self.outputs[self.name, s][0]), over=float(self.outputs[control, s][0])
            )
            for s in splits
        ]
        return ArmEstimate(
            score, gap_from(resampled_estimate(np.array(gains), n_folds=N_FOLDS, method=method))
        )


def control_advantage(design: Design, trials: Iterable[Trial]) -> Floats | None:
    """Return by how much the control beats a constant prediction, row by row.

    The constant is the best one for the metric, from the target's own labels: the commonest class,
    the class shares, or the mean; an AUC of one half.

    Returns
    -------
    ndarray, shape (n_rows,), or None
        In score units, NaN for rows that were not tested; ``None`` where the metric has no value
        per row, or nothing was tested.
    """
    problem = design.problem
    metric, y = problem.metric, problem.target.y
    if metric.kind == "scorer":
        return None
    outputs: dict[tuple[str, Split], Floats] = {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial) and trial.cell.arm == design.control.name
    }
    arm = _Arm(design, outputs, design.control.name)
    if metric.kind == "ranking":
        repeats = (arm._ranking_rows(arm.name, r) for r in range(design.n_repeats))
        rows = [values for values in repeats if values is not None]
        return np.mean(rows, axis=0) - 0.5 if rows else None
    losses = arm._control_rows()
    tested = ~np.isnan(losses)
    if not tested.any():
        return None
    constant = metric.losses(metric.constant_outputs(y, problem.classes), y, y)
    advantage: Floats = constant - losses
    return advantage * metric.gap_scale(float(constant.mean()), float(losses[tested].mean()))


def pilot_variance(design: Design, trials: Iterable[Trial]) -> list[float]:
    """Return, for each arm of a pilot, the variance of the differences of single rows.

    Rows of all folds that were tried are taken together; for ranking metrics their components come
    from the scores of these rows alone. Empty where the metric has no value per row.
    """
    problem = design.problem
    if problem.metric.kind == "scorer":
        return []
    done = {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial) and trial.cell.split.kind == "fold"
    }
    splits = sorted({split for _, split in done}, key=str)
    variances = []
    for name in design.arm_names()[1:]:
        both = [s for s in splits if (name, s) in done and (design.control.name, s) in done]
        if not both:
            continue
        rows = np.concatenate([design.held_out(split) for split in both])
        control, treated = (
            np.concatenate([done[arm, split] for split in both])
            for arm in (design.control.name, name)
        )
        y = problem.target.y
        if problem.metric.kind == "ranking":
            labels = np.searchsorted(problem.classes, y[rows])
            if len(np.unique(labels)) < 2:
                continue
            differences = macro_auc_rows(treated, labels) - macro_auc_rows(control, labels)
            variances.append(float(np.var(differences, ddof=1)))
            continue
        losses = [problem.metric.losses(values, y[rows], y) for values in (control, treated)]
        scale = problem.metric.gap_scale(float(losses[0].mean()), float(losses[1].mean()))
        variances.append(float(np.var(losses[0] - losses[1], ddof=1)) * scale**2)
    return [variance for variance in variances if variance > 0]
