"""Answer, faults, arms and actions: a result on a single screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transfergap.analysis.light import Light, light_of
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.brief.actions import actions
from transfergap.report.brief.answer import answer
from transfergap.report.brief.arms import MARKS, short_label
from transfergap.report.brief.faults import Fault, faults_of
from transfergap.report.choice import (
    FOREIGN_LABELS,
    UNLABELLED,
    control_of,
    gap_of,
    is_fault,
    is_safe,
    judged_arms,
    lights_of,
    trial_counts,
)
from transfergap.report.wording.names import named
from transfergap.report.wording.numbers import (
    count,
    counted,
    numbers_for,
    unit_of,
)
from transfergap.report.wording.sentences import length_of, metric_of_class
from transfergap.stats.gap import Verdict

# From what to leave out to what to use, where not all arms can be shown.
_URGENT = (Light.HURTS, Light.HELPS, Light.MAY_HURT, Light.SAFE, Light.OPEN, Light.NO_EFFECT)
_MOST_FAULTS = 3


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
    """Return the first screen of a result.

    Parameters
    ----------
    result : AuditResult
    most_lines : int
        Lines of arms, of more the most urgent.
    """
    faults = faults_of(result)
    lines, remainder = _lines(result, most_lines)
    sentence, light = answer(result)
    return Brief(
        _setting(result),
        sentence,
        light,
        faults[:_MOST_FAULTS],
        max(len(faults) - _MOST_FAULTS, 0),
        lines,
        remainder,
        _remarks(result),
        actions(result),
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


def _remarks(result: AuditResult) -> tuple[str, ...]:
    """Return the gaps in the data: trials, sources, labels."""
    trials = trial_counts(result)
    remarks = []
    if trials.failed:
        remarks.append(f"{count(trials.failed)} of {counted(trials.planned, 'trial')} failed")
    n_untried = sum(source.untried for source in result.sources)
    if n_untried:
        n_sources = counted(len(result.sources), "source")
        remarks.append(f"{count(n_untried)} of {n_sources} were not tried by themselves (TG127)")
    reasons = {UNLABELLED: "no label", FOREIGN_LABELS: "no label of the target"}
    remarks += [
        f"{count(int(f.evidence['n_rows']))} of {count(int(f.evidence['n_given']))} rows of"
        f" {named(f.subject)} left out: {reasons[f.code]} ({f.code})"
        for f in result.findings
        if f.code in reasons and not is_fault(f)
    ]
    return tuple(remarks)


_PLURALS = {Light.HELPS: "help", Light.HURTS: "hurt"}


def _lines(result: AuditResult, n_lines: int) -> tuple[tuple[ArmLine, ...], str]:
    """Return a line a source, then the safe model and all else."""
    lights = lights_of(result)
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
        worse = gap_of(alone).verdict(result.margin) is Verdict.HURTS
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
