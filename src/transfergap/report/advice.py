"""Advice from verdicts, and never against them."""

from __future__ import annotations

import re

from transfergap.analysis.checks.causes import fix_of_any
from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.decision import decide, standing
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.spelling import listing
from transfergap.report.choice import (
    LABEL_CODES,
    ROW_NAMES,
    explanations,
    gap_of,
    is_cause_code,
    is_leak_code,
    is_safe,
    is_soundness_code,
    judged_arms,
    subgroup_findings,
    trial_counts,
    unjudgeable,
    with_verdict,
)
from transfergap.report.names import listed, named, one_line, quoted
from transfergap.report.numbers import (
    about,
    chance,
    count,
    counted,
    numbers_for,
    of_people,
    repair_words,
    unit_of,
)
from transfergap.report.sentences import rows_to_settle
from transfergap.stats.gap import Verdict

# Items a sentence can hold; the number of others follows.
_MOST_LISTED = 3
_HOW = "To have it: `transfergap fit RUN -o model.skops`, or result.fit_safe() in Python."


def recommendations(result: AuditResult) -> tuple[str, ...]:
    """Return the advice, most urgent first.

    First come repairs of the comparison, then the choice of an arm, then sources to leave out.
    Names of arms stand between backticks.
    """
    best = best_arm(result)
    if result.folds_mislead:  # what the verdicts say to use or to leave out may be wrong
        return (*_missing_trials(result), *_before_acting(result))
    return (
        *_missing_trials(result),
        *_before_acting(result),
        _choice(result, best),
        *_harmless(result),
        *_fixes(list(subgroup_findings(result)), "Mind"),
        *_leave_out(result, best),
        *_more_rows(result),
        *_repairs(result),
    )


def best_arm(result: AuditResult) -> ArmOutcome | None:
    """Return the arm that the default policy uses."""
    use = decide(result).use
    return next((arm for arm in result.arms if arm.arm == use), None)


def _missing_trials(result: AuditResult) -> tuple[str, ...]:
    n_missing = trial_counts(result).missing
    if not n_missing:
        return ()
    return (f"Finish the run; still to be run: {counted(n_missing, 'trial')}.",)


def _before_acting(result: AuditResult) -> tuple[str, ...]:
    spoiling = [f for f in result.findings if is_leak_code(f.code) or is_soundness_code(f.code)]
    # What turns a source round first, then what costs one column.
    spoiling.sort(key=lambda f: (f.code not in LABEL_CODES, f.code not in ROW_NAMES))
    return _fixes(spoiling, "First")


def _repairs(result: AuditResult) -> tuple[str, ...]:
    """Return remedies of tested causes with their gains, then others."""
    causes: dict[str, list[Finding]] = {}
    for finding in explanations(result):
        # A gain that may be none is no remedy, however likely the cause.
        gains = finding.repair_low is None or finding.repair_low > 0
        weighty = finding.strength is not Strength.NOTE and gains
        if is_cause_code(finding.code) and weighty and not remedy_hurts(result, finding):
            causes.setdefault(finding.code, []).append(finding)
    lines = [_mend(result, findings) for findings in list(causes.values())[:_MOST_LISTED]]
    if len(causes) > _MOST_LISTED:
        lines.append(f"Then see {counted(len(causes) - _MOST_LISTED, 'further cause')} under why.")
    untested = [f for f in explanations(result) if not is_cause_code(f.code)]
    return (*lines, *_fixes(untested, "Mend"))


def remedy_hurts(result: AuditResult, finding: Finding) -> bool:
    """Return whether the table shows that a finding's remedy hurts."""
    hurting = with_verdict(result, Verdict.HURTS)
    names = {arm.arm for arm in hurting}
    return any(name in names for name in re.findall(r'--arm "([^"]+)"', finding.fix))


def _mend(result: AuditResult, findings: list[Finding]) -> str:
    """Return the remedy of one cause, with each source's gain."""
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    first, several = findings[0], len(findings) > 1
    gave = [repair_words(f, numbers).removeprefix("repairing it: ") for f in findings]
    title = f"{first.code} {one_line(first.title)}"
    if not several:
        return (
            f"Before you use {quoted(first.subject)} ({title}; repairing that gave back"
            f" {gave[0]} {unit}): {one_line(first.fix)}"
        )
    parts = [f"{quoted(f.subject)} {gain}" for f, gain in zip(findings, gave, strict=True)]
    fix = fix_of_any(first.code) or one_line(first.fix)
    return (
        f"Before you use any of these ({title}; repairing that gave back, in {unit}:"
        f" {listing(parts, _MOST_LISTED)}): {fix}"
    )


def _fixes(findings: list[Finding], verb: str) -> tuple[str, ...]:
    subjects: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        # Against a control that may be no better than a constant, every claim is in doubt.
        urgent = finding.strength is Strength.STRONG or finding.code in ("TG301", "TG115")
        if urgent and finding.fix:
            subjects.setdefault((finding.code, one_line(finding.fix)), []).append(finding.subject)
    fixes = [
        f"{verb} ({code}, {listed(tuple(names), quote=False)}): {fix}"
        for (code, fix), names in subjects.items()
    ]
    more = len(fixes) - _MOST_LISTED
    if more > 0:
        return (*fixes[:_MOST_LISTED], f"Then see {counted(more, 'further strong finding')}.")
    return tuple(fixes)


