"""The forest plot: one line an arm, drawn by matplotlib, made fit for a page."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

from transfergap.gap import Gap, Verdict
from transfergap.report.choice import gap_of, hidden_arms, verdict_words
from transfergap.report.forest_lines import ForestLine, drawn_arms, forest_lines, is_grouped
from transfergap.report.names import named, shortened
from transfergap.report.numbers import level, numbers_for
from transfergap.report.scale import Span, span_of
from transfergap.result import ArmOutcome, AuditResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SALT = "transfergap"
_INK, _QUIET, _FAINT, _BAND, _PAPER = "#010101", "#020202", "#030303", "#040404", "#080808"
_TONES = {Verdict.HELPS: "#050505", Verdict.HURTS: "#060606", Verdict.NO_MATERIAL_EFFECT: "#070707"}
_VARIABLES = {
    _INK: "--ink", _QUIET: "--quiet", _FAINT: "--line", _BAND: "--band", _PAPER: "--paper",
    "#050505": "--helps", "#060606": "--hurts", "#070707": "--same",
}  # fmt: skip
_SHAPES = {Verdict.HELPS: "o", Verdict.HURTS: "D", Verdict.NO_MATERIAL_EFFECT: "s"}
_STEPS = [1, 2, 2.5, 5, 10]
_WORDS = 20.0  # pixels above thin lines, where names stand above
_LETTER_WIDTH = 6.9  # of 13 px text in a wide sans serif; names are cut by it


@dataclass(frozen=True)
class Layout:
    """Where things are, in pixels of the drawing.

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


WIDE = Layout(760, 232, 592, 27, above=False)
NARROW = Layout(350, 12, 338, 48, above=True)


def draw_forest(result: AuditResult, layout: Layout) -> str:
    """Return the plot as SVG for inlining: no script, no request, colours from CSS variables.

    Parameters
    ----------
    result : AuditResult
        With at least one gap; of many arms those with one verdict are drawn together.
    layout : Layout
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    if is_grouped(result) and not layout.above:  # headings say the verdicts: the room is free
        layout = replace(layout, right=layout.width - 12)
    lines = forest_lines(result, top=layout.top, row=layout.row, above=layout.above)
    height = lines[-1].top + lines[-1].height + layout.bottom
    with rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none", "path.simplify": False}):
        figure = Figure(figsize=(layout.width / 72, height / 72), dpi=72)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, layout.width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        pen = _Pen(axes, layout, span_of(result, drawn_arms(result)), height)
        _draw_ground(pen, result, lines)
        for line in lines:
            _draw_line(pen, result, line)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inlined(file.getvalue(), pen.texts, _title(result), _description(result))


@dataclass
class _Pen:
    """Draws in pixels. Texts are drawn as tokens, and put in, escaped, after matplotlib is done.

    matplotlib would take a dollar sign in a user's name for mathematics, and warn of letters that
    its own font lacks.
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
        self, x: float, y: float, said: str, color: str, *, size: float = 13, **how: Any
    ) -> None:
        token = f"tg{len(self.texts):04d}t"
        self.texts.append(said)
        self.axes.text(
            x, y, token, color=color, fontsize=size, parse_math=False, clip_on=False,
            va=how.get("va", "center_baseline"), ha=how.get("ha", "left"),
        )  # fmt: skip

    def line(
        self, xs: tuple[float, float], ys: tuple[float, float], color: str, **how: Any
    ) -> None:
        self.axes.plot(xs, ys, color=color, clip_on=False, solid_capstyle="butt", **how)

    def mark(
        self, x: float, y: float, shape: str, color: str, *, size: float, hollow: bool
    ) -> None:
        self.axes.plot(
            [x], [y], marker=shape, markersize=size, color=color, clip_on=False,
            markerfacecolor=_PAPER if hollow else color, markeredgewidth=1.8, zorder=3,
        )  # fmt: skip


def _draw_ground(pen: _Pen, result: AuditResult, lines: tuple[ForestLine, ...]) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import MaxNLocator

    numbers, layout = numbers_for(result), pen.layout
    top, bottom = layout.top - 6, pen.height - layout.bottom
    low, high = pen.x(-result.margin), pen.x(result.margin)
    for start, stop in _strips(pen, lines, top, bottom):
        pen.axes.add_patch(
            Rectangle((low, start), high - low, stop - start, facecolor=_BAND, edgecolor="none",
                      clip_on=False)
        )  # fmt: skip
        pen.line((pen.x(0), pen.x(0)), (start, stop), _QUIET, linewidth=1)
    pen.line((layout.left, layout.right), (bottom, bottom), _FAINT, linewidth=1)
    taken = pen.x(0)
    pen.text(taken - 8, top - 10, "← worse", _QUIET, size=12.5, ha="right")
    pen.text(taken + 8, top - 10, "better →", _QUIET, size=12.5)
    ticks = MaxNLocator(nbins=4 if layout.above else 6, min_n_ticks=3, steps=_STEPS).tick_values(
        pen.span.low, pen.span.high
    )
    for tick in ticks:
        if pen.span.low <= tick <= pen.span.high:
            value = 0.0 if abs(tick) < 1e-12 * (pen.span.high - pen.span.low) else float(tick)
            pen.line((pen.x(value), pen.x(value)), (bottom, bottom + 4), _FAINT, linewidth=1)
            pen.text(pen.x(value), bottom + 15, numbers.signed(value), _QUIET, size=12, ha="center")


