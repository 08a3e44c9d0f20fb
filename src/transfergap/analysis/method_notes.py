"""Notes on how gaps were measured: intervals, weights, unused rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.checks.later_rows import later_rows
from transfergap.analysis.estimation import ArmEstimate
from transfergap.data.notations.spelling import listing
from transfergap.experiment.design import Design
from transfergap.stats.gap import DISCOVERY_RATE, Gap

_MOST_NAMED = 5  # sources of one note


def _cap_note(design: Design) -> tuple[str, ...]:
    """Return a sentence on rows that were not used."""
    limit, n_target = design.max_source_rows, len(design.problem.target)
    sizes = {name: len(source.sample) for name, source in design.problem.sources.items()}
    cut = {name: size for name, size in sizes.items() if limit is not None and size > limit}
    if limit is None or not cut:
        return ()
    parts = listing([f"{name}: {limit:,} of {size:,}" for name, size in cut.items()], _MOST_NAMED)
    classes = ", classes in their shares" if design.problem.task.has_classes else ""
    return (
        f"Not all source rows are used in fits ({parts} rows, drawn at random{classes}; the linear"
        " safe model uses all). With all of them an arm could gain or lose a little more: the"
        f" sampling error of what such a source teaches is about {n_target / limit:.2g} of the"
        " target's, in variance. --max-source-rows N (max_source_rows=N) takes more.",
    )


def _weights_note(weights: NDArray[np.float64]) -> str:
    """Return a sentence on weights, with Kish's effective number of rows."""
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return (
        f"Target rows are weighted, from {weights.min():.3g} to {weights.max():.3g}: models are"
        " trained with these weights, and scores and gaps are weighted means. They say as much as"
        f" about {effective:,.0f} rows of one weight. Source rows without weights count as much as"
        " an average target row."
    )


def _later_rows(design: Design) -> list[str]:
    """Return notes on source rows left out as later than the test."""
    return [later.sentence for later in later_rows(design.problem)]


def method_notes(
    design: Design, estimates: Mapping[str, ArmEstimate], gaps: Mapping[str, Gap]
) -> tuple[str, ...]:
    """Return sentences on how the gaps of the judged arms were measured."""
    splitting = design.problem.splitting
    notes = [] if splitting is None else [splitting.description, *_later_rows(design)]
    methods = Counter(gap.method for gap in gaps.values())
    for method, times in methods.items():
        arms = "arm" if times == 1 else "arms"
        notes.append(f"Intervals of {times} {arms}: {method}.")
    errors = [
        error
        for name in gaps
        if (error := estimates[name].closed_form_error) is not None and not estimates[name].refitted
    ]
    if errors:
        notes.append(
            f"The closed form was checked against full refits, preprocessing included, on"
            f" {len(design.checked_rows)} target rows: gaps differ by at most {max(errors):.2g}"
            f" {design.problem.metric.title} on average over these rows."
        )
    notes += _cap_note(design)
    non_tabular = design.problem.others.items()
    if design.problem.target.weights is not None:
        notes.append(_weights_note(design.problem.target.weights))
    if design.problem.metric.note:
        notes.append(design.problem.metric.note)
    notes += [
        f"The source {name} is no table of rows: {source.description}."
        for name, source in non_tabular
    ]
    if design.clusters is not None and splitting is None:
        notes.append("Groups are never split, and are the unit of every interval.")
    if len(gaps) > 1:
        beside = f", {len(design.untried)} untried sources counted beside" if design.untried else ""
        notes.append(
            f"{len(gaps)} arms were judged: a claim needs its own interval off zero and a place"
            f" among the discoveries at a false discovery rate of {DISCOVERY_RATE:.0%} in its"
            f" direction (Benjamini-Hochberg){beside}."
        )
    return tuple(notes)
