"""Outcome of one arm: gap, verdict, comparable score, and what to expect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from transfergap.analysis.checks import Evidence
from transfergap.analysis.checks.soundness import MANY_FAILED
from transfergap.analysis.result import ArmOutcome
from transfergap.data.metric.catalogue import BUILT_IN
from transfergap.experiment.design import Arm, Design
from transfergap.stats import rows_to_see
from transfergap.stats.gap import Verdict
from transfergap.stats.outlook import Outlook, outlook

# Trials of each arm: planned, completed, failed.
Counts = Mapping[str, tuple[int, int, int]]


def is_partial(counts: Counts, name: str, design: Design) -> bool:
    """Return whether more than a tenth of trials failed.

    Of the arm, or of the control.
    """
    return any(
        failed > MANY_FAILED * planned
        for planned, _, failed in (counts[name], counts[design.control.name])
    )


def arm_outcome(evidence: Evidence, name: str, counts: Counts, *, withheld: bool) -> ArmOutcome:
    """Return an arm with its verdict and outlook.

    ``withheld`` is whether no verdict of any arm is given.
    """
    arm = evidence.design.arm(name)
    estimate = evidence.estimates[name]
    gap = estimate.gap
    verdict = evidence.verdicts.get(name)
    margin = evidence.problem.margin
    # More rows would not settle these.
    broken = estimate.closed_form_is_off or is_partial(counts, name, evidence.design)
    doubted = name in (*evidence.too_good, *evidence.twins) or broken or withheld
    unsettled = verdict is Verdict.NOT_ENOUGH_EVIDENCE and not broken
    held_back = not doubted and (
        unsettled and gap is not None and gap.verdict(margin) is not Verdict.NOT_ENOUGH_EVIDENCE
    )
    rows, n_rows = None, len(evidence.problem.target)
    if unsettled and not held_back and gap is not None and gap.error > 0:
        size = max(margin, abs(gap.estimate))
        needed = rows_to_see(size, error=gap.error, df=gap.df, n_rows=n_rows)
        rows = needed if needed > n_rows else None
    return ArmOutcome(
        arm=name,
        sources=arm.sources if isinstance(arm, Arm) else (),
        judged=isinstance(arm, Arm) and arm.judged,
        score=comparable_score(evidence, name),
        gap=gap,
        verdict=verdict,
        held_back=held_back,
        rows_to_settle=rows,
        n_planned=counts[name][0],
        n_completed=counts[name][1],
        n_failed=counts[name][2],
        total=estimate.total,
        outlook=None if doubted else _outlook(evidence, name),
        doubted=doubted and gap is not None,
    )


def comparable_score(evidence: Evidence, name: str) -> float | None:
    """Return an arm's score, comparable with the control's.

    An arm that a race stopped was tested on fewer partitions than the control. Its score is the
    control's, moved by the gap on their pairs and kept within what the metric can be.
    """
    design, estimate = evidence.design, evidence.estimates[name]
    control = evidence.estimates[design.control.name].score
    gap = estimate.gap if estimate.total is None else estimate.total
    n_arm, n_control = (
        min(design.n_rounds(arm), design.n_repeats) for arm in (name, design.control.name)
    )
    if n_arm >= n_control or gap is None or control is None:
        return estimate.score
    metric = design.problem.metric
    score = control + metric.sign * gap.estimate
    if metric.name not in BUILT_IN:  # of others nobody knows what is perfect
        return score
    worst = metric.score(1.0) if metric.zero_one else -metric.sign * np.inf
    lowest, highest = sorted((metric.score(0.0), worst))
    return float(np.clip(score, lowest, highest))


def _outlook(evidence: Evidence, name: str) -> Outlook | None:
    """Return what to expect of a judged arm against the control."""
    estimate = evidence.estimates[name]
    gap = estimate.gap if estimate.total is None else estimate.total
    control = evidence.estimates[evidence.design.control.name].score
    if gap is None or control is None or name not in evidence.verdicts:
        return None
    metric = evidence.problem.metric
    # Of a metric of the user's nobody knows what is perfect.
    room = metric.room(control) if metric.name in BUILT_IN else None
    return outlook(gap, margin=evidence.problem.margin, room=room, size=abs(control))
