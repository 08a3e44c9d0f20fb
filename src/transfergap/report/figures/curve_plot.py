"""Plot of gaps against target rows: a panel an arm.

Each has its band, and the point where the gap is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transfergap.analysis.curves.gap_curve import Crossing, GapCurve, LearningCurve
from transfergap.analysis.result import AuditResult
from transfergap.report.figures.drawing import (
    BAND,
    FAINT,
    HELPS,
    HURTS,
    INK,
    QUIET,
    Layout,
    Pen,
    Span,
    drawing,
)
from transfergap.report.wording.names import named, one_line, shortened
from transfergap.report.wording.numbers import Numbers, count, level, numbers_for

# Pixels of the drawing: 760 is the width of the page's text, 350 that of a small phone.
WIDE = Layout(760, 84, 740, 190, above=False, top=4.0, bottom=26.0)
NARROW = Layout(350, 62, 342, 176, above=True, top=4.0, bottom=26.0)
_HEAD, _FOOT = 34, 26  # of a panel: its name above, room below
# Pixels of a letter at 13 px, as in the forest plot.
_LETTER_WIDTH = 6.9
# Factor of the smallest and largest size: room at either side on a logarithmic axis.
_BESIDE = 1.12
# As MOST_EXTRAPOLATED of the crossing: the axis goes no further.
_MOST_BEYOND = 10.0


@dataclass(frozen=True)
class _Panel:
    """Part of the drawing for an arm, with its gaps."""

    top: float
    bottom: float
    low: float
    high: float

    def y(self, gap: float) -> float:
        share = (min(max(gap, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


def draw_curves(result: AuditResult, curve: LearningCurve, layout: Layout) -> str:
    """Return the plot as SVG for inlining.

    Parameters
    ----------
    result : AuditResult
    curve : LearningCurve
        With at least one arm.
    layout : Layout
    """
    height = layout.top + layout.row * len(curve.curves) + layout.bottom
    span = _sizes(curve)

    def paint(pen: Pen) -> None:
        for i, drawn in enumerate(curve.curves):
            _draw_panel(pen, result, drawn, layout.top + layout.row * i)
        _draw_sizes(pen, curve)

    title = f"Gaps on {named(result.target.name)} against {one_line(curve.axis)}"
    return drawing(layout, span, height, paint, title, _description(result, curve))


def _sizes(curve: LearningCurve) -> Span:
    """Return logarithms of the fewest and most rows shown.

    Crossings are, if in sight.
    """
    points = [point.at for drawn in curve.curves for point in drawn.points]
    farthest = [
        min(drawn.crossing.at, _MOST_BEYOND * max(points))
        for drawn in curve.curves
        if drawn.crossing is not None and drawn.crossing.at is not None
    ]
    return Span(
        float(np.log(min(points) / _BESIDE)), float(np.log(max([*points, *farthest]) * _BESIDE))
    )


def _x(pen: Pen, rows: float) -> float:
    return pen.x(float(np.log(rows)))


def _draw_panel(pen: Pen, result: AuditResult, curve: GapCurve, top: float) -> None:
    layout, margin = pen.layout, result.margin
    numbers = numbers_for(result)
    reach = [p.low for p in curve.points] + [p.high for p in curve.points]
    pad = 0.06 * (max(*reach, margin) - min(*reach, -margin))
    panel = _Panel(
        top + _HEAD,
        top + layout.row - _FOOT,
        min(*reach, -margin) - pad,
        max(*reach, margin) + pad,
    )
    room = int((layout.right - layout.left) / _LETTER_WIDTH)
    pen.text(layout.left, top + 18, shortened(named(curve.arm), room), INK)
    _fill(pen, [layout.left, layout.right], panel, [-margin] * 2, [margin] * 2, BAND, 1.0)
    pen.line((layout.left, layout.right), (panel.y(0), panel.y(0)), QUIET, linewidth=1)
    _draw_gaps(pen, numbers, panel, (curve.points[0].estimate, curve.points[-1].estimate))
    tone = HELPS if curve.points[-1].estimate > 0 else HURTS
    xs = [_x(pen, point.at) for point in curve.points]
    _fill(pen, xs, panel, [p.low for p in curve.points], [p.high for p in curve.points], tone, 0.2)
    pen.axes.plot(xs, [panel.y(p.estimate) for p in curve.points], color=tone, linewidth=2)
    for x, point in zip(xs, curve.points, strict=True):
        pen.mark(x, panel.y(point.estimate), "o", tone, size=5, hollow=False)
    if curve.crossing is not None and curve.crossing.at is not None:
        _draw_crossing(pen, panel, curve, curve.crossing)


def _fill(
    pen: Pen,
    xs: Sequence[float],
    panel: _Panel,
    low: Sequence[float],
    high: Sequence[float],
    color: str,
    opacity: float,
) -> None:
    below, above = [panel.y(value) for value in low], [panel.y(value) for value in high]
    pen.axes.fill_between(xs, below, above, facecolor=color, edgecolor="none", alpha=opacity)


def _draw_gaps(pen: Pen, numbers: Numbers, panel: _Panel, gaps: tuple[float, ...]) -> None:
    """Label zero and the curve's ends, without overlap."""
    label_heights: list[float] = []
    for value in (0.0, *gaps):
        y = panel.y(value)
        # 14 pixels: a line of 12 px text with a gap.
        if all(abs(y - height) >= 14 for height in label_heights):
            label_heights.append(y)
            pen.text(pen.layout.left - 8, y, numbers.signed(value), QUIET, size=12, ha="right")


