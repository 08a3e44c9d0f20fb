"""Was the model trained enough, and the same way twice? Questions for networks and other loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.design import Split
from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.learners import may_vary
from transfergap.trial import CompletedTrial


@dataclass(frozen=True)
class TrainingVaries:
    """The same rows and the same seed gave another model."""

    code: str = "TG307"
    title: str = "training is not repeatable"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each arm whose first fold came out differently."""
        if not any(may_vary(evidence.design.arm(n).learner) for n in evidence.design.arm_names()):
            return NotApplicable("the learners set every random state by the seed")
        return self._arms(evidence)

    def _arms(self, evidence: Evidence) -> Iterator[Finding]:
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
            yield Finding(
                self.code,
                self.title,
                name,
                Strength.MODERATE,
                f"{name} was trained twice on the same rows with the same seed, and {share:.0%} of"
                f" what it says of tested rows changed, by up to {largest:.2g}. This noise is in"
                " every gap, and a rerun gives other numbers.",
                "Set every random state from `seed` in the training function; in torch also the"
                " order of batches, and torch.use_deterministic_algorithms(True).",
                {"largest": largest, "share": share},
            )


@dataclass(frozen=True)
class UndertrainedControl:
    """The control gains from its last increase of budget: sources may only train it further."""

    code: str = "TG308"
    title: str = "under-trained control"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        if evidence.budgets is None:
            return NotApplicable("the model states no training budget that could be cut")
        if evidence.budgets.control_gain is None:
            return NotApplicable("too few folds are complete at a part of the budget")
        return self._judged(evidence)

    def _judged(self, evidence: Evidence) -> Iterator[Finding]:
        curve, margin = evidence.budgets, evidence.problem.margin
        assert curve is not None and curve.control_gain is not None
        gain = curve.control_gain
        if gain.low <= 0 or gain.estimate < margin:
            return
        yield Finding(
            self.code,
            self.title,
            "control",
            Strength.STRONG if gain.low > margin else Strength.MODERATE,
            f"The last half of the budget still gave the control {gain.estimate:+.3f}"
            f" [{gain.low:+.3f}, {gain.high:+.3f}] {evidence.problem.metric.title}"
            f" ({curve.axis} = {gain.at:g}). It has not finished learning, so a source may seem to"
            " help, or to hurt, only because it changes the speed.",
            f"Raise {curve.axis} until the control gains nothing more, and audit again.",
            {"gain": gain.estimate, "low": gain.low, "high": gain.high, "budget": gain.at},
        )
