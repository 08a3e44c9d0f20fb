"""Sections of gaps against target rows, or against a budget."""

from __future__ import annotations

from transfergap.analysis.curves.gap_curve import LearningCurve
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, Bullets, Cell, Figure, Fold, Paragraph, Section, Table
from transfergap.report.figures.curve_plot import NARROW, WIDE, draw_curves
from transfergap.report.wording.names import named, one_line
from transfergap.report.wording.numbers import count, level, numbers_for


def moot(result: AuditResult) -> Section | None:
    """Return the section; ``None`` where no curve was asked for."""
    if result.learning_curve is None:
        return None
    title = "How much target data makes this moot?"
    return curve_section(result, result.learning_curve, title, _caption(result))


def curve_section(result: AuditResult, curve: LearningCurve, title: str, caption: str) -> Section:
    """Return a section that draws gaps against something that grows."""
    blocks: list[Block] = []
    if curve.curves:
        wide, narrow = draw_curves(result, curve, WIDE), draw_curves(result, curve, NARROW)
        blocks.append(Figure(wide, narrow, caption))
        blocks.append(Bullets(tuple(f"{named(c.arm)}: {one_line(c.says)}" for c in curve.curves)))
        blocks.append(Fold("The numbers", (_table(result, curve),)))
    blocks += [Paragraph(one_line(note)) for note in curve.notes]
    return Section(title, tuple(blocks))


def _caption(result: AuditResult) -> str:
    return (
        f"The gap and its {level(result)} interval when only a part of the target is trained on,"
        " the sources whole; rows on a logarithmic scale. The strip along zero is your margin. A"
        " diamond marks where the gap is gone; a dashed line is an extrapolation. Intervals are"
        " those of single sizes, wider than the table's above: they come from fold means alone."
    )


def _table(result: AuditResult, curve: LearningCurve) -> Table:
    numbers = numbers_for(result)
    rows = tuple(
        (
            Cell(named(drawn.arm)),
            Cell(count(round(point.at))),
            Cell(f"{numbers.signed(point.estimate)} {numbers.interval(point.low, point.high)}"),
            Cell(count(point.n_pairs)),
        )
        for drawn in curve.curves
        for point in drawn.points
    )
    return Table(
        "Each size is trained on in every fold, and tested on the same rows.",
        ("arm", one_line(curve.axis), f"gap [{level(result)} interval]", "folds"),
        rows,
    )


def trained_less(result: AuditResult) -> Section | None:
    """Return the section; ``None`` where the model states no budget."""
    curve = result.budget_curve
    if curve is None:
        return None
    caption = (
        f"The gap and its {level(result)} interval when control and arms alike are trained with a"
        f" part of the budget ({one_line(curve.axis)}, on a logarithmic scale). The strip along"
        " zero is your margin. These intervals come from the means of ten folds, and are wider"
        " than the table's above."
    )
    return curve_section(result, curve, "Does it depend on how long you train?", caption)
