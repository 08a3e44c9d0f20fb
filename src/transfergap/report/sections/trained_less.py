"""Section: gaps against the model's training budget."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.report.blocks import Section
from transfergap.report.names import one_line
from transfergap.report.numbers import level
from transfergap.report.sections.moot import curve_section


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
