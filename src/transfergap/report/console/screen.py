"""Result in a terminal: 88 columns, the answer first, next command last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from transfergap.analysis.result import AuditResult
from transfergap.report.brief import MARKS as MARKS_OF_LIGHTS
from transfergap.report.brief import Brief, brief_of, with_fewer_faults
from transfergap.report.console.details import write_all, write_curves, write_why
from transfergap.report.console.sheet import Sheet
from transfergap.report.console.verdict_table import LIGHT_STYLES, brief_lines
from transfergap.report.wording.names import abridged
from transfergap.report.wording.numbers import count

# Columns: longer lines of prose are hard to read, and most terminals are wider.
WIDTH = 88
# Columns: below it the verdict table cannot be laid out.
_NARROWEST = 48
# Lines of one screen that hold something: what fits above the fold of a small terminal.
_SCREEN = 14
_MOST_LINES, _FEWEST_LINES = 8, 3
# Letters of a fault, and of its remedy; the page has them whole.
_LONGEST_FAULT = 150
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
    sheet = Sheet(min(max(width, _NARROWEST), WIDTH), ascii=ascii, color=color)
    if detail == "all":
        write_all(sheet, result)
    else:
        _brief(sheet, result, n_below=bool(places) + (next_line is not None))
        if detail == "why":
            write_why(sheet, result)
        else:
            write_curves(sheet, result)
    if next_line is not None:
        sheet.labelled("next", [next_line])
    if places:
        sheet.plain(" · ".join(places), "dim")
    return sheet.text()


def _brief(sheet: Sheet, result: AuditResult, *, n_below: int) -> None:
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
    brief = replace(
        brief_of(result, most_lines=n_rows), faults=brief.faults, n_faults_more=brief.n_faults_more
    )
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


def _height(sheet: Sheet, brief: Brief) -> int:
    """Return how many lines all but the arms take."""
    trial = Sheet(sheet.width, ascii=sheet.ascii, color=False)
    _answer(trial, brief)
    _faults(trial, brief)
    for remark in brief.remarks:
        trial.plain(remark)
    _actions(trial, brief)
    return trial.n_lines()


def _answer(sheet: Sheet, brief: Brief) -> None:
    style = "bold" if brief.light is None else f"bold {LIGHT_STYLES[brief.light]}"
    mark = "" if brief.light is None else MARKS_OF_LIGHTS[brief.light]
    sheet.beside(mark, brief.sentence, style)
    sheet.plain(" · ".join(brief.setting), "dim")


def _faults(sheet: Sheet, brief: Brief) -> None:
    for i, fault in enumerate(brief.faults):
        effect = f" ({fault.effect})" if fault.effect else ""
        text = f"{abridged(fault.fault, _LONGEST_FAULT)}{effect}"
        # A command is typed as a whole.
        fix = fault.fix if "--" in fault.fix else abridged(fault.fix, _LONGEST_FAULT)
        text += f" → {fix}"
        sheet.tagged("First" if i == 0 else "", text, fault.code)
    if brief.n_faults_more:
        sheet.tagged("", f"and {count(brief.n_faults_more)} more: --why", "")


def _actions(sheet: Sheet, brief: Brief) -> None:
    several = len(brief.actions) > 1
    for i, action in enumerate(brief.actions, 1):
        sheet.numbered("Do" if i == 1 else "", f"{i} " if several else "", action)
