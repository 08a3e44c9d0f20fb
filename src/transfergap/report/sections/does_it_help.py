"""Sections of verdicts, and of what to do."""

from __future__ import annotations

from transfergap.analysis.decision import MOST_COST, Policy, decide, is_harmless, standing
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.blocks import (
    TONES,
    Block,
    Bullets,
    Cell,
    Facts,
    Figure,
    Fold,
    Paragraph,
    Section,
)
from transfergap.report.blocks import Table as TableBlock
from transfergap.report.choice import control_of, hidden_arms, shown_arms, verdict_words
from transfergap.report.figures.forest import NARROW, WIDE, draw_forest, forest_caption
from transfergap.report.figures.forest_lines import drawn_arms, is_grouped
from transfergap.report.wording.names import named, one_line, quoted
from transfergap.report.wording.numbers import (
    EMPTY_CELL,
    chance,
    control_suffix,
    counted,
    level,
    numbers_for,
    of_agents,
    of_people,
    unit_of,
)
from transfergap.report.wording.sentences import arm_label, held_back_notes
from transfergap.stats.gap import Verdict


def does_it_help(result: AuditResult) -> Section | None:
    """Return the section; ``None`` for a result without arms."""
    if not result.arms:
        return None
    blocks: list[Block] = []
    if drawn_arms(result):
        wide, narrow = draw_forest(result, WIDE), draw_forest(result, NARROW)
        blocks.append(Figure(wide, narrow, forest_caption(result)))
    blocks += _tables(result)
    n_hidden = len(hidden_arms(result))
    if n_hidden:
        blocks.append(
            Paragraph(
                f"{counted(n_hidden, 'arm')} shown for information only are in the full table at"
                " the end.",
                "quiet",
            )
        )
    blocks += [Paragraph(note, "quiet") for note in held_back_notes(result)]
    blocks.append(Fold("What the verdicts mean", (Facts(verdict_meanings(result)),)))
    return Section("Does it help?", tuple(blocks))


def _tables(result: AuditResult) -> list[Block]:
    """Return the table of the arms.

    Of many arms the settled ones are open, and the others in a fold.
    """
    arms = shown_arms(result)
    settled = tuple(arm for arm in arms if arm is control_of(result) or _is_settled(arm))
    if not is_grouped(result):
        return [Fold(f"Every arm with its score ({len(arms)})", (_table(result, arms),))]
    unsettled = tuple(arm for arm in arms if arm not in settled)
    folded = Fold(
        f"{counted(len(unsettled), 'arm')} that are not settled", (_table(result, unsettled),)
    )
    return [_table(result, settled), *[folded] * bool(unsettled)]


def _is_settled(arm: ArmOutcome) -> bool:
    return arm.verdict not in (None, Verdict.NOT_ENOUGH_EVIDENCE)


