"""Section: what to do."""

from __future__ import annotations

from transfergap.analysis.decision import MOST_COST, Policy, decide, is_harmless, standing
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.blocks import Block, Bullets, Cell, Section
from transfergap.report.blocks import Table as TableBlock
from transfergap.report.names import named, one_line
from transfergap.report.numbers import chance, numbers_for
from transfergap.stats.gap import Verdict


def what_to_do(result: AuditResult) -> Section:
    """Return the section."""
    blocks: list[Block] = [Bullets(recommendations(result), ordered=True)]
    arms = [arm for arm in result.arms if arm.outlook is not None]
    if arms:
        blocks.append(_outlooks(result, arms))
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
        tuple(_row(result, arm, use) for arm in arms),
    )


def _row(result: AuditResult, arm: ArmOutcome, use: str | None) -> tuple[Cell, ...]:
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
