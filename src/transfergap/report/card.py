"""An audit, and its findings, as cards for a notebook."""

from __future__ import annotations

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.notebook_card import Card, CardRow, Span, card_html
from transfergap.report.advice import recommendations
from transfergap.report.blocks import TONES
from transfergap.report.choice import MANY_ARMS, control_of, judged_arms, verdict_words
from transfergap.report.drawing import whole_span
from transfergap.report.names import named, one_line
from transfergap.report.numbers import EMPTY_CELL, counted, level, numbers_for
from transfergap.report.sentences import arm_label, setting
from transfergap.report.summary import title_of

_LARGEST_PAGE = 500_000  # letters: what a page promises; a larger one would swell the notebook
_MOST_CODES = 6  # named in one line
_CHOICES = ("Use ", "No gain is proven.", "Stay ")  # how advice on an arm starts
_STRENGTH_TONES = {Strength.STRONG: "hurts", Strength.MODERATE: "open", Strength.NOTE: "plain"}


def audit_card(result: AuditResult) -> str:
    """Return a card of an audit, with its page folded below."""
    from transfergap.report.html import render_html

    page = render_html(result)
    return card_html(card_of(result), page=page if len(page) <= _LARGEST_PAGE else "")


def card_of(result: AuditResult) -> Card:
    """Return the card of an audit, with one line a judged arm."""
    arms = judged_arms(result)
    rows = tuple(_row(result, arm) for arm in arms[:MANY_ARMS])
    more = len(arms) - len(rows)
    footnotes = [f"and {counted(more, 'more arm')}: `result.to_frame()`"] if more else []
    strong = dict.fromkeys(f.code for f in result.findings if f.strength is Strength.STRONG)
    if strong:
        codes = ", ".join(f"`{code}`" for code in list(strong)[:_MOST_CODES])
        footnotes.append(f"Strong findings: {codes} (`result.findings`)")
    return Card(
        title=title_of(result),
        setting=" · ".join((named(result.target.name), *setting(result), *_control(result))),
        columns=("arm", f"gap [{level(result)} interval]", "verdict"),
        rows=rows,
        advice=_advice(result),
        footnotes=tuple(footnotes),
    )


def _advice(result: AuditResult) -> tuple[str, ...]:
    """Return what comes first, and the choice of an arm."""
    advice = recommendations(result)
    choice = [line for line in advice if line.startswith(_CHOICES)][:1]
    return tuple(dict.fromkeys([*advice[:1], *choice]))


def _control(result: AuditResult) -> tuple[str, ...]:
    control = control_of(result)
    if control is None or control.score is None:
        return ()
    return (f"{named(control.arm)} {numbers_for(result).plain(control.score)}",)


def _row(result: AuditResult, arm: ArmOutcome) -> CardRow:
    mark, words = verdict_words(result, arm)
    tone = "plain" if arm.verdict is None else TONES[arm.verdict]
    gap = EMPTY_CELL if arm.gap is None else numbers_for(result).gap(arm.gap)
    return CardRow((arm_label(arm), gap, words), mark, tone, _span(result, arm))


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