def _table(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> TableBlock:
    columns = ("arm", one_line(result.metric_unit), f"gap [{level(result)} interval]", "verdict")
    arms_are = "Each arm is a way to train; the control is trained on the target alone."
    if of_people(result):
        arms_are = "Each group learned something else before; the control learned nothing before."
    return TableBlock(
        f"{arms_are} A positive gap"
        " means better on the target, also for metrics where a smaller score is better.",
        columns,
        tuple(_row(result, arm) for arm in arms),
    )


def _row(result: AuditResult, arm: ArmOutcome) -> tuple[Cell, ...]:
    numbers = numbers_for(result)
    mark, words = verdict_words(result, arm)
    tone = TONES[arm.verdict] if arm.verdict is not None else "quiet"
    is_control = arm is control_of(result)
    name = f"{named(arm.arm)}{control_suffix(result)}" if is_control else arm_label(arm)
    gap = EMPTY_CELL if arm.gap is None else numbers.gap(arm.gap)
    return (
        Cell(name),
        _number(numbers.plain(arm.score)),
        _number(gap),
        Cell(words, mark, tone, whole=True),
    )


def _number(text: str) -> Cell:
    return Cell(text, whole=True)


def _with_it(result: AuditResult) -> str:
    if of_people(result):
        return "Having learned this before, a participant"
    if of_agents(result):
        return "Trained this way, the agent"
    return "Trained with this data, the model"


def verdict_meanings(result: AuditResult) -> tuple[tuple[str, str], ...]:
    """Return each verdict with its meaning, for laymen."""
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    margin = f"{numbers.plain(result.margin)} {unit}"
    return (
        (
            f"✓ {Verdict.HELPS}",
            f"{_with_it(result)} does better on the target, and chance alone is an"
            " unlikely reason. Where there is nothing to gain, this is said by mistake at most"
            " about once in twenty audits.",
        ),
        (
            f"✗ {Verdict.HURTS}",
            f"{_with_it(result)} does worse on the target: it would have been better"
            " to do without. The same one in twenty holds.",
        ),
        (
            f"≈ {Verdict.NO_MATERIAL_EFFECT}",
            f"Better or worse by less than {margin}, which you said does not matter. This is a"
            " finding, not a lack of one.",
        ),
        (
            f"? {Verdict.NOT_ENOUGH_EVIDENCE}",
            f"It may help or hurt; there are too few {unit_of(result).noun}s to tell. This does not"
            " mean that there is no difference.",
        ),
        (
            "for information",
            "Shown for comparison, such as a model trained without any target row; nothing is"
            " claimed.",
        ),
    )


def what_to_do(result: AuditResult) -> Section:
    """Return the section."""
    blocks: list[Block] = [Bullets(recommendations(result), ordered=True)]
    arms = [arm for arm in result.arms if arm.outlook is not None]
    if arms:
        blocks.append(_outlooks(result, arms))
    blocks += _chosen(result)
    return Section("What to do", tuple(blocks))


def _outlooks(result: AuditResult, arms: list[ArmOutcome]) -> TableBlock:
    numbers, unit = numbers_for(result), one_line(result.metric_title)
    margin = f"{numbers.plain(result.margin)} {unit}"
    use = decide(result).use
    most = round(100 * MOST_COST[Policy.EXPECTED])
    return TableBlock(
        "What to expect of each arm beside the control, were it used from now on: the gap, drawn"
        " a little towards gaps as they usually are. Used is the arm with the largest expected"
        f" gain whose chance of costing more than {margin} is at most {most} %; one that was"
        " shown to help goes first.",
        ("arm", "expected", f"costs more than {margin}", f"gains more than {margin}", "in a word"),
        tuple(_policy_row(result, arm, use) for arm in arms),
    )


def _chosen(result: AuditResult) -> list[Block]:
    """Return what choosing among several arms does to the best gap."""
    decision = decide(result)
    gap = decision.gap
    if decision.use is None or gap is None or gap.n_candidates < 2 or result.withheld_by:
        return []
    numbers = numbers_for(result)
    text = (
        f"{quoted(decision.use)} was chosen among {counted(gap.n_candidates, 'arm')}, and the best"
        f" of several looks better than it is. It was measured at {numbers.signed(gap.estimate)};"
        f" {numbers.signed(gap.expected)} is expected of it, and with the choice allowed for its"
        f" gap lies in {numbers.interval(gap.low, gap.high)}."
    )
    return [Paragraph(text, "quiet")]


def _policy_row(result: AuditResult, arm: ArmOutcome, use: str | None) -> tuple[Cell, ...]:
    assert arm.outlook is not None
    expected = numbers_for(result).signed(arm.outlook.expected)
    return (
        Cell(named(arm.arm)),
        Cell(expected, whole=True),
        Cell(chance(arm.outlook.p_cost), whole=True),
        Cell(chance(arm.outlook.p_gain), whole=True),
        Cell("use" if arm.arm == use else _in_a_word(result, arm)),
    )


def _in_a_word(result: AuditResult, arm: ArmOutcome) -> str:
    if standing(result, arm) is Verdict.HURTS:
        return "leave out"
    if is_harmless(result, arm):
        return "safe to add: no cost that matters"
    assert arm.outlook is not None
    return "may cost" if arm.outlook.p_cost > MOST_COST[Policy.EXPECTED] else "open"
