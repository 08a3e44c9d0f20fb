"""First three sections as a fragment for a notebook.

Its styles stay within it.
"""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.report.html import filled, page_of
from transfergap.report.sections import FIRST, visible_sections


def notebook_html(result: AuditResult) -> str:
    """Return an HTML fragment: does it help, can it be trusted, why.

    Every style is written for the class of the outermost element.
    """
    sections = visible_sections(result, FIRST)
    return filled("notebook.html.j2", page_of(result, sections, made_on=None, data=""))
