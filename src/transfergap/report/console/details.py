"""Details below the screen of a terminal: findings, curves, every arm."""

from __future__ import annotations

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.choice import (
    FEW_ARMS,
    RANKED_IN_A_TERMINAL,
    explanations,
    hidden_arms,
    is_subgroup_code,
    judged_arms,
    leak_findings,
    soundness_findings,
    subgroup_findings,
    weighty,
    with_verdict,
)
from transfergap.report.console.sheet import Sheet
from transfergap.report.console.verdict_table import table_lines
from transfergap.report.notes import notes
from transfergap.report.wording.metric_words import (
    SHORT,
    main_metrics,
    mark_of,
    metric_words,
    shown_metrics,
)
from transfergap.report.wording.names import columns, named, one_line, shortened
from transfergap.report.wording.numbers import count, counted, numbers_for, repair_words
from transfergap.report.wording.sentences import (
    Sentence,
    headline,
    question,
    setting,
    unsettled_notes,
)
from transfergap.stats.gap import Verdict

# The worst ones; the report lists all.
_MOST_SUBGROUPS = 4
# A screen; the report shows all.
_MOST_FINDINGS = 6
# Columns of a name, so that its numbers fit on the same line.
_LONGEST_SOURCE = 60


def write_why(
    sheet: Sheet, result: AuditResult, *, most_findings: int | None = _MOST_FINDINGS
) -> None:
    """Write the findings of weight; ``None`` writes all."""
    spoiling = (*leak_findings(result), *soundness_findings(result))
    _findings(sheet, result, "Can this be trusted?", weighty(spoiling), most_findings)
    reasons = weighty(explanations(result))
    _findings(sheet, result, _why_title(result, reasons), reasons, most_findings)
    _subgroups(sheet, result)
    write_curves(sheet, result)
    _sources(sheet, result)


def _subgroups(sheet: Sheet, result: AuditResult) -> None:
    """Write who is hurt: findings, then groups of arms that hurt."""
    findings = subgroup_findings(result)
    gaps = () if result.subgroups is None else result.subgroups.gaps
    named_arms = {finding.subject for finding in findings}
    hurt = [g for g in gaps if g.verdict is Verdict.HURTS and g.arm not in named_arms]
    _findings(sheet, result, "Who is hurt?", findings)
    if not hurt:
        return
    if not findings:
        sheet.blank()
        sheet.plain("Who is hurt?", "bold")
    numbers = numbers_for(result)
    for gap in hurt[:_MOST_SUBGROUPS]:
        rows = counted(gap.n_rows, "row")
        text = f"{named(gap.subgroup)} ({rows}) by {named(gap.arm)}: {numbers.gap(gap.gap)}"
        sheet.labelled("", [text])
    if len(hurt) > _MOST_SUBGROUPS:
        sheet.labelled("", [f"{count(len(hurt) - _MOST_SUBGROUPS)} more: see the report."])


def write_all(sheet: Sheet, result: AuditResult) -> None:
    """Write every judged arm, finding of weight, piece of advice and note."""
    _head(sheet, result)
    for line in table_lines(result, sheet.width, ascii=sheet.ascii):
        sheet.row(line.pieces)
    hidden = hidden_arms(result)
    if hidden:
        sheet.blank()
        sheet.plain(f"{counted(len(hidden), 'arm')} for information: see the report.")
    write_why(sheet, result, most_findings=None)
    _write_notes(sheet, result)
    sheet.blank()
    sheet.listed("Do", recommendations(result))
    note_lines = list(notes(result))
    if _settled(result):
        note_lines = [*unsettled_notes(result), *note_lines]
    sheet.listed("note", note_lines)


def _write_notes(sheet: Sheet, result: AuditResult) -> None:
    """Write the findings of little weight, one of each code."""
    by_code: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if finding.strength is Strength.NOTE and not is_subgroup_code(finding.code):
            by_code.setdefault(finding.code, []).append(finding)
    _findings(sheet, result, "Of little weight", tuple(few[0] for few in by_code.values()), None)
    more = [
        f"{count(len(few) - 1)} more of {one_line(code)}"
        for code, few in by_code.items()
        if len(few) > 1
    ]
    if more:
        sheet.labelled("", [f"{', '.join(more)}: see the report."])


