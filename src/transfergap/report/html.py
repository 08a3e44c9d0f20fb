"""A result as a page: of its own, or in a notebook."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from transfergap.analysis.result import AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.blocks import TONES, Section
from transfergap.report.choice import MARKS
from transfergap.report.json import result_to_json
from transfergap.report.names import named, one_line
from transfergap.report.numbers import level
from transfergap.report.sections import ALL, FIRST, visible_sections
from transfergap.report.sentences import Sentence, headline, question, setting

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = Path(__file__).with_name("templates")
# Letters of base64: a larger result is left out of the page, which must fit an e-mail.
_LARGEST_JSON = 120_000
# After a joint of a name, and before a letter: there a browser may break it.
_JOINT = re.compile(r"(?<=[_/.:-])(?=[^\s_/.:-])")


@dataclass(frozen=True)
class Line:
    """Sentence of the head with mark and tone."""

    before: str
    claim: str
    after: str
    mark: str
    tone: str


@dataclass(frozen=True)
class Page:
    """Everything that a template shows."""

    target: str
    version: str
    made_on: str | None
    question: str
    setting: tuple[str, ...]
    headline: tuple[Line, ...]
    first_advice: str
    level: str
    sections: tuple[Section, ...]
    css: str
    json: str


def render_html(result: AuditResult, *, made_on: str | None = None) -> str:
    """Return the whole report as one HTML file.

    Parameters
    ----------
    result : AuditResult
    made_on : str, optional
        Date for the head of the page; without it, the same result always gives the same bytes.

    Returns
    -------
    str
        No script, and no request of any kind; below 500 kB with 50 sources.
    """
    sections = visible_sections(result, ALL)
    # Base64, so that no text of a user can end the script element.
    data = base64.b64encode(result_to_json(result).encode()).decode()
    page = page_of(result, sections, made_on=made_on, data=data)
    return filled("report.html.j2", page)


def page_of(
    result: AuditResult, sections: tuple[Section, ...], *, made_on: str | None, data: str
) -> Page:
    """Return a result as values for the template."""
    return Page(
        target=named(result.target.name),
        version=one_line(result.version),
        made_on=made_on,
        question=question(result),
        setting=setting(result),
        headline=tuple(_line(sentence) for sentence in headline(result)),
        first_advice=_first_advice(result),
        level=level(result),
        sections=sections,
        css=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        json=data if len(data) <= _LARGEST_JSON else "",
    )


def _line(sentence: Sentence) -> Line:
    verdict = sentence.verdict
    mark, tone = ("", "plain") if verdict is None else (MARKS[verdict], TONES[verdict])
    return Line(sentence.before, sentence.claim, sentence.after, mark, tone)


def _first_advice(result: AuditResult) -> str:
    """Return the arm to use, or the first other advice."""
    advice = recommendations(result)
    # Advice on findings comes first in the list; the head shows the choice.
    starts = ("Use ", "No gain is proven.", "Stay ")
    return next((line for line in advice if line.startswith(starts)), advice[0])


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
        return Markup("{}").format(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if i % 2 else p for i, p in enumerate(parts))


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


def notebook_html(result: AuditResult) -> str:
    """Return an HTML fragment: does it help, can it be trusted, why.

    Every style is written for the class of the outermost element.
    """
    sections = visible_sections(result, FIRST)
    return filled("notebook.html.j2", page_of(result, sections, made_on=None, data=""))
