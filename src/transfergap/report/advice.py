"""Advice from verdicts, and never against them."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.checks.causes import fix_of_any
from transfergap.analysis.checks.check import Finding
from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.notations.spelling import listing
from transfergap.report.choice import (
    best_arm,
    gap_of,
    is_all_of_source,
    is_safe,
    lights_of,
    trial_counts,
    with_verdict,
)
from transfergap.report.steps import Choice, Kind, Step, by_fix, steps
from transfergap.report.wording.names import listed, named, one_line, quoted
from transfergap.report.wording.numbers import (
    about,
    chance,
    count,
    counted,
    numbers_for,
    of_people,
    repair_words,
    unit_of,
)
from transfergap.report.wording.sentences import rows_to_settle
from transfergap.stats.gap import Verdict

# Items a sentence can hold; the number of others follows.
_MOST_LISTED = 3
_HOW = "To have it: `transfergap fit RUN -o model.skops`, or result.fit_safe() in Python."


def recommendations(result: AuditResult) -> tuple[str, ...]:
    """Return the advice, most urgent first.

    All steps of :func:`transfergap.report.steps.steps`, of which a screen shows a few. Names of
    arms stand between backticks.
    """
    return tuple(line for step in steps(result) for line in _lines(result, step))


def _lines(result: AuditResult, step: Step) -> tuple[str, ...]:
    """Return a step in full: a line or several."""
    match step.kind:
        case Kind.FINISH:
            n_missing = counted(trial_counts(result).missing, "trial")
            return (f"Finish the run; still to be run: {n_missing}.",)
        case Kind.FIRST:
            return _fixes(step.findings, "First", "fault")
        case Kind.WAIT:
            return ("Then run it again: nothing is to be used yet.",)
        case Kind.MIND:
            return _fixes(step.findings, "Mind", "strong finding")
        case Kind.MEND:
            return (_mend_sources(result, step),)
        case Kind.TRACE:
            return (f"Find out how rows of the target came into {listed(step.sources)}.",)
        case Kind.CHOOSE:
            return (_choice(result, step),)
        case Kind.LEAVE:
            return (*_leave_out(result, step), *_leave_for_now(result, step))
        case Kind.REPAIR:
            return _repairs(result, step)
        case Kind.ADD:
            margin = f"{numbers_for(result).plain(result.margin)} {one_line(result.metric_title)}"
            names = listing([quoted(arm.arm) for arm in step.arms], _MOST_LISTED)
            free = f"Safe to add, no cost beyond the margin of {margin}: {names}."
            return (f"{step.condition}: s{free[1:]}" if step.condition else free,)
        case Kind.SETTLE:
            return (_more_rows(result, step),)
        case Kind.CORRECT:
            return _fixes(step.findings, "Mend", "strong finding")


def _mend_sources(result: AuditResult, step: Step) -> str:
    sources = tuple(dict.fromkeys(arm.sources[0] for arm in step.arms))
    best, it = best_arm(result), "it" if len(sources) == 1 else "them"
    is_within = best is not None and set(sources) <= set(best.sources)
    until = "" if is_within else f"; until then leave {it} out"
    return f"Mend {listed(sources)} as said under First, then run it again{until}."


def _repairs(result: AuditResult, step: Step) -> tuple[str, ...]:
    """Return remedies of tested causes with their gains."""
    causes: dict[str, list[Finding]] = {}
    for finding in step.findings:
        causes.setdefault(finding.code, []).append(finding)
    lines = [_mend(result, findings) for findings in list(causes.values())[:_MOST_LISTED]]
    if len(causes) > _MOST_LISTED:
        lines.append(f"Then see {counted(len(causes) - _MOST_LISTED, 'further cause')} under why.")
    return tuple(lines)


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


def _fixes(findings: Sequence[Finding], verb: str, noun: str) -> tuple[str, ...]:
    """Return a line for each remedy, with all its subjects."""
    fixes = []
    for alike in by_fix(findings):
        code, fix = alike[0].code, one_line(alike[0].fix)
        names = listed(tuple(finding.subject for finding in alike), quote=False)
        fixes.append(f"{verb} ({code}, {names}): {fix}")
    more = len(fixes) - _MOST_LISTED
    if more > 0:
        return (*fixes[:_MOST_LISTED], f"Then see {counted(more, f'further {noun}')}.")
    return tuple(fixes)


def _choice(result: AuditResult, step: Step) -> str:
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    if step.arms:
        return _use(result, step)
    alone = "Begin with the task itself" if of_people(result) else "Stay with the target alone"
    if step.choice is Choice.NO_GAIN:
        return (
            f"{alone}: nothing beyond the margin of"
            f" {numbers.plain(result.margin)} {unit} is to be gained."
        )
    if step.choice is Choice.NOT_YET:
        return f"{alone} for now: no arm was shown to help.{_or_safe(result)}"
    return f"{alone}: no arm helps."


def _use(result: AuditResult, step: Step) -> str:
    """Return the arm to use, on a condition or now."""
    best, numbers, unit = step.arms[0], numbers_for(result), one_line(result.metric_title)
    how = f" {_HOW}" if is_safe(result, best) else ""
    use = f"{step.condition}, use" if step.condition else "Use"
    arm = f"{quoted(best.arm)} for {named(result.target.name)}"
    if step.choice is Choice.EXPECTED:
        return f"No gain is proven. {use} {arm}: {_expected(result, best)}{how}"
    gap = f"{numbers.gap(best.over_control or gap_of(best))} {unit}"
    part = "" if best.total is None else f"; of it other data give {numbers.gap(gap_of(best))}"
    if step.choice is Choice.SMALL:
        return (
            f"{quoted(best.arm)} helps {named(result.target.name)} by less than matters: {gap}"
            f"{part}. {use} it if you like.{how}"
        )
    return f"{use} {arm}: {gap}{part}.{_less_than_measured(result)}{how}"


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


def _or_safe(result: AuditResult) -> str:
    """Return what to try where safe is open, without harm."""
    open_arms = with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE)
    suspected = any(finding.code in ("TG108", "TG109") for finding in result.findings)
    if suspected or with_verdict(result, Verdict.HURTS):
        return ""
    if not any(is_safe(result, arm) for arm in open_arms):
        return ""
    return f" `safe`, which holds sources down where they disagree, is open too. {_HOW}"


def _leave_out(result: AuditResult, step: Step) -> tuple[str, ...]:
    """Return the sources and arms that hurt."""
    hurting = [arm for arm in with_verdict(result, Verdict.HURTS) if arm in step.arms]
    whole = _whole_sources(result, hurting, step)
    lines = []
    if len(whole) == 1:
        arm = next(arm for arm in hurting if arm.sources == whole)
        lines.append(f"Leave out {quoted(whole[0])}: {quoted(arm.arm)} {_cost(result, arm)}.")
    elif whole:
        lines.append(f"Leave out {listed(whole)}: added on its own, each of them hurts.")
    avoid = [arm for arm in hurting if len(arm.sources) != 1 or arm.sources[0] not in whole]
    if len(avoid) == 1:
        lines.append(f"Do not use {quoted(avoid[0].arm)}: it {_cost(result, avoid[0])}.")
    elif avoid:
        lines.append(f"Do not use {listed(tuple(arm.arm for arm in avoid))}: they hurt.")
    return tuple(lines)


def _leave_for_now(result: AuditResult, step: Step) -> tuple[str, ...]:
    """Return the sources and arms that may hurt."""
    lights = lights_of(result)
    doubtful, hurting = (
        [arm for arm in step.arms if lights.get(arm.arm) is light]
        for light in (Light.MAY_HURT, Light.HURTS)
    )
    out = _whole_sources(result, hurting, step)
    doubtful = [arm for arm in doubtful if len(arm.sources) != 1 or arm.sources[0] not in out]
    whole = _whole_sources(result, doubtful, step)
    avoid = [arm.arm for arm in doubtful if len(arm.sources) != 1 or arm.sources[0] not in whole]
    return tuple(
        f"{verb} {listed(tuple(names))} for now: {'it' if len(names) == 1 else 'they'} may hurt."
        for verb, names in (("Leave out", whole), ("Do not use", avoid))
        if names
    )


def _whole_sources(result: AuditResult, arms: Sequence[ArmOutcome], step: Step) -> tuple[str, ...]:
    """Return the sources of which no arm is of use.

    Not those within the arm to use: they are only used another way.
    """
    best = best_arm(result)
    within = () if best is None else best.sources
    return tuple(
        dict.fromkeys(
            arm.sources[0]
            for arm in arms
            if is_all_of_source(result, arm, step.arms) and arm.sources[0] not in within
        )
    )


def _cost(result: AuditResult, arm: ArmOutcome) -> str:
    gap, numbers = gap_of(arm), numbers_for(result)
    cost = f"costs {numbers.plain(-gap.estimate)} {one_line(result.metric_title)}"
    return f"{cost} {numbers.cost_interval(gap.low, gap.high)}"


def _more_rows(result: AuditResult, step: Step) -> str:
    parts = [
        f"{about(rows)} for {quoted(arm.arm)}"
        for arm in step.arms[:_MOST_LISTED]
        if (rows := rows_to_settle(result, arm)) is not None
    ]
    more = len(step.arms) - _MOST_LISTED
    if more > 0:
        parts.append(f"more for {counted(more, 'other arm')}")
    unit = unit_of(result)
    now = "" if unit.n is None else f" (there are {count(unit.n)})"
    return f"To settle what is open, {unit.more}{now}: {'; '.join(parts)}."
