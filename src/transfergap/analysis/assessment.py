"""From trials to judgement: gaps, verdicts, findings, all in one frozen result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfergap._version import __version__
from transfergap.analysis.checks import CHECKS, Check, Evidence, Finding, NotApplicable, Strength
from transfergap.analysis.checks.check import EvidenceT
from transfergap.analysis.checks.later_rows import later_rows
from transfergap.analysis.checks.soundness import MANY_FAILED
from transfergap.analysis.curves import LearningCurve
from transfergap.analysis.estimation import ArmEstimate, estimate_gaps
from transfergap.analysis.estimation.completeness import check_control, check_lengths
from transfergap.analysis.estimation.pairs import outputs_of
from transfergap.analysis.ranking import ArmGaps, SourceRanking, rank_sources
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.result import (
    SCHEMA,
    ArmOutcome,
    AuditResult,
    Failure,
    SilentCheck,
    SourceInfo,
    TargetInfo,
    says_folds_mislead,
)
from transfergap.analysis.subgroups import Grouping, look_at_subgroups
from transfergap.analysis.suspicion import too_good_arms
from transfergap.analysis.twin_rows import twins_of_arms
from transfergap.data.divergences.column_profiles import (
    DataProfile,
    profile_columns,
    profile_labels,
)
from transfergap.data.metric import Metric
from transfergap.data.metric.catalogue import BUILT_IN
from transfergap.data.problem import Problem
from transfergap.data.spelling import listing
from transfergap.errors import old_names
from transfergap.experiment.design import Arm, Design
from transfergap.experiment.run_directory import design_record, fingerprint, versions
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.learners import describe
from transfergap.stats import rows_to_see, smallest_visible_gap
from transfergap.stats.gap import DISCOVERY_RATE, LEVEL, Gap, Verdict, judge
from transfergap.stats.outlook import Outlook, outlook

__getattr__ = old_names(__name__)

# Trials of each arm: planned, completed, failed.
Counts = Mapping[str, tuple[int, int, int]]
_MOST_NAMED = 5  # sources of one note
# Order of findings in the result: the strongest first.
_WEIGHT = {Strength.STRONG: 0, Strength.MODERATE: 1, Strength.NOTE: 2}


def assess_trials(
    design: Design,
    trials: Iterable[Trial],
    *,
    digest: str | None = None,
    explanations: tuple[Explanation, ...] = (),
    notes: tuple[str, ...] = (),
    subgroups: Grouping | None = None,
    budgets: LearningCurve | None = None,
    estimates: Mapping[str, ArmEstimate] | None = None,
) -> AuditResult:
    """Judge what has been tried so far.

    Parameters
    ----------
    design : Design
    trials : iterable of Trial
        In any order; trials of other designs are left out. An unfinished design
        gives a result with missing trials.
    digest : str, optional
        Of the design record, where the caller has it; hashing large data twice is a waste.
    explanations : tuple of Explanation
        From a second look at arms that hurt.
    notes : tuple of str
        What that look could not do.
    subgroups : Grouping, optional
        From :func:`transfergap.analysis.subgroups.group_rows`: what to look at below the average.
    budgets : LearningCurve, optional
        From :func:`transfergap.analysis.curves.own_budgets`.
    estimates : mapping of arm name to ArmEstimate, optional
        From :func:`checked_estimates`, where the caller has them of these trials.

    Raises
    ------
    LearnerError
        If every trial of the control failed: then there is nothing to compare with.
    """
    planned = list(design.cells())
    order = {cell.id: i for i, cell in enumerate(planned)}
    planned_trials = tuple(
        sorted((t for t in trials if t.cell.id in order), key=lambda t: order[t.cell.id])
    )
    if estimates is None:
        estimates = checked_estimates(design, planned_trials)
    verdicts = _verdicts(design, estimates)
    judged = list(verdicts)
    # A suspected leak withdraws the verdict before findings are made, so that both agree.
    # An arm that nobody would use needs no suspicion; one that may gain is suspected before advice.
    gaining = [name for name in judged if _gap(estimates[name]).estimate > 0]
    suspects = too_good_arms(design, estimates, gaining)
    twins = twins_of_arms(design, judged if gaining else ())
    verdicts |= {
        name: Verdict.NOT_ENOUGH_EVIDENCE
        for name in (*suspects, *twins)
        if verdicts[name] is Verdict.HELPS
    }
    counts = _trial_counts(design, planned_trials)
    # Trials that fail are no random part of all: the others must not decide.
    verdicts |= {
        name: Verdict.NOT_ENOUGH_EVIDENCE for name in judged if _is_partial(counts, name, design)
    }
    gaps = [_gap(estimates[name]) for name in judged]
    below = None
    if subgroups is not None:
        below = look_at_subgroups(design, outputs_of(planned_trials), estimates, subgroups)
    ranking, unranked = _ranked(design, estimates, planned_trials)
    evidence = Evidence(
        design,
        planned_trials,
        estimates,
        verdicts,
        explanations,
        below,
        budgets,
        suspects,
        twins,
        ranking,
    )
    findings, silent = examined(evidence, CHECKS)
    # Random folds mislead every arm alike, so no verdict stands; evidence is judged anew.
    misled = says_folds_mislead(findings)
    if misled:
        findings = _less_sure(findings)
        verdicts = dict.fromkeys(verdicts, Verdict.NOT_ENOUGH_EVIDENCE)
        evidence = replace(evidence, verdicts=verdicts)
    problem = design.problem
    return AuditResult(
        schema=SCHEMA,
        version=__version__,
        metric=problem.metric.name,
        metric_title=problem.metric.title,
        metric_unit=problem.metric.unit,
        margin=problem.margin,
        level=LEVEL,
        effort=str(design.effort),
        seed=design.seed,
        learner=describe(design.control.learner),
        target=_target_info(design),
        sources=_source_infos(design),
        arms=tuple(_outcome(evidence, name, counts, misled=misled) for name in design.arm_names()),
        findings=findings,
        silent_checks=silent,
        failures=failures_of(planned_trials),
        smallest_visible_gap=_visible(gaps),
        method_notes=(*_method_notes(design, estimates, judged), *unranked, *notes),
        fingerprint=digest or fingerprint(design_record(design)),
        versions=versions(),
        explanations=explanations,
        subgroups=below,
        ranking=ranking,
        budget_curve=budgets,
        data=_profile(problem),
    )


def _less_sure(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings with those on labels as notes.

    Their tests take rows for independent: of two random walks every other pair looks reversed.
    """
    notes = [
        replace(
            finding,
            strength=Strength.NOTE,
            says=f"{finding.says} Rows that go together make this look surer than it is.",
        )
        if finding.code in ("TG124", "TG125")
        else finding
        for finding in findings
    ]
    return tuple(sorted(notes, key=lambda finding: _WEIGHT[finding.strength]))


