"""Checks of loops and of overfitting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.estimation import control_losses
from transfergap.data.problem import TargetSet
from transfergap.experiment.design import Split
from transfergap.experiment.trial import CompletedTrial
from transfergap.learners import may_vary
from transfergap.stats import cluster_variance


@check("TG307", "training is not repeatable")
def training_varies(evidence: Evidence) -> Iterator[Finding]:
    """Find arms that two fits with equal seed train differently."""
    if not any(may_vary(evidence.design.arm(n).learner) for n in evidence.design.arm_names()):
        raise NotApplicable("the learners set every random state by the seed")
    outputs = {
        (t.cell.arm, t.cell.split): t.outputs
        for t in evidence.trials
        if isinstance(t, CompletedTrial)
    }
    for name in evidence.design.arm_names():
        first = outputs.get((name, Split("fold", 0, (0,))))
        again = outputs.get((name, Split("again", 0, (0,))))
        if first is None or again is None or np.array_equal(first, again):
            continue
        difference = np.abs(first - again)
        largest, share = float(difference.max()), float((difference > 0).mean())
        yield Finding.moderate(
            name,
            f"{name} was trained twice on the same rows with the same seed, and {share:.0%} of"
            f" what it says of tested rows changed, by up to {largest:.2g}. This noise is in"
            " every gap, and a rerun gives other numbers.",
            "Set every random state from `seed` in the training function; in torch also the"
            " order of batches, and torch.use_deterministic_algorithms(True).",
            {"largest": largest, "share": share},
        )


@check("TG308", "under-trained control")
def undertrained_control(evidence: Evidence) -> Iterator[Finding]:
    """Find a control that still gains from its last increase of budget."""
    if evidence.budgets is None:
        raise NotApplicable("the model states no training budget that could be cut")
    if evidence.budgets.control_gain is None:
        raise NotApplicable("too few folds are complete at a part of the budget")
    curve, margin = evidence.budgets, evidence.problem.margin
    assert curve is not None and curve.control_gain is not None
    gain = curve.control_gain
    if gain.low <= 0 or gain.estimate < margin:
        return
    yield Finding.of(
        Strength.STRONG if gain.low > margin else Strength.MODERATE,
        "control",
        f"The last half of the budget still gave the control {gain.estimate:+.3f}"
        f" [{gain.low:+.3f}, {gain.high:+.3f}] {evidence.problem.metric.title}"
        f" ({curve.axis} = {gain.at:g}). It has not finished learning, so a source may seem to"
        " help, or to hurt, only because it changes the speed.",
        f"Raise {curve.axis} until the control gains nothing more, and audit again.",
        {"gain": gain.estimate, "low": gain.low, "high": gain.high, "budget": gain.at},
    )


_MUCH = 0.5  # of the held-out loss: a model that has learned half of it by heart


@check("TG206", "the control learns rows by heart")
def overfitting(evidence: Evidence) -> Iterator[Finding]:
    """Compare the control on training rows with held-out rows; costs one fit."""
    if not evidence.problem.metric.has_row_losses:
        raise NotApplicable(f"{evidence.problem.metric.title} has no loss a row to compare")
    design, problem = evidence.design, evidence.problem
    held_out = control_losses(design, evidence.trials)
    if np.isnan(held_out).any():
        return
    target, metric = problem.target, problem.metric
    model = design.control.learner.train(TargetSet(target), seed=design.seed)
    inside = problem.losses(metric.outputs(model, target.X, target.y, problem.classes))
    more = held_out - inside
    error = float(np.sqrt(cluster_variance(more, design.clusters)))
    # 90 % interval, as for gaps; rows of one group count as one.
    half = float(stats.t.ppf(0.95, len(more) - 1)) * error
    mean, outside = float(more.mean()), float(held_out.mean())
    if outside <= 0 or (mean - half) < _MUCH * outside:
        return
    scale = metric.gap_scale(outside, float(inside.mean()))
    yield Finding.note(
        "control",
        f"The control is {mean * scale:.3f} {metric.title}"
        f" [{(mean - half) * scale:.3f}, {(mean + half) * scale:.3f}] better on the rows it was"
        " trained on than on held-out ones. A model with that much freedom can turn on any rows"
        " that are added. An association, not yet a cause.",
        "Regularise the model more, or make it smaller, and run again.",
        {"difference": mean * scale, "low": (mean - half) * scale, "high": (mean + half) * scale},
    )
