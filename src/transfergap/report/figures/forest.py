"""Forest plot: one line an arm, for a page."""

from __future__ import annotations

from dataclasses import replace

from transfergap.analysis.light import Light, light_of
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.report.brief import MARKS, short_label
from transfergap.report.choice import gap_of, hidden_arms, verdict_words
from transfergap.report.figures.drawing import (
    BAND,
    FAINT,
    HELPS,
    HURTS,
    INK,
    NO_EFFECT,
    QUIET,
    Layout,
    Pen,
    drawing,
    span_of,
)
from transfergap.report.figures.forest_lines import ForestLine, drawn_arms, forest_lines, is_grouped
from transfergap.report.wording.names import named, shortened
from transfergap.report.wording.numbers import counted, level, numbers_for
from transfergap.report.wording.sentences import arm_label
from transfergap.stats.gap import Gap, Verdict

_TONES = {Verdict.HELPS: HELPS, Verdict.HURTS: HURTS, Verdict.NO_MATERIAL_EFFECT: NO_EFFECT}
_SHAPES = {Verdict.HELPS: "o", Verdict.HURTS: "D", Verdict.NO_MATERIAL_EFFECT: "s"}
# The room beside the plot is narrow.
_SHORT = {Light.NO_EFFECT: "no difference"}
# Round steps of ticks.
_STEPS = [1, 2, 2.5, 5, 10]
_SIDE = 72.0  # pixels of "better" beside zero
_WORDS = 20.0  # pixels above thin lines, where names stand above
_MOST_DESCRIBED = 60  # arms in the words for those who do not see the plot
_LETTER_WIDTH = 6.9  # of 13 px text in a wide sans serif; names are cut by it


# Pixels: 760 is the width of the page's text, 350 that of a small phone.
WIDE = Layout(760, 232, 592, 27, above=False)
NARROW = Layout(350, 12, 338, 48, above=True)


def draw_forest(result: AuditResult, layout: Layout) -> str:
    """Return the plot as SVG for inlining.

    It has no script and makes no request; colours are CSS variables.

    Parameters
    ----------
    result : AuditResult
        With at least one gap; of many arms those with one verdict are drawn together.
    layout : Layout
    """
    if is_grouped(result) and not layout.above:  # headings say the verdicts: the room is free
        layout = replace(layout, right=layout.width - 12)
    lines = forest_lines(result, top=layout.top, row=layout.row, above=layout.above)
    height = lines[-1].top + lines[-1].height + layout.bottom
    span = span_of(result, drawn_arms(result))

    def paint(pen: Pen) -> None:
        _draw_ground(pen, result, lines)
        for line in lines:
            _draw_line(pen, result, line)

    return drawing(layout, span, height, paint, _title(result), _description(result))


def _draw_ground(pen: Pen, result: AuditResult, lines: tuple[ForestLine, ...]) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import MaxNLocator

    numbers, layout = numbers_for(result), pen.layout
    top, bottom = layout.top - 6, pen.height - layout.bottom
    low, high = pen.x(-result.margin), pen.x(result.margin)
    for start, stop in _strips(pen, lines, top, bottom):
        pen.axes.add_patch(
            Rectangle((low, start), high - low, stop - start, fc=BAND, ec="none", clip_on=False)
        )
        pen.line((pen.x(0), pen.x(0)), (start, stop), QUIET, linewidth=1)
    pen.line((layout.left, layout.right), (bottom, bottom), FAINT, linewidth=1)
    center = min(max(pen.x(0), _SIDE), layout.width - _SIDE)  # both words must fit
    pen.text(center - 8, top - 10, "← worse", QUIET, size=12.5, ha="right")
    pen.text(center + 8, top - 10, "better →", QUIET, size=12.5)
    ticks = MaxNLocator(nbins=4 if layout.above else 6, min_n_ticks=3, steps=_STEPS).tick_values(
        pen.span.low, pen.span.high
    )
    for tick in ticks:
        if pen.span.low <= tick <= pen.span.high:
            # Ticks near zero are rounding of matplotlib, and would print as -0.000.
            value = 0.0 if abs(tick) < 1e-12 * (pen.span.high - pen.span.low) else float(tick)
            pen.line((pen.x(value), pen.x(value)), (bottom, bottom + 4), FAINT, linewidth=1)
            pen.text(pen.x(value), bottom + 15, numbers.signed(value), QUIET, size=12, ha="center")


