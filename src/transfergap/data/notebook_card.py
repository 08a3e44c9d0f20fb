"""Cards for notebooks: some lines in a frame without its style."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING
from zlib import crc32

from transfergap.data.one_line import one_line

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

MOST_PIXELS = 400  # of height: two sources and all that is to be done; usually 300
_HEAD_PIXELS, _ROW_PIXELS, _LINE_PIXELS, _LINE_LETTERS = 76, 25, 24, 115
_TEXT_LETTERS = 88  # a line: what fits beside the cell without being broken within words


@dataclass(frozen=True)
class Span:
    """Interval on its axis, in per cent of the width."""

    zero: float
    low: float
    estimate: float
    high: float

    @property
    def width(self) -> float:
        """Return the length of the interval."""
        return round(self.high - self.low, 2)


@dataclass(frozen=True)
class CardRow:
    """Line of a card.

    Parameters
    ----------
    cells : tuple of str
        The first is the heading of the line; code stands between backticks in the others.
    mark : str
        One letter before it.
    tone : {"plain", "helps", "safe", "same", "open", "doubt", "hurts"}
    span : Span or None
        An interval to draw after the first cell.
    """

    cells: tuple[str, ...]
    mark: str = ""
    tone: str = "plain"
    span: Span | None = None


@dataclass(frozen=True)
class Card:
    """Content of a card.

    Parameters
    ----------
    title : str
        One sentence.
    setting : str
        One quiet line below it.
    notes : tuple of str
        Lines before the table; code stands between backticks.
    columns : tuple of str
        Heads of the table.
    rows : tuple of CardRow
    advice : tuple of str
        What to do, after the table.
    footnotes : tuple of str
        Quiet lines at the end.
    """

    title: str
    setting: str = ""
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[CardRow, ...] = ()
    advice: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Return whether some rows have an interval to draw."""
        return any(row.span is not None for row in self.rows)

    @property
    def text(self) -> str:
        """Return the card as lines of text."""
        columns = zip(*(row.cells for row in self.rows), strict=True)
        widths = [max(map(len, column)) for column in columns]
        rows = [
            " ".join((row.mark or " ", *map(str.ljust, row.cells, widths))).rstrip()
            for row in self.rows
        ]
        advice = [f"{'and' if n else 'Do '} {line}" for n, line in enumerate(self.advice)]
        head = _wrapped(self.title, self.setting, *self.notes)
        parts = [head, rows, _wrapped(*advice, *self.footnotes)]
        return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _wrapped(*lines: str) -> list[str]:
    return [part for line in lines for part in wrap(line, _TEXT_LETTERS)]


def card_html(card: Card, *, page: str = "") -> str:
    """Return a card as HTML for a notebook: no script, no request.

    Parameters
    ----------
    card : Card
    page : str
        A whole page of HTML, which a click unfolds below the card.

    Notes
    -----
    The frame takes no style of the notebook, nor does it give any; light or dark follows the
    browser. A link to the page would be blocked: browsers open no ``data:`` address in a tab. Where
    a notebook is not trusted, which drops frames, the card stands there as text.

    Examples
    --------
    >>> "a &amp;lt; b" in card_html(Card("a < b"))
    True
    """
    return (
        _environment()
        .get_template("card.html.j2")
        .render(card=card, page=page, height=_height(card), name=_class_name(card), text=card.text)
    )


def _class_name(card: Card) -> str:
    """Return a name of styles that no other card has."""
    # A notebook may be trusted in some cells alone: their styles must not hide what others show.
    return f"transfergap-{crc32(repr(card).encode()):08x}"


def _height(card: Card) -> int:
    lines = sum(
        1 + len(note) // _LINE_LETTERS
        for note in (*card.notes, card.advice, *card.footnotes)
        if note
    )
    rows = sum(max(1 + len(cell) // 50 for cell in row.cells) for row in card.rows)
    pixels = _HEAD_PIXELS + _ROW_PIXELS * (rows + bool(rows)) + _LINE_PIXELS * lines
    return min(pixels, MOST_PIXELS)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
    )
    environment.filters["coded"] = _coded
    environment.filters["attribute"] = _attribute
    return environment


def _coded(text: str) -> Markup:
    """Return escaped text in which what stands between backticks is code."""
    from markupsafe import Markup

    parts = one_line(text).split("`")
    # An odd number of backticks: one is the user's, so none makes code.
    if len(parts) % 2 == 0:
        return Markup("{}").format(one_line(text))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if i % 2 else p for i, p in enumerate(parts))


def _attribute(markup: str) -> Markup:
    """Return a whole document as the value of an attribute."""
    from markupsafe import escape

    return escape(str(markup))
