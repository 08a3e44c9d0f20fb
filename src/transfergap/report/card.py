"""An audit, and its findings, as cards for a notebook."""

from __future__ import annotations

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.notebook_card import Card, CardRow, Span, card_html
from transfergap.report.brief import TONES, ArmLine, brief_of
from transfergap.report.choice import MANY_ARMS, judged_arms
from transfergap.report.figures.drawing import whole_span
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import EMPTY_CELL, counted, level, numbers_for

_LARGEST_PAGE = 500_000  # letters: what a page promises; a larger one would swell the notebook
_STRENGTH_TONES = {Strength.STRONG: "hurts", Strength.MODERATE: "open", Strength.NOTE: "plain"}


def audit_card(result: AuditResult) -> str:
    """Return a card of an audit, with its page folded below."""
    from transfergap.report.html import render_html

    page = render_html(result)
    return card_html(card_of(result), page=page if len(page) <= _LARGEST_PAGE else "")


def card_of(result: AuditResult) -> Card:
    """Return the card of an audit: its brief."""
    brief = brief_of(result, most_lines=MANY_ARMS)
    more = [f"{brief.remainder}: `result.to_frame()`"] if brief.remainder else []
    # A card is small: the most urgent fault, and how many there are besides.
    faults = [f"First: {f.fault} {f.fix} {f.code}" for f in brief.faults[:1]]
    n_more = len(brief.faults[1:]) + brief.n_faults_more
    more += [f"and {counted(n_more, 'more fault')}: `result.findings`"] * bool(n_more)
    return Card(
        title=brief.sentence,
        setting=" · ".join(brief.setting),
        notes=tuple(faults),
        columns=("", f"adds [{level(result)} interval]", "in a word"),
        rows=tuple(_row(result, line) for line in brief.lines),
        advice=brief.actions,
        footnotes=(*more, *brief.remarks),
    )


def _row(result: AuditResult, line: ArmLine) -> CardRow:
    gap = EMPTY_CELL if line.arm.gap is None else numbers_for(result).gap(line.arm.gap)
    tone = "plain" if line.light is None else TONES[line.light]
    return CardRow((line.label, gap, line.words), line.mark, tone, _span(result, line.arm))


def _span(result: AuditResult, arm: ArmOutcome) -> Span | None:
    if arm.gap is None:
        return None
    axis = whole_span(result, judged_arms(result))

    def place(gap: float) -> float:
        share = (gap - axis.low) / (axis.high - axis.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    return Span(place(0.0), place(arm.gap.low), place(arm.gap.estimate), place(arm.gap.high))


class Findings(tuple[Finding, ...]):
    """Findings that show themselves as text, or as a card.

    Examples
    --------
    >>> Findings([Finding("TG101", "copies", "b", Strength.STRONG, "3 rows are copies.", "None.")])
    TG101 copies (b, strong): 3 rows are copies. None.
    """

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) if self else "no findings"

    def _repr_html_(self) -> str:
        return findings_card(self)


def findings_card(findings: tuple[Finding, ...]) -> str:
    """Return a card with a line a finding."""
    if not findings:
        return card_html(Card("No findings"))
    n_strong = sum(finding.strength is Strength.STRONG for finding in findings)
    strong = f", {n_strong} of them strong" if n_strong else ""
    return card_html(
        Card(
            title=f"{counted(len(findings), 'finding')}{strong}",
            columns=("finding", "about", "what it says", "what to do"),
            rows=tuple(_finding_row(finding) for finding in findings),
            footnotes=("`transfergap explain TG101` prints the page of a code",),
        )
    )


def _finding_row(finding: Finding) -> CardRow:
    heading = f"{finding.code} {one_line(finding.title)}"
    cells = (heading, named(finding.subject), one_line(finding.says), one_line(finding.fix))
    mark = "!" if finding.strength is Strength.STRONG else "·"
    return CardRow(cells, mark, _STRENGTH_TONES[finding.strength])