def _strips(
    pen: Pen, lines: tuple[ForestLine, ...], top: float, bottom: float
) -> list[tuple[float, float]]:
    """Return the vertical ranges of margin and zero.

    They reach from top to bottom, or stand beside names above lines.
    """
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
    return QUIET if verdict is None else _TONES.get(verdict, QUIET)


def _draw_line(pen: Pen, result: AuditResult, line: ForestLine) -> None:
    """Draw a heading, a named arm, or several thin lines."""
    layout, tone = pen.layout, _tone(line.verdict)
    if not line.arms:
        x, side = (2, "left") if layout.above else (layout.left - 16, "right")
        pen.text(x, line.middle + 3, line.label, tone, size=14, ha=side)
        return
    if len(line.arms) == 1:
        _draw_arm(pen, result, line.arms[0], line.middle)
        return
    if layout.above:
        pen.text(layout.left, line.top + 8, line.label, QUIET)
    else:
        pen.text(layout.left - 16, line.middle, line.label, QUIET, ha="right")
    for arm, y in zip(line.arms, line.middles(_WORDS if layout.above else 4.0), strict=True):
        _draw_interval(pen, gap_of(arm), arm, tone, y, thin=True)


def _draw_arm(pen: Pen, result: AuditResult, arm: ArmOutcome, y: float) -> None:
    layout, gap, tone = pen.layout, gap_of(arm), _tone(arm.verdict)
    label = "" if is_grouped(result) else _label(result, arm)
    name = short_label(result, arm)
    if layout.above:
        room = int((layout.right - layout.left) / _LETTER_WIDTH) - len(label) - 7
        pen.text(layout.left, y - 11, shortened(name, room), INK)
        if label:
            pen.text(layout.right, y - 11, label, tone, ha="right")
        y = y + 9
    else:
        room = int((layout.left - 22) / _LETTER_WIDTH)
        pen.text(layout.left - 16, y, shortened(name, room), INK, ha="right")
        if label:
            pen.text(layout.right + 14, y, label, tone)
    _draw_interval(pen, gap, arm, tone, y)


def _label(result: AuditResult, arm: ArmOutcome) -> str:
    """Return the light of an arm in words."""
    light = light_of(result, arm)
    mark, words = (
        verdict_words(result, arm) if light is None else (MARKS[light], _SHORT.get(light, light))
    )
    return f"{mark} {words}".strip()


def _draw_interval(
    pen: Pen, gap: Gap, arm: ArmOutcome, tone: str, y: float, *, thin: bool = False
) -> None:
    left, right = pen.layout.left, pen.layout.right
    low, high = pen.x(gap.low), pen.x(gap.high)
    start, stop = min(max(low, left), right), max(min(high, right), left)
    # Pixels: judged arms stand out from arms for information.
    weight = 2.4 if arm.judged else 1.4
    pen.line((start, stop), (y, y), tone, linewidth=1.2 if thin else weight)
    # Of the width: an end on the border is not clipped.
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
    numbers, arms = numbers_for(result), drawn_arms(result)
    lines = [
        f"{arm_label(arm)}: {numbers.gap(gap_of(arm))}, {verdict_words(result, arm)[1]}."
        for arm in arms[:_MOST_DESCRIBED]
    ]
    if len(arms) > _MOST_DESCRIBED:
        lines.append(f"{counted(len(arms) - _MOST_DESCRIBED, 'arm')} more are in the tables.")
    return (
        f"Estimated gap and {level(result)} interval of each arm; right of zero is better; the band"
        f" is the margin of {numbers.plain(result.margin)}. " + " ".join(lines)
    )


def forest_caption(result: AuditResult) -> str:
    """Return a sentence on the content of the plot."""
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
