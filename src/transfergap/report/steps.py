"""Steps that a result asks for, before they are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.notations.spelling import listing
from transfergap.report.choice import (
    LACKING_COLUMNS,
    best_arm,
    explanations,
    gap_of,
    is_cause_code,
    is_fault,
    is_mendable_code,
    is_safe,
    judged_arms,
    lights_of,
    single_sources,
    subgroup_findings,
    trial_counts,
    unjudgeable,
    urgency,
    weighty,
    with_light,
    with_verdict,
)
from transfergap.report.wording.names import one_line
from transfergap.report.wording.numbers import numbers_for
from transfergap.report.wording.sentences import rows_to_settle
from transfergap.stats.gap import Verdict

# Share of a source's rows that were the target's, from which the source itself is in question.
_MOSTLY_COPIES = 0.5
_MOST_NAMED = 2  # columns in a condition
_HARMFUL = (Light.HURTS, Light.MAY_HURT)


class Kind(StrEnum):
    """Kind of a step, in the order of advice."""

    FINISH = "finish the run"
    FIRST = "mend faults"
    WAIT = "use nothing before that"
    MIND = "mind hurt subgroups"
    MEND = "mend sources as the faults say, and run it again"
    TRACE = "ask how rows of the target came into sources"
    CHOOSE = "use an arm, or none"
    LEAVE = "leave out arms that hurt, or may hurt"
    REPAIR = "repair tested causes"
    ADD = "add arms that are safe to add"
    SETTLE = "label more to settle arms"
    CORRECT = "correct what strong associations point at"


class Choice(StrEnum):
    """Arm to use, and why; or why none."""

    PROVEN = "it helps"
    SMALL = "it helps, by less than matters"
    EXPECTED = "a gain is expected, not proven"
    NO_GAIN = "nothing that matters is to be gained"
    NOT_YET = "no gain was shown so far"
    NO_HELP = "nothing helps"


@dataclass(frozen=True)
class Step:
    """Step of the advice.

    Parameters
    ----------
    kind : Kind
    arms : tuple of ArmOutcome
        That it is about, the most urgent first.
    findings : tuple of Finding
        That it follows from.
    sources : tuple of str
    choice : Choice or None
        Of the step that chooses.
    condition : str
        Under which an arm is to be used; empty for none.
    """

    kind: Kind
    arms: tuple[ArmOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[str, ...] = ()
    choice: Choice | None = None
    condition: str = ""


def steps(result: AuditResult) -> tuple[Step, ...]:
    """Return what is advised, the most urgent first.

    Writers may leave out steps, and parts of them, and add none.
    """
    missing = (Step(Kind.FINISH),) * bool(trial_counts(result).missing)
    faults = sorted((f for f in result.findings if is_fault(f)), key=urgency)
    first = _of_findings(Kind.FIRST, faults)
    if result.withheld_by:  # what the verdicts say to use or to leave out may be wrong
        return (*missing, *first, Step(Kind.WAIT))
    best = best_arm(result)
    mend, out = _harmful(result)
    copies = _mostly_copies(result, () if best is None else best.sources)
    condition = "If the rest is sound" if copies else "Until then" if mend else ""
    gap = decide(result).gap
    if gap is not None and (lost := _lost_columns(result, gap.expected)):
        condition = f"{condition}, and w{lost[1:]}" if condition else lost
    associations = [
        f
        for f in explanations(result)
        if f.strength is Strength.STRONG and f.fix and not is_cause_code(f.code) and f not in faults
    ]
    hurt_groups = [f for f in subgroup_findings(result) if f.strength is Strength.STRONG and f.fix]
    return (
        *missing,
        *first,
        *_of_findings(Kind.MIND, hurt_groups),
        *_of_arms(Kind.MEND, mend),
        *(Step(Kind.TRACE, sources=copies),) * bool(copies),
        Step(
            Kind.CHOOSE,
            () if best is None else (best,),
            choice=_choice(result, best),
            condition=condition,
        ),
        *_of_arms(Kind.LEAVE, out),
        *_of_findings(Kind.REPAIR, _causes(result)),
        *_of_arms(Kind.ADD, _harmless(result), _lost_columns(result, result.margin)),
        *_of_arms(Kind.SETTLE, _unsettled(result)),
        *_of_findings(Kind.CORRECT, associations),
    )


def by_fix(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], ...]:
    """Return findings grouped by code and remedy, in order."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, one_line(finding.fix)), []).append(finding)
    return tuple(map(tuple, groups.values()))


