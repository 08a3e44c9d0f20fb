"""Gain of a repair in words."""

from __future__ import annotations

from transfergap.analysis.checks.finding import Finding
from transfergap.report.numbers import Numbers


def repair_words(finding: Finding, numbers: Numbers) -> str:
    """Return the gain of repairing the cause, in words.

    Empty where that was not tried.
    """
    if finding.repair_gap is None:
        return ""
    text = f"repairing it: {numbers.signed(finding.repair_gap)}"
    if finding.repair_low is None or finding.repair_high is None:
        return text
    return f"{text} {numbers.interval(finding.repair_low, finding.repair_high)}"
