"""Subgroups from stored trials to corrected gaps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from transfergap.analysis.estimation import ArmEstimate
from transfergap.analysis.estimation.pairs import Outputs
from transfergap.analysis.subgroups.found import found_subgroups, halved
from transfergap.analysis.subgroups.gaps import ArmErrors, SmallSubgroup, Subgroups
from transfergap.analysis.subgroups.grouping import Grouping
from transfergap.analysis.subgroups.judging import (
    JudgedArm,
    SubgroupComparison,
    compare,
    corrected,
    error_rates,
    judged_arms,
)
from transfergap.experiment.design import Design


def look_at_subgroups(
    design: Design,
    outputs: Outputs,
    estimates: Mapping[str, ArmEstimate],
    grouping: Grouping,
) -> Subgroups:
    """Judge every arm in every subgroup, corrected for their number.

    Parameters
    ----------
    design : Design
    outputs : mapping of (arm, split) to ndarray
        Of the completed trials.
    estimates : mapping of arm name to ArmEstimate
    grouping : Grouping
        The subgroups asked for, or the wish to find some.

    Notes
    -----
    No model is fitted. "Hurts" and "helps" are held to a family-wise rate of 5 % each (Holm over
    subgroups times arms); "no material effect" needs the interval of the comparison inside the
    margin.
    """
    metric = design.problem.metric
    if not metric.has_row_values:
        note = f"{metric.title} has no value per row, so subgroups cannot be told apart by it."
        return Subgroups(grouping.find, notes=(note,))
    if design.problem.splitting is not None:
        note = "Subgroups were not looked at: their intervals hold for shuffled folds only."
        return Subgroups(grouping.find, notes=(note,))
    arms = judged_arms(design, outputs, estimates)
    notes = list(grouping.notes)
    comparisons: list[SubgroupComparison] = []
    small = list(grouping.too_small)
    if grouping.find:
        try:
            (comparisons, small), why_not = _search(design, arms)
        except Exception as error:  # a broken search must not cost the verdicts; it is reported
            why_not = [f"The search for subgroups failed: {type(error).__name__}: {error}"]
        notes += why_not
    else:
        for group in grouping.subgroups:
            in_group = [
                comparison for arm in arms if (comparison := compare(arm, group)) is not None
            ]
            comparisons += in_group
            if arms and not in_group:
                small.append(SmallSubgroup(group.name, int(group.rows.sum())))
    # Error rates of all rows stand beside those of subgroups.
    everyone = np.ones(len(design.problem.target), bool)
    overall = tuple(
        ArmErrors(arm.trials.name, len(everyone), rates)
        for arm in arms
        if (rates := error_rates(arm, everyone))
    )
    notes += _how_errors_were_read(design, overall)
    margin = design.problem.margin
    gaps = corrected(comparisons, margin) if comparisons else ()
    return Subgroups(grouping.find, gaps, overall, tuple(small), tuple(notes))


def _search(
    design: Design, arms: list[JudgedArm]
) -> tuple[tuple[list[SubgroupComparison], list[SmallSubgroup]], list[str]]:
    halves = halved(design.problem, design.clusters, seed=design.seed)
    if isinstance(halves, str):
        return ([], []), [halves]
    comparisons: list[SubgroupComparison] = []
    small: list[SmallSubgroup] = []
    # Rows of ROC AUC hold the weight of pairs, which cannot be taken out again.
    weights = None if design.problem.metric.ranks_rows else design.problem.target.weights
    for arm in arms:
        for group in found_subgroups(halves, arm.losses.differences, weights=weights):
            comparison = compare(arm, group)
            if comparison is None:
                small.append(SmallSubgroup(group.name, int(group.rows.sum())))
            else:
                comparisons.append(comparison)
    return (comparisons, small), []


def _how_errors_were_read(design: Design, overall: tuple[ArmErrors, ...]) -> list[str]:
    metric, task = design.problem.metric, design.problem.task
    if not overall:
        if not task.has_classes:
            return []
        return [f"Which rows are told wrong cannot be read off {metric.title} here."]
    if metric.ranks_rows:
        return [
            "For error rates, each arm flags as many rows of a test fold as are positive in it:"
            " its own threshold, at equal numbers of flags. So at equal flags, false negatives and"
            " false positives move together."
        ]
    if not metric.zero_one:
        return ["For error rates, the class with the larger probability is the one predicted."]
    return []