def _profile(problem: Problem) -> DataProfile | None:
    if problem.kind not in ("table", "array"):
        return None
    rows = {name: source.sample.X for name, source in problem.sources.items()}
    profile = profile_columns(problem.target.X, rows, name=problem.name)
    if profile is None or not problem.task.predictions_are_labels:
        return profile
    labels = {name: source.sample.y for name, source in problem.sources.items()}
    label = profile_labels(problem.target.y, labels, classes=problem.task.has_classes)
    return replace(profile, label=label)


def checked_estimates(design: Design, trials: Iterable[Trial]) -> dict[str, ArmEstimate]:
    """Return every arm's estimate, after checks of the trials.

    Raises
    ------
    LearnerError
        If every trial of the control failed.
    """
    planned = {cell.id for cell in design.cells()}
    planned_trials = tuple(trial for trial in trials if trial.cell.id in planned)
    check_lengths(design, planned_trials)
    check_control(planned_trials)
    return estimate_gaps(design, planned_trials)


def judged_gaps(
    design: Design, estimates: Mapping[str, ArmEstimate]
) -> dict[str, tuple[Gap, Verdict | None]]:
    """Return gap and verdict of every arm that has a gap.

    It is cheaper than :func:`assess_trials`: it makes no checks of data and no ranking.
    """
    verdicts = _verdicts(design, estimates)
    return {
        name: (estimate.gap, verdicts.get(name))
        for name, estimate in estimates.items()
        if estimate.gap is not None
    }


def _verdicts(design: Design, estimates: Mapping[str, ArmEstimate]) -> dict[str, Verdict]:
    """Return the verdict of every judged arm that has a gap."""
    judged = [a.name for a in design.treatments if a.judged and estimates[a.name].gap is not None]
    gaps = [_gap(estimates[name]) for name in judged]
    # Sources were chosen by rows that are tested here: those that were not count as well.
    verdicts = judge(gaps, design.problem.margin, n_more=len(design.untried))
    return {
        name: Verdict.NOT_ENOUGH_EVIDENCE if estimates[name].closed_form_is_off else verdict
        for name, verdict in zip(judged, verdicts, strict=True)
    }


def _gap(estimate: ArmEstimate) -> Gap:
    assert estimate.gap is not None
    return estimate.gap


