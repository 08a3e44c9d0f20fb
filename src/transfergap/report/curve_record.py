"""A learning curve in JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from transfergap.curves.gap_curve import Crossing, CurvePoint, GapCurve, LearningCurve
from transfergap.report._reading import _flag, _number, _number_or_none, _text, _whole

_Record = Mapping[str, Any]


def curve_record(curve: LearningCurve) -> dict[str, Any]:
    """Return a curve as JSON knows it."""
    return asdict(curve)


def read_curve(record: _Record | None) -> LearningCurve | None:
    """Return the curve that a record describes; results of before have none."""
    if record is None:
        return None
    return LearningCurve(
        axis=_text(record["axis"]),
        metric=_text(record["metric"]),
        curves=tuple(_curve(curve) for curve in record["curves"]),
        notes=tuple(_text(note) for note in record["notes"]),
        control_gain=None if (gain := record.get("control_gain")) is None else _point(gain),
    )


def _point(record: _Record) -> CurvePoint:
    return CurvePoint(
        _number(record["at"]),
        _number(record["estimate"]),
        _number(record["low"]),
        _number(record["high"]),
        _whole(record["n_pairs"]),
    )


def _curve(record: _Record) -> GapCurve:
    return GapCurve(
        arm=_text(record["arm"]),
        points=tuple(_point(point) for point in record["points"]),
        crossing=_crossing(record["crossing"]),
        says=_text(record["says"]),
    )


def _crossing(record: _Record | None) -> Crossing | None:
    if record is None:
        return None
    return Crossing(
        at=_number_or_none(record["at"]),
        low=_number_or_none(record["low"]),
        high=_number_or_none(record["high"]),
        extrapolated=_flag(record["extrapolated"]),
        limit=_number(record["limit"]),
    )
