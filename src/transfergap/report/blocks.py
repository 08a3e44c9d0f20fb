"""What a section of a page is made of: plain values that a template draws."""

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
    """Terms with what is said of them."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table: mark and words, a tone for both, and whether it must not break."""

    text: str
    mark: str = ""
    tone: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """A table that becomes a list of cards on a phone; the first column names the row."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing for wide and one for narrow screens, as SVG markup that is safe already."""

    kind: ClassVar[str] = "figure"
    wide: str
    narrow: str
    caption: str


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one code: its title, how strong, what is said of each subject, what to do."""

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
    """One question, one answer."""

    title: str
    blocks: tuple[Block, ...]
