"""Sentences of all formats: verdicts first, numbers with intervals."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.analysis.training_curves.learned import TrainingCurves
from transfergap.report.choice import (
    FEW_ARMS,
    doubtful,
    gap_of,
    judged_arms,
    unjudgeable,
    with_verdict,
)
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import (
    about,
    count,
    counted,
    level,
    numbers_for,
    of_agents,
    of_people,
    unit_of,
)
from transfergap.stats.gap import Verdict

_ORDER = (Verdict.HURTS, Verdict.HELPS, Verdict.NO_MATERIAL_EFFECT, Verdict.NOT_ENOUGH_EVIDENCE)
_COUNTED = {
    Verdict.HELPS: ("helps", "help"),
    Verdict.HURTS: ("hurts", "hurt"),
    Verdict.NO_MATERIAL_EFFECT: ("makes no material difference", "make no material difference"),
    Verdict.NOT_ENOUGH_EVIDENCE: ("is not settled", "are not settled"),
}


@dataclass(frozen=True)
class Sentence:
    """Sentence on arms, with the words of its verdict.

    Parameters
    ----------
    before, claim, after : str
        The claim is what a format may stress.
    verdict : Verdict or None
        ``None`` where the sentence is about several arms.
    """

    before: str
    claim: str
    after: str
    verdict: Verdict | None = None

    @property
    def text(self) -> str:
        """Return the whole sentence."""
        return f"{self.before}{self.claim}{self.after}"

    def __str__(self) -> str:
        return self.text


_WITHHELD = {
    "TG131": ": random folds mislead where neighbouring rows go together, as in time (TG131).",
    "TG311": ": few rows carry the weights, and scores and gaps hang on them (TG311).",
}


def headline(result: AuditResult) -> tuple[Sentence, ...]:
    """Return the sentences that answer the question, verdict first.

    One for each judged arm if they are few; otherwise counts, and the clearest arm on each side.
    """
    arms = judged_arms(result)
    doubt = _doubts(result)
    if len(arms) <= FEW_ARMS:
        sentences = [arm_sentence(result, arm) for v in _ORDER for arm in with_verdict(result, v)]
        sentences += [arm_sentence(result, arm) for arm in unjudgeable(result)]
        fallback = Sentence("", "Nothing was judged", ": no arm was to be judged.")
        return tuple([*doubt, *sentences] if sentences else [fallback])
    sentences = [*doubt, counts_sentence(result)]
    for verdict in (Verdict.HURTS, Verdict.HELPS):
        sentences += [arm_sentence(result, arm) for arm in with_verdict(result, verdict)[:1]]
    return tuple(sentences)


def _doubts(result: AuditResult) -> list[Sentence]:
    """Return what casts doubt on the claims, if anything does."""
    if code := result.withheld_by:
        return [Sentence("", "Every verdict is withheld", _WITHHELD[code])]
    claims = (*with_verdict(result, Verdict.HURTS), *with_verdict(result, Verdict.HELPS))
    fault = doubtful(result, claims) if claims else None
    if fault is None:
        return []
    return [Sentence("", f"See {fault.code} first", ": what follows may come from it.")]


def counts_sentence(result: AuditResult) -> Sentence:
    """Return how many arms got each verdict."""
    parts = []
    for verdict in (
        Verdict.HURTS,
        Verdict.HELPS,
        Verdict.NO_MATERIAL_EFFECT,
        Verdict.NOT_ENOUGH_EVIDENCE,
    ):
        n = len(with_verdict(result, verdict))
        if n:
            parts.append(f"{count(n)} {_COUNTED[verdict][0 if n == 1 else 1]}")
    n_without = len(unjudgeable(result))
    if n_without:
        parts.append(f"{count(n_without)} could not be judged")
    claim = f"Of {counted(len(judged_arms(result)), 'arm')}: {', '.join(parts)}"
    return Sentence("", claim, ".")


def arm_sentence(result: AuditResult, arm: ArmOutcome) -> Sentence:
    """Return the sentence on one judged arm."""
    name, target, unit = named(arm.arm), named(result.target.name), one_line(result.metric_title)
    numbers = numbers_for(result)
    if arm.gap is None or arm.verdict is None:
        return Sentence(
            f"{name} ", "could not be judged", ": too few pairs of trials are complete."
        )
    gap, verdict = arm.gap, arm.verdict
    if verdict is Verdict.HURTS:
        after = f" {target}: it costs {numbers.plain(-gap.estimate)} {unit}"
        after += f" {numbers.cost_interval(gap.low, gap.high)}{_beside(arm)}."
        return Sentence(f"{name} ", "HURTS", after, verdict)
    if verdict is Verdict.HELPS:
        after = f" {target}: {numbers.signed(gap.estimate)} {unit}"
        after += f" {numbers.interval(gap.low, gap.high)}{_beside(arm)}."
        return Sentence(f"{name} ", "HELPS", after, verdict)
    if verdict is Verdict.NO_MATERIAL_EFFECT:
        after = (
            f" on {target}{_beside(arm)}: any difference beyond"
            f" {numbers.plain(gap.smallest_margin)} {unit} is excluded, by the wider interval that"
            f" this verdict asks for; the margin is {numbers.plain(result.margin)}."
        )
        return Sentence(f"{name} has ", "NO MATERIAL EFFECT", after, verdict)
    return _unsettled(result, arm)


def _beside(arm: ArmOutcome) -> str:
    """Return words for a comparison with something else than the control."""
    return "" if arm.total is None else ", beside the same model without other data"


def arm_label(arm: ArmOutcome) -> str:
    """Return an arm's name in a table."""
    return named(arm.arm) if arm.total is None else f"{named(arm.arm)} (data's part)"


