"""From trials to judgement: gaps, verdicts, findings, all in one frozen result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from transfergap._version import __version__
from transfergap.analysis.arm_outcome import Counts, arm_outcome, is_partial
from transfergap.analysis.checks import CHECKS, Check, Evidence, Finding, NotApplicable, Strength
from transfergap.analysis.checks.check import EvidenceT
from transfergap.analysis.curves import LearningCurve
from transfergap.analysis.estimation import ArmEstimate, estimate_gaps
from transfergap.analysis.estimation.completeness import check_control, check_lengths
from transfergap.analysis.estimation.pairs import outputs_of
from transfergap.analysis.method_notes import method_notes
from transfergap.analysis.ranking import ArmGaps, SourceRanking, rank_sources
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.result import (
    FOLDS_MISLEAD,
    SCHEMA,
    AuditResult,
    Failure,
    SilentCheck,
    SourceInfo,
    TargetInfo,
    withholding_code,
)
from transfergap.analysis.subgroups import Grouping, look_at_subgroups
from transfergap.analysis.suspicion import too_good_arms
from transfergap.analysis.twins.twin_rows import twins_of_arms
from transfergap.data.divergences.column_profiles import (
    DataProfile,
    profile_columns,
    profile_labels,
)
from transfergap.data.metric import Metric
from transfergap.data.problem import Problem
from transfergap.errors import old_names
from transfergap.experiment.design import Design
from transfergap.experiment.run_directory import design_record, fingerprint, versions
from transfergap.experiment.trial import FailedTrial, Trial
from transfergap.learners import describe
from transfergap.stats import smallest_visible_gap
from transfergap.stats.gap import LEVEL, Gap, Verdict, judge

__getattr__ = old_names(__name__)

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
        for name in (*suspects, *_beside(design, suspects), *twins)
        if verdicts.get(name) is Verdict.HELPS
    }
    counts = _trial_counts(design, planned_trials)
    # Trials that fail are no random part of all: the others must not decide.
    verdicts |= {
        name: Verdict.NOT_ENOUGH_EVIDENCE for name in judged if is_partial(counts, name, design)
    }
    gaps = {name: _gap(estimates[name]) for name in judged}
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
    # Random folds mislead every arm alike, and few rows carry all of them: no verdict stands.
    withholding = withholding_code(findings)
    if withholding:
        findings = _less_sure(findings) if withholding == FOLDS_MISLEAD else findings
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
        arms=tuple(
            arm_outcome(evidence, name, counts, withheld=bool(withholding))
            for name in design.arm_names()
        ),
        findings=findings,
        silent_checks=silent,
        failures=failures_of(planned_trials),
        smallest_visible_gap=_visible(gaps.values()),
        method_notes=(
            *method_notes(design, estimates, gaps),
            *unranked,
            *notes,
        ),
        fingerprint=digest or fingerprint(design_record(design)),
        versions=versions(),
        explanations=explanations,
        subgroups=below,
        ranking=ranking,
        budget_curve=budgets,
        data=_profile(problem),
    )


def _beside(design: Design, suspects: Collection[str]) -> list[str]:
    """Return the arms of sources that are suspected alone."""
    sources = {arm.name: arm.sources for arm in design.treatments}
    suspected = {sources[name][0] for name in suspects if len(sources[name]) == 1}
    return [name for name, used in sources.items() if suspected.intersection(used)]


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


def _positive(metric: Metric) -> str | None:
    """Return the positive class where the score looks at two classes differently."""
    return str(metric.positive) if metric.tells_classes_apart else None


def failures_of(trials: tuple[Trial, ...]) -> tuple[Failure, ...]:
    """Return the errors of failed trials, each arm and error once."""
    failures: dict[tuple[str, str], Failure] = {}
    for trial in trials:
        if isinstance(trial, FailedTrial):
            key = (trial.cell.arm, trial.error)
            failure = failures.get(key, Failure(*key, 0, str(trial.cell.split)))
            failures[key] = replace(failure, n_trials=failure.n_trials + 1)
    return tuple(failures.values())


def _visible(gaps: Iterable[Gap]) -> float | None:
    visible = [smallest_visible_gap(gap.error, gap.df) for gap in gaps if gap.error > 0]
    return float(np.median(visible)) if visible else None
