"""Section: what to do."""

from __future__ import annotations

from transfergap.analysis.result import AuditResult
from transfergap.report.advice import recommendations
from transfergap.report.blocks import Bullets, Section


def what_to_do(result: AuditResult) -> Section:
    """Return the section."""
    return Section("What to do", (Bullets(recommendations(result), ordered=True),))
