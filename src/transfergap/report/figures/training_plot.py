"""Learning curves of agents: a panel an arm, with bands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.analysis.training_curves.learned import ArmCurve, TrainingCurves
from transfergap.report.choice import MARKS, judged_arms
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
    Span,
)
from transfergap.report.figures.drawing import drawing as drawn
from transfergap.report.wording.names import named, shortened
from transfergap.report.wording.numbers import Numbers, count, level, numbers_for
from transfergap.stats.gap import Verdict

# Six rows of two: more are in the table only.
MOST_PANELS = 12
# Pixels: 760 is the width of the page's text, 350 that of a small phone.
WIDE = Layout(760, 52, 752, 168, above=False, top=2.0, bottom=24.0)
NARROW = Layout(350, 46, 342, 158, above=True, top=2.0, bottom=24.0)
_HEAD, _FOOT, _GUTTER = 30, 12, 60
# Pixels of a letter at 13 px, as in the forest plot.
_LETTER_WIDTH = 6.9
_TONES = {Verdict.HELPS: HELPS, Verdict.HURTS: HURTS, Verdict.NO_MATERIAL_EFFECT: NO_EFFECT}


@dataclass(frozen=True)
class _Panel:
    """Part of the drawing for an arm, with its ranges."""

    left: float
    right: float
    top: float
    bottom: float
    steps: Span
    scores: Span

    def x(self, step: float) -> float:
        share = (step - self.steps.low) / (self.steps.high - self.steps.low)
        return self.left + share * (self.right - self.left)

    def y(self, score: float) -> float:
        share = (score - self.scores.low) / (self.scores.high - self.scores.low)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)


def drawn_arms(result: AuditResult) -> tuple[ArmOutcome, ...]:
    """Return the judged arms that have a curve, the first twelve."""
    assert result.training_curves is not None
    arms_with_curves = {curve.arm for curve in result.training_curves.curves}
    return tuple(arm for arm in judged_arms(result) if arm.arm in arms_with_curves)[:MOST_PANELS]


def draw_training(result: AuditResult, training: TrainingCurves, layout: Layout) -> str:
    """Return the plot as SVG for inlining.

    Parameters
    ----------
    result : AuditResult
    training : TrainingCurves
        With the control's curve and at least one other.
    layout : Layout
        Panels stand in two columns, or in one where names stand above.
    """
    arms = drawn_arms(result)
    n_columns = 1 if layout.above or len(arms) == 1 else 2
    n_rows = -(-len(arms) // n_columns)
    height = layout.top + layout.row * n_rows + layout.bottom
    span = Span(training.steps[0], training.steps[-1])
    scores = _scores(training, {arm.arm for arm in arms})
    curves = {curve.arm: curve for curve in training.curves}
    control = training.curves[0]

    def paint(pen: Pen) -> None:
        for i, arm in enumerate(arms):
            row, column = divmod(i, n_columns)
            panel = _panel(layout, n_columns, row, column, span, scores)
            last = i + n_columns >= len(arms)
            _draw_ground(pen, result, training, panel, last=last)
            _draw_curve(pen, panel, training, control, QUIET, dashed=True)
            _draw_curve(pen, panel, training, curves[arm.arm], _tone(arm), dashed=False)
            _draw_head(pen, panel, arm)

    title = f"Learning curves on {named(result.target.name)}"
    return drawn(layout, span, height, paint, title, _description(result, training, arms))


def _panel(
    layout: Layout, n_columns: int, row: int, column: int, steps: Span, scores: Span
) -> _Panel:
    width = (layout.right - layout.left - _GUTTER * (n_columns - 1)) / n_columns
    left = layout.left + column * (width + _GUTTER)
    top = layout.top + layout.row * row
    return _Panel(left, left + width, top + _HEAD, top + layout.row - _FOOT, steps, scores)


def _scores(training: TrainingCurves, arm_names: set[str]) -> Span:
    """Return the scores that all bands span: one scale."""
    curves = [c for i, c in enumerate(training.curves) if i == 0 or c.arm in arm_names]
    low = min(min(curve.low) for curve in curves)
    high = max(max(curve.high) for curve in curves)
    # A little room above and below; 1 where all scores are equal.
    pad = 0.04 * (high - low) or 1.0
    return Span(low - pad, high + pad)


def _tone(arm: ArmOutcome) -> str:
    return INK if arm.verdict is None else _TONES.get(arm.verdict, INK)


def _draw_ground(
    pen: Pen, result: AuditResult, training: TrainingCurves, panel: _Panel, *, last: bool
) -> None:
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=3, steps=[1, 2, 2.5, 5, 10])
    numbers = _axis_numbers(result, panel.scores)
    for value in ticks.tick_values(panel.scores.low, panel.scores.high):
        if panel.scores.low <= value <= panel.scores.high:
            y = panel.y(float(value))
            pen.line((panel.left, panel.right), (y, y), BAND, linewidth=1)
            pen.text(panel.left - 7, y, numbers.plain(float(value)), QUIET, size=12, ha="right")
    if training.threshold is not None:
        y = panel.y(training.threshold)
        pen.line((panel.left, panel.right), (y, y), QUIET, linewidth=1, linestyle=(0, (1, 3)))
    pen.line((panel.left, panel.right), (panel.bottom, panel.bottom), FAINT, linewidth=1)
    if last:
        for step, ha in ((panel.steps.low, "left"), (panel.steps.high, "right")):
            unit = " steps" if training.learners == "agents" else " trials"
            label = count(round(step)) + (unit if ha == "right" else "")
            pen.text(panel.x(step), panel.bottom + 15, label, QUIET, size=12, ha=ha)


def _axis_numbers(result: AuditResult, scores: Span) -> Numbers:
    """Return a format of few decimals, enough for the ticks."""
    wide = scores.high - scores.low
    few = 0 if wide >= 10 else 1 if wide >= 1 else 2
    return replace(numbers_for(result), decimals=few)


def _draw_curve(
    pen: Pen, panel: _Panel, training: TrainingCurves, curve: ArmCurve, tone: str, *, dashed: bool
) -> None:
    xs = [panel.x(step) for step in training.steps]
    below, above = [panel.y(v) for v in curve.low], [panel.y(v) for v in curve.high]
    pen.axes.fill_between(
        xs, below, above, facecolor=tone, edgecolor="none", alpha=0.14 if dashed else 0.22
    )
    pen.axes.plot(
        xs,
        [panel.y(v) for v in curve.mean],
        color=tone,
        clip_on=False,
        linewidth=1.6 if dashed else 2.2,
        linestyle=(0, (5, 3)) if dashed else "-",
    )


def _draw_head(pen: Pen, panel: _Panel, arm: ArmOutcome) -> None:
    words = "" if arm.verdict is None else f"{MARKS[arm.verdict]} {arm.verdict}"
    room = int((panel.right - panel.left) / _LETTER_WIDTH) - len(words) - 2
    pen.text(panel.left, panel.top - 14, shortened(named(arm.arm), room), INK)
    tone = QUIET if _tone(arm) == INK else _tone(arm)
    pen.text(panel.right, panel.top - 14, words, tone, ha="right")


def _description(
    result: AuditResult, training: TrainingCurves, arms: tuple[ArmOutcome, ...]
) -> str:
    numbers = numbers_for(result)
    unit = "step" if training.learners == "agents" else "trial"
    over = "over seeds while agents train" if unit == "step" else "over participants"
    arm_names = {arm.arm for arm in arms}
    parts = []
    for i, curve in enumerate(training.curves):
        if i and curve.arm not in arm_names:
            continue
        ends = "; ".join(
            f"{unit} {count(round(training.steps[k]))}: {numbers.plain(curve.mean[k])}"
            f" [{numbers.plain(curve.low[k])}, {numbers.plain(curve.high[k])}]"
            for k in (0, len(training.steps) // 2, -1)
        )
        parts.append(f"{named(curve.arm)}, {ends}.")
    return (
        f"Mean {named(training.score)} and its {level(result)} interval {over}, of each arm and"
        " the control. " + " ".join(parts)
    )
