"""Checks of training: loops, overfitting, curves of agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.estimation import control_losses
from transfergap.analysis.training_curves.gaps import mean_gap
from transfergap.analysis.training_curves.judging import MANY_LOST
from transfergap.analysis.training_curves.per_seed import finals, jumpstarts
from transfergap.analysis.training_curves.runs import Floats, TrainingRuns
from transfergap.data.problem import TargetSet
from transfergap.experiment.design import Split
from transfergap.experiment.trial import CompletedTrial, Trial
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
    of_people : bool
        Whether participants learned in trials, and no agents in steps.
    """

    runs: TrainingRuns
    margin: float
    score: str
    again: tuple[int, Floats] | None = None
    trials: tuple[Trial, ...] = ()
    arm_names: tuple[str, ...] = ()
    of_people: bool = False


_LEARN_FIRST = {
    False: "Make the control learn first: a longer budget, more exploration, other settings of the"
    " algorithm, the same for every arm.",
    True: "Give every group more trials, or an easier task: where nobody learns, groups differ by"
    " what people knew before.",
}


@check("TG503", "the control did not learn")
def control_did_not_learn(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find a control that ends no better than it starts."""
    runs = evidence.runs
    if runs.steps[0] != 0 and not evidence.of_people:
        raise NotApplicable("scores of untrained agents, at step 0, are not known")
    scores = runs.of(runs.control)
    if len(scores) < 2:
        raise NotApplicable("needs two seeds of the control")
    gain = mean_gap(jumpstarts(scores), finals(scores, evidence.runs.steps))
    if gain.low > 0:
        return
    worse = gain.estimate <= 0
    people = evidence.of_people
    length = f"{len(runs.steps)} trials" if people else f"{runs.budget:,.0f} steps"
    learners, learner = ("participants", "group") if people else ("seeds", "agent")
    yield Finding.of(
        Strength.STRONG if worse else Strength.MODERATE,
        evidence.runs.control,
        f"In {length} the control gained {gain.estimate:+.3g}"
        f" {evidence.score} [{gain.low:+.3g}, {gain.high:+.3g}] over {gain.n_pairs} {learners},"
        + (" that is, nothing." if worse else " which may be nothing.")
        + f" Against such a control any {learner} that knows something seems to help.",
        _LEARN_FIRST[people],
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
    span_name = "trials" if evidence.of_people else "budget"
    yield Finding.moderate(
        evidence.runs.control,
        f"From the fourth to the last fifth of the {span_name} the control still gained"
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


@check("TG506", "one run under several seeds")
def copied_runs(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find arms of which several seeds have the same curve."""
    runs = evidence.runs
    for arm in runs.curves:
        copies = [run for run in runs.dropped if run.arm == arm and run.same_as is not None]
        if not copies:
            continue
        n_left, n_copies = len(runs.curves[arm]), len(copies)
        yield Finding.strong(
            arm,
            f"Of {n_left + n_copies} seeds of {arm}, {n_copies} have the curve of another but for"
            f" rounding (seed {copies[0].seed} that of seed {copies[0].same_as}). Each curve"
            f" counts once, so {n_left} {'is' if n_left == 1 else 'are'} left.",
            "Look whether training takes everything random from its seed, and whether one run was"
            " copied to stand beside several; train the missing seeds.",
            {"n_copies": float(n_copies), "n_left": float(n_left)},
        )


@check("TG507", "runs are missing")
def missing_runs(evidence: CurveEvidence) -> Iterator[Finding]:
    """Find arms of which runs were left out."""
    runs, people = evidence.runs, evidence.of_people
    for arm in runs.curves:
        broken = runs.broken(arm)
        if not broken:
            continue
        n_lost, n_runs = len(broken), len(broken) + len(runs.curves[arm])
        many = n_lost > MANY_LOST * n_runs
        reason = Counter(run.reason for run in broken).most_common(1)[0][0]
        unit = "participants" if people else "runs"
        yield Finding.of(
            Strength.STRONG if many else Strength.MODERATE,
            arm,
            f"{n_lost} of {n_runs} {unit} of {arm} were left out ({reason}). Where they are missing"
            " because they did badly, the gap is that of those who did well."
            + " So nothing is claimed."
            * (many and not people),
            "Find out why they are missing, and complete them; a run that diverged has a worst"
            " score, and no missing one.",
            {"n_left_out": float(n_lost), "n_runs": float(n_runs)},
        )
