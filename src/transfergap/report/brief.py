"""Answer, faults, arms and actions: a result on a single screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.decision import decide
from transfergap.analysis.light import Light, light_of
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.advice import best_arm
from transfergap.report.choice import (
    LABEL_CODES,
    ROW_NAMES,
    control_of,
    gap_of,
    is_file_code,
    is_leak_code,
    is_safe,
    is_soundness_code,
    judged_arms,
    subgroup_findings,
    trial_counts,
    unjudgeable,
    with_verdict,
)
from transfergap.report.names import listed, named, one_line, quoted, shortened
from transfergap.report.numbers import (
    about,
    chance,
    count,
    counted,
    numbers_for,
    of_agents,
    of_people,
    repair_words,
    unit_of,
)
from transfergap.report.sentences import arm_label, length_of, metric_of_class, rows_to_settle
from transfergap.stats.gap import Verdict

MARKS = {
    Light.HELPS: "✓",
    Light.SAFE: "○",
    Light.SAME: "≈",
    Light.OPEN: "?",
    Light.MAY_HURT: "!",
    Light.HURTS: "✗",
}
# From what to leave out to what to use, where not all arms can be shown.
_URGENT = (Light.HURTS, Light.HELPS, Light.MAY_HURT, Light.SAFE, Light.OPEN, Light.SAME)
_MOST_FAULTS = 3
# Names in one sentence; the number of the others follows.
_MOST_NAMES = 3
# Columns of a name, so that a sentence of three fits two lines.
_LONGEST_NAME = 32
# Share of the rarest class below which its rows are what limits, as in TG123's ten of a hundred.
_RARE = 0.1


@dataclass(frozen=True)
class Fault:
    """Something to mend before anything is used.

    Parameters
    ----------
    fault, fix : str
    effect : str
        What mending gave back, measured; empty where it was not.
    code : str
    """

    fault: str
    fix: str
    effect: str
    code: str


@dataclass(frozen=True)
class ArmLine:
    """Line of one arm.

    Parameters
    ----------
    arm : ArmOutcome
    label, words : str
    light : Light or None
        ``None`` for what is shown beside, such as the safe model without other data.
    """

    arm: ArmOutcome
    label: str
    words: str
    light: Light | None

    @property
    def mark(self) -> str:
        """Return the mark of the light."""
        return "" if self.light is None else MARKS[self.light]


@dataclass(frozen=True)
class Brief:
    """A result on one screen.

    Parameters
    ----------
    setting : tuple of str
        Rows, metric with the control's score, and margin.
    sentence : str
        The answer.
    light : Light or None
        Of the answer.
    faults : tuple of Fault
    n_faults_more : int
        Faults that are not listed.
    lines : tuple of ArmLine
    remainder : str
        Words on arms without a line; empty where all have one.
    remarks : tuple of str
        What makes the evidence less than was planned.
    actions : tuple of str
        At most three.
    """

    setting: tuple[str, ...]
    sentence: str
    light: Light | None
    faults: tuple[Fault, ...]
    n_faults_more: int
    lines: tuple[ArmLine, ...]
    remainder: str
    remarks: tuple[str, ...]
    actions: tuple[str, ...]


def brief_of(result: AuditResult, *, most_lines: int = 8) -> Brief:
    """Return what is shown first of a result.

    Parameters
    ----------
    result : AuditResult
    most_lines : int
        Lines of arms, of more the most urgent.
    """
    faults = faults_of(result)
    lines, remainder = _lines(result, most_lines)
    sentence, light = _sentence(result)
    return Brief(
        _setting(result),
        sentence,
        light,
        faults[:_MOST_FAULTS],
        max(len(faults) - _MOST_FAULTS, 0),
        lines,
        remainder,
        _remarks(result),
        _actions(result),
    )


def with_fewer_faults(brief: Brief) -> Brief:
    """Return a brief whose last fault is counted instead of listed."""
    n_more = brief.n_faults_more + 1
    return replace(brief, faults=brief.faults[:-1], n_faults_more=n_more)


def _setting(result: AuditResult) -> tuple[str, ...]:
    unit, control, numbers = unit_of(result), control_of(result), numbers_for(result)
    rows = "imported scores" if unit.n is None else counted(unit.n, unit.short)
    if result.training_curves is not None:
        rows += f" of {length_of(result.training_curves)}"
    metric = metric_of_class(result)
    if control is not None and control.score is not None:
        metric += f" {numbers.plain(control.score)} alone"
    return rows, metric, f"margin {numbers.plain(result.margin)}"


def short_label(result: AuditResult, arm: ArmOutcome) -> str:
    """Return the source's name where it has one judged arm.

    Otherwise the arm's. A source `b` with the judged arm `b pooled` alone is called ``b``; long
    names lose their middle.
    """
    rivals = [other for other in judged_arms(result) if other.sources == arm.sources]
    alone = len(arm.sources) == 1 and len(rivals) == 1 and not is_safe(result, arm)
    label = named(arm.sources[0]) if alone else arm_label(arm)
    if len(arm.sources) == 1 and label.startswith("all "):  # of the one source that there is
        label = f"{named(arm.sources[0])} {label.removeprefix('all ')}"
    return shortened(label, _LONGEST_NAME)


def _lights(result: AuditResult) -> dict[str, Light]:
    lights = ((arm.arm, light_of(result, arm)) for arm in judged_arms(result))
    return {name: light for name, light in lights if light is not None}


def _with_light(result: AuditResult, *lights: Light) -> tuple[ArmOutcome, ...]:
    by_arm, arms = _lights(result), judged_arms(result)
    return tuple(arm for light in lights for arm in arms if by_arm.get(arm.arm) is light)


# --- The sentence ------------------------------------------------------------------------------


def _sentence(result: AuditResult) -> tuple[str, Light | None]:
    target = named(result.target.name)
    if result.folds_mislead:
        words = "every verdict is withheld, since neighbouring rows go together (TG131)"
        return f"{target}: {words}.", Light.OPEN
    lights = _lights(result)
    if not lights:
        return f"{target}: nothing could be judged.", None
    of_sources = [arm.arm for arm in _without_safe(result, judged_arms(result))]
    light = light_of_answer({n: lights[n] for n in of_sources if n in lights} or lights)
    hurting, helping = (
        _without_safe(result, _with_light(result, light)) for light in (Light.HURTS, Light.HELPS)
    )
    if not hurting and not helping:
        return _nothing_shown(result), light
    if len(hurting) + len(helping) > _MOST_NAMES:
        return _counts(result, len(helping), len(hurting)), light
    parts = []
    if helping:
        parts.append(_claim(result, helping, helps=True, alone=not hurting))
    if hurting:
        parts.append(_claim(result, hurting, helps=False, alone=not helping))
    return f"{', '.join(parts)}.", light


def _without_safe(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> tuple[ArmOutcome, ...]:
    """Return the arms of sources, or the safe one alone."""
    others = tuple(arm for arm in arms if not is_safe(result, arm))
    return others or arms


def light_of_answer(lights: Mapping[str, Light]) -> Light:
    """Return the light of the sentence, harm before help."""
    values = set(lights.values())
    if Light.HURTS in values:
        return Light.HURTS
    return min(values, key=list(Light).index)


def _counts(result: AuditResult, n_helping: int, n_hurting: int) -> str:
    target, n_judged = named(result.target.name), len(judged_arms(result))
    parts = []
    if n_helping:
        parts.append(f"{count(n_helping)} {'helps' if n_helping == 1 else 'help'} {target}")
    if n_hurting:
        object_ = "it" if parts else target
        parts.append(f"{count(n_hurting)} {'hurts' if n_hurting == 1 else 'hurt'} {object_}")
    return f"Of {counted(n_judged, 'arm')}, {' and '.join(parts)}."


def _claim(result: AuditResult, arms: Sequence[ArmOutcome], *, helps: bool, alone: bool) -> str:
    """Return who helps or hurts, with the number of a single one."""
    numbers, target = numbers_for(result), named(result.target.name)
    names = _names(result, arms)
    one = len(_labels_of(result, arms)) == 1
    object_ = target if helps or alone else "it"
    verb = ("helps" if one else "help") if helps else ("hurts" if one else "hurt")
    if not (one and alone):
        return f"{names} {verb} {object_}"
    clearest = with_verdict(result, Verdict.HELPS if helps else Verdict.HURTS)[0]
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


def _be(result: AuditResult, arms: Sequence[ArmOutcome]) -> str:
    return "is" if len(_labels_of(result, arms)) == 1 else "are"


def _nothing_shown(result: AuditResult) -> str:
    target, lights = named(result.target.name), _lights(result)
    if all(light is Light.SAME for light in lights.values()):
        what = "What was learned before makes" if of_people(result) else "Other data make"
        return f"{what} no difference that matters to {target}."
    noun = "way of training" if of_agents(result) else "source"
    noun = "earlier learning" if of_people(result) else noun
    text = f"{target}: no {noun} is shown to help or to hurt yet"
    safe, may_hurt = (
        [arm for arm in _with_light(result, light) if not is_safe(result, arm)]
        for light in (Light.SAFE, Light.MAY_HURT)
    )
    if safe:
        text += f"; {_names(result, safe)} {_be(result, safe)} safe to add"
    elif may_hurt:
        text += f"; {_names(result, may_hurt)} may hurt"
    return f"{text}."


def _names(result: AuditResult, arms: Sequence[ArmOutcome]) -> str:
    return listed(_labels_of(result, arms), limit=_MOST_NAMES, quote=False)


def _labels_of(result: AuditResult, arms: Sequence[ArmOutcome]) -> tuple[str, ...]:
    """Return labels of arms, a source's for all of its arms."""
    labels: dict[str, None] = {}
    for arm in arms:
        rivals = [other for other in judged_arms(result) if other.sources == arm.sources]
        rivals = [other for other in rivals if not is_safe(result, other)]
        if len(arm.sources) == 1 and not is_safe(result, arm) and all(o in arms for o in rivals):
            labels[shortened(named(arm.sources[0]), _LONGEST_NAME)] = None
        else:
            labels[short_label(result, arm)] = None
    return tuple(labels)


