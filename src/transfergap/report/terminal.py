"""Result in a terminal: 88 columns, the answer first, next command last."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from transfergap.analysis.checks.check import Finding
from transfergap.analysis.result import AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.brief import MARKS as MARKS_OF_LIGHTS
from transfergap.report.brief import Brief, brief_of, with_fewer_faults
from transfergap.report.choice import (
    FEW_ARMS,
    MARKS,
    RANKED_IN_A_TERMINAL,
    explanations,
    hidden_arms,
    judged_arms,
    leak_findings,
    soundness_findings,
    subgroup_findings,
    weighty,
    with_verdict,
)
from transfergap.report.metric_words import (
    SHORT,
    main_metrics,
    mark_of,
    metric_words,
    shown_metrics,
)
from transfergap.report.names import columns, in_ascii, named, one_line, shortened
from transfergap.report.notes import notes
from transfergap.report.numbers import count, counted, numbers_for, repair_words
from transfergap.report.sentences import Sentence, headline, question, setting, unsettled_notes
from transfergap.report.verdict_table import LIGHT_STYLES, STYLES, brief_lines, table_lines
from transfergap.stats.gap import Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Columns: longer lines of prose are hard to read, and most terminals are wider.
WIDTH = 88
# Columns: below it the verdict table cannot be laid out.
_NARROWEST = 48
# Lines of one screen that hold something: what fits above the fold of a small terminal.
_SCREEN = 14
_MOST_LINES, _FEWEST_LINES = 8, 3
# Letters of a fault, and of its remedy; the page has them whole.
_LONGEST_FAULT = 150
# The worst ones; the report lists all.
_MOST_SUBGROUPS = 4
# A screen; the report shows all.
_MOST_FINDINGS = 6
# Columns of labels, such as TG101, with a blank on either side.
_INDENT = 8
# Columns of a name, so that its numbers fit on the same line.
_LONGEST_SOURCE = 60


Detail = Literal["brief", "why", "all"]


def render_terminal(
    result: AuditResult,
    *,
    width: int = WIDTH,
    ascii: bool = False,
    color: bool = True,
    detail: Detail = "brief",
    next_line: str | None = None,
    places: Sequence[str] = (),
) -> str:
    """Return a result as text for a terminal, ending with a newline.

    Parameters
    ----------
    result : AuditResult
    width : int
        Columns; more than 88 are not used, and fewer than 48 are taken for 48.
    ascii : bool
        Whether to use ASCII alone.
    color : bool
        Whether to add ANSI colours; marks and words say the same.
    detail : {"brief", "why", "all"}
        One screen; with faults, causes and harmed groups below it; or every arm and note.
    next_line : str, optional
        What to type next.
    places : sequence of str
        Where more is to be seen: files and commands.
    """
    sheet = _Sheet(min(max(width, _NARROWEST), WIDTH), ascii=ascii, color=color)
    if detail == "all":
        _all(sheet, result)
    else:
        _brief(sheet, result, n_below=bool(places) + (next_line is not None))
        if detail == "why":
            _why(sheet, result)
        else:
            _curves(sheet, result)
    if next_line is not None:
        sheet.labelled("next", [next_line])
    if places:
        sheet.plain(" · ".join(places), "dim")
    return sheet.text()


def _brief(sheet: _Sheet, result: AuditResult, *, n_below: int) -> None:
    """Write the answer, faults, arms and actions on one screen.

    Lines of arms give way where the other parts are long.
    """
    brief = brief_of(result, most_lines=_MOST_LINES)
    # With the header of the table and the lines that follow.
    n_used = 1 + n_below + _height(sheet, brief)
    while len(brief.faults) > 1 and n_used + _FEWEST_LINES > _SCREEN:
        brief = with_fewer_faults(brief)
        n_used = 1 + n_below + _height(sheet, brief)
    n_rows = min(max(_SCREEN - n_used, _FEWEST_LINES), _MOST_LINES)
    brief = replace(brief_of(result, most_lines=n_rows), faults=brief.faults,
                    n_faults_more=brief.n_faults_more)  # fmt: skip
    _answer(sheet, brief)
    sheet.blank()
    if brief.faults:
        _faults(sheet, brief)
        sheet.blank()
    if brief.lines:
        for line in brief_lines(result, brief.lines, sheet.width, ascii=sheet.ascii):
            sheet.row(line.pieces)
        if brief.remainder:
            sheet.plain(brief.remainder, "dim")
    for remark in brief.remarks:
        sheet.plain(remark, "dim")
    sheet.blank()
    _actions(sheet, brief)


def _height(sheet: _Sheet, brief: Brief) -> int:
    """Return how many lines all but the arms take."""
    trial = _Sheet(sheet.width, ascii=sheet.ascii, color=False)
    _answer(trial, brief)
    _faults(trial, brief)
    for remark in brief.remarks:
        trial.plain(remark)
    _actions(trial, brief)
    return trial.n_lines()


def _answer(sheet: _Sheet, brief: Brief) -> None:
    style = "bold" if brief.light is None else f"bold {LIGHT_STYLES[brief.light]}"
    mark = "" if brief.light is None else MARKS_OF_LIGHTS[brief.light]
    sheet.beside(mark, brief.sentence, style)
    sheet.plain(" · ".join(brief.setting), "dim")


def _faults(sheet: _Sheet, brief: Brief) -> None:
    for i, fault in enumerate(brief.faults):
        effect = f" ({fault.effect})" if fault.effect else ""
        text = f"{shortened(fault.fault, _LONGEST_FAULT)}{effect}"
        text += f" → {shortened(fault.fix, _LONGEST_FAULT)}"
        sheet.tagged("First" if i == 0 else "", text, fault.code)
    if brief.n_faults_more:
        sheet.tagged("", f"and {count(brief.n_faults_more)} more: --why", "")


def _actions(sheet: _Sheet, brief: Brief) -> None:
    several = len(brief.actions) > 1
    for i, action in enumerate(brief.actions, 1):
        sheet.numbered("Do" if i == 1 else "", f"{i} " if several else "", action)


def _why(sheet: _Sheet, result: AuditResult) -> None:
    """Write the findings by what they tell."""
    spoiling = (*leak_findings(result), *soundness_findings(result))
    _findings(sheet, result, "Can this be trusted?", weighty(spoiling))
    reasons = weighty(explanations(result))
    _findings(sheet, result, _why_title(result, reasons), reasons)
    _subgroups(sheet, result)
    _curves(sheet, result)
    _sources(sheet, result)


def _subgroups(sheet: _Sheet, result: AuditResult) -> None:
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


def _all(sheet: _Sheet, result: AuditResult) -> None:
    """Write every arm, finding, piece of advice and note."""
    _head(sheet, result)
    for line in table_lines(result, sheet.width, ascii=sheet.ascii):
        sheet.row(line.pieces)
    hidden = hidden_arms(result)
    if hidden:
        sheet.blank()
        sheet.plain(f"{counted(len(hidden), 'arm')} for information: see the report.")
    _why(sheet, result)
    sheet.blank()
    sheet.listed("Do", recommendations(result))
    note_lines = list(notes(result))
    if _settled(result):
        note_lines = [*unsettled_notes(result), *note_lines]
    sheet.listed("note", note_lines)


class _Sheet:
    """Collects lines of at most ``width`` columns."""

    def __init__(self, width: int, *, ascii: bool, color: bool) -> None:
        from rich.console import Console

        self.width, self.ascii = width, ascii
        self._file = io.StringIO()
        # Nothing is read from the environment: the same result gives the same text everywhere.
        self._console: Console = Console(
            file=self._file,
            width=width,
            force_terminal=color,
            force_jupyter=False,
            color_system="standard" if color else None,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    def text(self) -> str:
        """Return all lines."""
        lines = self._file.getvalue().split("\n")
        return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"

    def blank(self) -> None:
        """Write an empty line."""
        self._console.print()

    def n_lines(self) -> int:
        """Return how many lines hold something."""
        return sum(bool(line.strip()) for line in self._file.getvalue().split("\n"))

    def beside(self, mark: str, text: str, style: str) -> None:
        """Write a paragraph with a mark before it."""
        from rich.text import Text

        head = Text(f" {self.encoded(mark)} " if mark else " ", style)
        self._hanging(head, Text(self.encoded(text), "bold"))

    def tagged(self, label: str, text: str, tag: str) -> None:
        """Write a sentence beside a label, its tag last."""
        from rich.text import Text

        body = Text(self.encoded(text)).append(f"  {tag}" if tag else "", "dim")
        self._hanging(Text(f" {label:<{_INDENT - 1}}", "bold"), body)

    def numbered(self, label: str, number: str, text: str) -> None:
        """Write a sentence beside a label and its number."""
        from rich.text import Text

        head = Text(f" {label:<{_INDENT - 1}}", "bold").append(number)
        self._hanging(head, Text(self.encoded(text)))

    def row(self, pieces: Iterable[tuple[str, str]]) -> None:
        """Write one line of styled pieces that fits already."""
        from rich.text import Text

        line = Text(no_wrap=True)
        for piece, style in pieces:
            line.append(self.encoded(piece), style)
        line.rstrip()
        self._console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)

    def plain(self, text: str, style: str = "") -> None:
        """Write a paragraph."""
        from rich.text import Text

        self._hanging(Text(" "), Text(self.encoded(text), style))

    def hung(self, head: str, text: str) -> None:
        """Write a paragraph that starts with a name.

        Its further lines are indented a little.
        """
        from rich.text import Text

        # Room for the indent of further lines.
        lines = Text(self.encoded(head + text)).wrap(self._console, self.width - 5)
        for i, line in enumerate(lines):
            line.rstrip()
            self._console.print(" " if i == 0 else "    ", line, sep="", end="\n", soft_wrap=True)

    def labelled(self, label: str, sentences: Iterable[str]) -> None:
        """Write sentences beside a label, each with hanging indent."""
        from rich.text import Text

        for i, sentence in enumerate(sentences):
            head = Text(f" {label if i == 0 else '':<{_INDENT - 1}}", "bold")
            self._hanging(head, Text(self.encoded(sentence)))

    def listed(self, label: str, sentences: Sequence[str]) -> None:
        """Write sentences beside a label, dashed if several."""
        from rich.text import Text

        dash = "- " if len(sentences) > 1 else ""
        for i, sentence in enumerate(sentences):
            head = Text(f" {label if i == 0 else '':<{_INDENT - 1}}", "bold")
            self._hanging(head.append(dash), Text(self.encoded(sentence)))

    def marked(self, sentence: Sentence) -> None:
        """Write a sentence with the mark of its verdict."""
        from rich.text import Text

        style = "bold" if sentence.verdict is None else STYLES[sentence.verdict]
        mark = "" if sentence.verdict is None else MARKS[sentence.verdict]
        body = Text(self.encoded(sentence.before))
        body.append(self.encoded(sentence.claim), style)
        body.append(self.encoded(sentence.after))
        self._hanging(Text(f" {self.encoded(mark)} " if mark else " ", style), body)

    def _hanging(self, head: Text, body: Text) -> None:
        indent = columns(head.plain)
        lines = body.wrap(self._console, self.width - indent)
        for i, line in enumerate(lines):
            line.rstrip()
            start = head if i == 0 else " " * indent
            self._console.print(start, line, sep="", end="\n", soft_wrap=True)

    def encoded(self, text: str) -> str:
        """Return ``text`` as it may be shown."""
        return in_ascii(text) if self.ascii else text


def _head(sheet: _Sheet, result: AuditResult) -> None:
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


def _sources(sheet: _Sheet, result: AuditResult) -> None:
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


def _curves(sheet: _Sheet, result: AuditResult) -> None:
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
    sheet: _Sheet, result: AuditResult, title: str, findings: tuple[Finding, ...]
) -> None:
    if not findings:
        return
    numbers = numbers_for(result)
    sheet.blank()
    sheet.plain(title, "bold")
    for finding in findings[:_MOST_FINDINGS]:
        message, subject = one_line(finding.says), named(finding.subject)
        # The subject is named once: in the message, the title, or in brackets.
        about = "" if subject in message or subject in title else f" ({subject})"
        text = f"{one_line(finding.title)}{about}: {message}"
        repair = repair_words(finding, numbers)
        sheet.labelled(one_line(finding.code), [f"{text}  {repair}" if repair else text])
    if len(findings) > _MOST_FINDINGS:
        remainder = counted(len(findings) - _MOST_FINDINGS, "more finding")
        sheet.labelled("", [f"{remainder}: see the report."])
