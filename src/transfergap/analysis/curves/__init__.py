"""Gaps against something that grows: labelled target rows, or the training budget."""

from transfergap.analysis.curves.budget import (
    draw_budgets,
    own_budget,
    own_budget_designs,
    own_budgets,
)
from transfergap.analysis.curves.gap_curve import Crossing, CurvePoint, GapCurve, LearningCurve
from transfergap.analysis.curves.running import (
    MOST_ARMS,
    arms_for_curve,
    check_curve,
    curve_design,
    draw_curve,
    is_for_curve,
)

__all__ = [
    "MOST_ARMS",
    "Crossing",
    "CurvePoint",
    "GapCurve",
    "LearningCurve",
    "arms_for_curve",
    "check_curve",
    "curve_design",
    "draw_budgets",
    "draw_curve",
    "is_for_curve",
    "own_budget",
    "own_budget_designs",
    "own_budgets",
]