# --- Faults ------------------------------------------------------------------------------------


def faults_of(result: AuditResult) -> tuple[Fault, ...]:
    """Return the faults to mend, the most urgent first."""
    findings = [f for f in result.findings if _is_fault(f)]
    findings.sort(key=_urgency)
    faults: dict[tuple[str, str], Fault] = {}
    for finding in (*findings, *(f for f in subgroup_findings(result) if _is_strong(f))):
        key = finding.code, one_line(finding.fix)
        if key not in faults:
            faults[key] = _fault(result, finding)
    return tuple(faults.values())


def _is_fault(finding: Finding) -> bool:
    if not finding.fix:
        return False
    if is_leak_code(finding.code) or is_soundness_code(finding.code):
        # Against a control that may be no better than a constant, every claim is in doubt.
        return _is_strong(finding) or finding.code in ("TG301", "TG115")
    return is_file_code(finding.code) and finding.strength is not Strength.NOTE


def _is_strong(finding: Finding) -> bool:
    return finding.strength is Strength.STRONG


def _urgency(finding: Finding) -> tuple[bool, bool, bool, bool]:
    return (
        finding.code not in LABEL_CODES,
        finding.repair_gap is None,
        not _is_strong(finding),
        finding.code not in ROW_NAMES,
    )


def _fault(result: AuditResult, finding: Finding) -> Fault:
    effect = repair_words(finding, numbers_for(result)).replace(
        "repairing it:", "mended, it gives back"
    )
    return Fault(_first_sentence(finding.says), _first_sentence(finding.fix), effect, finding.code)


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text.

    Examples
    --------
    >>> _first_sentence("0.5 of a.csv is empty. It was left out.")
    '0.5 of a.csv is empty.'
    """
    words = one_line(text)
    start = words.find(". ")
    while start >= 0:
        # A sentence goes on with a capital; "e.g. this" and names do not.
        if words[start + 2 : start + 3].isupper():
            return words[: start + 1]
        start = words.find(". ", start + 1)
    return words


# --- Lines -------------------------------------------------------------------------------------


def _remarks(result: AuditResult) -> tuple[str, ...]:
    """Return what is missing: failed trials, sources without a trial."""
    trials = trial_counts(result)
    remarks = []
    if trials.failed:
        remarks.append(f"{count(trials.failed)} of {counted(trials.planned, 'trial')} failed")
    n_untried = sum(source.untried for source in result.sources)
    if n_untried:
        n_sources = counted(len(result.sources), "source")
        remarks.append(f"{count(n_untried)} of {n_sources} were not tried by themselves (TG127)")
    return tuple(remarks)


_PLURALS = {Light.HELPS: "help", Light.HURTS: "hurt"}


def _lines(result: AuditResult, n_lines: int) -> tuple[tuple[ArmLine, ...], str]:
    """Return a line a source, then the safe model and all else."""
    lights = _lights(result)
    alone = next((a for a in result.arms if a.arm.endswith(", target only")), None)
    arms = sorted(judged_arms(result), key=lambda arm: _kind(result, arm))
    if len(arms) > n_lines:
        arms.sort(key=lambda arm: (_kind(result, arm), _place(arm, lights.get(arm.arm))))
        alone = None
    listed_arms = arms if len(arms) <= n_lines else arms[: n_lines - 1]
    lines = [
        ArmLine(arm, short_label(result, arm), _words(result, arm), lights.get(arm.arm))
        for arm in listed_arms
    ]
    with_room = alone is not None and alone.gap is not None and len(arms) < n_lines
    if alone is not None and with_room and any(arm.total is not None for arm in listed_arms):
        worse = gap_of(alone).high < 0
        words = "a model worse than yours" if worse else "the model, no other data"
        lines.append(ArmLine(alone, named(alone.arm), words, None))
    return tuple(lines), _remainder(arms[len(listed_arms) :], lights)


def _remainder(arms: Sequence[ArmOutcome], lights: Mapping[str, Light]) -> str:
    if not arms:
        return ""
    groups = []
    for light in _URGENT:
        n = sum(lights.get(arm.arm) is light for arm in arms)
        if n:
            groups.append(f"{count(n)} {light if n == 1 else _PLURALS.get(light, light)}")
    n_none = sum(arm.arm not in lights for arm in arms)
    groups += [f"{count(n_none)} with too few pairs"] * bool(n_none)
    return f"and {counted(len(arms), 'arm')} more: {', '.join(groups)}"


def _kind(result: AuditResult, arm: ArmOutcome) -> int:
    """Return the place of an arm: sources, the safe model, others."""
    if is_safe(result, arm):
        return 1
    return 0 if len(arm.sources) == 1 else 2


def _place(arm: ArmOutcome, light: Light | None) -> tuple[int, float]:
    """Return where an arm stands if not all can be shown."""
    if light is None or arm.gap is None:
        return len(_URGENT), 0.0
    sign = 1 if light in (Light.HURTS, Light.MAY_HURT) else -1
    return _URGENT.index(light), sign * arm.gap.estimate


def _words(result: AuditResult, arm: ArmOutcome) -> str:
    light = light_of(result, arm)
    if light is None:
        return "too few pairs"
    if light is Light.HURTS:
        return "hurts: leave out"
    if light is Light.MAY_HURT:
        return "may hurt: leave out for now"
    if light is Light.HELPS and gap_of(arm).estimate < result.margin:
        return "helps, by less than matters"
    return str(light)


# --- What to do --------------------------------------------------------------------------------


def _actions(result: AuditResult) -> tuple[str, ...]:
    n_missing = trial_counts(result).missing
    first = [f"Finish the run: {counted(n_missing, 'trial')} still to be run."] * bool(n_missing)
    if result.folds_mislead:
        return (
            *first,
            "Mend what stands under First, and run it again: nothing is to be used yet.",
        )
    return (*first, *_choice(result), *_leave(result), *_labels(result))[:3]


def _choice(result: AuditResult) -> tuple[str, ...]:
    best, decision = best_arm(result), decide(result)
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    if best is None:
        judged = judged_arms(result)
        lights = _lights(result)
        if judged and all(lights.get(arm.arm) is Light.SAME for arm in judged):
            return (f"{_alone(result)}: nothing that matters is to be gained.",)
        unsettled = unjudgeable(result) or _with_light(
            result, Light.SAFE, Light.OPEN, Light.MAY_HURT
        )
        nothing = "nothing before it helps" if of_people(result) else "no source helps"
        more = " for now: no gain was shown" if unsettled else f": {nothing}"
        return (f"{_alone(result)}{more}.",)
    gap = decision.gap
    if decision.proven:
        over = best.over_control or gap_of(best)
        expect = ""
        if gap is not None and numbers.signed(gap.expected) != numbers.signed(over.estimate):
            expect = f"; expect {numbers.signed(gap.expected)}"
        return (f"Use {quoted(best.arm)}: {numbers.gap(over)} {unit}{expect}.",)
    assert best.outlook is not None and gap is not None
    margin = numbers.plain(result.margin)
    return (
        f"Use {quoted(best.arm)}: {numbers.signed(gap.expected)} expected, unproven; chance of a"
        f" cost over {margin} {chance(best.outlook.p_cost)}.",
    )


def _alone(result: AuditResult) -> str:
    people = of_people(result)
    return "Begin with the task itself" if people else "Stay with the target alone"


def _leave(result: AuditResult) -> tuple[str, ...]:
    """Return what to leave out and what may be added."""
    use = decide(result).use
    chosen = next((arm for arm in result.arms if arm.arm == use), None)
    mended = {f.subject for f in result.findings if f.code in LABEL_CODES}
    out = [
        arm
        for arm in _with_light(result, Light.HURTS, Light.MAY_HURT)
        # Whether a source hurts once its labels are mended, nobody knows yet.
        if not (len(arm.sources) == 1 and arm.sources[0] in mended)
    ]
    safe = [
        arm
        for arm in _with_light(result, Light.SAFE)
        if arm is not chosen and not is_safe(result, arm)
    ]
    # What all sources together do follows from one that hurts.
    out = [arm for arm in out if len(arm.sources) == 1] or out
    safe = [arm for arm in safe if len(arm.sources) == 1] or safe
    mendable = {f.subject for f in result.findings if _is_fault(f) and (f.repair_low or 0.0) > 0}
    parts = []
    if out:
        first = all(len(arm.sources) == 1 and arm.sources[0] in mendable for arm in out)
        until = f" until {'it is' if len(out) == 1 else 'they are'} mended" if first else ""
        parts.append(f"Leave out {_names(result, out)}{until}.")
    if safe:
        parts.append(f"{_names(result, safe)} {_be(result, safe)} safe to add.")
    return (" ".join(parts),) if parts else ()


def _labels(result: AuditResult) -> tuple[str, ...]:
    lights = _lights(result)
    needs = sorted(
        (rows, short_label(result, arm))
        for arm in judged_arms(result)
        if arm.verdict is Verdict.NOT_ENOUGH_EVIDENCE
        and lights.get(arm.arm) in (Light.OPEN, Light.SAFE, Light.MAY_HURT)
        and (rows := rows_to_settle(result, arm)) is not None
    )
    if not needs:
        return ()
    (rows, name), unit = needs[0], unit_of(result)
    now = "" if unit.n is None else f" (there are {count(unit.n)})"
    more = unit.more[0].upper() + unit.more[1:]
    return (f"{more}{now}: {about(rows)} would settle {name}{_rare(result, rows)}.",)


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
