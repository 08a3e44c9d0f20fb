"""Blocks of a section: plain values that a template draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from transfergap.stats.gap import Verdict

TONES: Mapping[Verdict, str] = {
    Verdict.HELPS: "helps",
    Verdict.HURTS: "hurts",
    Verdict.NO_MATERIAL_EFFECT: "same",
    Verdict.NOT_ENOUGH_EVIDENCE: "open",
}


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``tone`` is a CSS class."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences; ``ordered`` where the first comes first."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Facts:
    """Terms with their descriptions."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """Cell of a table: mark, words and their tone.

    ``whole`` keeps it from breaking; ``drawing`` is safe SVG markup above the words.
    """

    text: str
    mark: str = ""
    tone: str = ""
    whole: bool = False
    drawing: str = ""


@dataclass(frozen=True)
class Table:
    """Table that becomes a list of cards on a phone.

    The first column names the row.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False


@dataclass(frozen=True)
class Figure:
    """Drawing for wide and narrow screens, as safe SVG markup."""

    kind: ClassVar[str] = "figure"
    wide: str
    narrow: str
    caption: str


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one code: title, strength, messages and remedies."""

    kind: ClassVar[str] = "finding"
    code: str
    title: str
    strength: str
    says: tuple[tuple[str, str, str], ...]
    fixes: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """Something that is shown on request."""

    kind: ClassVar[str] = "fold"
    summary: str
    blocks: tuple[Block, ...] = field(default=())


Block: TypeAlias = Paragraph | Heading | Bullets | Facts | Table | Figure | FindingGroup | Fold


@dataclass(frozen=True)
class Section:
    """Question and answer on a page."""

    title: str
    blocks: tuple[Block, ...]