def _choice(result: AuditResult, best: ArmOutcome | None) -> str:
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    target = named(result.target.name)
    how = f" {_HOW}" if is_safe(result, best) else ""
    if best is not None and standing(result, best) is Verdict.HELPS:
        gap = numbers.gap(best.over_control or gap_of(best))
        part = "" if best.total is None else f"; of it other data give {numbers.gap(gap_of(best))}"
        expected = _less_than_measured(result)
        return f"Use {quoted(best.arm)} for {target}: {gap} {unit}{part}.{expected}{how}"
    if best is not None:
        expected = _expected(result, best)
        return f"No gain is proven. Use {quoted(best.arm)} for {target}: {expected}{how}"
    judged = judged_arms(result)
    alone = "Begin with the task itself" if of_people(result) else "Stay with the target alone"
    if judged and all(arm.verdict is Verdict.NO_MATERIAL_EFFECT for arm in judged):
        return (
            f"{alone}: nothing beyond the margin of"
            f" {numbers.plain(result.margin)} {unit} is to be gained."
        )
    if with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE) or unjudgeable(result):
        return f"{alone} for now: no arm was shown to help.{_or_safe(result)}"
    return f"{alone}: no arm helps."


def _less_than_measured(result: AuditResult) -> str:
    """Return what to expect of the best of several arms.

    Empty where nothing was chosen.
    """
    gap = decide(result).gap
    if gap is None or gap.n_candidates < 2 or gap.expected >= gap.estimate:
        return ""
    numbers = numbers_for(result)
    measured, expected = numbers.signed(gap.estimate), numbers.signed(gap.expected)
    if measured == expected:
        return ""
    arms = counted(gap.n_candidates, "arm")
    return f" Expect {expected}: the best of {arms} looks better than it is."


def _expected(result: AuditResult, arm: ArmOutcome) -> str:
    """Return the gain expected of an arm, with its two chances."""
    gap = decide(result).gap
    assert arm.outlook is not None and gap is not None
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    return (
        f"{numbers.signed(gap.expected)} {unit} is expected of it; it costs more than the"
        f" margin with a chance of {chance(arm.outlook.p_cost)}, and gains more with one of"
        f" {chance(arm.outlook.p_gain)}."
    )


def _harmless(result: AuditResult) -> tuple[str, ...]:
    """Return the arms that are safe to add.

    Their intervals exclude a cost that matters.
    """
    hurting = {arm.sources for arm in with_verdict(result, Verdict.HURTS) if len(arm.sources) == 1}
    of_arm = {arm.arm: arm.sources for arm in result.arms}
    # Next to "leave out b", an arm of b alone would be a riddle.
    arms = [name for name in decide(result).harmless if of_arm[name] not in hurting]
    if not arms:
        return ()
    margin = f"{numbers_for(result).plain(result.margin)} {one_line(result.metric_title)}"
    names = listing([quoted(name) for name in arms], _MOST_LISTED)
    return (f"Safe to add, no cost beyond the margin of {margin}: {names}.",)


def _or_safe(result: AuditResult) -> str:
    """Return what to try where safe is open, without harm."""
    open_arms = with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE)
    suspected = any(finding.code in ("TG108", "TG109") for finding in result.findings)
    if suspected or with_verdict(result, Verdict.HURTS):
        return ""
    if not any(is_safe(result, arm) for arm in open_arms):
        return ""
    return f" `safe`, which holds sources down where they disagree, is open too. {_HOW}"


def _leave_out(result: AuditResult, best: ArmOutcome | None) -> tuple[str, ...]:
    """Return the sources and arms to leave out.

    A source that also helps is only used another way.
    """
    hurting = with_verdict(result, Verdict.HURTS)
    single = [arm for arm in hurting if len(arm.sources) == 1]
    # A source that helps in some arm must not be left out for another.
    helpful = set(best.sources) if best is not None else set()
    # Whether a source hurts once its labels are mended, nobody knows yet.
    mended = {f.subject for f in result.findings if f.code in LABEL_CODES}
    helping = with_verdict(result, Verdict.HELPS)
    helpful |= {arm.sources[0] for arm in helping if len(arm.sources) == 1}
    hurtful = dict.fromkeys(arm.sources[0] for arm in single)
    out = tuple(source for source in hurtful if source not in helpful | mended)
    lines = []
    if len(out) == 1:
        arm = next(arm for arm in single if arm.sources[0] == out[0])
        lines.append(f"Leave out {quoted(out[0])}: {quoted(arm.arm)} {_cost(result, arm)}.")
    elif out:
        lines.append(f"Leave out {listed(out)}: added on its own, each of them hurts.")
    avoid = [arm for arm in hurting if len(arm.sources) != 1 or arm.sources[0] in helpful]
    if len(avoid) == 1:
        lines.append(f"Do not use {quoted(avoid[0].arm)}: it {_cost(result, avoid[0])}.")
    elif avoid:
        lines.append(f"Do not use {listed(tuple(arm.arm for arm in avoid))}: they hurt.")
    return tuple(lines)


def _cost(result: AuditResult, arm: ArmOutcome) -> str:
    gap, numbers = gap_of(arm), numbers_for(result)
    cost = f"costs {numbers.plain(-gap.estimate)} {one_line(result.metric_title)}"
    return f"{cost} {numbers.cost_interval(gap.low, gap.high)}"


def _more_rows(result: AuditResult) -> tuple[str, ...]:
    needs = [
        (rows, arm)
        for arm in with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE)
        if (rows := rows_to_settle(result, arm)) is not None
    ]
    if not needs:
        return ()
    needs.sort(key=lambda item: item[0])
    parts = [f"{about(rows)} for {quoted(arm.arm)}" for rows, arm in needs[:_MOST_LISTED]]
    more = len(needs) - _MOST_LISTED
    if more > 0:
        parts.append(f"more for {counted(more, 'other arm')}")
    unit = unit_of(result)
    now = "" if unit.n is None else f" (there are {count(unit.n)})"
    return (f"To settle what is open, {unit.more}{now}: {'; '.join(parts)}.",)