def examined(
    evidence: EvidenceT, checks: Iterable[Check[EvidenceT]]
) -> tuple[tuple[Finding, ...], tuple[SilentCheck, ...]]:
    """Return findings of checks, strong ones first, and silent checks.

    Parameters
    ----------
    evidence : Evidence or CurveEvidence
    checks : iterable of Check
        That take this kind of evidence.
    """
    findings: list[Finding] = []
    silent: list[SilentCheck] = []
    for check in checks:
        try:
            fresh = check.examine(evidence)
        except NotApplicable as error:
            silent.append(SilentCheck(check.code, check.title, error.reason))
            continue
        except Exception as error:  # a broken check must not cost the verdicts; it is reported
            reason = f"the check failed: {type(error).__name__}: {error}"
            silent.append(SilentCheck(check.code, check.title, reason))
            continue
        findings += fresh
        if not fresh:
            silent.append(SilentCheck(check.code, check.title))
    findings.sort(key=lambda finding: _WEIGHT[finding.strength])
    return tuple(findings), tuple(silent)


def _ranked(
    design: Design, estimates: Mapping[str, ArmEstimate], trials: tuple[Trial, ...]
) -> tuple[SourceRanking | None, tuple[str, ...]]:
    """Return the ranking of sources, or a note on its absence."""
    counts = Counter(trial.cell.arm for trial in trials)
    gaps = {}
    for name in design.problem.sources:
        arms = {kind: estimates.get(f"{name} {kind}") for kind in ("pooled", "only")}
        arm_gaps = {kind: arm.gap for kind, arm in arms.items() if arm is not None}
        # Fits that the audit made anyway: the ranking itself fits no model of the user.
        n_fits = sum(counts[f"{name} {kind}"] for kind in arm_gaps)
        gaps[name] = ArmGaps(arm_gaps.get("pooled"), arm_gaps.get("only"), n_fits)
    if len(gaps) < 2:
        return None, ()
    if design.problem.splitting is not None:
        return None, ("The sources were not ranked by harm: the ranking leaves out single rows.",)
    if not design.problem.task.predictions_are_labels:
        why = f"the ranking learns by squared losses, which {design.problem.task} labels lack"
        return None, (f"The sources were not ranked by harm: {why}.",)
    try:
        return rank_sources(design.problem, gaps, seed=design.seed), ()
    except Exception as error:  # a ranking that fails must not cost the verdicts; it is reported
        reason = getattr(error, "message", f"{type(error).__name__}: {error}")
        return None, (f"The sources were not ranked by harm: {reason}",)


def _trial_counts(design: Design, trials: tuple[Trial, ...]) -> Counts:
    planned = Counter(cell.arm for cell in design.cells())
    failed = Counter(t.cell.arm for t in trials if isinstance(t, FailedTrial))
    n_run = Counter(t.cell.arm for t in trials)
    return {
        name: (planned[name], n_run[name] - failed[name], failed[name])
        for name in design.arm_names()
    }


def _is_partial(counts: Counts, name: str, design: Design) -> bool:
    """Return whether more than a tenth of trials failed.

    Of the arm, or of the control.
    """
    return any(
        failed > MANY_FAILED * planned
        for planned, _, failed in (counts[name], counts[design.control.name])
    )


def _target_info(design: Design) -> TargetInfo:
    problem = design.problem
    clusters = design.clusters
    return TargetInfo(
        name=problem.name,
        n_rows=len(problem.target),
        n_features=problem.n_features,
        task=str(problem.task),
        class_counts=problem.task.shares(problem.target.y),
        n_groups=None if clusters is None else len(np.unique(clusters)),
        positive=_positive(problem.metric),
        weighted=problem.target.weights is not None,
    )


def _source_infos(design: Design) -> tuple[SourceInfo, ...]:
    return tuple(
        SourceInfo(
            name,
            len(source.sample),
            source.facts.n_given,
            source.facts.n_duplicates_removed,
            source.facts.n_foreign_label_rows,
            untried=name in design.untried,
            n_used=_n_used(design, len(source.sample)),
        )
        for name, source in design.problem.sources.items()
    )


def _n_used(design: Design, n_rows: int) -> int | None:
    limit = design.max_source_rows
    return limit if limit is not None and n_rows > limit else None


def _cap_note(design: Design) -> tuple[str, ...]:
    """Return a sentence on rows that were not used."""
    limit, n_target = design.max_source_rows, len(design.problem.target)
    sizes = {name: len(source.sample) for name, source in design.problem.sources.items()}
    cut = {name: size for name, size in sizes.items() if limit is not None and size > limit}
    if limit is None or not cut:
        return ()
    parts = listing([f"{name}: {limit:,} of {size:,}" for name, size in cut.items()], _MOST_NAMED)
    classes = ", classes in their shares" if design.problem.task.has_classes else ""
    return (
        f"Not all source rows are used in fits ({parts} rows, drawn at random{classes}; the linear"
        " safe model uses all). With all of them an arm could gain or lose a little more: the"
        f" sampling error of what such a source teaches is about {n_target / limit:.2g} of the"
        " target's, in variance. --max-source-rows N (max_source_rows=N) takes more.",
    )