def _head(sheet: Sheet, result: AuditResult) -> None:
    title, subtitle = sheet.encoded(question(result)), sheet.encoded(" · ".join(setting(result)))
    gap = sheet.width - 2 - columns(title) - columns(subtitle)
    if gap >= 2:
        sheet.row(((f" {title}", "bold"), (" " * gap, ""), (subtitle, "dim")))
    else:
        sheet.plain(title, "bold")
        sheet.plain(subtitle, "dim")
    sheet.blank()
    for sentence in _opening(result):
        sheet.marked(sentence)
    sheet.blank()


def _opening(result: AuditResult) -> tuple[Sentence, ...]:
    """Return the headline.

    Arms that are not settled wait for the notes if others are.
    """
    sentences = headline(result)
    if not _settled(result) or len(judged_arms(result)) > FEW_ARMS:
        return sentences
    return tuple(s for s in sentences if s.verdict is not Verdict.NOT_ENOUGH_EVIDENCE)


def _settled(result: AuditResult) -> bool:
    return any(
        with_verdict(result, verdict)
        for verdict in (Verdict.HELPS, Verdict.HURTS, Verdict.NO_MATERIAL_EFFECT)
    )


def _why_title(result: AuditResult, findings: tuple[Finding, ...]) -> str:
    """Return the title of causes, naming a single harmful source."""
    subjects = {finding.subject for finding in findings}
    hurting = {
        arm.sources[0] for arm in with_verdict(result, Verdict.HURTS) if len(arm.sources) == 1
    }
    if len(subjects) == 1 and subjects <= hurting:
        return f"Why {named(subjects.pop())} hurts"
    return "Why?"


def _sources(sheet: Sheet, result: AuditResult) -> None:
    """Write the most harmful and the most useful sources.

    Where there are several.
    """
    ranking = result.ranking
    if ranking is None or len(ranking.sources) < RANKED_IN_A_TERMINAL:
        return
    # Of both ends, without naming a source twice.
    n_listed = 3 if len(ranking.sources) > 5 else 2
    sheet.blank()
    sheet.plain(f"Which sources? Mean rank of {len(ranking.sources)}, 1 harms most", "bold")
    worst, best = ranking.sources[:n_listed], tuple(reversed(ranking.sources[-n_listed:]))
    for label, sources in (("worst", worst), ("best", best)):
        entries = [
            f"{shortened(named(s.source), _LONGEST_SOURCE)} {s.rank.estimate:.1f}"
            f" [{s.rank.low:.1f}, {s.rank.high:.1f}]"
            for s in sources
        ]
        sheet.labelled(label, ["; ".join(entries)])


def write_curves(sheet: Sheet, result: AuditResult) -> None:
    """Write the main metrics of learning curves, by arm."""
    gaps_by_arm = shown_metrics(result)
    if not gaps_by_arm:
        return
    sheet.blank()
    sheet.plain("How did they learn?", "bold")
    for arm, gaps in list(gaps_by_arm.items())[:FEW_ARMS]:
        entries = [
            f"{SHORT[m]} {metric_words(result, gaps[m])} {mark_of(gaps[m])}".strip()
            for m in main_metrics(result)
            if m in gaps and gaps[m].gap is not None
        ]
        sheet.hung(f"{shortened(named(arm), _LONGEST_SOURCE)}: ", "; ".join(entries) + ".")
    if len(gaps_by_arm) > FEW_ARMS:
        sheet.plain(f"{counted(len(gaps_by_arm) - FEW_ARMS, 'more arm')}: see the report.")


def _findings(
    sheet: Sheet,
    result: AuditResult,
    title: str,
    findings: tuple[Finding, ...],
    limit: int | None = _MOST_FINDINGS,
) -> None:
    if not findings:
        return
    numbers = numbers_for(result)
    sheet.blank()
    sheet.plain(title, "bold")
    for finding in findings[:limit]:
        message, subject = one_line(finding.says), named(finding.subject)
        # The subject is named once: in the message, the title, or in brackets.
        about = "" if subject in message or subject in title else f" ({subject})"
        text = f"{one_line(finding.title)}{about}: {message}"
        repair = repair_words(finding, numbers)
        sheet.labelled(one_line(finding.code), [f"{text}  {repair}" if repair else text])
    if limit is not None and len(findings) > limit:
        remainder = counted(len(findings) - limit, "more finding")
        sheet.labelled("", [f"{remainder}: see the report."])
