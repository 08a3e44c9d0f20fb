"""From trials on parts of the target to a curve of gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.curves.gap_curve import Crossing, CurvePoint, GapCurve
from transfergap.design import Design, Split
from transfergap.estimation.pairs import Outputs, PairedTrials
from transfergap.folds import N_FOLDS
from transfergap.gap import LEVEL
from transfergap.parts import WHOLE_PART
from transfergap.stats import (
    can_rank,
    corrected_error,
    crossing,
    fitted_curve,
    macro_auc_rows,
)

Floats = NDArray[np.float64]
FEWEST_SIZES = 3  # for a crossing: two numbers are fitted
FEWEST_FOLDS = 5
TEST_TO_TRAIN = 1.0 / (N_FOLDS - 1)


@dataclass(frozen=True)
class FoldLosses:
    """Mean loss of either arm on one test fold; smaller is better."""

    control: float
    treated: float


def fold_losses(arm: PairedTrials, split: Split) -> FoldLosses | None:
    """Return the losses of a pair on the fold that a split tests; ``None`` without the pair."""
    if not arm.pairs(split):
        return None
    problem = arm.design.problem
    metric = problem.metric
    names = (arm.control, arm.name)
    if metric.kind == "scorer":
        scores = (float(arm.outputs[name, split][0]) for name in names)
        return FoldLosses(*(-metric.gain(of=score, over=0.0) for score in scores))
    if metric.kind == "ranking":
        labels = np.searchsorted(problem.classes, problem.target.y[arm.design.held_out(split)])
        if not can_rank(labels, np.zeros(len(labels), np.intp)):
            return None
        areas = (float(macro_auc_rows(arm.outputs[name, split], labels).mean()) for name in names)
        return FoldLosses(*(-area for area in areas))
    return FoldLosses(*(float(arm.losses(name, split).mean()) for name in names))


def fold_gaps(arm: PairedTrials, splits: list[Split]) -> Floats:
    """Return the gap of each fold in score units, NaN where a pair is missing."""
    losses = [fold_losses(arm, split) for split in splits]
    pairs = np.array([(x.control, x.treated) if x else (np.nan, np.nan) for x in losses])
    metric = arm.design.problem.metric
    gaps: Floats = pairs[:, 0] - pairs[:, 1]
    if metric.kind != "residual" or np.isnan(gaps).all():
        return gaps
    control, treated = np.nanmean(pairs, axis=0)
    return gaps * metric.gap_scale(float(control), float(treated))


def splits_of(design: Design, part: int) -> list[Split]:
    """Return the splits that train on a part of each fold's training rows."""
    whole = part == WHOLE_PART
    return [
        Split("fold", r, (a,)) if whole else Split("part", r, (a, part))
        for r in range(design.n_repeats)
        for a in range(N_FOLDS)
    ]


def point_of(at: float, gaps: Floats) -> CurvePoint | None:
    """Return one point from the gaps of its folds; ``None`` where fewer than five are complete."""
    gaps = gaps[~np.isnan(gaps)]
    if len(gaps) < FEWEST_FOLDS:
        return None
    half = _quantile() * corrected_error(gaps, test_to_train=TEST_TO_TRAIN)
    mean = float(gaps.mean())
    return CurvePoint(at, mean, mean - half, mean + half, len(gaps))


def _quantile() -> float:
    return float(stats.t.ppf(0.5 + LEVEL / 2, N_FOLDS - 1))


def rows_curve(design: Design, outputs: Outputs, name: str) -> GapCurve | None:
    """Return an arm's gap against target rows, with the crossing; ``None`` without two points."""
    arm = PairedTrials(design, outputs, name)
    points, columns = [], []
    for part in design.parts:
        splits = splits_of(design, part)
        gaps = fold_gaps(arm, splits)
        point = point_of(_mean_rows(design, splits), gaps)
        if point is not None:
            points.append(point)
            columns.append(gaps)
    if len(points) < 2:
        return None
    table = np.column_stack(columns)
    table = table[~np.isnan(table).any(axis=1)]
    found = None
    if len(points) >= FEWEST_SIZES and len(table) >= FEWEST_FOLDS:
        found = _crossing(np.array([point.at for point in points]), table)
    return GapCurve(name, tuple(points), found, _said(tuple(points), found))


def _mean_rows(design: Design, splits: list[Split]) -> float:
    sizes = [len(design.trained(split)) for split in splits]
    return float(np.mean(sizes))


def _crossing(sizes: Floats, table: Floats) -> Crossing:
    coefficients, covariance = fitted_curve(sizes, table, test_to_train=TEST_TO_TRAIN)
    found = crossing(sizes, coefficients, covariance, df=N_FOLDS - 1)
    if not found.falls:
        return Crossing(None, None, None, False, found.limit)
    beyond = found.size is not None and found.size > sizes[-1]
    return Crossing(found.size, found.low, found.high, beyond, found.limit)


def _said(points: tuple[CurvePoint, ...], found: Crossing | None) -> str:
    """Return what a curve says of how much target data makes the source moot."""
    first, last = points[0], points[-1]
    seen = f"{first.at:,.0f} to {last.at:,.0f} target rows"
    if found is None or found.at is None:
        how = _throughout(points)
        return f"{how} from {seen}; no number of target rows at which the gap is zero is in sight."
    where = _interval(found, last.at)
    if found.extrapolated:
        return (
            f"the gap falls, and would be gone at about {found.at:,.0f} target rows {where}. This"
            f" is extrapolated: no more than {last.at:,.0f} were trained on."
        )
    return f"the source pays up to about {found.at:,.0f} target rows {where}, and costs beyond."


def _throughout(points: tuple[CurvePoint, ...]) -> str:
    if all(point.low > 0 for point in points):
        return "it helps throughout,"
    if all(point.high < 0 for point in points):
        return "it hurts throughout,"
    rising = points[-1].estimate > points[0].estimate
    return f"the gap {'rises' if rising else 'falls'}"


def _interval(found: Crossing, most: float) -> str:
    low = "fewer than were seen" if found.low is None else f"{found.low:,.0f}"
    high = "beyond what can be said" if found.high is None else f"{found.high:,.0f}"
    return f"[{low}, {high}]"
