"""Learning curves of agents in JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from transfergap.gap import Verdict
from transfergap.report._reading import _flag, _number, _number_or_none, _read_gap, _text, _whole
from transfergap.training_curves.learned import ArmCurve, CurveMetric, MetricGap, TrainingCurves

_Record = Mapping[str, Any]


def training_record(training: TrainingCurves) -> dict[str, Any]:
    """Return curves and metrics as JSON knows them."""
    record = asdict(training)
    record["judged_by"] = str(training.judged_by)
    for told, gap in zip(record["gaps"], training.gaps, strict=True):
        told["metric"] = str(gap.metric)
        told["verdict"] = None if gap.verdict is None else str(gap.verdict)
        if told["gap"] is not None:
            told["gap"]["pairs"] = told["gap"].pop("n_pairs")
    return record


def read_training(record: _Record | None) -> TrainingCurves | None:
    """Return what a record describes; results of tables have none."""
    if record is None:
        return None
    return TrainingCurves(
        steps=_numbers(record["steps"]),
        score=_text(record["score"]),
        curves=tuple(
            ArmCurve(
                _text(curve["arm"]),
                _numbers(curve["mean"]),
                _numbers(curve["low"]),
                _numbers(curve["high"]),
                _whole(curve["n_seeds"]),
            )
            for curve in record["curves"]
        ),
        gaps=tuple(_gap(gap) for gap in record["gaps"]),
        judged_by=CurveMetric(record["judged_by"]),
        threshold=_number_or_none(record["threshold"]),
        n_seeds=_whole(record["n_seeds"]),
        notes=tuple(_text(note) for note in record["notes"]),
    )


def _gap(record: _Record) -> MetricGap:
    return MetricGap(
        arm=_text(record["arm"]),
        metric=CurveMetric(record["metric"]),
        gap=None if record["gap"] is None else _read_gap(record["gap"]),
        verdict=None if record["verdict"] is None else Verdict(record["verdict"]),
        held_back=_flag(record["held_back"]),
        note=_text(record["note"]),
    )


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(_number(value) for value in values)
