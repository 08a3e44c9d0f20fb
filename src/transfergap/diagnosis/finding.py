"""What a check returns: a coded, explained finding, or why it could not look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Strength(StrEnum):
    """How much a finding weighs: act on it, look at it, or know it."""

    STRONG = "strong"
    MODERATE = "moderate"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """Something a user should know about the data, the models or the verdicts.

    Parameters
    ----------
    code : str
        ``"TG101"``; forever.
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


@dataclass(frozen=True)
class NotApplicable:
    """The check could not look, and why."""

    reason: str
