"""Faults of files and trials that come before anything else."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.analysis.checks.check import Finding
from transfergap.analysis.result import AuditResult
from transfergap.report.steps import Kind, by_fix, steps
from transfergap.report.wording.names import one_line
from transfergap.report.wording.numbers import (
    numbers_for,
    repair_words,
)

_KINDS = (Kind.FIRST, Kind.MIND)


@dataclass(frozen=True)
class Fault:
    """Something to mend before anything is used.

    Parameters
    ----------
    fault, fix : str
    effect : str
        What mending gave back, measured; empty where it was not.
    code : str
    """

    fault: str
    fix: str
    effect: str
    code: str


def faults_of(result: AuditResult) -> tuple[Fault, ...]:
    """Return the faults to mend, the most urgent first."""
    findings = [f for step in steps(result) if step.kind in _KINDS for f in step.findings]
    return tuple(_fault(result, alike[0]) for alike in by_fix(findings))


def _fault(result: AuditResult, finding: Finding) -> Fault:
    effect = ""
    if (finding.repair_low or 0.0) > 0:  # what may be nothing is not promised
        effect = repair_words(finding, numbers_for(result)).replace(
            "repairing it:", "mended, it gives back"
        )
    return Fault(_first_sentence(finding.says), _first_sentence(finding.fix), effect, finding.code)


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text.

    Examples
    --------
    >>> _first_sentence("0.5 of a.csv is empty. It was left out.")
    '0.5 of a.csv is empty.'
    """
    words = one_line(text)
    start = words.find(". ")
    while start >= 0:
        # A sentence goes on with a capital; "e.g. this" and names do not.
        if words[start + 2 : start + 3].isupper():
            return words[: start + 1]
        start = words.find(". ", start + 1)
    return words
