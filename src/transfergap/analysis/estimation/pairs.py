"""Trials of one arm paired with those of the control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfergap.experiment.design import Design, Split
from transfergap.experiment.trial import CompletedTrial, Trial
from transfergap.stats import PairedEstimate, few_differences_floor
from transfergap.stats.gap import Gap

Floats = NDArray[np.float64]
Outputs = Mapping[tuple[str, Split], Floats]


MUCH = 4.0  # a difference on eight rows counts this many times over: see ClosedFormCheck
# Of the margin: a difference this small is let pass even where it could tip a verdict, since the
# margin itself is rarely meant that sharply. Set by hand (docs/decisions/0021).
SLIGHT = 1 / 20


@dataclass(frozen=True)
class ClosedFormCheck:
    """A closed form beside full refits of a few rows.

    Parameters
    ----------
    difference : float
        By how much the refits move the gap, on average over these rows; >= 0.
    gap : Gap
        Of the closed form.
    margin : float

    Notes
    -----
    Eight rows show the difference only roughly, so it counts four times over. It matters where it
    then exceeds the gap's standard error, unless it is at most a twentieth of the margin, or is
    below the margin four times over and moves the verdict nowhere: neither across the margin nor
    across zero (docs/decisions/0021).
    """

    difference: float
    gap: Gap
    margin: float

    @property
    def matters(self) -> bool:
        """Return whether refits have to decide."""
        # Decision 0021: a difference that can neither matter nor decide withholds nothing.
        largest_shift = MUCH * self.difference
        if largest_shift <= self.gap.error or self.difference <= SLIGHT * self.margin:
            return False
        moved = {
            self.gap.shifted(by).verdict(self.margin) for by in (-largest_shift, 0.0, largest_shift)
        }
        return largest_shift >= self.margin or len(moved) > 1


@dataclass(frozen=True)
class ArmEstimate:
    """Score and gap of one arm from its trials.

    Parameters
    ----------
    score : float or None
        Natural score on the target; ``None`` if nothing was completed.
    gap : Gap or None
        ``None`` for the control, and where too few pairs are complete.
    total : Gap or None
        Gap to the control, where ``gap`` is to the same model without sources.
    check : ClosedFormCheck or None
        Where the gap was computed in closed form, and rows were refitted to check it.
    refitted : bool
        Whether refits decided, since the check failed.
    """

    score: float | None
    gap: Gap | None
    check: ClosedFormCheck | None = None
    refitted: bool = False
    total: Gap | None = None

    @property
    def closed_form_error(self) -> float | None:
        """Return the distance of the closed form from refits.

        On the rows that were refitted.
        """
        return None if self.check is None else self.check.difference

    @property
    def closed_form_is_off(self) -> bool:
        """Return whether the gap rests on an untrustworthy closed form."""
        return self.check is not None and self.check.matters and not self.refitted


def outputs_of(trials: Iterable[Trial]) -> Outputs:
    """Return the outputs of the completed trials by arm and split."""
    return {
        (trial.cell.arm, trial.cell.split): trial.outputs
        for trial in trials
        if isinstance(trial, CompletedTrial)
    }


@dataclass(frozen=True)
class PairedTrials:
    """Completed trials of one arm, paired with the control's."""

    design: Design
    outputs: Outputs
    name: str

    @property
    def control(self) -> str:
        """Name of the control."""
        return self.design.control.name

    @property
    def is_control(self) -> bool:
        """Return whether the arm is the control itself."""
        return self.name == self.control

    def has(self, split: Split) -> bool:
        """Return whether the arm completed a split."""
        return (self.name, split) in self.outputs

    def pairs(self, split: Split) -> bool:
        """Return whether the arm and the control both completed a split."""
        return self.has(split) and (self.control, split) in self.outputs

    def losses(self, arm: str, split: Split) -> Floats:
        """Return the losses of a split's held-out rows, in score units."""
        rows = self.design.held_out(split)
        return self.design.problem.losses(self.outputs[arm, split], rows)

    def difference(self, split: Split) -> Floats:
        """Return control minus treated loss of a split's held-out rows."""
        return self.losses(self.control, split) - self.losses(self.name, split)

    def folds(self) -> list[Split]:
        """Return every planned single fold, done or not."""
        return self.design.fold_splits()

    def mean_losses(self, arm: str, splits: list[Split]) -> Floats:
        """Return each row's loss averaged over repeats, NaN if untested."""
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
            return self.design.problem.losses(self.outputs[self.control, whole][:, 0])
        splits = [split for split in self.folds() if (self.control, split) in self.outputs]
        return self.mean_losses(self.control, splits)

    def in_score_units(
        self, estimate: PairedEstimate, control: Floats, treated: Floats
    ) -> PairedEstimate:
        """Return the estimate in score units, floored for nearly identical arms."""
        problem = self.design.problem
        scale = problem.metric.gap_scale(float(control.mean()), float(treated.mean()))
        bound = problem.loss_bound
        largest = max(float(control.max()), float(treated.max())) if bound is None else bound
        return replace(
            estimate,
            estimate=estimate.estimate * scale,
            error=estimate.error * scale,
            upper_error=None if estimate.upper_error is None else estimate.upper_error * scale,
            equivalence_error=estimate.equivalence_error * scale,
            floor=few_differences_floor(control - treated, largest) * scale,
            size=float(max(np.abs(control).mean(), np.abs(treated).mean())) * scale,
        )
