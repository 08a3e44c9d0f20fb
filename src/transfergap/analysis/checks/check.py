"""Checks and the findings they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from transfergap.analysis.curves import LearningCurve
from transfergap.analysis.estimation import ArmEstimate
from transfergap.analysis.ranking import SourceRanking
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.subgroups.gaps import Subgroups
from transfergap.analysis.suspicion import TooGood
from transfergap.analysis.twins.twin_rows import Twins
from transfergap.data.divergences.labels_apart import LabelsApart, all_labels_apart
from transfergap.data.one_line import one_line
from transfergap.data.problem import DataSource, Problem
from transfergap.experiment.design import Design
from transfergap.experiment.trial import Trial
from transfergap.stats.gap import Verdict

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
    columns : tuple of str
        Names of the columns that it is about; empty where it is about none.
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
    columns: tuple[str, ...] = ()

    def __repr__(self) -> str:
        says, fix = one_line(self.says), one_line(self.fix)
        head = f"{self.code} {one_line(self.title)}".strip()
        return f"{head} ({one_line(self.subject)}, {self.strength}): {says} {fix}".rstrip()

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

    def about(self, columns: Iterable[object]) -> Finding:
        """Return the finding with the names of its columns."""
        return replace(self, columns=tuple(str(column) for column in columns))


class NotApplicable(Exception):  # noqa: N818
    """A check does not apply, for the reason that is its text."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


EvidenceT = TypeVar("EvidenceT", contravariant=True)


@dataclass(frozen=True)
class Evidence:
    """Everything that is known once the trials are done.

    Parameters
    ----------
    design : Design
    trials : tuple of Trial
    estimates : mapping of arm name to ArmEstimate
    verdicts : mapping of arm name to Verdict
        Of the judged arms.
    explanations : tuple of Explanation
        What repairs gave back to arms that were looked at again.
    subgroups : Subgroups or None
        Who is hurt, where it was looked at.
    budgets : LearningCurve or None
        Gaps against the model's own training budget, where it states one.
    too_good : mapping of arm name to TooGood
        Arms whose "helps" was withheld, being near the ceiling without deserving it.
    twins : mapping of arm name to tuple of Twins
        Arms whose "helps" was withheld, since rows of their sources lie beside target rows.
    ranking : SourceRanking or None
        The sources by harm, where they could be ranked.
    """

    design: Design
    trials: tuple[Trial, ...]
    estimates: Mapping[str, ArmEstimate]
    verdicts: Mapping[str, Verdict]
    explanations: tuple[Explanation, ...] = ()
    subgroups: Subgroups | None = None
    budgets: LearningCurve | None = None
    too_good: Mapping[str, TooGood] = field(default_factory=dict)
    twins: Mapping[str, tuple[Twins, ...]] = field(default_factory=dict)
    ranking: SourceRanking | None = None

    @property
    def problem(self) -> Problem:
        """Return the problem under audit."""
        return self.design.problem

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Return all arms, the control first."""
        return tuple(self.design.arm_names())

    @property
    def tried_sources(self) -> dict[str, DataSource]:
        """Sources without those that the screening left out.

        For checks that fit further models, at the cost of an arm.
        """
        untried = self.design.untried
        return {name: s for name, s in self.problem.sources.items() if name not in untried}

    @cached_property
    def labels_apart(self) -> dict[str, LabelsApart]:
        """Sources whose labels seem reversed, exchanged or in another unit."""
        return all_labels_apart(self.problem, seed=self.design.seed)


class Tried(Protocol):
    """Evidence of trials, of tables or of agents."""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Return the trials of the run."""
        ...

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Return all arms, the control first."""
        ...


@dataclass(frozen=True)
class Check(Generic[EvidenceT]):
    """Question about the data or the trials.

    Parameters
    ----------
    code : str
        Of its findings, such as TG101; never reused.
    title : str
        A few words.
    look : callable
        From evidence to findings, one a subject, without code and title; it raises
        :class:`NotApplicable` where it cannot look.
    """

    code: str
    title: str
    look: Callable[[EvidenceT], Iterable[Finding]]

    def examine(self, evidence: EvidenceT) -> tuple[Finding, ...]:
        """Return the findings, with code and title.

        Raises
        ------
        NotApplicable
            If the check cannot look; its text says why.
        """
        return tuple(
            replace(finding, code=self.code, title=self.title) for finding in self.look(evidence)
        )


def check(
    code: str, title: str
) -> Callable[[Callable[[EvidenceT], Iterable[Finding]]], Check[EvidenceT]]:
    """Make a check of a function that yields findings.

    Examples
    --------
    >>> @check("TG999", "many rows")
    ... def many_rows(evidence):
    ...     yield Finding.note("target", f"{evidence} rows.", "Nothing to do.")
    >>> many_rows.examine(7)[0].says
    '7 rows.'
    """
    return lambda look: Check(code, title, look)
