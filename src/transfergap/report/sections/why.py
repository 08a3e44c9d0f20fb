"""Section: why? Findings about the data, with how much they weigh."""

from __future__ import annotations

from transfergap.analysis.checks.finding import Strength
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, Fold, Paragraph, Section
from transfergap.report.choice import explanations
from transfergap.report.numbers import counted, numbers_for
from transfergap.report.sections.findings import finding_blocks
from transfergap.report.sections.repairs import repair_blocks

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
