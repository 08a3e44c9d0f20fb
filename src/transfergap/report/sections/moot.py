"""Section: gaps against labelled target rows."""

from __future__ import annotations

from transfergap.analysis.curves.gap_curve import LearningCurve
from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Block, Bullets, Cell, Figure, Fold, Paragraph, Section, Table
from transfergap.report.curve_plot import NARROW, WIDE, draw_curves
from transfergap.report.names import named, one_line
from transfergap.report.numbers import count, level, numbers_for


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
