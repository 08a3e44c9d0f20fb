"""Sections of a page, in order.

Each returns ``None`` when it is empty.
"""

from __future__ import annotations

from collections.abc import Callable

from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Section
from transfergap.report.sections.does_it_help import does_it_help, what_to_do
from transfergap.report.sections.how_it_was_done import everything_else, how_it_was_done
from transfergap.report.sections.how_they_learned import how_they_learned
from transfergap.report.sections.learning_curve import moot, trained_less
from transfergap.report.sections.trust import trust
from transfergap.report.sections.which_sources import which_sources
from transfergap.report.sections.who_is_hurt import who_is_hurt
from transfergap.report.sections.why import why

SectionMaker = Callable[[AuditResult], Section | None]
FIRST: tuple[SectionMaker, ...] = (does_it_help, trust, why)
ALL: tuple[SectionMaker, ...] = (
    *FIRST,
    how_they_learned,
    which_sources,
    who_is_hurt,
    moot,
    trained_less,
    what_to_do,
    how_it_was_done,
    everything_else,
)


def visible_sections(result: AuditResult, makers: tuple[SectionMaker, ...]) -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    sections = (maker(result) for maker in makers)
    return tuple(section for section in sections if section is not None)


__all__ = ["ALL", "FIRST", "SectionMaker", "visible_sections"]
