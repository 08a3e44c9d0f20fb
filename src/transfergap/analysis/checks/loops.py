"""Training of iterative learners: long enough, and reproducible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength
from transfergap.experiment.design import Split
from transfergap.experiment.trial import CompletedTrial
from transfergap.learners import may_vary


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
