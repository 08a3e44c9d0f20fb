"""Section of causes, and the repairs that tell them."""

from __future__ import annotations

from transfergap.analysis.checks.check import Strength
from transfergap.analysis.repairs import Explanation, RepairOutcome
from transfergap.analysis.repairs.explanation import Interval
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, Cell, Fold, Heading, Paragraph, Section, Table
from transfergap.report.choice import explanations
from transfergap.report.sections.trust import finding_blocks
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import Numbers, counted, numbers_for

# Tables open on the page; further ones are folded.
_FEW = 3
_HOW = (
    "Each repair takes one possible cause away and measures the gap again on the same folds: what"
    " it gives back is that cause's doing, as far as the interval tells. Less weight and new labels"
    " hold any harm down, so a cause of its own is preferred where it gives back nearly as much. A"
    " share is a cause's part of what the best repairs give back together. An arrow marks the cause"
    " that is named."
)


def repair_blocks(result: AuditResult) -> tuple[Block, ...]:
    """Return a table of repairs for each explained arm.

    Folded where no cause was named.
    """
    if not result.explanations:
        return ()
    titles = {finding.code: one_line(finding.title) for finding in result.findings}
    titles |= {check.code: one_line(check.title) for check in result.silent_checks}
    numbers = numbers_for(result)
    explained = [e for e in result.explanations if e.causes]
    open_ones = [e for e in result.explanations if not e.causes]
    blocks: list[Block] = [Paragraph(_HOW, "quiet")]
    for explanation in explained[:_FEW]:
        blocks += _table(explanation, titles, numbers)
    for more, ending in (
        (explained[_FEW:], "that got a cause too"),
        (open_ones, "without a cause"),
    ):
        if more:
            inside = tuple(block for e in more for block in _table(e, titles, numbers))
            blocks.append(Fold(f"Repairs of {counted(len(more), 'arm')} {ending}", inside))
    return tuple(blocks)


def _table(explanation: Explanation, titles: dict[str, str], numbers: Numbers) -> tuple[Block, ...]:
    shared = any(outcome.share is not None for outcome in explanation.repairs)
    columns = ("repair, and what it tests for", "gives back", "gap then")
    return (
        Heading(f"Repairs of {named(explanation.arm)}"),
        Table(
            f"The gap without a repair is {_estimate_text(explanation.harm, numbers)} on these"
            " folds.",
            (*columns, "share") if shared else columns,
            tuple(_row(o, explanation, titles, numbers, shared) for o in explanation.repairs),
        ),
    )


def _row(
    outcome: RepairOutcome,
    explanation: Explanation,
    titles: dict[str, str],
    numbers: Numbers,
    shared: bool,
) -> tuple[Cell, ...]:
    mark = "→ " if outcome.code in explanation.causes else ""
    label = f"{mark}{one_line(outcome.repair)} ({outcome.code} {titles.get(outcome.code, '')})"
    cells = (
        Cell(label),
        Cell(_estimate_text(outcome.gain, numbers), whole=True),
        Cell(_estimate_text(outcome.after, numbers), whole=True),
    )
    if not shared:
        return cells
    return (
        *cells,
        Cell("" if outcome.share is None else _estimate_text(outcome.share, numbers), whole=True),
    )


def _estimate_text(value: Interval, numbers: Numbers) -> str:
    return f"{numbers.signed(value.estimate)} {numbers.interval(value.low, value.high)}"


# Notes shown open; more are folded.
_FEW_NOTES = 3


def why(result: AuditResult) -> Section | None:
    """Return the section; ``None`` where nothing was found."""
    findings = explanations(result)
    repairs = repair_blocks(result)
    if not findings and not repairs:
        return None
    numbers = numbers_for(result)
    heavy = [f for f in findings if f.strength is not Strength.NOTE]
    notes = [f for f in findings if f.strength is Strength.NOTE]
    blocks: list[Block] = [
        Paragraph(
            "Causes were tested by repairing them where it says what repairing gave back. All"
            " else are differences between the data: associations, not causes.",
            "quiet",
        )
    ]
    blocks += finding_blocks(heavy, numbers)
    blocks += repairs
    if notes and len(notes) <= _FEW_NOTES:
        blocks += finding_blocks(notes, numbers)
    elif notes:
        folded: tuple[Block, ...] = finding_blocks(notes, numbers)
        blocks.append(Fold(f"{counted(len(notes), 'note')} of little weight", folded))
    return Section("Why?", tuple(blocks))
