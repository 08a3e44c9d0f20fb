"""Faults of files and trials that come before anything else."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.result import AuditResult
from transfergap.report.choice import (
    LABEL_CODES,
    ROW_NAMES,
    is_file_code,
    is_leak_code,
    is_soundness_code,
    subgroup_findings,
)
from transfergap.report.names import one_line
from transfergap.report.numbers import (
    numbers_for,
    repair_words,
)


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
    findings = [f for f in result.findings if is_fault(f)]
    findings.sort(key=_urgency)
    faults: dict[tuple[str, str], Fault] = {}
    for finding in (*findings, *(f for f in subgroup_findings(result) if _is_strong(f))):
        key = finding.code, one_line(finding.fix)
        if key not in faults:
            faults[key] = _fault(result, finding)
    return tuple(faults.values())


def is_fault(finding: Finding) -> bool:
    if not finding.fix:
        return False
    if is_leak_code(finding.code) or is_soundness_code(finding.code):
        # Against a control that may be no better than a constant, every claim is in doubt.
        return _is_strong(finding) or finding.code in ("TG301", "TG115")
    return is_file_code(finding.code) and finding.strength is not Strength.NOTE


def _is_strong(finding: Finding) -> bool:
    return finding.strength is Strength.STRONG


def _urgency(finding: Finding) -> tuple[bool, bool, bool, bool]:
    return (
        finding.code not in LABEL_CODES,
        finding.repair_gap is None,
        not _is_strong(finding),
        finding.code not in ROW_NAMES,
    )


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
