"""Soundness of learning curves: control, budget, and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from transfergap.analysis.checks.check import Finding, NotApplicable, Strength, check
from transfergap.analysis.training_curves.gaps import mean_gap
from transfergap.analysis.training_curves.per_seed import finals, jumpstarts
from transfergap.analysis.training_curves.runs import Floats, TrainingRuns
from transfergap.experiment.trial import Trial

_LAST = 0.2  # of the budget: this part is compared with the one before it


@dataclass(frozen=True)
class CurveEvidence:
    """Evidence on agents after training.

    Parameters
    ----------
    runs : TrainingRuns
    margin : float
    score : str
        Name of the score.
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


@check("TG503", "the control did not learn")
def control_did_not_learn(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find a control that ends no better than it starts."""
    runs = evidence.runs
    if runs.steps[0] != 0:
        raise NotApplicable("scores of untrained agents, at step 0, are not known")
    scores = runs.of(runs.control)
    if len(scores) < 2:
        raise NotApplicable("needs two seeds of the control")
    gain = mean_gap(jumpstarts(scores), finals(scores, evidence.runs.steps))
    if gain.low > 0:
        return
    worse = gain.estimate <= 0
    yield Finding.of(
        Strength.STRONG if worse else Strength.MODERATE,
        evidence.runs.control,
        f"In {evidence.runs.budget:,.0f} steps the control gained {gain.estimate:+.3g}"
        f" {evidence.score} [{gain.low:+.3g}, {gain.high:+.3g}] over {gain.n_pairs} seeds,"
        + (" that is, nothing." if worse else " which may be nothing.")
        + " Against such a control any agent that knows something seems to help.",
        "Make the control learn first: a longer budget, more exploration, other settings of the"
        " algorithm, the same for every arm.",
        {"gain": gain.estimate, "low": gain.low, "high": gain.high},
    )


@check("TG504", "the control is still learning")
def still_learning(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find a control that is still rising at the budget."""
    runs = evidence.runs
    span = runs.steps[-1] - runs.steps[0]
    last = runs.steps >= runs.steps[-1] - _LAST * span
    # The fifth before the last, of the same length.
    before = (runs.steps >= runs.steps[-1] - 2 * _LAST * span) & ~last
    scores = runs.of(runs.control)
    if len(scores) < 2 or not before.any():
        raise NotApplicable("needs two seeds, and scores in the last two fifths of the budget")
    before = scores[:, before].mean(axis=1)
    last = scores[:, last].mean(axis=1)
    gain = mean_gap(before, last)
    if gain.low <= 0 or gain.estimate < evidence.margin:
        return
    yield Finding.moderate(
        evidence.runs.control,
        f"From the fourth to the last fifth of the budget the control still gained"
        f" {gain.estimate:+.3g} {evidence.score} [{gain.low:+.3g}, {gain.high:+.3g}]. A gap at"
        " this budget may be one of speed alone, and close, or turn, later on.",
        "Train longer, and read the curves: a verdict holds for this budget.",
        {"gain": gain.estimate, "low": gain.low, "high": gain.high},
    )


@check("TG505", "training is not deterministic")
def seeds_do_not_decide(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find two different curves of one seed."""
    if evidence.again is None:
        raise NotApplicable("no agent was trained twice with the same seed")
    seed, second = evidence.again
    first = evidence.runs.curves[evidence.runs.control].get(seed)
    if first is None or len(first) != len(second):
        raise NotApplicable("the run to compare with failed")
    differs = np.flatnonzero(first != second)
    if not len(differs):
        return
    step = evidence.runs.steps[differs[0]]
    largest = float(np.abs(first - second).max())
    yield Finding.moderate(
        evidence.runs.control,
        f"The control was trained twice with the same seed, and its curves part at step"
        f" {step:,.0f}, by at most {largest:.3g} {evidence.score}. Pairs share less than they"
        " seem to, and a run that is resumed does not give the same numbers.",
        "Seed everything that is random in train() from its seed: the environment, its spaces,"
        " NumPy, the network; use one thread.",
        {"step": float(step), "largest_difference": largest},
    )
