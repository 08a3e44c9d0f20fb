"""Gap of every arm, by the method that fits its trials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from transfergap.analysis.estimation.blocked import blocked
from transfergap.analysis.estimation.closed_form import closed_form
from transfergap.analysis.estimation.in_order import on_ordered_folds
from transfergap.analysis.estimation.pairs import ArmEstimate, PairedTrials, outputs_of
from transfergap.analysis.estimation.ranked import ranked
from transfergap.analysis.estimation.scored import scored
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.trial import Trial


def estimate_gaps(design: Design, trials: Iterable[Trial]) -> dict[str, ArmEstimate]:
    """Estimate every arm's gap to the control from completed pairs.

    An arm whose model holds what it is without sources, as that of the safe model, is compared with
    that: the rest of its gap to the control is from being another model.

    Returns
    -------
    dict of str to ArmEstimate
        In the order of the arms, the control first.
    """
    outputs = outputs_of(trials)
    estimates = {
        name: _estimated(PairedTrials(design, outputs, name)) for name in design.arm_names()
    }
    for without, name in design.read_off.items():
        on_top = _estimated(PairedTrials(beside(design, name, without), outputs, name))
        if on_top.gap is not None:
            total = estimates[name]
            estimates[name] = replace(total, gap=on_top.gap, total=total.gap)
    return estimates


def beside(design: Design, name: str, control: str) -> Design:
    """Return the design of one arm beside another as its control."""
    treatment, other = design.arm(name), design.arm(control)
    assert isinstance(treatment, Arm) and other.learner is not None
    return replace(
        design, control=ControlArm(other.learner, other.name), treatments=(treatment,), parts=()
    )


def with_refits(design: Design, trials: Iterable[Trial]) -> Design:
    """Return the design with refits of arms whose closed form fails.

    Parameters
    ----------
    design : Design
    trials : iterable of Trial
        Of this design, with its closed-form trials. The same trials give the same arms, so that a
        run that is resumed goes on with the same cells.

    Returns
    -------
    Design
        The same one where every closed form agrees with refits well enough.
    """
    outputs = outputs_of(trials)
    off = {
        name
        for name in design.closed_form_arms - {design.control.name}
        if (check := closed_form(PairedTrials(design, outputs, name)).check) and check.matters
    }
    return replace(design, refitted=frozenset(off)) if off else design


def _estimated(arm: PairedTrials) -> ArmEstimate:
    splitting = arm.design.problem.splitting
    if splitting is not None:
        return on_ordered_folds(arm, splitting)
    metric = arm.design.problem.metric
    if arm.design.in_closed_form(arm.name):
        return closed_form(arm)
    if not metric.has_row_values:
        return scored(arm)
    if metric.ranks_rows:
        return ranked(arm)
    by_refits = blocked(arm)
    if arm.name not in arm.design.refitted:
        return by_refits
    # The check stays in the result, for TG304.
    return replace(by_refits, check=closed_form(arm).check, refitted=True)
