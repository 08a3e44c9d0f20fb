"""Plan of a design: fits, time and power from a pilot."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.analysis.curves import MOST_ARMS, curve_design, is_for_curve, own_budget_designs
from transfergap.analysis.estimation import estimate_gaps, pilot_variance
from transfergap.analysis.estimation.failure_causes import likely_cause
from transfergap.analysis.repairs import Explain, explain_named, most_fits
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.errors import LearnerError, accepts_old_arguments
from transfergap.experiment.design import CONTROL, Cell, Design, Split
from transfergap.experiment.trial import CompletedTrial, FailedTrial, Trial, attempt
from transfergap.stats import smallest_visible_gap

# Arms of a design mostly cost alike; three show a spread.
N_TIMED_ARMS = 3
# The error of fifty differences is known within a tenth: 1 / sqrt(2 * 50).
FEWEST_PILOT_ROWS = 50


@dataclass(frozen=True)
class Plan:
    """A design with its cost and its reach.

    Parameters
    ----------
    n_arms : int
        The control included.
    n_fits : int
    n_timed : int
        Fits that were made to know.
    cpu_s : float
        Expected seconds of all fits on one core.
    visible_gap : float or None
        About the smallest gap that the design would call in four runs of five; ``None`` where the
        metric tells nothing before the run.
    closed_form : bool
        Whether arms are judged by closed-form leave-one-out.
    n_repairs : int
        Further fits, if every arm that can be explained by repairs has to be.
    repairs_s : float
        Expected seconds of these on one core.
    n_curve_fits : int
        Those of ``n_fits`` that are for the learning curve: the most that there can be, since the
        verdicts decide which arms get one.
    """

    n_arms: int
    n_fits: int
    n_timed: int
    cpu_s: float
    visible_gap: float | None
    closed_form: bool
    n_repairs: int = 0
    repairs_s: float = 0.0
    n_curve_fits: int = 0


@accepts_old_arguments
def plan(
    design: Design, *, explain: str | Explain = Explain.HARMFUL, learning_curve: bool = False
) -> Plan:
    """Time a few fits; estimate the cost and power of all.

    Nothing is stored. The pilot fits the control, up to three arms, and one of each kind of learner
    on two folds, or on as many as make fifty rows (in closed form: once), and takes the spread of
    their differences over these rows for the spread of all.

    Parameters
    ----------
    design : Design
    explain : {"harmful", "all", "none"}
        Which arms would be explained by repairs.

    Raises
    ------
    LearnerError
        If the control fails.
    """
    cells = [cell for cell in design.cells() if cell.arm not in design.read_off]
    more = [*(curve_cells(design, cells) if learning_curve else []), *budget_cells(design, cells)]
    pilot = list(_pilot_cells(design))
    trials = tuple(trial for cell in pilot for trial in attempt(design, [cell]))
    for trial in trials:
        if isinstance(trial, FailedTrial) and trial.cell.arm == CONTROL:
            raise LearnerError(
                f"The model failed on the target alone: {trial.error}.",
                hint=likely_cause(trial.error) or "fit it once on the target yourself",
            )
    seconds: dict[str, list[float]] = {}
    for trial in trials:
        if isinstance(trial, CompletedTrial):
            seconds.setdefault(trial.cell.arm, []).append(trial.fit_s + trial.predict_s)
    usual = float(np.mean([np.mean(times) for times in seconds.values()]))
    n_repairs = most_fits(design, explain_named(explain))
    cost = sum(float(np.mean(seconds.get(cell.arm, [usual]))) for cell in [*cells, *more])
    return Plan(
        n_arms=len(design.arm_names()),
        n_fits=len(cells) + len(more),
        n_timed=len(pilot),
        cpu_s=cost,
        visible_gap=_visible(design, trials),
        closed_form=bool(design.closed_form_arms),
        n_repairs=n_repairs,
        repairs_s=n_repairs * usual,
        n_curve_fits=len(more),
    )


def curve_cells(design: Design, cells: list[Cell]) -> list[Cell]:
    """Return the cells of a curve beside those of the audit.

    Of as many arms as can get one.
    """
    able = [arm.name for arm in design.treatments if is_for_curve(arm)][:MOST_ARMS]
    audit_ids = {cell.id for cell in cells}
    return [cell for cell in curve_design(design, able).cells() if cell.id not in audit_ids]


def budget_cells(design: Design, cells: list[Cell]) -> list[Cell]:
    """Return the cells at parts of the model's stated budget.

    The list is empty where it states none.
    """
    audit_ids = {cell.id for cell in cells}
    return [
        cell for at in own_budget_designs(design) for cell in at.cells() if cell.id not in audit_ids
    ]


def _pilot_cells(design: Design) -> Iterator[Cell]:
    cells = list(design.cells())
    # Arms for information cost as much, and settle nothing.
    judged = [arm.name for arm in design.treatments if arm.judged]
    # Spread over the list: neighbours are often of one kind.
    spread = judged[:: max(len(judged) // N_TIMED_ARMS, 1)][:N_TIMED_ARMS]
    # A kind of learner takes a time of its own: the safe model has little to do with the control.
    kinds = {
        type(arm.learner): arm.name
        for arm in reversed(design.treatments)
        if arm.name not in design.read_off
    }
    # The control is timed always: every pair needs it.
    arms = {CONTROL, *spread, *kinds.values()}
    pilot_splits = {Split("loo"), *_pilot_folds(design)}
    return (cell for cell in cells if cell.arm in arms and cell.split in pilot_splits)


def _pilot_folds(design: Design) -> list[Split]:
    """Return as many folds as make fifty rows.

    All where rows of one fold do not tell the rest.
    """
    if design.problem.splitting is not None:
        return design.fold_splits()
    rows_a_fold = max(len(design.problem.target) / N_FOLDS, 1.0)
    n_folds = min(max(2, math.ceil(FEWEST_PILOT_ROWS / rows_a_fold)), N_FOLDS)
    return design.fold_splits()[:n_folds]


def _visible(design: Design, trials: tuple[Trial, ...]) -> float | None:
    if design.closed_form_arms or design.problem.splitting is not None:
        usable_names = design.closed_form_arms or design.arm_names()
        estimates = estimate_gaps(design, trials)
        candidate_gaps = [
            estimates[name].gap for name in design.arm_names() if name in usable_names
        ]
        gaps = [gap for gap in candidate_gaps if gap is not None]
        visible = [smallest_visible_gap(gap.error, gap.df) for gap in gaps if gap.error > 0]
        if visible:
            return float(np.median(visible))
    if design.problem.splitting is not None:
        return None
    variances = pilot_variance(design, trials)
    if not variances:
        return None
    n_units = len(design.problem.target)
    if design.clusters is not None:
        n_units = len(np.unique(design.clusters))
    # The median arm: one strange arm must not decide the plan.
    error = float(np.sqrt(np.median(variances) / n_units))
    return smallest_visible_gap(error, N_FOLDS - 1) if error > 0 else None
