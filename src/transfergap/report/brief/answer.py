"""Answer of a brief: one sentence and its light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light
from transfergap.analysis.result import WITHHOLDING, ArmOutcome, AuditResult
from transfergap.report.brief.arms import (
    MOST_NAMES,
    labels_of,
    names_of,
    short_label,
    verb_be,
)
from transfergap.report.choice import (
    control_of,
    doubtful,
    gap_of,
    is_safe,
    judged_arms,
    lights_of,
    single_sources,
    with_light,
    with_verdict,
    without_safe,
)
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    count,
    counted,
    numbers_for,
    of_agents,
    of_people,
)
from transfergap.stats.gap import Verdict

# Scores that a test fold of one class does not have.
_OF_BOTH_CLASSES = frozenset(["roc_auc", "gini", "ks", "average_precision"])


def answer(result: AuditResult) -> tuple[str, Light | None]:
    """Return the answer in one sentence, and its light."""
    target = named(result.target.name)
    if code := result.withheld_by:
        words = f"every verdict is withheld, since {WITHHOLDING[code]} ({code})"
        return f"{target}: {words}.", Light.OPEN
    lights = lights_of(result)
    if not lights:
        return f"{target}: nothing could be judged{_reason(result)}.", None
    of_sources = [arm.arm for arm in without_safe(result, judged_arms(result))]
    light = light_of_answer({n: lights[n] for n in of_sources if n in lights} or lights)
    # That the safe model hurts is no answer on sources of which none does.
    harmful = tuple(arm for arm in with_light(result, Light.HURTS) if arm.arm in of_sources)
    useful = without_safe(result, with_light(result, Light.HELPS))
    # What all sources together do follows from those that do it alone.
    hurting, helping = single_sources(harmful), single_sources(useful)
    if hurting or helping:
        light = Light.HURTS if hurting else Light.HELPS
    if not hurting and not helping:
        return _nothing_shown(result), light
    fault = doubtful(result, (*hurting, *helping))
    doubt = "" if fault is None else f"; see {fault.code} first"
    if len(hurting) + len(helping) > MOST_NAMES:
        return f"{_counts(result, len(useful), len(harmful))}{doubt}.", light
    parts = []
    if hurting:
        parts.append(_claim(result, hurting, helps=False, alone=not helping))
    if helping:
        parts.append(_claim(result, helping, helps=True, alone=not hurting))
    return f"{', '.join(parts)}{doubt}.", light


def _reason(result: AuditResult) -> str:
    """Return why nothing could be judged, where the metric is why."""
    control = control_of(result)
    scored = control is not None and control.score is None and control.n_completed > 0
    if not scored or result.metric.partition("(")[0] not in _OF_BOTH_CLASSES:
        return ""
    title = one_line(result.metric_title).partition(" (")[0]
    return f", since no test fold has rows of both classes, as {title} needs; try log_loss"


def light_of_answer(lights: Mapping[str, Light]) -> Light:
    """Return the light of the sentence, harm before help."""
    values = set(lights.values())
    if Light.HURTS in values:
        return Light.HURTS
    return min(values, key=list(Light).index)


def _counts(result: AuditResult, n_helping: int, n_hurting: int) -> str:
    target, n_judged = named(result.target.name), len(judged_arms(result))
    parts = []
    if n_hurting:
        parts.append(f"{count(n_hurting)} {'hurts' if n_hurting == 1 else 'hurt'} {target}")
    if n_helping:
        object_ = "it" if parts else target
        parts.append(f"{count(n_helping)} {'helps' if n_helping == 1 else 'help'} {object_}")
    return f"Of {counted(n_judged, 'arm')}, {' and '.join(parts)}"


def _claim(result: AuditResult, arms: Sequence[ArmOutcome], *, helps: bool, alone: bool) -> str:
    """Return who helps or hurts, with the number of a single one."""
    numbers, target = numbers_for(result), named(result.target.name)
    names = names_of(result, arms)
    one = len(labels_of(result, arms)) == 1
    object_ = target if alone or not helps else "it"
    verb = ("helps" if one else "help") if helps else ("hurts" if one else "hurt")
    if not (one and alone):
        return f"{names} {verb} {object_}"
    by_clarity = with_verdict(result, Verdict.HELPS if helps else Verdict.HURTS)
    clearest = next(arm for arm in by_clarity if arm in arms)
    gap, unit = gap_of(clearest), one_line(result.metric_title)
    # Of several arms of one source, the number is that of the clearest.
    subject = "it" if len(arms) == 1 else short_label(result, clearest)
    if helps:
        amount = f"{numbers.signed(gap.estimate)} {unit} {numbers.interval(gap.low, gap.high)}"
        less = ", less than matters to you" if gap.estimate < result.margin else ""
        of_arm = "" if len(arms) == 1 else f"{subject} "
        return f"{names} {verb} {object_}: {of_arm}{amount}{less}"
    cost = f"{numbers.plain(-gap.estimate)} {unit} {numbers.cost_interval(gap.low, gap.high)}"
    return f"{names} {verb} {object_}: {subject} costs {cost}"


def _nothing_shown(result: AuditResult) -> str:
    target, lights = named(result.target.name), lights_of(result)
    if all(light is Light.NO_EFFECT for light in lights.values()):
        subject = "What was learned before makes" if of_people(result) else "Other data make"
        return f"{subject} no difference that matters to {target}."
    noun = "way of training" if of_agents(result) else "source"
    noun = "earlier learning" if of_people(result) else noun
    text = f"{target}: no {noun} is shown to help or to hurt yet"
    safe, may_hurt = (
        single_sources([arm for arm in with_light(result, light) if not is_safe(result, arm)])
        for light in (Light.SAFE, Light.MAY_HURT)
    )
    decision = decide(result)
    chosen = [arm for arm in judged_arms(result) if arm.arm == decision.use]
    if chosen and not is_safe(result, chosen[0]) and not decision.proven:
        return f"{target}: nothing is proven yet, and the odds favour {names_of(result, chosen)}."
    if safe:
        text += f"; {names_of(result, safe)} {verb_be(result, safe)} safe to add"
    elif may_hurt:
        text += f"; {names_of(result, may_hurt)} may hurt"
    return f"{text}."
