"""The forest plot: one line an arm, drawn by matplotlib, made fit for a page."""

from __future__ import annotations

from transfergap.gap import Gap, Verdict
from transfergap.report.choice import gap_of, hidden_arms, shown_arms, verdict_words
from transfergap.report.drawing import (
    BAND,
    FAINT,
    HELPS,
    HURTS,
    INK,
    QUIET,
    SAME,
    Layout,
    Pen,
    drawing,
)
from transfergap.report.names import named, shortened
from transfergap.report.numbers import level, numbers_for
from transfergap.report.scale import span_of
from transfergap.result import ArmOutcome, AuditResult

_TONES = {Verdict.HELPS: HELPS, Verdict.HURTS: HURTS, Verdict.NO_MATERIAL_EFFECT: SAME}
_SHAPES = {Verdict.HELPS: "o", Verdict.HURTS: "D", Verdict.NO_MATERIAL_EFFECT: "s"}
_STEPS = [1, 2, 2.5, 5, 10]
_LETTER_WIDTH = 6.9  # of 13 px text in a wide sans serif; names are cut by it


WIDE = Layout(760, 232, 592, 27, above=False)
NARROW = Layout(350, 12, 338, 48, above=True)


def drawn_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the arms that have a line in the plot."""
    return tuple(arm for arm in shown_arms(result) if arm.gap is not None)


def draw_forest(result: AuditResult, layout: Layout) -> str:
    """Return the plot as SVG for inlining: no script, no request, colours from CSS variables.

    Parameters
    ----------
    result : AuditResult
        With at least one gap.
    layout : Layout
    """
    arms = drawn_arms(result)
    height = layout.top + layout.row * len(arms) + layout.bottom
    span = span_of(result, arms)

    def paint(pen: Pen) -> None:
        _draw_ground(pen, result)
        for i, arm in enumerate(arms):
            _draw_arm(pen, result, arm, layout.top + layout.row * (i + 0.5))

    return drawing(layout, span, height, paint, _title(result), _description(result))


def _draw_ground(pen: Pen, result: AuditResult) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import MaxNLocator

    numbers, layout = numbers_for(result), pen.layout
    top, bottom = layout.top - 6, pen.height - layout.bottom
    low, high = pen.x(-result.margin), pen.x(result.margin)
    for start, stop in _strips(pen, len(drawn_arms(result)), top, bottom):
        pen.axes.add_patch(
            Rectangle((low, start), high - low, stop - start, facecolor=BAND, edgecolor="none",
                      clip_on=False)
        )  # fmt: skip
        pen.line((pen.x(0), pen.x(0)), (start, stop), QUIET, linewidth=1)
    pen.line((layout.left, layout.right), (bottom, bottom), FAINT, linewidth=1)
    taken = pen.x(0)
    pen.text(taken - 8, top - 10, "← worse", QUIET, size=12.5, ha="right")
    pen.text(taken + 8, top - 10, "better →", QUIET, size=12.5)
    ticks = MaxNLocator(nbins=4 if layout.above else 6, min_n_ticks=3, steps=_STEPS).tick_values(
        pen.span.low, pen.span.high
    )
    for tick in ticks:
        if pen.span.low <= tick <= pen.span.high:
            value = 0.0 if abs(tick) < 1e-12 * (pen.span.high - pen.span.low) else float(tick)
            pen.line((pen.x(value), pen.x(value)), (bottom, bottom + 4), FAINT, linewidth=1)
            pen.text(pen.x(value), bottom + 15, numbers.signed(value), QUIET, size=12, ha="center")


def _strips(pen: Pen, n_arms: int, top: float, bottom: float) -> list[tuple[float, float]]:
    """Return where margin and zero are drawn: from top to bottom, or beside names above lines."""
    layout = pen.layout
    if not layout.above:
        return [(top, bottom)]
    middles = [layout.top + layout.row * (i + 0.5) + 9 for i in range(n_arms)]
    return [(middle - 11, middle + 11) for middle in middles]


def _draw_arm(pen: Pen, result: AuditResult, arm: ArmOutcome, y: float) -> None:
    layout, gap = pen.layout, gap_of(arm)
    tone = _TONES.get(arm.verdict, QUIET) if arm.verdict is not None else QUIET
    mark, words = verdict_words(result, arm)
    said = f"{mark} {words}".strip()
    if layout.above:
        room = int((layout.right - layout.left) / _LETTER_WIDTH) - len(said) - 7
        pen.text(layout.left, y - 11, shortened(named(arm.arm), room), INK)
        pen.text(layout.right, y - 11, said, tone, ha="right")
        y = y + 9
    else:
        room = int((layout.left - 22) / _LETTER_WIDTH)
        pen.text(layout.left - 16, y, shortened(named(arm.arm), room), INK, ha="right")
        pen.text(layout.right + 14, y, said, tone)
    _draw_interval(pen, gap, arm, tone, y)


def _draw_interval(pen: Pen, gap: Gap, arm: ArmOutcome, tone: str, y: float) -> None:
    left, right = pen.layout.left, pen.layout.right
    low, high = pen.x(gap.low), pen.x(gap.high)
    start, stop = min(max(low, left), right), max(min(high, right), left)
    weight = 2.4 if arm.judged else 1.4
    pen.line((start, stop), (y, y), tone, linewidth=weight)
    slack = 1e-6 * (right - left)
    if low < left - slack:
        pen.mark(left, y, "<", tone, size=6, hollow=False)
    if high > right + slack:
        pen.mark(right, y, ">", tone, size=6, hollow=False)
    middle = pen.x(gap.estimate)
    if left <= middle <= right:
        shape = _SHAPES.get(arm.verdict, "o") if arm.verdict is not None else "o"
        hollow = arm.verdict not in _SHAPES
        pen.mark(middle, y, shape, tone, size=7 if arm.judged else 5, hollow=hollow)


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
    if any(arm.gap is not None for arm in hidden_arms(result)):
        caption += " Arms for information are in the full table at the end."
    return caption
