"""Causes of harm, tested by repairing them and measuring again."""

from transfergap.analysis.repairs.explanation import (
    Explain,
    Explanation,
    RepairOutcome,
    explain_named,
)
from transfergap.analysis.repairs.second_look import SecondLook
from transfergap.analysis.repairs.suspects import most_fits

__all__ = [
    "Explain",
    "Explanation",
    "RepairOutcome",
    "SecondLook",
    "explain_named",
    "most_fits",
]
