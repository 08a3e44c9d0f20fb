"""Curves as a second design on the store of the first.

Trials in the store are not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from transfergap.analysis.curves.estimating import rows_curve
from transfergap.analysis.curves.gap_curve import LearningCurve
from transfergap.analysis.estimation.pairs import outputs_of
from transfergap.data.splitting.folds import usable_parts
from transfergap.errors import ConfigurationError
from transfergap.experiment.arm import label_among
from transfergap.experiment.design import SAFE, Arm, Design
from transfergap.experiment.executors import Executor
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.stats.gap import Verdict

# Each arm costs 80 fits at most, beside 80 of the control.
MOST_ARMS = 4
ROWS = "target rows"


def arms_for_curve(
    design: Design, verdicts: dict[str, Verdict | None], names: Sequence[str | Arm] | None = None
) -> tuple[str, ...]:
    """Return the arms that get a curve.

    Parameters
    ----------
    design : Design
    verdicts : dict of arm name to Verdict
        Of the judged arms, the clearest first.
    names : sequence of str or Arm, optional
        Arms to draw whatever their verdict; otherwise at most four that help or hurt: those with a
        single source, and the safe arm.

    Raises
    ------
    ConfigurationError
        For an arm that the design lacks, or that learns nothing from the target.
    """
    arms = {arm.name: arm for arm in design.treatments}
    if names:
        labels = [label_among(name, arms) for name in names]
        for name in labels:
            if name not in arms:
                raise ConfigurationError(
                    f"There is no arm called {name!r} to draw a curve of.",
                    hint=f"it has: {', '.join(arms)}",
                )
            if not _learns(arms[name]):
                raise ConfigurationError(
                    f"The arm {name!r} learns nothing from the target, so more of it changes"
                    " nothing.",
                    hint="ask for another arm",
                )
        return tuple(dict.fromkeys(labels))
    clear = (Verdict.HELPS, Verdict.HURTS)
    return tuple(
        name for name, verdict in verdicts.items() if verdict in clear and is_for_curve(arms[name])
    )[:MOST_ARMS]


def is_for_curve(arm: Arm) -> bool:
    """Return whether an arm may get a curve without being asked for."""
    return arm.judged and _learns(arm) and (len(arm.sources) == 1 or arm.name == SAFE)


def _learns(arm: Arm) -> bool:
    return bool(getattr(arm.learner, "uses_target", True))


def curve_design(design: Design, arms: Sequence[str]) -> Design:
    """Return the design of a curve.

    It has the folds and seeds of the audit, and trains on parts of the training rows.
    """
    chosen = tuple(arm for arm in design.treatments if arm.name in arms)
    return replace(design, treatments=chosen, parts=usable_parts(design.problem))


def check_curve(design: Design, curve: bool | Sequence[str | Arm]) -> None:
    """Raise ``ConfigurationError`` where a curve is wanted that cannot be drawn."""
    if curve is not False and design.problem.splitting is not None:
        curve_design(design, ())
    if not isinstance(curve, bool):
        arms_for_curve(design, {}, curve)


def draw_curve(
    design: Design,
    arms: Sequence[str],
    store: TrialStore,
    executor: Executor | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> LearningCurve:
    """Run the missing trials of a curve, and return it.

    Parameters
    ----------
    design : Design
        Of the audit.
    arms : sequence of str
        From :func:`arms_for_curve`.
    store : TrialStore
        Of the audit, so that trials on whole folds are not repeated.
    executor, on_trial
        As in :func:`transfergap.run_trials`.
    """
    title = design.problem.metric.title
    if not arms:
        note = "No arm with a single source, nor the safe one, was said to help or to hurt."
        return LearningCurve(ROWS, title, (), (note,))
    parts = curve_design(design, arms)
    if len(parts.parts) < 2:
        note = "The target has too few rows to train on parts of them."
        return LearningCurve(ROWS, title, (), (note,))
    run_trials(parts, store, executor, on_trial)
    trials = tuple(store.trials())
    outputs = outputs_of(trials)
    drawn = [rows_curve(parts, outputs, arm.name) for arm in parts.treatments]
    missing = [a.name for a, c in zip(parts.treatments, drawn, strict=True) if c is None]
    notes = [f"{name}: too few complete folds for a curve." for name in missing]
    planned = {cell.id for cell in parts.cells()}
    n_failed = sum(isinstance(t, FailedTrial) and t.cell.id in planned for t in trials)
    if n_failed:
        notes.append(
            f"{n_failed} of {len(planned)} trials of the curve failed; their folds are left out."
        )
    return LearningCurve(ROWS, title, tuple(c for c in drawn if c is not None), tuple(notes))
