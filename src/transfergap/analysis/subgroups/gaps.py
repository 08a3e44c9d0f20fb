"""Gaps of target subgroups, as plain values, worst first."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.stats.gap import Gap, Verdict


@dataclass(frozen=True)
class ErrorRate:
    """Error rate in one class, of the control and an arm.

    Parameters
    ----------
    label : str
        The class.
    kind : str
        ``"false negatives"`` for the positive one of two classes, ``"false positives"`` for the
        other, ``"missed"`` where there are more than two.
    n_rows : int
        Rows of the class.
    control_rate, arm_rate : float
        Shares of them that are misclassified, in [0, 1].
    gain, low, high : float
        Control rate minus arm rate with its interval: positive means fewer errors, as everywhere.
    """

    label: str
    kind: str
    n_rows: int
    control_rate: float
    arm_rate: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class SubgroupGap:
    """The gap of one arm on the target rows of one subgroup.

    Parameters
    ----------
    arm, subgroup : str
        The subgroup in the user's words: ``"sex = f"``, ``"41 < age ≤ 61"``.
    n_rows : int
        Rows that the gap is judged on.
    gap : Gap
        With the interval of this look alone, not widened for the other looks.
    p_helps, p_hurts : float
        Corrected for all looks (Holm).
    verdict : Verdict
        By the corrected p-values.
    errors : tuple of ErrorRate
        A class each; empty where the metric does not tell which rows are wrong.
    """

    arm: str
    subgroup: str
    n_rows: int
    gap: Gap
    p_helps: float
    p_hurts: float
    verdict: Verdict
    errors: tuple[ErrorRate, ...] = ()


@dataclass(frozen=True)
class ArmErrors:
    """Error rates a class on the whole target, for one arm."""

    arm: str
    n_rows: int
    errors: tuple[ErrorRate, ...]


@dataclass(frozen=True)
class SmallSubgroup:
    """A subgroup that has too few rows to be judged."""

    subgroup: str
    n_rows: int


@dataclass(frozen=True)
class Subgroups:
    """Everything that was looked at below the average.

    Parameters
    ----------
    found : bool
        Whether the subgroups were searched for in one half of the rows and judged in the other;
        otherwise they were named before the run.
    gaps : tuple of SubgroupGap
        Worst first.
    overall : tuple of ArmErrors
        Error rates on all rows.
    too_small : tuple of SmallSubgroup
    notes : tuple of str
        What could not be looked at, and how error rates were read.
    """

    found: bool
    gaps: tuple[SubgroupGap, ...] = ()
    overall: tuple[ArmErrors, ...] = ()
    too_small: tuple[SmallSubgroup, ...] = ()
    notes: tuple[str, ...] = ()
