"""Findings of checks: coded and explained, or not applicable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Numbers = Mapping[str, float]


class Strength(StrEnum):
    """Weight of a finding: act on it, look, or know."""

    STRONG = "strong"
    MODERATE = "moderate"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """Something a user should know about data, models or verdicts.

    Parameters
    ----------
    code : str
        ``"TG101"``; never reused.
    title : str
        A few words.
    subject : str
        The source, arm or column it is about; ``"target"`` for the target.
    strength : Strength
    says : str
        One or two sentences with the numbers in them.
    fix : str
        What to do.
    evidence : mapping of str to float
        The numbers, by name.
    repair_gap, repair_low, repair_high : float, optional
        What repairing the cause gave back, with its 90 % interval, where that was tried.
    """

    code: str
    title: str
    subject: str
    strength: Strength
    says: str
    fix: str
    evidence: Mapping[str, float] = field(default_factory=dict)
    repair_gap: float | None = None
    repair_low: float | None = None
    repair_high: float | None = None

    @classmethod
    def of(
        cls, strength: Strength, subject: str, says: str, fix: str, evidence: Numbers | None = None
    ) -> Finding:
        """Return a finding whose check adds code and title."""
        return cls("", "", subject, strength, says, fix, evidence or {})

    @classmethod
    def strong(cls, subject: str, says: str, fix: str, evidence: Numbers | None = None) -> Finding:
        """Return a finding to act on."""
        return cls.of(Strength.STRONG, subject, says, fix, evidence)

    @classmethod
    def moderate(
        cls, subject: str, says: str, fix: str, evidence: Numbers | None = None
    ) -> Finding:
        """Return a finding to look at."""
        return cls.of(Strength.MODERATE, subject, says, fix, evidence)

    @classmethod
    def note(cls, subject: str, says: str, fix: str, evidence: Numbers | None = None) -> Finding:
        """Return a finding to know."""
        return cls.of(Strength.NOTE, subject, says, fix, evidence)


class NotApplicable(Exception):  # noqa: N818
    """A check does not apply, for the reason that is its text."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
