"""Gaps and error rates of target subgroups, from stored trials."""

from transfergap.analysis.subgroups.gaps import (
    ArmErrors,
    ErrorRate,
    SmallSubgroup,
    SubgroupGap,
    Subgroups,
)
from transfergap.analysis.subgroups.grouping import AUTO, FIND, Grouping, Subgroup, group_rows
from transfergap.analysis.subgroups.looking import look_at_subgroups

__all__ = [
    "AUTO",
    "FIND",
    "ArmErrors",
    "ErrorRate",
    "Grouping",
    "SmallSubgroup",
    "Subgroup",
    "SubgroupGap",
    "Subgroups",
    "group_rows",
    "look_at_subgroups",
]
