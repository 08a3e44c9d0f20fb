"""One arm's trials beside the control's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.design import Design, Split
from transfergap.gap import Gap
from transfergap.stats import PairedEstimate, few_differences_floor
from transfergap.trial import CompletedTrial, Trial

Floats = NDArray[np.float64]
Outputs = Mapping[tuple[str, Split], Floats]


@dataclass(frozen=True)
class ArmEstimate:
    """What the trials say of one arm.

    Parameters
    ----------
    score : float or None
        Natural score on the target; ``None`` if nothing was completed.
    gap : Gap or None
        ``None`` for the control, and where too few pairs are complete.
    closed_form_error : float or None
        How far the closed form's gap is from brute-force refits, on the rows that were refitted.
    """

    score: float | None
    gap: Gap | None
    closed_form_error: float | None = None

    @property
    def closed_form_is_off(self) -> bool:
        """Whether refits move the gap by more than a quarter of its standard error."""
        if self.closed_form_error is None or self.gap is None:
            return False
        return self.closed_form_error > 0.25 * self.gap.error


def outputs_of(trials: Iterable[Trial]) -> Outputs:
    """Return the outputs of the completed trials by arm and split."""
    return {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial)
    }


@dataclass(frozen=True)
class PairedTrials:
    """One arm's completed trials beside the control's."""

    design: Design
    outputs: Outputs
    name: str

    @property
    def control(self) -> str:
        """Name of the control."""
        return self.design.control.name

    @property
    def is_control(self) -> bool:
        """Whether the arm is the control itself."""
        return self.name == self.control

    def has(self, split: Split) -> bool:
        """Return whether the arm completed a split."""
        return (self.name, split) in self.outputs

    def pairs(self, split: Split) -> bool:
        """Return whether the arm and the control both completed a split."""
        return self.has(split) and (self.control, split) in self.outputs

    def losses(self, arm: str, split: Split) -> Floats:
        """Return the losses of the rows that a split held out, in score units."""
        problem = self.design.problem
        y = problem.target.y
        rows = self.design.held_out(split)
        return problem.metric.losses(self.outputs[arm, split], y[rows], y)

    def difference(self, split: Split) -> Floats:
        """Return control minus treated loss of the rows that a split held out."""
        return self.losses(self.control, split) - self.losses(self.name, split)

    def folds(self) -> list[Split]:
        """Return every planned single fold, done or not."""
        return self.design.fold_splits()

    def mean_losses(self, arm: str, splits: list[Split]) -> Floats:
        """Return each row's loss averaged over the repeats; NaN where no split tested it."""
        n = len(self.design.problem.target)
        total, count = np.zeros(n), np.zeros(n)
        for split in splits:
            rows = self.design.held_out(split)
            total[rows] += self.losses(arm, split)
            count[rows] += 1
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def control_losses(self) -> Floats:
        """Return the control's loss of each row, however it was computed."""
        whole = Split("loo")
        if (self.control, whole) in self.outputs:
            problem = self.design.problem
            y = problem.target.y
            return problem.metric.losses(self.outputs[self.control, whole][:, 0], y, y)
        done = [split for split in self.folds() if (self.control, split) in self.outputs]
        return self.mean_losses(self.control, done)

    def in_score_units(
        self, estimate: PairedEstimate, control: Floats, treated: Floats
    ) -> PairedEstimate:
        """Return the estimate in score units, with the floor for nearly identical arms."""
        metric, y = self.design.problem.metric, self.design.problem.target.y
        scale = metric.gap_scale(float(control.mean()), float(treated.mean()))
        bound = metric.bound(y)
        largest = max(float(control.max()), float(treated.max())) if bound is None else bound
        return replace(
            estimate,
            estimate=estimate.estimate * scale,
            error=estimate.error * scale,
            equivalence_error=estimate.equivalence_error * scale,
            floor=few_differences_floor(control - treated, largest) * scale,
        )