def _draw_crossing(pen: Pen, panel: _Panel, curve: GapCurve, crossing: Crossing) -> None:
    assert crossing.at is not None
    last = curve.points[-1].at
    at = min(crossing.at, float(np.exp(pen.span.high)))
    if crossing.extrapolated:
        rows = np.geomspace(last, at, 24)
        fitted = [panel.y(crossing.limit * (1.0 - crossing.at / n)) for n in rows]
        pen.axes.plot(
            [_x(pen, n) for n in rows], fitted, color=QUIET, linewidth=1.2, linestyle="--"
        )
    x = _x(pen, at)
    pen.line((x, x), (panel.top, panel.bottom), FAINT, linewidth=1.4)
    pen.mark(x, panel.y(0), "D", INK, size=6, hollow=True)
    words = f"gone at about {count(round(crossing.at))}"
    ha = "right" if x > (pen.layout.left + pen.layout.right) / 2 else "left"
    pen.text(x + (-6 if ha == "right" else 6), panel.bottom + 12, words, INK, size=12, ha=ha)


def _draw_sizes(pen: Pen, curve: LearningCurve) -> None:
    bottom = pen.height - pen.layout.bottom
    pen.line((pen.layout.left, pen.layout.right), (bottom, bottom), FAINT, linewidth=1)
    sizes = sorted({round(point.at) for drawn in curve.curves for point in drawn.points})
    right = -np.inf
    for rows in sizes:
        x = _x(pen, rows)
        pen.line((x, x), (bottom, bottom + 4), FAINT, linewidth=1)
        if x - right >= 40:
            pen.text(x, bottom + 15, count(rows), QUIET, size=12, ha="center")
            right = x
    if pen.layout.right - right > 130:
        pen.text(
            pen.layout.right, bottom + 15, f"{one_line(curve.axis)} →", QUIET, size=12, ha="right"
        )


def _description(result: AuditResult, curve: LearningCurve) -> str:
    numbers, noun = numbers_for(result), one_line(curve.axis).removeprefix("target ")
    parts = []
    for drawn in curve.curves:
        points = "; ".join(
            f"{count(round(p.at))} {noun} {numbers.signed(p.estimate)}"
            f" {numbers.interval(p.low, p.high)}"
            for p in drawn.points
        )
        parts.append(f"{named(drawn.arm)}: {points}.")
    return (
        f"Gap and {level(result)} interval of each arm against {one_line(curve.axis)}; above zero"
        " is better. " + " ".join(parts)
    )
