"""Checks of an audit's soundness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from transfergap.analysis.checks.check import (
    Evidence,
    Finding,
    NotApplicable,
    Strength,
    Tried,
    check,
)
from transfergap.analysis.estimation import control_advantage
from transfergap.analysis.estimation.failure_causes import likely_cause
from transfergap.analysis.twins.training_overlap import TrainingOverlap
from transfergap.data.metric.direction import direction_of
from transfergap.data.notations.spelling import listing
from transfergap.experiment.design import N_ROUNDS, Arm
from transfergap.experiment.trial import CompletedTrial, FailedTrial
from transfergap.stats import cluster_variance
from transfergap.stats.block import UNSTABLE_ABOVE
from transfergap.stats.gap import Verdict

MOST_NAMED = 3  # arms in one subject; more are counted


@check("TG301", "degenerate control")
def degenerate_control(evidence: Evidence) -> Iterator[Finding]:
    """Find a control that is no better than a constant."""
    rows = control_advantage(evidence.design, evidence.trials)
    if rows is None:
        raise NotApplicable(
            f"{evidence.problem.metric.title} has no value per row to compare with a constant"
        )
    tested = ~np.isnan(rows)
    design = evidence.design
    # In order of time neighbours go together, so blocks are what counts.
    clusters = design.clusters if design.problem.splitting is None else design.folds[0]
    rows = rows[tested]
    mean = float(rows.mean())
    error = float(np.sqrt(cluster_variance(rows, None if clusters is None else clusters[tested])))
    half = float(stats.t.ppf(0.95, max(len(rows) - 1, 1))) * error
    if mean - half > 0:
        return
    worse = mean <= 0
    unit = evidence.problem.metric.title
    yield Finding.of(
        Strength.STRONG if worse else Strength.MODERATE,
        "control",
        f"The control beats a constant prediction by {mean:.3f} {unit}"
        f" [{mean - half:.3f}, {mean + half:.3f}]"
        + (", that is, not at all." if worse else ", which may be nothing.")
        + " Against such a control almost any source seems to help.",
        "Tune the model on the target first: class weights, regularisation, scaling, features.",
        {"advantage": mean, "low": mean - half, "high": mean + half},
    )


# Above a tenth, whole folds of a ten-fold design can be missing.
MANY_FAILED = 0.1


@check("TG302", "failed trials")
def failed_trials(evidence: Tried) -> Iterator[Finding]:
    """Find trials that raised or whose worker died."""
    failed = [t for t in evidence.trials if isinstance(t, FailedTrial)]
    planned = Counter(t.cell.arm for t in evidence.trials)
    for arm in evidence.arm_names:
        arm_failures = [t for t in failed if t.cell.arm == arm]
        if not arm_failures:
            continue
        error, times = Counter(t.error for t in arm_failures).most_common(1)[0]
        cause = likely_cause(error)
        many = len(arm_failures) > MANY_FAILED * planned[arm]
        advice = "Mend the model." if cause is None else f"{cause[0].upper()}{cause[1:]}."
        yield Finding.of(
            Strength.STRONG if many else Strength.MODERATE,
            arm,
            f"{len(arm_failures)} of {planned[arm]} trials of {arm} failed; {times} of them with:"
            f" {error}. Their pairs are left out of the gap, on both sides."
            + " Those that are left are no random part, so nothing is claimed."
            * many,
            f"{advice} Then run again with --retry-failed; `transfergap explain TG302` shows"
            " how to read the tracebacks.",
            {"n_failed": len(arm_failures), "n_trials": planned[arm]},
        )


@check("TG303", "unstable learner")
def unstable_learner(evidence: Evidence) -> Iterator[Finding]:
    """Find fits that depend strongly on which rows they saw."""
    ratios = {
        name: estimate.gap.instability
        for name, estimate in evidence.estimates.items()
        if estimate.gap is not None and estimate.gap.instability is not None
    }
    if not ratios:
        raise NotApplicable("needs fits that leave two folds out")
    for name, ratio in ratios.items():
        if ratio > UNSTABLE_ABOVE:
            yield Finding.note(
                name,
                f"Leaving a tenth of the target out changes the gap of {name} {ratio:.1f} times"
                " more than its folds suggest: the fits hang on few rows. The interval allows"
                " for it.",
                "More target rows or a more regularised model would narrow the interval.",
                {"ratio": ratio},
            )


@check("TG304", "closed form differs from refits")
def closed_form_off(evidence: Evidence) -> Iterator[Finding]:
    """Compare the closed form with refits, preprocessing included, on a few rows."""
    checked = {
        name: estimate
        for name, estimate in evidence.estimates.items()
        if estimate.closed_form_error is not None
    }
    if not checked:
        raise NotApplicable("no arm was judged in closed form")
    n_rows = len(evidence.design.checked_rows)
    for name, estimate in checked.items():
        refits = estimate.check
        if refits is None or not refits.matters:
            continue
        message = (
            f"Refitting {name} without single rows moves the gap by {refits.difference:.4f} on"
            f" average over {n_rows} rows, more than a quarter of its standard error"
            f" ({refits.gap.error:.4f}) in closed form."
        )
        numbers = {"difference": refits.difference, "error": refits.gap.error}
        if estimate.refitted:
            yield Finding.note(
                name,
                f"{message} So refits on ten folds decided, not the closed form.",
                "Nothing needs to be done: the gap and its verdict come from refits.",
                numbers,
            )
        else:
            yield Finding.strong(
                name,
                f"{message} No claim is made from it.",
                "Let refits decide: run transfergap.analysis.estimation.with_refits(design,"
                " trials).",
                numbers,
            )


@check("TG315", "perfect predictions score worst")
def metric_turned_round(evidence: Evidence) -> Iterator[Finding]:
    """Find a user's metric whose direction perfect predictions contradict."""
    problem = evidence.problem
    metric = problem.metric
    direction = direction_of(
        metric, problem.task, problem.classes, problem.target.y, positive=metric.positive
    )
    if direction.sign in (0, metric.sign):
        return
    larger = metric.sign > 0
    yield Finding.strong(
        "target",
        f"Of {metric.title} {'more' if larger else 'less'} counts as better, but perfect"
        f" predictions of the target's labels have {direction.perfect:.3g}, the"
        f" {'least' if larger else 'most'}, and shuffled ones {direction.shuffled:.3g} on average:"
        " what is called help may be harm.",
        f"Say make_metric(..., greater_is_better={not larger}), or for a scorer of scikit-learn"
        f" make_scorer(..., greater_is_better={not larger}), unless that is meant.",
        {"perfect": direction.perfect, "shuffled": direction.shuffled},
    )


