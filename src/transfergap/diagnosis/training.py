"""Can learning curves be compared? A control that learned, to the end, as its seed decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.training_curves.mean_gap import mean_gap
from transfergap.training_curves.per_seed import finals, jumpstarts
from transfergap.training_curves.runs import Floats, TrainingRuns
from transfergap.trial import Trial

_LAST = 0.2  # of the budget: this part is compared with the one before it


@dataclass(frozen=True)
class CurveEvidence:
    """What is known of agents once they are trained.

    Parameters
    ----------
    runs : TrainingRuns
    margin : float
    score : str
        What the score is called.
    again : tuple of int and ndarray, optional
        A seed of the control that was trained twice, and its second curve.
    trials : tuple of Trial
        Empty for curves made elsewhere.
    arm_names : tuple of str
    """

    runs: TrainingRuns
    margin: float
    score: str
    again: tuple[int, Floats] | None = None
    trials: tuple[Trial, ...] = ()
    arm_names: tuple[str, ...] = ()


class CurveCheck(Protocol):
    """One question about learning curves."""

    @property
    def code(self) -> str:
        """The finding's code; forever."""
        ...

    @property
    def title(self) -> str:
        """A few words."""
        ...

    def examine(self, evidence: CurveEvidence) -> Iterable[Finding] | NotApplicable:
        """Look, and say what was found."""
        ...


@dataclass(frozen=True)
class ControlDidNotLearn:
    """The control ends no better than it starts: then any head start seems to help."""

    code: str = "TG503"
    title: str = "the control did not learn"

    def examine(self, evidence: CurveEvidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        runs = evidence.runs
        if runs.steps[0] != 0:
            return NotApplicable("scores of untrained agents, at step 0, are not known")
        scores = runs.of(runs.control)
        if len(scores) < 2:
            return NotApplicable("needs two seeds of the control")
        return self._judged(evidence, scores)

    def _judged(self, evidence: CurveEvidence, scores: Floats) -> Iterator[Finding]:
        gain = mean_gap(jumpstarts(scores), finals(scores, evidence.runs.steps))
        if gain.low > 0:
            return
        worse = gain.estimate <= 0
        yield Finding(
            self.code,
            self.title,
            evidence.runs.control,
            Strength.STRONG if worse else Strength.MODERATE,
            f"In {evidence.runs.budget:,.0f} steps the control gained {gain.estimate:+.3g}"
            f" {evidence.score} [{gain.low:+.3g}, {gain.high:+.3g}] over {gain.n_pairs} seeds,"
            + (" that is, nothing." if worse else " which may be nothing.")
            + " Against such a control any agent that knows something seems to help.",
            "Make the control learn first: a longer budget, more exploration, other settings of the"
            " algorithm, the same for every arm.",
            {"gain": gain.estimate, "low": gain.low, "high": gain.high},
        )


@dataclass(frozen=True)
class StillLearning:
    """The control is still rising at the budget: the gap may only be one of speed."""

    code: str = "TG504"
    title: str = "the control is still learning"

    def examine(self, evidence: CurveEvidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        runs = evidence.runs
        span = runs.steps[-1] - runs.steps[0]
        last = runs.steps >= runs.steps[-1] - _LAST * span
        before = (runs.steps >= runs.steps[-1] - 2 * _LAST * span) & ~last
        scores = runs.of(runs.control)
        if len(scores) < 2 or not before.any():
            return NotApplicable("needs two seeds, and scores in the last two fifths of the budget")
        return self._judged(
            evidence, scores[:, before].mean(axis=1), scores[:, last].mean(axis=1)
        )  # fmt: skip

    def _judged(self, evidence: CurveEvidence, before: Floats, last: Floats) -> Iterator[Finding]:
        gain = mean_gap(before, last)
        if gain.low <= 0 or gain.estimate < evidence.margin:
            return
        yield Finding(
            self.code,
            self.title,
            evidence.runs.control,
            Strength.MODERATE,
            f"From the fourth to the last fifth of the budget the control still gained"
            f" {gain.estimate:+.3g} {evidence.score} [{gain.low:+.3g}, {gain.high:+.3g}]. A gap at"
            " this budget may be one of speed alone, and close, or turn, later on.",
            "Train longer, and read the curves: a verdict holds for this budget.",
            {"gain": gain.estimate, "low": gain.low, "high": gain.high},
        )


@dataclass(frozen=True)
class SeedsDoNotDecide:
    """The same seed, trained twice, gave two curves."""

    code: str = "TG505"
    title: str = "training is not deterministic"

    def examine(self, evidence: CurveEvidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        if evidence.again is None:
            return NotApplicable("no agent was trained twice with the same seed")
        seed, second = evidence.again
        first = evidence.runs.curves[evidence.runs.control].get(seed)
        if first is None or len(first) != len(second):
            return NotApplicable("the run to compare with failed")
        return self._judged(evidence, first, second)

    def _judged(self, evidence: CurveEvidence, first: Floats, second: Floats) -> Iterator[Finding]:
        differs = np.flatnonzero(first != second)
        if not len(differs):
            return
        step = evidence.runs.steps[differs[0]]
        largest = float(np.abs(first - second).max())
        yield Finding(
            self.code,
            self.title,
            evidence.runs.control,
            Strength.MODERATE,
            f"The control was trained twice with the same seed, and its curves part at step"
            f" {step:,.0f}, by at most {largest:.3g} {evidence.score}. Pairs share less than they"
            " seem to, and a run that is resumed does not give the same numbers.",
            "Seed everything that is random in train() from its seed: the environment, its spaces,"
            " NumPy, the network; use one thread.",
            {"step": float(step), "largest_difference": largest},
        )
