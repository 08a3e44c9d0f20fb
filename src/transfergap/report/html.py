"""A result as a page."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from transfergap.analysis.result import AuditResult
from transfergap.experiment.design import SAFE
from transfergap.report.brief import MARKS as LIGHT_MARKS
from transfergap.report.brief import TONES as LIGHT_TONES
from transfergap.report.brief import ArmLine, Brief, Fault, brief_of
from transfergap.report.choice import (
    MANY_ARMS,
    is_leak_code,
    is_soundness_code,
    is_subgroup_code,
)
from transfergap.report.json import result_to_json
from transfergap.report.sections import Tab, visible_tabs
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import EMPTY_CELL, counted, level, numbers_for, of_people
from transfergap.report.wording.sentences import question

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# Below the lights: what the name stands for.
_SAFE = (
    "safe: a model of transfergap that takes from each source only what the target's rows back; its"
    " line tells what other data add to it."
)
_TEMPLATES = Path(__file__).with_name("templates")
# Letters of base64: a larger result is left out of the page, which must fit an e-mail.
_LARGEST_JSON = 120_000
# After a joint of a name, and before a letter: there a browser may break it.
# Not within a number.
_JOINT = re.compile(r"(?<=[_/:-])(?=[^\s_/.:-])|(?<=\.)(?=[^\s_/.:\d-])")


@dataclass(frozen=True)
class Answer:
    """Sentence of the head with mark and tone."""

    claim: str
    mark: str
    tone: str


@dataclass(frozen=True)
class Light:
    """Row of the table in the head."""

    label: str
    mark: str
    words: str
    gap: str
    tone: str


@dataclass(frozen=True)
class FaultLine:
    """Fault of the files, and the tab that tells more of it."""

    fault: str
    fix: str
    effect: str
    code: str
    tab: str


def _title(result: AuditResult) -> str:
    """Return the title of the window."""
    data = "earlier learning" if of_people(result) else "other data"
    return f"{named(result.target.name)}: does {data} help?"


@dataclass(frozen=True)
class Page:
    """Everything that a template shows."""

    target: str
    title: str
    version: str
    made_on: str | None
    question: str
    setting: tuple[str, ...]
    answer: Answer
    faults: tuple[FaultLine, ...]
    lights: tuple[Light, ...]
    remarks: tuple[str, ...]
    actions: tuple[str, ...]
    level: str
    tabs: tuple[Tab, ...]
    long: bool
    css: str
    json: str


def render_html(result: AuditResult, *, made_on: str | None = None, long: bool = False) -> str:
    """Return the whole report as one HTML file.

    Parameters
    ----------
    result : AuditResult
    made_on : str, optional
        Date for the head of the page; without it, the same result always gives the same bytes.
    long : bool
        Whether to print every tab; otherwise print has one page, and the screen has all.

    Returns
    -------
    str
        No script, and no request of any kind; below 500 kB with a thousand sources.
    """
    # Base64, so that no text of a user can end the script element.
    data = base64.b64encode(result_to_json(result).encode()).decode()
    return filled("report.html.j2", page_of(result, made_on=made_on, data=data, long=long))


def page_of(result: AuditResult, *, made_on: str | None, data: str, long: bool) -> Page:
    """Return a result as values for the template."""
    brief = brief_of(result, most_lines=MANY_ARMS)
    return Page(
        target=named(result.target.name),
        title=_title(result),
        version=one_line(result.version),
        made_on=made_on,
        question=question(result),
        setting=brief.setting,
        answer=_answer(brief),
        faults=tuple(_fault(fault) for fault in brief.faults),
        lights=tuple(_light(result, line) for line in brief.lines),
        remarks=_remarks(brief),
        actions=brief.actions,
        level=level(result),
        tabs=visible_tabs(result),
        long=long,
        css=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        json=data if len(data) <= _LARGEST_JSON else "",
    )


def _answer(brief: Brief) -> Answer:
    if brief.light is None:
        return Answer(brief.sentence, "", "plain")
    return Answer(brief.sentence, LIGHT_MARKS[brief.light], LIGHT_TONES[brief.light])


def _fault(fault: Fault) -> FaultLine:
    trusted = is_leak_code(fault.code) or is_soundness_code(fault.code)
    tab = "how" if trusted else "who" if is_subgroup_code(fault.code) else "why"
    return FaultLine(fault.fault, fault.fix, fault.effect, fault.code, tab)


def _light(result: AuditResult, line: ArmLine) -> Light:
    gap = line.arm.gap
    tone = "quiet" if line.light is None else LIGHT_TONES[line.light]
    text = EMPTY_CELL if gap is None else numbers_for(result).gap(gap)
    return Light(line.label, line.mark, line.words, text, tone)


def _remarks(brief: Brief) -> tuple[str, ...]:
    more = brief.n_faults_more
    faults = (f"{counted(more, 'more fault')} of files: see Why and How.",) if more else ()
    safe = (_SAFE,) if any(line.arm.arm == SAFE for line in brief.lines) else ()
    return (*((brief.remainder,) if brief.remainder else ()), *brief.remarks, *faults, *safe)


def filled(template: str, page: Page) -> str:
    """Return a filled template, all but our drawings escaped."""
    return _environment().get_template(template).render(page=page)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    environment.filters["coded"] = _coded
    environment.filters["drawn"] = _drawn
    environment.filters["soft"] = _soft
    return environment


def _coded(text: str) -> Markup:
    """Return escaped text in which what stands between backticks is code."""
    from markupsafe import Markup

    parts = text.split("`")
    # An odd number of backticks: one is the user's, so none makes code.
    if len(parts) % 2 == 0:
        return _with_options(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(p) if i % 2 else _with_options(p) for i, p in enumerate(parts)
    )


_OPTION = re.compile(r"(--[a-z][a-z-]*)")


def _with_options(text: str) -> Markup:
    """Return escaped text whose options do not break at hyphens."""
    from markupsafe import Markup

    option = Markup('<span class="option">{}</span>')
    parts = _OPTION.split(text)
    return Markup("").join(option.format(p) if i % 2 else p for i, p in enumerate(parts))


def _soft(text: str) -> Markup:
    """Return escaped text that may break at joints of names.

    Underscores and slashes are joints.
    """
    from markupsafe import Markup, escape

    return Markup("<wbr>").join(escape(part) for part in _JOINT.split(text))


def _drawn(markup: str) -> Markup:
    """Return our own SVG or CSS, marked as safe.

    Texts in it are escaped already.
    """
    from markupsafe import Markup

    return Markup(markup)
