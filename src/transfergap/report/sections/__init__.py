"""Sections of a page, in order, and the tabs that hold them.

Each returns ``None`` when it is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Section
from transfergap.report.sections.data import data
from transfergap.report.sections.does_it_help import does_it_help, what_to_do
from transfergap.report.sections.how_it_was_done import everything_else, how_it_was_done
from transfergap.report.sections.how_they_learned import how_they_learned
from transfergap.report.sections.learning_curve import moot, trained_less
from transfergap.report.sections.trust import trust
from transfergap.report.sections.which_sources import which_sources
from transfergap.report.sections.who_is_hurt import who_is_hurt
from transfergap.report.sections.why import why

SectionMaker = Callable[[AuditResult], Section | None]
TABS: tuple[tuple[str, str, tuple[SectionMaker, ...]], ...] = (
    ("result", "Result", (does_it_help, how_they_learned, which_sources, what_to_do)),
    ("data", "Data", (data,)),
    ("why", "Why", (why,)),
    ("who", "Who", (who_is_hurt,)),
    ("when", "Until when", (moot, trained_less)),
    ("how", "How", (trust, how_it_was_done)),
    ("numbers", "All numbers", (everything_else,)),
)


@dataclass(frozen=True)
class Tab:
    """Sections that are shown together.

    Parameters
    ----------
    key, title : str
    sections : tuple of Section
    start : int
        Number of the first section.
    """

    key: str
    title: str
    sections: tuple[Section, ...]
    start: int


def visible_sections(result: AuditResult, makers: tuple[SectionMaker, ...]) -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    sections = (maker(result) for maker in makers)
    return tuple(section for section in sections if section is not None)


def visible_tabs(result: AuditResult) -> tuple[Tab, ...]:
    """Return the tabs that have something to say."""
    tabs: list[Tab] = []
    start = 1
    for key, title, makers in TABS:
        sections = visible_sections(result, makers)
        if sections:
            tabs.append(Tab(key, title, sections, start))
            start += len(sections)
    return tuple(tabs)


__all__ = ["TABS", "SectionMaker", "Tab", "visible_sections", "visible_tabs"]
