"""Every arm's gap to the control, by the method that fits its trials."""

from __future__ import annotations

from collections.abc import Iterable

from transfergap.design import Design
from transfergap.estimation.blocked import blocked
from transfergap.estimation.closed_form import closed_form
from transfergap.estimation.in_order import on_ordered_folds
from transfergap.estimation.pairs import ArmEstimate, PairedTrials, outputs_of
from transfergap.estimation.ranked import ranked
from transfergap.estimation.scored import scored
from transfergap.trial import Trial


def estimate_gaps(design: Design, trials: Iterable[Trial]) -> dict[str, ArmEstimate]:
    """Estimate every arm's gap to the control from completed pairs.

    Returns
    -------
    dict of str to ArmEstimate
        In the order of the arms, the control first.
    """
    outputs = outputs_of(trials)
    return {name: _estimated(PairedTrials(design, outputs, name)) for name in design.arm_names()}


def _estimated(arm: PairedTrials) -> ArmEstimate:
    splitting = arm.design.problem.splitting
    if splitting is not None:
        return on_ordered_folds(arm, splitting)
    kind = arm.design.problem.metric.kind
    if arm.name in arm.design.closed_form_arms:
        return closed_form(arm)
    if kind == "scorer":
        return scored(arm)
    return ranked(arm) if kind == "ranking" else blocked(arm)
