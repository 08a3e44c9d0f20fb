"""Actions: at most three sentences on what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.advice import best_arm, remedy_hurts
from transfergap.report.brief.arms import (
    labels_of,
    lights_of,
    names_of,
    short_label,
    single_sources,
    verb_be,
    with_light,
)
from transfergap.report.brief.faults import is_fault
from transfergap.report.choice import (
    explanations,
    gap_of,
    is_cause_code,
    is_mendable_code,
    is_safe,
    judged_arms,
    trial_counts,
    unjudgeable,
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

# Share of the rarest class below which its rows are what limits, as in TG123's ten of a hundred.
_RARE = 0.1
# Share of a source's rows that were the target's, from which the source itself is in question.
_MOSTLY_COPIES = 0.5
# Times the rows there are, beyond which nobody labels more to settle an arm.
_OUT_OF_REACH = 10


def actions(result: AuditResult) -> tuple[str, ...]:
    """Return what to do, the most useful first."""
    n_missing = trial_counts(result).missing
    first = [f"Finish the run: {counted(n_missing, 'trial')} still to be run."] * bool(n_missing)
    if result.folds_mislead:
        return (
            *first,
            "Mend what stands under First, and run it again: nothing is to be used yet.",
        )
    # Where something unproven is to be used, more labels are no condition for it.
    decision = decide(result)
    best, mend = best_arm(result), _mend(result)
    doubted = _mostly_copies(result, () if best is None else best.sources)
    if doubted:
        names = listed(doubted, quote=False)
        mend = (*mend, f"Find out how rows of the target came into {names}.")
    when = "If the rest is sound" if doubted else "Until then" if mend else ""
    choice = _choice(result, when)
    # What is open changes with what is mended, and what is used unproven needs no more labels.
    settled = mend or (decision.use is not None and not decision.proven)
    return (*first, *mend, *choice, *_leave(result), *(() if settled else _labels(result)))[:3]


def _choice(result: AuditResult, when: str) -> tuple[str, ...]:
    """Return what to use, on a condition or now."""
    best, decision = best_arm(result), decide(result)
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    if best is None:
        judged = judged_arms(result)
        lights = lights_of(result)
        if judged and all(lights.get(arm.arm) is Light.NO_EFFECT for arm in judged):
            return (f"{_alone(result)}: nothing that matters is to be gained.",)
        unsettled = unjudgeable(result) or with_light(
            result, Light.SAFE, Light.OPEN, Light.MAY_HURT
        )
        reason = "nothing before it helps" if of_people(result) else "no source helps"
        more = " for now: no gain was shown" if unsettled else f": {reason}"
        return (f"{_alone(result)}{more}.",)
    gap, use = decision.gap, f"{when}, use" if when else "Use"
    if decision.proven:
        over = best.over_control or gap_of(best)
        expect = ""
        if gap is not None and numbers.signed(gap.expected) != numbers.signed(over.estimate):
            expect = f"; expect {numbers.signed(gap.expected)}"
        if over.estimate < result.margin:
            less = f"{quoted(best.arm)} helps by less than matters: {numbers.gap(over)} {unit}"
            other = lights_of(result).get(best.arm) is Light.NO_EFFECT and best.total is not None
            none = ", none of it shown to come from other data" * other
            return (f"{less}{none}. Use it if you like.",)
        return (
            f"{use} {quoted(best.arm)}{_aside(result, best)}: {numbers.gap(over)} {unit}{expect}.",
        )
    assert best.outlook is not None and gap is not None
    margin, now = numbers.plain(result.margin), "" if when else " now"
    return (
        f"{use} {quoted(best.arm)}{now}{_aside(result, best)}: {numbers.signed(gap.expected)}"
        f" {unit} is expected, not proven; that it costs over {margin} has a chance of"
        f" {chance(best.outlook.p_cost)}.",
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


def _harmful(result: AuditResult) -> tuple[tuple[ArmOutcome, ...], tuple[ArmOutcome, ...]]:
    """Return arms to mend, and arms to leave out."""
    # What all sources together do follows from one that hurts.
    harmful = single_sources(with_light(result, Light.HURTS, Light.MAY_HURT))
    codes = {f.subject for f in result.findings if is_fault(f) and is_mendable_code(f.code)}
    mend = tuple(arm for arm in harmful if len(arm.sources) == 1 and arm.sources[0] in codes)
    return mend, tuple(arm for arm in harmful if arm not in mend)


def _mend(result: AuditResult) -> tuple[str, ...]:
    """Return what to mend before anything is made of a source."""
    mend, _ = _harmful(result)
    best = best_arm(result)
    if mend:
        again = f"Mend {names_of(result, mend)} as said above, then run it again"
        if best is not None and {source for arm in mend for source in arm.sources} <= set(
            best.sources
        ):
            return (f"{again}.",)
        it = "it" if len(labels_of(result, mend)) == 1 else "them"
        return (f"{again}; until then leave {it} out.",)
    return ()


def _mostly_copies(result: AuditResult, sources: Sequence[str]) -> tuple[str, ...]:
    """Return the sources that were mostly rows of the target."""
    return tuple(
        finding.subject
        for finding in result.findings
        if finding.subject in sources
        and finding.evidence.get("n_removed", 0)
        >= _MOSTLY_COPIES * finding.evidence.get("n_given", np.inf)
    )


def _leave(result: AuditResult) -> tuple[str, ...]:
    """Return what to leave out and what may be added."""
    use = decide(result).use
    _, out = _harmful(result)
    safe = [
        arm for arm in with_light(result, Light.SAFE) if arm.arm != use and not is_safe(result, arm)
    ]
    safe = [arm for arm in safe if len(arm.sources) == 1] or safe
    parts = [f"Leave out {names_of(result, out)}{_remedy(result, out)}."] if out else []
    if safe:
        parts.append(f"{names_of(result, safe)} {verb_be(result, safe)} safe to add.")
    return (" ".join(parts),) if parts else ()


def _remedy(result: AuditResult, out: Sequence[ArmOutcome]) -> str:
    """Return the gain that a tested remedy gave back to a source."""
    sources = {arm.sources for arm in out}
    if len(sources) != 1:
        return ""
    causes = [
        finding
        for finding in explanations(result)
        if is_cause_code(finding.code)
        and (finding.subject,) in sources
        and (finding.repair_low or 0.0) > 0
        and not remedy_hurts(result, finding)
    ]
    if not causes:
        return ""
    cause, cost = causes[0], max(-gap_of(arm).estimate for arm in out)
    # What gives back no more than the source costs is no reason to mend it.
    if (cause.repair_gap or 0.0) <= cost:
        return ""
    gain = repair_words(cause, numbers_for(result)).removeprefix("repairing it: ")
    return f", or mend it: {one_line(cause.title)} ({cause.code}), mended it gives back {gain}"


def _labels(result: AuditResult) -> tuple[str, ...]:
    lights = lights_of(result)
    needs = sorted(
        (rows, short_label(result, arm))
        for arm in judged_arms(result)
        if arm.verdict is Verdict.NOT_ENOUGH_EVIDENCE
        and lights.get(arm.arm) in (Light.OPEN, Light.SAFE, Light.MAY_HURT)
        and (rows := rows_to_settle(result, arm)) is not None
        and rows <= _OUT_OF_REACH * (unit_of(result).n or rows)
    )
    if not needs:
        return ()
    (rows, name), unit = needs[0], unit_of(result)
    now = "" if unit.n is None else f" (there are {count(unit.n)})"
    return (f"To settle {name}, {unit.more}{now}: {about(rows)}{_rare(result, rows)}.",)


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