def _strips(
    pen: _Pen, lines: tuple[ForestLine, ...], top: float, bottom: float
) -> list[tuple[float, float]]:
    """Return where margin and zero are drawn: from top to bottom, or beside names above lines."""
    if not pen.layout.above:
        return [(top, bottom)]
    strips = []
    for line in lines:
        if len(line.arms) == 1:
            strips.append((line.middle - 2, line.middle + 20))
        elif line.arms:
            middles = line.middles(_WORDS)
            strips.append((middles[0] - 4, middles[-1] + 4))
    return strips


def _tone(verdict: Verdict | None) -> str:
    return _QUIET if verdict is None else _TONES.get(verdict, _QUIET)


def _draw_line(pen: _Pen, result: AuditResult, line: ForestLine) -> None:
    """Draw a heading, an arm with its name, or the thin lines of several arms."""
    layout, tone = pen.layout, _tone(line.verdict)
    if not line.arms:
        pen.text(2 if layout.above else layout.left - 16, line.middle + 3, line.said, tone,
                 size=14, ha="left" if layout.above else "right")  # fmt: skip
        return
    if len(line.arms) == 1:
        _draw_arm(pen, result, line.arms[0], line.middle)
        return
    if layout.above:
        pen.text(layout.left, line.top + 8, line.said, _QUIET)
    else:
        pen.text(layout.left - 16, line.middle, line.said, _QUIET, ha="right")
    for arm, y in zip(line.arms, line.middles(_WORDS if layout.above else 4.0), strict=True):
        _draw_interval(pen, gap_of(arm), arm, tone, y, thin=True)


def _draw_arm(pen: _Pen, result: AuditResult, arm: ArmOutcome, y: float) -> None:
    layout, gap, tone = pen.layout, gap_of(arm), _tone(arm.verdict)
    mark, words = verdict_words(result, arm)
    said = "" if is_grouped(result) else f"{mark} {words}".strip()
    if layout.above:
        room = int((layout.right - layout.left) / _LETTER_WIDTH) - len(said) - 7
        pen.text(layout.left, y - 11, shortened(named(arm.arm), room), _INK)
        if said:
            pen.text(layout.right, y - 11, said, tone, ha="right")
        y = y + 9
    else:
        room = int((layout.left - 22) / _LETTER_WIDTH)
        pen.text(layout.left - 16, y, shortened(named(arm.arm), room), _INK, ha="right")
        if said:
            pen.text(layout.right + 14, y, said, tone)
    _draw_interval(pen, gap, arm, tone, y)


def _draw_interval(
    pen: _Pen, gap: Gap, arm: ArmOutcome, tone: str, y: float, *, thin: bool = False
) -> None:
    left, right = pen.layout.left, pen.layout.right
    low, high = pen.x(gap.low), pen.x(gap.high)
    start, stop = min(max(low, left), right), max(min(high, right), left)
    weight = 2.4 if arm.judged else 1.4
    pen.line((start, stop), (y, y), tone, linewidth=1.2 if thin else weight)
    slack = 1e-6 * (right - left)
    if low < left - slack:
        pen.mark(left, y, "<", tone, size=3 if thin else 6, hollow=False)
    if high > right + slack:
        pen.mark(right, y, ">", tone, size=3 if thin else 6, hollow=False)
    middle = pen.x(gap.estimate)
    if left <= middle <= right:
        shape = _SHAPES.get(arm.verdict, "o") if arm.verdict is not None else "o"
        size = 3 if thin else 7 if arm.judged else 5
        pen.mark(middle, y, shape, tone, size=size, hollow=arm.verdict not in _SHAPES and not thin)


def _title(result: AuditResult) -> str:
    return f"Forest plot: the gap of each arm on {named(result.target.name)}"


def _description(result: AuditResult) -> str:
    numbers = numbers_for(result)
    lines = [
        f"{named(arm.arm)}: {numbers.gap(gap_of(arm))}, {verdict_words(result, arm)[1]}."
        for arm in drawn_arms(result)
    ]
    return (
        f"Estimated gap and {level(result)} interval of each arm; right of zero is better; the band"
        f" is the margin of {numbers.plain(result.margin)}. " + " ".join(lines)
    )


def forest_caption(result: AuditResult) -> str:
    """Return what the plot shows, in a sentence."""
    numbers = numbers_for(result)
    caption = (
        f"Each line is the {level(result)} interval of a gap, its mark the estimate. Right of zero"
        f" is better. The band is your margin, ±{numbers.plain(result.margin)}: gaps within it do"
        " not matter to you. An arrow means that it goes on beyond the edge."
    )
    if is_grouped(result):
        caption += " Arms with one verdict stand together, by gap; the middle of a long group is"
        caption += " drawn thin, and its names are in the tables."
    if any(arm.gap is not None for arm in hidden_arms(result)):
        caption += " Arms for information are in the full table at the end."
    return caption


def _inlined(svg: str, texts: list[str], title: str, description: str) -> str:
    """Return matplotlib's file without what a page does not need, and with texts and colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="(?:figure|axes|patch|text|line2d|PathCollection)_\d+"', "", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable})")
    svg = re.sub(r"tg(\d{4})t", lambda match: escape(texts[int(match[1])]), svg)
    head = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    opening, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    assert box is not None
    return (
        f'<svg class="forest" role="img" aria-label="{escape(title)}" {box[0]}'
        f' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"{head}{rest.strip()}"
    )