def credit_sentence(result: AuditResult) -> str | None:
    """Split the safe model's gap between other data and the model."""
    numbers = numbers_for(result)
    for arm in result.arms:
        alone = next((a for a in result.arms if a.arm == f"{arm.arm}, target only"), None)
        if arm.total is None or arm.gap is None or alone is None or alone.gap is None:
            continue
        return (
            f"{named(arm.arm)} is {numbers.gap(arm.total)} {one_line(result.metric_title)} from the"
            f" control: being another model gives {numbers.gap(alone.gap)}, other data on top of it"
            f" {numbers.gap(arm.gap)}."
        )
    return None


def _unsettled(result: AuditResult, arm: ArmOutcome) -> Sentence:
    gap, numbers = gap_of(arm), numbers_for(result)
    interval = numbers.interval(gap.low, gap.high)
    after = f" about {arm_label(arm)}: the gap may lie anywhere in {interval}"
    if gap.low <= 0 <= gap.high:
        after += f", as far as {_rows(result)} can tell"
    elif -result.margin < gap.low and gap.high < result.margin:
        after += f", which is less than the margin of {numbers.plain(result.margin)}"
    elif arm.held_back:
        side = "above" if gap.low > 0 else "below"
        after += f", {side} zero by itself, but not once {_n_judged(result)} are judged together"
    else:
        after += ", but no claim is made from it (see the findings)"
    rows = rows_to_settle(result, arm)
    if rows is not None:
        noun = "" if gap.low <= 0 <= gap.high else f" {unit_of(result).short}s"
        after += f"; {about(rows)}{noun} would settle it"
    after += "."
    return Sentence("", "Not enough evidence", after, Verdict.NOT_ENOUGH_EVIDENCE)


def rows_to_settle(result: AuditResult, arm: ArmOutcome) -> int | None:
    """Return the rows or seeds that would settle an arm.

    ``None`` where they are not more than there are.
    """
    rows, present = arm.rows_to_settle, unit_of(result).n
    return rows if rows is not None and present is not None and rows > present else None


def _rows(result: AuditResult) -> str:
    unit = unit_of(result)
    return "these pairs" if unit.n is None else counted(unit.n, unit.short)


def _n_judged(result: AuditResult) -> str:
    return counted(sum(arm.gap is not None for arm in judged_arms(result)), "arm")


def held_back_notes(result: AuditResult) -> tuple[str, ...]:
    """Return notes on arms not significant after correction.

    Their own interval excludes zero.
    """
    numbers = numbers_for(result)
    held = [arm for arm in judged_arms(result) if arm.held_back and arm.gap is not None]
    notes = [
        f"{arm_label(arm)}: its own {level(result)} interval"
        f" {numbers.interval(gap_of(arm).low, gap_of(arm).high)} excludes zero, but the claim did"
        f" not survive the correction for {_n_judged(result)}."
        # Three by name, as advice does; the others are counted.
        for arm in held[:3]
    ]
    if len(held) > 3:
        notes.append(f"The same holds for {counted(len(held) - 3, 'other arm')}.")
    return tuple(notes)


def visible_gap_sentence(result: AuditResult) -> str | None:
    """Return what this design could see, against the margin."""
    visible = result.smallest_visible_gap
    if visible is None:
        return None
    numbers = numbers_for(result)
    sentence = (
        f"This design can see gaps of about {numbers.plain(visible)}; the margin is"
        f" {numbers.plain(result.margin)}."
    )
    if visible <= result.margin:
        return f"{sentence} A gap that matters would be called in four runs of five."
    unit = unit_of(result)
    limit = "pairs" if unit.n is None else f"{unit.noun}s"
    return f"{sentence} Smaller gaps will mostly stay unsettled; what limits this is the {limit}."


def unsettled_notes(result: AuditResult) -> tuple[str, ...]:
    """Return a note for each unsettled arm if they are few.

    Claims held back have their own.
    """
    arms = with_verdict(result, Verdict.NOT_ENOUGH_EVIDENCE)
    if len(arms) <= FEW_ARMS and len(judged_arms(result)) <= FEW_ARMS:
        return tuple(arm_sentence(result, arm).text for arm in arms if not arm.held_back)
    return ()


def question(result: AuditResult) -> str:
    """Return the question that the report answers."""
    if of_people(result):
        return f"Does what was learned before help on {named(result.target.name)}?"
    if of_agents(result):
        return f"Does training elsewhere first help on {named(result.target.name)}?"
    return f"Does other data help {named(result.target.name)}?"


def length_of(training: TrainingCurves) -> str:
    """Return the steps of agents, or the trials of people."""
    if training.learners == "agents":
        return f"{count(round(training.steps[-1]))} steps"
    return counted(len(training.steps), "trial")


def setting(result: AuditResult) -> tuple[str, ...]:
    """Return rows, metric and margin of the question."""
    unit, training = unit_of(result), result.training_curves
    first = "imported scores" if unit.n is None else counted(unit.n, unit.noun)
    if training is not None:
        first += f" of {length_of(training)}"
    margin = f"margin {numbers_for(result).plain(result.margin)}"
    return first, metric_of_class(result), margin


def metric_of_class(result: AuditResult) -> str:
    """Return the metric's title with the positive class.

    Some titles name it already.
    """
    title, positive = one_line(result.metric_title), result.target.positive
    if positive is None or title.endswith((f" of {positive!r}", f" of class {positive}")):
        return title
    return f"{title} (positive class: {named(positive)})"
