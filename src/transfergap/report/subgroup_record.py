"""Subgroups in JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from transfergap.gap import Gap, Verdict
from transfergap.report._reading import _flag, _number, _number_or_none, _text, _whole
from transfergap.subgroups.gaps import (
    ArmErrors,
    ErrorRate,
    SmallSubgroup,
    SubgroupGap,
    Subgroups,
)

_Record = Mapping[str, Any]


def subgroups_record(subgroups: Subgroups) -> dict[str, Any]:
    """Return subgroups as JSON knows them."""
    record = asdict(subgroups)
    for gap in record["gaps"]:
        gap["verdict"] = str(gap["verdict"])
    return record


def read_subgroups(record: _Record | None) -> Subgroups | None:
    """Return the subgroups that a record describes; results of before have none."""
    if record is None:
        return None
    return Subgroups(
        found=_flag(record["found"]),
        gaps=tuple(_subgroup(gap) for gap in record["gaps"]),
        overall=tuple(
            ArmErrors(_text(arm["arm"]), _whole(arm["n_rows"]), _rates(arm["errors"]))
            for arm in record["overall"]
        ),
        too_small=tuple(
            SmallSubgroup(_text(group["subgroup"]), _whole(group["n_rows"]))
            for group in record["too_small"]
        ),
        notes=tuple(_text(note) for note in record["notes"]),
    )


def _subgroup(record: _Record) -> SubgroupGap:
    return SubgroupGap(
        arm=_text(record["arm"]),
        subgroup=_text(record["subgroup"]),
        n_rows=_whole(record["n_rows"]),
        gap=read_gap(record["gap"]),
        p_helps=_number(record["p_helps"]),
        p_hurts=_number(record["p_hurts"]),
        verdict=Verdict(record["verdict"]),
        errors=_rates(record["errors"]),
    )


def read_gap(record: _Record) -> Gap:
    """Return a gap from its own fields."""
    numbers = {
        name: _number(record[name])
        for name in ("estimate", "low", "high", "error", "df", "equivalence_low",
                     "equivalence_high", "p_helps", "p_hurts", "smallest_margin")
    }  # fmt: skip
    return Gap(
        **numbers,
        n_pairs=_whole(record["n_pairs"]),
        method=_text(record["method"]),
        instability=_number_or_none(record["instability"]),
    )


def _rates(records: Any) -> tuple[ErrorRate, ...]:
    return tuple(
        ErrorRate(
            _text(rate["label"]),
            _text(rate["kind"]),
            _whole(rate["n_rows"]),
            *(_number(rate[name]) for name in ("control_rate", "arm_rate", "gain", "low", "high")),
        )
        for rate in records
    )
