"""Parts of pictures: pens, colours, axes and scales."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from statistics import median
from typing import TYPE_CHECKING, Any

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.stats.gap import Gap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Times the median reach: an interval beyond it is clipped and marked.
_FAR_WIDER = 3.0
# Of the margin: its band is always in sight, with some room.
_BESIDE_MARGIN = 1.25


@dataclass(frozen=True)
class Span:
    """Range of gaps shown, from ``low`` to ``high``.

    Intervals are clipped to it.
    """

    low: float
    high: float


def span_of(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> Span:
    """Return the range of ``arms``' intervals, zero and both margins.

    An interval that reaches more than three times as far as the middle one is clipped, so that it
    does not press all others into a dot; so are arms for information.
    """
    judged = [arm.gap for arm in arms if arm.gap is not None and arm.judged]
    gaps = judged or [arm.gap for arm in arms if arm.gap is not None]
    margin = _BESIDE_MARGIN * result.margin
    if not gaps:
        return Span(-margin, margin)
    middle = median(_reach(gap) for gap in gaps)
    # The widest interval that is not far wider than the middle one.
    limit = max(_reach(gap) for gap in gaps if _reach(gap) <= _FAR_WIDER * middle)
    low = min(max(gap.low, -limit) for gap in gaps)
    high = max(min(gap.high, limit) for gap in gaps)
    return Span(min(low, -margin), max(high, margin))


def whole_span(result: AuditResult, arms: tuple[ArmOutcome, ...]) -> Span:
    """Return the range of whole intervals, zero and both margins.

    For drawings that cannot mark clipped values.
    """
    margin = _BESIDE_MARGIN * result.margin
    gaps = [arm.gap for arm in arms if arm.gap is not None]
    low = min((gap.low for gap in gaps if math.isfinite(gap.low)), default=-margin)
    high = max((gap.high for gap in gaps if math.isfinite(gap.high)), default=margin)
    return Span(min(low, -margin), max(high, margin))


def _reach(gap: Gap) -> float:
    return max(abs(gap.low), abs(gap.high))


@dataclass(frozen=True)
class Cells:
    """Scale of terminal cells, with zero in one.

    Parameters
    ----------
    n_cells, zero : int
        How many cells, and which of them is zero.
    unit : float
        Gap from one cell to the next, > 0.
    """

    n_cells: int
    zero: int
    unit: float

    def position(self, value: float) -> int:
        """Return the cell of a gap; outside ``range(n_cells)`` where it is clipped."""
        steps = value / self.unit
        # Infinite ends and tiny units stay integers; 10,000 is beyond any terminal.
        return self.zero + int(min(max(round(steps), -10_000), 10_000))


def cells_for(span: Span, n_cells: int, *, left: int, right: int) -> Cells:
    """Return a scale of cells with room around zero.

    At least ``left`` cells are before zero and ``right`` after it.
    """
    share = -span.low / (span.high - span.low)
    # Clamped, so that words on both sides of zero keep their cells.
    zero = min(max(round(share * (n_cells - 1)), left), n_cells - 1 - right)
    unit = max(-span.low / zero, span.high / (n_cells - 1 - zero))
    return Cells(n_cells, zero, unit)


_SALT = "transfergap"
# Placeholders, not colours: each becomes a variable of the page, dark mode included.
INK, QUIET, FAINT, BAND, PAPER = "#010101", "#020202", "#030303", "#040404", "#080808"
HELPS, HURTS, NO_EFFECT = "#050505", "#060606", "#070707"
_VARIABLES = {
    INK: "--ink",
    QUIET: "--quiet",
    FAINT: "--line",
    BAND: "--band",
    PAPER: "--paper",
    HELPS: "--helps",
    HURTS: "--hurts",
    NO_EFFECT: "--same",
}


@dataclass(frozen=True)
class Layout:
    """Places in pixels of the drawing.

    Parameters
    ----------
    width, left, right : float
        Of the drawing, and the plain part of it between name and verdict.
    row : float
        Height of an arm.
    above : bool
        Whether names stand above their lines, as they must on a phone.
    """

    width: float
    left: float
    right: float
    row: float
    above: bool
    top: float = 44.0
    bottom: float = 34.0


@dataclass
class Pen:
    """Drawing in pixels.

    Texts are drawn as tokens, and put in, escaped, after matplotlib is done. matplotlib would
    take a dollar sign in a user's name for mathematics, and warn of letters that its own font
    lacks.
    """

    axes: Axes
    layout: Layout
    span: Span
    height: float
    texts: list[str] = field(default_factory=list)

    def x(self, gap: float) -> float:
        share = (gap - self.span.low) / (self.span.high - self.span.low)
        return self.layout.left + share * (self.layout.right - self.layout.left)

    def text(
        self, x: float, y: float, text: str, color: str, *, size: float = 13, **how: Any
    ) -> None:
        # Plain letters: matplotlib would read dollar signs as mathematics, and lay out text.
        token = f"tg{len(self.texts):04d}t"
        self.texts.append(text)
        self.axes.text(
            x,
            y,
            token,
            color=color,
            fontsize=size,
            parse_math=False,
            clip_on=False,
            va=how.get("va", "center_baseline"),
            ha=how.get("ha", "left"),
        )

    def line(
        self, xs: tuple[float, float], ys: tuple[float, float], color: str, **how: Any
    ) -> None:
        self.axes.plot(xs, ys, color=color, clip_on=False, solid_capstyle="butt", **how)

    def mark(
        self, x: float, y: float, shape: str, color: str, *, size: float, hollow: bool
    ) -> None:
        self.axes.plot(
            [x],
            [y],
            marker=shape,
            markersize=size,
            color=color,
            clip_on=False,
            markerfacecolor=PAPER if hollow else color,
            markeredgewidth=1.8,
            zorder=3,
        )


def drawing(
    layout: Layout,
    span: Span,
    height: float,
    paint: Callable[[Pen], None],
    title: str,
    description: str,
) -> str:
    """Return what ``paint`` draws as SVG for inlining: no script, no request.

    Parameters
    ----------
    layout : Layout
    span : Span
        Gaps across the width of the plain part.
    height : float
        In pixels.
    paint : callable
    title, description : str
        The text alternative.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # A fixed salt: ids of clip paths would be random otherwise.
    with rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none", "path.simplify": False}):
        # 72 dots an inch: a point of matplotlib is a pixel of the drawing.
        figure = Figure(figsize=(layout.width / 72, height / 72), dpi=72)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, layout.width)
        # Downwards, as pixels of a page.
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        pen = Pen(axes, layout, span, height)
        paint(pen)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inlined(file.getvalue(), pen.texts, title, description)


def _inlined(svg: str, texts: list[str], title: str, description: str) -> str:
    """Return matplotlib's SVG stripped for a page, with its texts.

    Colours become variables of the page.
    """
    svg = svg[svg.index("<svg") :]
    # Metadata are of no use in a page, and name the version of matplotlib: results must give the
    # same bytes.
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    # Ids of matplotlib would clash between the plots of one page.
    svg = re.sub(r' id="(?:figure|axes|patch|text|line2d|PathCollection)_\d+"', "", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable})")
    svg = re.sub(r"tg(\d{4})t", lambda match: escape(texts[int(match[1])]), svg)
    head = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    opening, body = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    assert box is not None
    return (
        f'<svg class="forest" role="img" aria-label="{escape(title)}" {box[0]}'
        f' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"{head}{body.strip()}"
    )
