"""Rounds of a race: which arms need further fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from transfergap.analysis.estimation.blocked import has_skewed_residuals
from transfergap.analysis.estimation.estimate import beside
from transfergap.analysis.estimation.pairs import Outputs, PairedTrials, outputs_of
from transfergap.data.splitting.folds import N_FOLDS
from transfergap.experiment.design import N_ROUNDS, Arm, Design, Effort
from transfergap.experiment.trial import Trial
from transfergap.stats.racing import RaceStanding, race_bounds, race_standing


def first_round(design: Design) -> Design:
    """Return the design of a race's first round.

    The same one for other efforts, and where no pairs of folds are fitted: in order of time, for
    AUC, for metrics without a value per row.
    """
    if design.effort is not Effort.RACE or not design.n_pair_partitions:
        return design
    return replace(design, rounds=dict.fromkeys(design.fitted_by_folds[1:], 1))


def next_round(design: Design, trials: Iterable[Trial]) -> Design:
    """Return the design with another round for undecided arms.

    Parameters
    ----------
    design : Design
        Of a race, from :func:`first_round` or this function.
    trials : iterable of Trial
        Of this design; trials of later rounds are not looked at, so that a run that is resumed goes
        on with the same cells.

    Returns
    -------
    Design
        The same one where the race is over.
    """
    played = max(design.rounds.values(), default=N_ROUNDS)
    if played >= N_ROUNDS:
        return design
    outputs = outputs_of(trials)
    racing = [
        name
        for name, n_rounds in design.rounds.items()
        if n_rounds == played and _is_racing(design, outputs, name, played)
    ]
    if not racing:
        return design
    return replace(design, rounds={**design.rounds, **dict.fromkeys(racing, played + 1)})


def _is_racing(design: Design, outputs: Outputs, name: str, n_partitions: int) -> bool:
    arm = design.arm(name)
    if not isinstance(arm, Arm) or not arm.judged:
        return False
    # The safe model is judged beside itself without sources too.
    guests = [guest for guest, host in design.read_off.items() if host == name]
    pairs = [
        PairedTrials(design, outputs, name),
        *(PairedTrials(beside(design, name, guest), outputs, name) for guest in guests),
    ]
    n_arms = sum(treatment.judged for treatment in design.treatments)
    return any(_standing(one, n_partitions, n_arms) is RaceStanding.RACING for one in pairs)


def _standing(arm: PairedTrials, n_partitions: int, n_arms: int) -> RaceStanding:
    splits = [split for split in arm.folds() if split.repeat < n_partitions]
    if not all(arm.pairs(split) for split in splits):
        return RaceStanding.RACING
    control = arm.mean_losses(arm.control, splits)
    treated = arm.mean_losses(arm.name, splits)
    bounds = race_bounds(
        control - treated,
        np.array([arm.difference(split).mean() for split in splits]),
        n_folds=N_FOLDS,
        zero_one=arm.design.problem.metric.zero_one,
        skewed=has_skewed_residuals(arm, splits),
        clusters=arm.design.clusters,
    )
    bounds = replace(
        bounds,
        now=arm.in_score_units(bounds.now, control, treated),
        narrowest=arm.in_score_units(bounds.narrowest, control, treated),
    )
    return race_standing(bounds, margin=arm.design.problem.margin, n_arms=n_arms)
