"""Refusal of trials of wrong length, or without a control."""

from __future__ import annotations

from transfergap.analysis.estimation.failure_causes import likely_cause
from transfergap.errors import LearnerError, PairingError
from transfergap.experiment.design import CONTROL, Design
from transfergap.experiment.trial import FailedTrial, Trial


def check_lengths(design: Design, trials: tuple[Trial, ...]) -> None:
    """Raise ``PairingError`` for trials without one value a row.

    Trials made elsewhere may be so.
    """
    for trial in trials:
        if isinstance(trial, FailedTrial):
            continue
        expected = design.problem.metric.n_outputs(len(design.held_out(trial.cell.split)))
        if len(trial.outputs) != expected:
            raise PairingError(
                f"The trial of {trial.cell.arm!r} on {trial.cell.split} has {len(trial.outputs)}"
                f" outputs for {expected} test rows.",
                hint="give one output for each row of design.held_out(cell.split), in its order",
            )


def check_control(trials: tuple[Trial, ...]) -> None:
    """Raise ``LearnerError`` if every trial of the control failed."""
    control = [trial for trial in trials if trial.cell.arm == CONTROL]
    failed = [trial for trial in control if isinstance(trial, FailedTrial)]
    if control and len(failed) == len(control):
        cause = likely_cause(failed[0].error) or "fit and score it once on the target yourself"
        raise LearnerError(
            f"All {len(failed)} trials of the model on the target alone failed: {failed[0].error}.",
            hint=f"{cause}; after mending, retry the failed trials (--retry-failed,"
            " retry_failed=True)",
        )
