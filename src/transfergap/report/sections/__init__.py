"""Sections of a page, in order, and the tabs that hold them.

Each returns ``None`` when it is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, FindingGroup, Fold, Paragraph, Section, Table
from transfergap.report.sections.data import data
from transfergap.report.sections.does_it_help import does_it_help, what_to_do
from transfergap.report.sections.how_it_was_done import everything_else, how_it_was_done
from transfergap.report.sections.how_they_learned import how_they_learned
from transfergap.report.sections.learning_curve import moot, trained_less
from transfergap.report.sections.trust import trust
from transfergap.report.sections.which_sources import which_sources
from transfergap.report.sections.who_is_hurt import who_is_hurt
from transfergap.report.sections.why import why
from transfergap.report.wording.numbers import counted

MOST_ROWS = 80  # of a table: a page of a thousand arms stays below 500 kB
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


def shortened(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Cut tables and findings to the size of a page."""
    made: list[Block] = []
    for block in blocks:
        if isinstance(block, Fold):
            made.append(replace(block, blocks=shortened(block.blocks)))
        elif isinstance(block, Table) and len(block.rows) > MOST_ROWS:
            made += [replace(block, rows=block.rows[:MOST_ROWS]), _more(len(block.rows), "row")]
        elif isinstance(block, FindingGroup) and len(block.says) > MOST_ROWS:
            made += [replace(block, says=block.says[:MOST_ROWS]), _more(len(block.says), "finding")]
        else:
            made.append(block)
    return tuple(made)


def _more(n_items: int, item: str) -> Paragraph:
    more = counted(n_items - MOST_ROWS, item)
    return Paragraph(f"{more} more: `result.json` of the run has them.", "quiet")


def visible_tabs(result: AuditResult) -> tuple[Tab, ...]:
    """Return the tabs that have something to say."""
    tabs: list[Tab] = []
    start = 1
    for key, title, makers in TABS:
        sections = visible_sections(result, makers)
        if sections:
            cut = tuple(replace(s, blocks=shortened(s.blocks)) for s in sections)
            tabs.append(Tab(key, title, cut, start))
            start += len(sections)
    return tuple(tabs)


__all__ = ["TABS", "SectionMaker", "Tab", "visible_sections", "visible_tabs"]