@check("TG312", "arms were stopped early")
def stopped_early(evidence: Evidence) -> Iterator[Finding]:
    """Find arms of a race that were stopped before all fits."""
    design = evidence.design
    if not design.rounds:
        raise NotApplicable("no race was run")
    stopped = [
        name
        for name, n_rounds in design.rounds.items()
        if n_rounds < N_ROUNDS and name in evidence.verdicts
    ]
    if not stopped:
        return
    verdicts = [evidence.verdicts[name] for name in stopped]
    n_open = sum(verdict is Verdict.NOT_ENOUGH_EVIDENCE for verdict in verdicts)
    n_first = sum(design.rounds[name] == 1 for name in stopped)
    scores = ""
    if n_first and design.n_rounds(design.control.name) > 1:
        scores = (
            " The control was tested on more partitions than one: scores of arms that were not are"
            " the control's, moved by the gap."
        )
    yield Finding.note(
        listing(stopped, MOST_NAMED),
        f"Of {len(evidence.verdicts)} arms {len(stopped)} were stopped before all fits were made:"
        f" {n_first} after one partition of the target, {len(stopped) - n_first} after two. Of"
        f" these {n_open} would have stayed open whatever the other fits gave, and"
        f" {len(stopped) - n_open} were clear already. Their intervals come from the corrected"
        f" resampled t, and are mostly wider than those of full effort.{scores}",
        "Nothing needs to be done. For the narrowest interval use effort full (--effort full).",
        {"n_stopped": len(stopped), "n_open": n_open},
    )