def _of_arms(kind: Kind, arms: Sequence[ArmOutcome], condition: str = "") -> tuple[Step, ...]:
    return (Step(kind, tuple(arms), condition=condition),) if arms else ()


def _of_findings(kind: Kind, findings: Sequence[Finding]) -> tuple[Step, ...]:
    return (Step(kind, findings=tuple(findings)),) if findings else ()


def _harmful(result: AuditResult) -> tuple[tuple[ArmOutcome, ...], tuple[ArmOutcome, ...]]:
    """Return arms of sources to mend, and arms to leave out.

    Whether a source hurts once it is mended, nobody knows yet.
    """
    harmful = with_light(result, *_HARMFUL)
    # What all sources together do follows from one that hurts.
    single = single_sources(harmful)
    codes = {f.subject for f in result.findings if is_fault(f) and is_mendable_code(f.code)}
    # The safe model is no source: there is nothing in it to mend.
    of_one = [arm for arm in single if len(arm.sources) == 1 and not is_safe(result, arm)]
    mend = tuple(arm for arm in of_one if arm.sources[0] in codes)
    return mend, tuple(arm for arm in harmful if arm not in mend)


def _mostly_copies(result: AuditResult, sources: Sequence[str]) -> tuple[str, ...]:
    """Return the sources that were mostly rows of the target."""
    return tuple(
        finding.subject
        for finding in result.findings
        if finding.subject in sources
        and finding.evidence.get("n_removed", 0)
        >= _MOSTLY_COPIES * finding.evidence.get("n_given", np.inf)
    )


def _choice(result: AuditResult, best: ArmOutcome | None) -> Choice:
    if best is not None:
        if not decide(result).proven:
            return Choice.EXPECTED
        over = best.over_control or gap_of(best)
        return Choice.PROVEN if over.estimate >= result.margin else Choice.SMALL
    judged = judged_arms(result)
    if judged and all(arm.verdict is Verdict.NO_MATERIAL_EFFECT for arm in judged):
        return Choice.NO_GAIN
    if with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE) or unjudgeable(result):
        return Choice.NOT_YET
    return Choice.NO_HELP


def _lost_columns(result: AuditResult, threshold: float) -> str:
    """Return a condition that names the columns all arms lack.

    Empty where there are none, or they are worth no more than a threshold to the control.
    """
    finding = next((f for f in result.findings if f.code == LACKING_COLUMNS), None)
    if finding is None or not finding.columns:
        return ""
    worth = finding.evidence.get("gain")
    if worth is not None and worth <= threshold:
        return ""
    names = listing([repr(one_line(name)) for name in finding.columns], _MOST_NAMED)
    value = "worth unknown" if worth is None else f"worth {numbers_for(result).signed(worth)}"
    return f"Where {names} cannot be used ({value}, {finding.code})"


def _causes(result: AuditResult) -> list[Finding]:
    """Return tested causes whose remedy gives something back."""
    # A gain that may be none is no remedy, however likely the cause.
    return [
        finding
        for finding in weighty(explanations(result))
        if is_cause_code(finding.code)
        and (finding.repair_low is None or finding.repair_low > 0)
        and not _remedy_hurts(result, finding)
    ]


def _remedy_hurts(result: AuditResult, finding: Finding) -> bool:
    """Return whether the table shows that a finding's remedy hurts."""
    return any(f'--arm "{arm.arm}"' in finding.fix for arm in with_verdict(result, Verdict.HURTS))


def _harmless(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the arms that are safe to add, without the best."""
    decision, lights = decide(result), lights_of(result)
    return tuple(
        arm
        for arm in judged_arms(result)
        if arm.arm != decision.use
        and (arm.arm in decision.harmless or lights.get(arm.arm) is Light.SAFE)
    )


def _unsettled(result: AuditResult) -> list[ArmOutcome]:
    """Return the arms that more labels would settle, the nearest first."""
    needs = {
        arm.arm: rows
        for arm in with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE)
        if (rows := rows_to_settle(result, arm)) is not None
    }
    arms = [arm for arm in judged_arms(result) if arm.arm in needs]
    return sorted(arms, key=lambda arm: needs[arm.arm])