def _weights_note(weights: NDArray[np.float64]) -> str:
    """Return a sentence on weights, with Kish's effective number of rows."""
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return (
        f"Target rows are weighted, from {weights.min():.3g} to {weights.max():.3g}: models are"
        " trained with these weights, and scores and gaps are weighted means. They say as much as"
        f" about {effective:,.0f} rows of one weight. Source rows without weights count as much as"
        " an average target row."
    )


def _positive(metric: Metric) -> str | None:
    """Return the positive class where the score looks at two classes differently."""
    return str(metric.positive) if metric.tells_classes_apart else None


def _outcome(evidence: Evidence, name: str, counts: Counts, *, misled: bool) -> ArmOutcome:
    arm = evidence.design.arm(name)
    estimate = evidence.estimates[name]
    gap = estimate.gap
    verdict = evidence.verdicts.get(name)
    margin = evidence.problem.margin
    # More rows would not settle these.
    broken = estimate.closed_form_is_off or _is_partial(counts, name, evidence.design)
    doubted = name in (*evidence.too_good, *evidence.twins) or broken or misled
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
        score=_score(evidence, name),
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


def _score(evidence: Evidence, name: str) -> float | None:
    """Return an arm's score, comparable with the control's.

    An arm that a race stopped was tested on fewer partitions than the control. Its score is the
    control's, moved by the gap on their pairs and kept within what the metric can be.
    """
    design, estimate = evidence.design, evidence.estimates[name]
    control = evidence.estimates[design.control.name].score
    gap = estimate.gap if estimate.total is None else estimate.total
    n_own, n_control = (
        min(design.n_rounds(arm), design.n_repeats) for arm in (name, design.control.name)
    )
    if n_own >= n_control or gap is None or control is None:
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


def failures_of(trials: tuple[Trial, ...]) -> tuple[Failure, ...]:
    """Return the errors of failed trials, each arm and error once."""
    failures: dict[tuple[str, str], Failure] = {}
    for trial in trials:
        if isinstance(trial, FailedTrial):
            key = (trial.cell.arm, trial.error)
            failure = failures.get(key, Failure(*key, 0, str(trial.cell.split)))
            failures[key] = replace(failure, n_trials=failure.n_trials + 1)
    return tuple(failures.values())


def _visible(gaps: list[Gap]) -> float | None:
    visible = [smallest_visible_gap(gap.error, gap.df) for gap in gaps if gap.error > 0]
    return float(np.median(visible)) if visible else None


def _later_rows(design: Design) -> list[str]:
    """Return notes on source rows left out as later than the test."""
    return [later.sentence for later in later_rows(design.problem)]


def _method_notes(
    design: Design, estimates: Mapping[str, ArmEstimate], judged: list[str]
) -> tuple[str, ...]:
    splitting = design.problem.splitting
    notes = [] if splitting is None else [splitting.description, *_later_rows(design)]
    methods = Counter(_gap(estimates[name]).method for name in judged)
    for method, times in methods.items():
        arms = "arm" if times == 1 else "arms"
        notes.append(f"Intervals of {times} {arms}: {method}.")
    errors = [
        error
        for name in judged
        if (error := estimates[name].closed_form_error) is not None and not estimates[name].refitted
    ]
    if errors:
        notes.append(
            f"The closed form was checked against full refits, preprocessing included, on"
            f" {len(design.checked_rows)} target rows: gaps differ by at most {max(errors):.2g}"
            f" {design.problem.metric.title} on average over these rows."
        )
    notes += _cap_note(design)
    non_tabular = design.problem.others.items()
    if design.problem.target.weights is not None:
        notes.append(_weights_note(design.problem.target.weights))
    if design.problem.metric.note:
        notes.append(design.problem.metric.note)
    notes += [
        f"The source {name} is no table of rows: {source.description}."
        for name, source in non_tabular
    ]
    if design.clusters is not None and splitting is None:
        notes.append("Groups are never split, and are the unit of every interval.")
    if len(judged) > 1:
        beside = f", {len(design.untried)} untried sources counted beside" if design.untried else ""
        notes.append(
            f"{len(judged)} arms were judged: a claim needs its own interval off zero and a place"
            f" among the discoveries at a false discovery rate of {DISCOVERY_RATE:.0%} in its"
            f" direction (Benjamini-Hochberg){beside}."
        )
    return tuple(notes)
