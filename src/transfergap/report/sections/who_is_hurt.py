"""Section: who is hurt? Gaps by subgroup, and error rates."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.analysis.subgroups.gaps import ErrorRate, SubgroupGap, Subgroups
from transfergap.report.blocks import TONES, Block, Bullets, Cell, Fold, Heading, Paragraph
from transfergap.report.blocks import Section as SectionBlock
from transfergap.report.blocks import Table as TableBlock
from transfergap.report.choice import MARKS, subgroup_findings
from transfergap.report.sections.trust import finding_blocks
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import count, counted, level, numbers_for, probability
from transfergap.stats.gap import Verdict

# Rows of an open table, and of a folded one; the result holds all.
_MOST_OPEN, _MOST_FOLDED = 8, 60


def who_is_hurt(result: AuditResult) -> SectionBlock | None:
    """Return the section; ``None`` where nothing was looked at."""
    subgroups = result.subgroups
    if subgroups is None:
        return None
    blocks: list[Block] = [Paragraph(subgroup_sentence(subgroups))]
    blocks += finding_blocks(subgroup_findings(result), numbers_for(result))
    if subgroups.gaps:
        blocks.append(_table(result, subgroups.gaps[:_MOST_OPEN]))
        folded_gaps = subgroups.gaps[_MOST_OPEN:]
        if folded_gaps:
            title = f"The other {counted(len(folded_gaps), 'look')}{_first(len(folded_gaps))}"
            blocks.append(Fold(title, (_table(result, folded_gaps[:_MOST_FOLDED]),)))
    blocks += _errors(result, subgroups)
    if subgroups.too_small:
        groups = ", ".join(
            f"{named(small.subgroup)} ({counted(small.n_rows, 'row')})"
            for small in subgroups.too_small
        )
        blocks.append(Paragraph(f"Too small to be judged, so nothing is known of: {groups}."))
    if subgroups.notes:
        blocks.append(Bullets(tuple(one_line(note) for note in subgroups.notes)))
    return SectionBlock("Who is hurt?", tuple(blocks))


def subgroup_sentence(subgroups: Subgroups) -> str:
    """Return a sentence on the subgroups and their verdicts."""
    if not subgroups.gaps:
        return "No subgroup could be judged."
    hurt = sum(gap.verdict is Verdict.HURTS for gap in subgroups.gaps)
    arms, groups = (
        {getattr(gap, field) for gap in subgroups.gaps} for field in ("arm", "subgroup")
    )
    scope = f"{counted(len(arms), 'arm')} in {counted(len(groups), 'subgroup')}"
    how = ", found in one half of the rows and judged in the other" if subgroups.found else ""
    outcome = "none shows harm" if not hurt else f"{count(hurt)} of them {_shows(hurt)} harm"
    return (
        f"{counted(len(subgroups.gaps), 'look')} below the average ({scope}{how}): {outcome},"
        " corrected for all of these looks."
    )


def _first(n: int) -> str:
    """Return that a long table is cut; the JSON has it all."""
    return f", the first {_MOST_FOLDED}" if n > _MOST_FOLDED else ""


def _shows(n: int) -> str:
    return "shows" if n == 1 else "show"


def _table(result: AuditResult, gaps: tuple[SubgroupGap, ...]) -> TableBlock:
    columns = ("subgroup", "arm", f"gap [{level(result)} interval]", "p hurts", "verdict")
    return TableBlock(
        "Worst first. The interval is that of one look; p-value and verdict are corrected for all"
        " looks (Holm).",
        columns,
        tuple(_row(result, gap) for gap in gaps),
    )


def _row(result: AuditResult, comparison: SubgroupGap) -> tuple[Cell, ...]:
    verdict = comparison.verdict
    return (
        Cell(f"{named(comparison.subgroup)} ({counted(comparison.n_rows, 'row')})"),
        Cell(named(comparison.arm)),
        Cell(numbers_for(result).gap(comparison.gap), whole=True),
        Cell(probability(comparison.p_hurts)),
        Cell(str(verdict), MARKS[verdict], TONES[verdict], whole=True),
    )


def _errors(result: AuditResult, subgroups: Subgroups) -> list[Block]:
    rows = [_error(arm.arm, rate) for arm in subgroups.overall for rate in arm.errors]
    if not rows:
        return []
    blocks: list[Block] = [Heading("Errors of each kind"), _error_table(result, rows[:_MOST_OPEN])]
    if len(rows) > _MOST_OPEN:
        blocks.append(
            Fold(
                "Errors with the other arms", (_error_table(result, rows[_MOST_OPEN:_MOST_FOLDED]),)
            )
        )
    below = [
        (Cell(named(gap.subgroup)), *_error(gap.arm, rate))
        for gap in subgroups.gaps
        for rate in gap.errors
    ]
    if below:
        table = _error_table(result, below[:_MOST_FOLDED], "subgroup")
        title = f"Errors of each kind, by subgroup{_first(len(below))}"
        blocks.append(Fold(title, (table,)))
    return blocks


def _error_table(result: AuditResult, rows: list[tuple[Cell, ...]], *first: str) -> TableBlock:
    change = f"fewer errors [{level(result)} interval]"
    return TableBlock(
        "Of the rows of each class, the share that is told wrong, and by how many points of a"
        " hundred the arm lowers it: below zero, it makes more such errors. These intervals are"
        " not corrected for the number of looks.",
        (*first, "arm", "error", "rows", "control", "with arm", change),
        tuple(rows),
    )


def _error(arm: str, rate: ErrorRate) -> tuple[Cell, ...]:
    change = f"{_points(rate.gain)} [{_points(rate.low)}, {_points(rate.high)}]"
    return (
        Cell(named(arm)),
        Cell(f"{rate.kind} ({named(rate.label)})"),
        Cell(count(rate.n_rows)),
        Cell(f"{100 * rate.control_rate:.1f} %", whole=True),
        Cell(f"{100 * rate.arm_rate:.1f} %", whole=True),
        Cell(change, whole=True),
    )


def _points(share: float) -> str:
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"{sign}{100 * abs(share):.1f}"
