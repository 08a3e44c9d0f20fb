"""What each repair gave back, as a table an arm."""

from __future__ import annotations

from transfergap.explaining import Explanation, RepairOutcome
from transfergap.explaining.explanation import Interval
from transfergap.report.blocks import Block, Cell, Fold, Paragraph, Table
from transfergap.report.names import named, one_line
from transfergap.report.numbers import Numbers, count, numbers_for
from transfergap.result import AuditResult

_FEW = 3
_HOW = (
    "Each repair takes one possible cause away and measures the gap again on the same folds: what"
    " it gives back is that cause's doing, as far as the interval tells. Less weight and new labels"
    " hold any harm down, so a cause of its own is preferred where it gives back nearly as much. A"
    " share is a cause's part of what the best repairs give back together (its Shapley value)."
)


def repair_blocks(result: AuditResult) -> tuple[Block, ...]:
    """Return a table for each arm that was looked at again; folded where they are many."""
    if not result.explanations:
        return ()
    titles = {finding.code: one_line(finding.title) for finding in result.findings}
    titles |= {check.code: one_line(check.title) for check in result.silent_checks}
    numbers = numbers_for(result)
    tables = tuple(_table(e, titles, numbers) for e in result.explanations)
    head = Paragraph(_HOW, "quiet")
    if len(tables) <= _FEW:
        return (head, *tables)
    n_more = len(tables) - _FEW
    return (head, *tables[:_FEW], Fold(f"{count(n_more)} more arms that were repaired",
                                       tables[_FEW:]))  # fmt: skip


def _table(explanation: Explanation, titles: dict[str, str], numbers: Numbers) -> Table:
    shared = any(outcome.share is not None for outcome in explanation.repairs)
    columns = ("repair", "tests for", "gives back", "gap then")
    return Table(
        f"Repairs of {named(explanation.arm)}, whose gap is {_said(explanation.harm, numbers)} on"
        " these folds",
        (*columns, "share") if shared else columns,
        tuple(_row(o, explanation, titles, numbers, shared) for o in explanation.repairs),
    )


def _row(
    outcome: RepairOutcome,
    explanation: Explanation,
    titles: dict[str, str],
    numbers: Numbers,
    shared: bool,
) -> tuple[Cell, ...]:
    title = titles.get(outcome.code, "")
    named_here = outcome.code in explanation.causes
    cells = (
        Cell(one_line(outcome.repair)),
        Cell(f"{title} ({outcome.code})" + (" ← named" if named_here else "")),
        Cell(_said(outcome.gain, numbers), whole=True),
        Cell(_said(outcome.after, numbers), whole=True),
    )
    if not shared:
        return cells
    return (
        *cells,
        Cell("" if outcome.share is None else _said(outcome.share, numbers), whole=True),
    )


def _said(value: Interval, numbers: Numbers) -> str:
    return f"{numbers.signed(value.estimate)} {numbers.interval(value.low, value.high)}"
