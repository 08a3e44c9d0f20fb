"""Repairs: effect on a source, cause tested, and combination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from transfergap.analysis.repairs.signs import Signs
from transfergap.data.divergences.columns_apart import ColumnApart
from transfergap.data.notations.spelling import listing
from transfergap.data.problem import Problem
from transfergap.learners import Learner
from transfergap.learners.capacity import more_regularised
from transfergap.learners.mitigations import (
    Balanced,
    ClassShares,
    CommonColumns,
    Deduplicated,
    ImportanceWeighted,
    LikelyLabels,
    MatchedColumns,
    Relabelled,
    SharedFeatures,
    Weighted,
)
from transfergap.learners.mitigations.blanked_codes import BlankedCodes

# A source that counts a quarter of the target, beside the equal weight of `half`.
LOW_RATIO = 0.25


class Cause(StrEnum):
    """Cause of harm; its value is the code of the finding."""

    MEASUREMENT = "TG601"
    LABEL_SHARES = "TG602"
    COVARIATES = "TG603"
    CONCEPT = "TG604"
    LABEL_NOISE = "TG605"
    SWAMPING = "TG606"
    CAPACITY = "TG607"
    SHORTCUT = "TG608"
    COPIES = "TG609"


# Name of the repair that TG119 tells of, too.
CODES_BLANKED = "codes read as missing"
# The order in which repairs act on a source, first to last.
ORDER: tuple[str, ...] = (
    "copies",
    "codes",
    "units",
    "scale",
    "quantiles",
    "gaps",
    "shortcut",
    "shares",
    "covariates",
    "labels",
    "relabel",
    "half",
    "low",
    "capacity",
)


@dataclass(frozen=True)
class Repair:
    """Way to remove a cause.

    Parameters
    ----------
    way : str
        Kind of change to the source; see ``ORDER``.
    cause : Cause
    name : str
        In a few words, for tables and names of arms.
    sign : str
        Evidence of the cause in the data; empty where no sign is needed.
    """

    way: str
    cause: Cause
    name: str
    sign: str = ""


def repairs_for(problem: Problem, learner: Learner, signs: Signs) -> tuple[Repair, ...]:
    """Return the repairs worth trying.

    Those with a sign in the data, and those that need none.
    """
    repairs = []
    if signs.copies:
        repairs.append(Repair("copies", Cause.COPIES, "copies dropped", signs.copies))
    if signs.codes:
        repairs.append(Repair("codes", Cause.MEASUREMENT, CODES_BLANKED, signs.codes))
    if signs.apart:
        factors = [column for column in signs.apart if column.factor is not None]
        if factors:
            sign = "; ".join(f"column {c.name} is {_times(c.factor)}" for c in factors[:3])
            repairs.append(Repair("units", Cause.MEASUREMENT, "units matched", sign))
        scaled = [column for column in signs.apart if column.by_scale]
        if len(factors) < len(scaled):
            sign = f"{_listed(scaled)}, but alike on one scale"
            repairs.append(Repair("scale", Cause.MEASUREMENT, "scales matched", sign))
        if len(scaled) < len(signs.apart):
            sign = _listed(signs.apart)
            repairs.append(Repair("quantiles", Cause.MEASUREMENT, "quantiles matched", sign))
    if signs.gaps:
        repairs.append(Repair("gaps", Cause.MEASUREMENT, "gappy columns set aside", signs.gaps))
    if signs.shortcuts:
        repairs.append(Repair("shortcut", Cause.SHORTCUT, "columns set aside", signs.shortcuts))
    if signs.shares:
        repairs.append(Repair("shares", Cause.LABEL_SHARES, "shares matched", signs.shares))
    if signs.inputs:
        repairs.append(Repair("covariates", Cause.COVARIATES, "rows reweighted", signs.inputs))
    if signs.labels and problem.task.predictions_are_labels:
        repairs.append(Repair("labels", Cause.LABEL_NOISE, "labels weighed", signs.labels))
    if problem.task.predictions_are_labels:
        repairs.append(Repair("relabel", Cause.CONCEPT, "labels corrected"))
    repairs.append(Repair("half", Cause.SWAMPING, "equal weight (50/50)"))
    repairs.append(Repair("low", Cause.SWAMPING, "less weight (20/80)"))
    if more_regularised(learner) is not None:
        repairs.append(Repair("capacity", Cause.CAPACITY, "a stronger penalty"))
    return tuple(repairs)


def _listed(columns: Sequence[ColumnApart]) -> str:
    if len(columns) == 1:
        return f"column {columns[0].name} is distributed differently"
    names = listing([column.name for column in columns], 3)
    return f"columns {names} are distributed differently"


def _times(factor: float | None) -> str:
    assert factor is not None
    return f"{factor:g} times larger" if factor > 1 else f"{1 / factor:g} times smaller"


def repaired(learner: Learner, repairs: Sequence[Repair]) -> Learner:
    """Return a learner with repairs around it.

    They act in the order of ``ORDER``.
    """
    ways = {repair.way for repair in repairs}
    for way in reversed(ORDER):
        if way in ways:
            learner = _around(learner, way)
    return learner


def _around(learner: Learner, way: str) -> Learner:
    if way == "capacity":
        weaker = more_regularised(learner)
        assert weaker is not None
        return weaker
    if way == "labels":
        return LikelyLabels(learner)
    if way == "relabel":
        return Relabelled(learner)
    if way == "shortcut":
        return SharedFeatures(learner)
    if way == "units":
        return MatchedColumns(learner, "units")
    if way == "scale":
        return MatchedColumns(learner, "scale")
    if way == "quantiles":
        return MatchedColumns(learner, "quantiles")
    if way == "low":
        return Weighted(learner, LOW_RATIO)
    plain: dict[str, Callable[[Learner], Learner]] = {
        "copies": Deduplicated,
        "codes": BlankedCodes,
        "gaps": CommonColumns,
        "shares": ClassShares,
        "covariates": ImportanceWeighted,
        "half": Balanced,
    }
    return plain[way](learner)