@check("TG305", "the learner warns")
def learner_warnings(evidence: Tried) -> Iterator[Finding]:
    """Find warnings of the learner during training."""
    counts: Counter[str] = Counter()
    arms: dict[str, set[str]] = {}
    n_trials = 0
    for trial in evidence.trials:
        if isinstance(trial, CompletedTrial):
            n_trials += 1
            for text in trial.warnings:
                counts[text] += 1
                arms.setdefault(text, set()).add(trial.cell.arm)
    # The three most frequent: one cause often warns in several ways.
    for text, times in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]:
        yield Finding.of(
            Strength.MODERATE if "Convergence" in text else Strength.NOTE,
            "learner",
            f"In {times} of {n_trials} trials, over {len(arms[text])} arms: {text}",
            "An unfinished fit can make a source seem to help or hurt; mend its cause first.",
            {"n_trials": times},
        )


@check("TG306", "weights by repeating rows")
def resampled_weights(evidence: Evidence) -> Iterator[Finding]:
    """Find weights that the model cannot take, replaced by repeating rows."""
    from transfergap.learners import EstimatorLearner, WeightUse
    from transfergap.learners.mitigations.mitigation import facts_of

    all_weighted = evidence.problem.target.weights is not None
    control = (evidence.design.control,) if all_weighted else ()
    for arm in (*control, *evidence.design.treatments):
        inner: Any = arm.learner
        names = arm.sources if isinstance(arm, Arm) else ()
        weighted = all_weighted or any(
            sample.weights is not None for sample in evidence.problem.source_samples(names)
        )
        while not isinstance(inner, EstimatorLearner) and hasattr(inner, "learner"):
            facts = facts_of(inner)
            weighted = weighted or (facts is not None and facts.weighs)
            inner = inner.learner
        if not weighted or not isinstance(inner, EstimatorLearner):
            continue
        use = inner.use_of_weights(evidence.problem.target)
        if use is not WeightUse.COUNT:
            yield Finding.note(
                arm.name,
                f"Sample weights do nothing for the model: {use}. So {arm.name} repeats and"
                " drops rows at random instead. That adds noise.",
                "Use a model that weights change, if one serves as well.",
            )


@check("TG108", "too good to be true: look for a leak")
def too_good_to_be_true(evidence: Evidence) -> Iterator[Finding]:
    """Find arms at the ceiling although no source is alone."""
    if not evidence.problem.metric.has_row_values:
        raise NotApplicable(f"nobody knows how good {evidence.problem.metric.title} can get")
    for name, suspect in evidence.too_good.items():
        yield Finding.strong(
            name,
            f"{name} makes {suspect.share:.0%} of a constant's error, the control"
            f" {suspect.control:.0%}, and its best source reaches only {suspect.sources:.0%} on"
            " held-out rows of its own. Such a jump is what a source that holds answers of the"
            " test looks like, so 'helps' is withheld, from all arms of such a source.",
            "Look for the target's rows, or for their labels, in the source: renumbered,"
            " rewritten, or joined from a later table.",
            {"share": suspect.share, "control": suspect.control, "sources": suspect.sources},
        )


@check("TG109", "source rows lie beside target rows")
def rows_beside_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find sources whose rows lie beside target rows."""
    twins = [pairs for of_arm in evidence.twins.values() for pairs in of_arm]
    # Rows that a pretrained model was trained on are TG120's.
    by_source = {pairs.source: pairs for pairs in twins if not isinstance(pairs, TrainingOverlap)}
    for source, largest in by_source.items():
        arms = ", ".join(repr(arm) for arm, twins in evidence.twins.items() if largest in twins)
        yield Finding.strong(
            source,
            f"{largest.sentence} {largest.likeness}, so no help of {arms} is believed.",
            "Find out whether these are the same persons or objects, or rows made of the target's;"
            " then pass their names as groups, or leave such rows out of the source.",
            largest.numbers,
        )
