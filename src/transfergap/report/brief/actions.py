"""Actions: at most three sentences on what to do."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.brief.arms import labels_of, names_of, short_label, verb_be
from transfergap.report.choice import (
    best_arm,
    gap_of,
    is_safe,
    lights_of,
    single_sources,
    trial_counts,
    with_light,
)
from transfergap.report.steps import Choice, Kind, Step, steps
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

_MOST_ACTIONS = 3
# Share of the rarest class below which its rows are what limits, as in TG123's ten of a hundred.
_RARE = 0.1
# Times the rows there are, beyond which nobody labels more to settle an arm.
_OUT_OF_REACH = 10


def actions(result: AuditResult) -> tuple[str, ...]:
    """Return what to do, the most useful first."""
    advice = steps(result)
    lines: list[str] = []
    after = None
    for step in advice:
        text = _text(result, step, advice)
        if not text:
            continue
        if step.kind is Kind.ADD and after is Kind.LEAVE:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
        after = step.kind
    return tuple(lines[:_MOST_ACTIONS])


def _text(result: AuditResult, step: Step, advice: Sequence[Step]) -> str:
    """Return a step in a sentence; empty where it is left out."""
    match step.kind:
        case Kind.FINISH:
            return (
                f"Finish the run: {counted(trial_counts(result).missing, 'trial')} still to be run."
            )
        case Kind.WAIT:
            return "Mend what stands under First, and run it again: nothing is to be used yet."
        case Kind.MEND:
            return _mend(result, step)
        case Kind.TRACE:
            names = listed(step.sources, quote=False)
            return f"Find out how rows of the target came into {names}."
        case Kind.CHOOSE:
            return _choice(result, step)
        case Kind.LEAVE:
            return _leave(result, step, advice)
        case Kind.ADD:
            return _add(result, step)
        case Kind.SETTLE:
            # What is open changes with what is mended, and what is used unproven needs no labels.
            is_early = any(
                earlier.kind in (Kind.MEND, Kind.TRACE) or earlier.choice is Choice.EXPECTED
                for earlier in advice
            )
            return "" if is_early else _labels(result, step)
    return ""  # faults stand above the arms, and causes beside what to leave out


def _choice(result: AuditResult, step: Step) -> str:
    """Return what to use, on a condition or now."""
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    if step.choice is Choice.NO_GAIN:
        return f"{_alone(result)}: nothing that matters is to be gained."
    if step.choice is Choice.NOT_YET:
        return f"{_alone(result)} for now: no gain was shown."
    if step.choice is Choice.NO_HELP:
        reason = "nothing before it helps" if of_people(result) else "no source helps"
        return f"{_alone(result)}: {reason}."
    best, when = step.arms[0], step.condition
    gap, use = decide(result).gap, f"{when}, use" if when else "Use"
    over = best.over_control or gap_of(best)
    if step.choice is Choice.SMALL:
        less = f"{quoted(best.arm)} helps by less than matters: {numbers.gap(over)} {unit}"
        is_own = lights_of(result).get(best.arm) is Light.NO_EFFECT and best.total is not None
        origin = ", none of it shown to come from other data" * is_own
        return f"{less}{origin}. {use} it if you like."
    if step.choice is Choice.PROVEN:
        expect = ""
        if gap is not None and numbers.signed(gap.expected) != numbers.signed(over.estimate):
            expect = f"; expect {numbers.signed(gap.expected)}"
        return (
            f"{use} {quoted(best.arm)}{_aside(result, best)}: {numbers.gap(over)} {unit}{expect}."
        )
    assert best.outlook is not None and gap is not None
    margin, now = numbers.plain(result.margin), "" if when else " now"
    return (
        f"{use} {quoted(best.arm)}{now}{_aside(result, best)}: {numbers.signed(gap.expected)}"
        f" {unit} is expected, not proven; that it costs over {margin} has a chance of"
        f" {chance(best.outlook.p_cost)}."
    )


def _aside(result: AuditResult, arm: ArmOutcome) -> str:
    """Return what harmful sources are to a safe model."""
    harmful = single_sources(with_light(result, Light.HURTS, Light.MAY_HURT))
    if not is_safe(result, arm) or not harmful or any(is_safe(result, arm) for arm in harmful):
        return ""
    names, one = names_of(result, harmful), len(labels_of(result, harmful)) == 1
    if lights_of(result).get(arm.arm) not in (Light.HELPS, Light.SAFE, Light.NO_EFFECT):
        return f" (with {names} in it)"
    if set(arm.sources) - {source for other in harmful for source in other.sources}:
        return f" (all sources are in it, and {names} {'does' if one else 'do'} no harm)"
    verbs = ("is", "does") if one else ("are", "do")
    return f" ({names} {verbs[0]} in it, and {verbs[1]} no harm)"


def _alone(result: AuditResult) -> str:
    people = of_people(result)
    return "Begin with the task itself" if people else "Stay with the target alone"


def _mend(result: AuditResult, step: Step) -> str:
    """Return what to mend before anything is made of a source."""
    again = f"Mend {names_of(result, step.arms)} as said above, then run it again"
    best = best_arm(result)
    if best is not None and {arm.sources[0] for arm in step.arms} <= set(best.sources):
        return f"{again}."
    it = "it" if len(labels_of(result, step.arms)) == 1 else "them"
    return f"{again}; until then leave {it} out."


def _leave(result: AuditResult, step: Step, advice: Sequence[Step]) -> str:
    """Return what to leave out, or the tested remedy."""
    # What all sources together do follows from one that hurts.
    single = single_sources(with_light(result, Light.HURTS, Light.MAY_HURT))
    out = [arm for arm in step.arms if arm in single]
    sources = [arm for arm in out if not is_safe(result, arm)]
    if out and not sources:
        return f"Do not use {names_of(result, out)}."
    return (
        f"Leave out {names_of(result, sources)}{_remedy(result, sources, advice)}." if out else ""
    )


def _add(result: AuditResult, step: Step) -> str:
    """Return what may be added."""
    safe = [arm for arm in with_light(result, Light.SAFE) if arm in step.arms]
    safe = [arm for arm in safe if not is_safe(result, arm)]
    safe = [arm for arm in safe if len(arm.sources) == 1] or safe
    if not safe:
        return ""
    when = f"{step.condition}, " if step.condition else ""
    return f"{when}{names_of(result, safe)} {verb_be(result, safe)} safe to add."


def _remedy(result: AuditResult, out: Sequence[ArmOutcome], advice: Sequence[Step]) -> str:
    """Return the gain that a tested remedy gave back to a source."""
    sources = {arm.sources for arm in out}
    causes = [
        finding
        for step in advice
        if step.kind is Kind.REPAIR
        for finding in step.findings
        if (finding.subject,) in sources and finding.repair_low is not None
    ]
    if len(sources) != 1 or not causes:
        return ""
    cause, cost = causes[0], max(-gap_of(arm).estimate for arm in out)
    # What gives back no more than the source costs is no reason to mend it.
    if (cause.repair_gap or 0.0) <= cost:
        return ""
    gain = repair_words(cause, numbers_for(result)).removeprefix("repairing it: ")
    return f", or mend it: {one_line(cause.title)} ({cause.code}), mended it gives back {gain}"


def _labels(result: AuditResult, step: Step) -> str:
    arm, unit = step.arms[0], unit_of(result)
    rows = rows_to_settle(result, arm)
    if rows is None or rows > _OUT_OF_REACH * (unit.n or rows):
        return ""
    name = short_label(result, arm)
    now = "" if unit.n is None else f" (there are {count(unit.n)})"
    return f"To settle {name}, {unit.more}{now}: {about(rows)}{_rare(result, rows)}."


def _rare(result: AuditResult, rows: int) -> str:
    """Return how many rows of a rare class that means."""
    counts, n_rows = result.target.class_counts, result.target.n_rows
    if not counts or not n_rows:
        return ""
    label, n = min(counts, key=lambda item: item[1])
    if n / n_rows >= _RARE:
        return ""
    n_rare = about(round(rows * n / n_rows))
    return f"; {n_rare} of them {named(label)!r} (there are {count(n)})"
