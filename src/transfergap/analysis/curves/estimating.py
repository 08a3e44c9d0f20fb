"""From trials on parts of the target to a curve of gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.curves.gap_curve import Crossing, CurvePoint, GapCurve, Worth
from transfergap.analysis.estimation.pairs import Outputs, PairedTrials
from transfergap.data.splitting.folds import N_FOLDS, WHOLE_PART
from transfergap.experiment.design import Design, Split
from transfergap.stats import (
    corrected_error,
    crossing,
    fitted_curve,
    without_rounding,
)
from transfergap.stats.gap import LEVEL

Floats = NDArray[np.float64]
FEWEST_SIZES = 3  # for a crossing: two numbers are fitted
# Half of the folds: a t with three degrees of freedom is too wide to show.
FEWEST_FOLDS = 5
# Nadeau and Bengio (2003): one fold tested, the others trained on.
TEST_TO_TRAIN = 1.0 / (N_FOLDS - 1)
# Parts of the training rows overlap less than whole folds do, so half of it is enough for the fit
# over all sizes: measured in benchmarks/crossing_coverage.py.
CROSSING_TEST_TO_TRAIN = 0.5 * TEST_TO_TRAIN


def fold_loss(trials: PairedTrials, name: str, split: Split) -> float:
    """Return an arm's mean loss on the fold of a split.

    NaN where there is none. For scores of whole folds and areas under the curve it is minus the
    score.
    """
    if (name, split) not in trials.outputs:
        return np.nan
    problem = trials.design.problem
    return problem.fold_loss(trials.outputs[name, split], trials.design.held_out(split))


def fold_gaps(trials: PairedTrials, names: tuple[str, str], splits: list[Split]) -> Floats:
    """Return the second arm's gap over the first, by fold.

    Gaps are in score units. NaN where a pair is missing.
    """
    pairs = np.array([[fold_loss(trials, name, split) for name in names] for split in splits])
    metric = trials.design.problem.metric
    size = float(np.nanmax(np.abs(pairs), initial=0.0))
    gaps = without_rounding(pairs[:, 0] - pairs[:, 1], size=size)
    if not metric.has_residuals or np.isnan(gaps).all():
        return gaps
    first, second = pairs[~np.isnan(gaps)].mean(axis=0)
    return gaps * metric.gap_scale(float(first), float(second))


def splits_of(design: Design, part: int) -> list[Split]:
    """Return splits that train on a part of the training rows."""
    whole = part == WHOLE_PART
    return [
        fold if whole else Split("part", fold.repeat, (*fold.held_out, part))
        for fold in design.fold_splits()
    ]


def point_of(at: float, gaps: Floats) -> CurvePoint | None:
    """Return one point from the gaps of its folds.

    ``None`` where fewer than five are complete.
    """
    gaps = gaps[~np.isnan(gaps)]
    if len(gaps) < FEWEST_FOLDS:
        return None
    half = _quantile() * corrected_error(gaps, test_to_train=TEST_TO_TRAIN)
    mean = float(gaps.mean())
    return CurvePoint(at, mean, mean - half, mean + half, len(gaps))


def _quantile() -> float:
    return float(stats.t.ppf(0.5 + LEVEL / 2, N_FOLDS - 1))


def rows_curve(design: Design, outputs: Outputs, name: str) -> GapCurve | None:
    """Return an arm's gap against target rows, with the crossing.

    It is ``None`` without two points.
    """
    arm = PairedTrials(design, outputs, name)
    points, columns = [], []
    for part in design.parts:
        splits = splits_of(design, part)
        gaps = fold_gaps(arm, (arm.control, name), splits)
        point = point_of(_mean_rows(design, splits), gaps)
        if point is not None:
            points.append(point)
            columns.append(gaps)
    if len(points) < 2:
        return None
    table = np.column_stack(columns)
    # The crossing needs every size of a fold: its coefficients are paired by fold.
    table = table[~np.isnan(table).any(axis=1)]
    root = None
    if len(points) >= FEWEST_SIZES and len(table) >= FEWEST_FOLDS:
        root = _crossing(np.array([point.at for point in points]), table)
    worth = worth_in_rows(arm, name)
    sentence = _curve_sentence(tuple(points), root)
    if worth is not None:
        sentence += f" At {worth.at:,.0f} rows it is worth {worth}."
    return GapCurve(name, tuple(points), root, sentence, worth)


def worth_in_rows(trials: PairedTrials, name: str) -> Worth | None:
    """Return the target rows that make the control as good.

    Notes
    -----
    The control's loss with m rows, less the arm's with all of them, is a + b/m for every fold; its
    zero is where they are level. The median of estimates is too low, the interval holds the truth
    (benchmarks/worth_coverage.py), and its upper end is often out of sight. The same question is
    asked of borrowed data in clinical trials as an effective sample size (Neuenschwander et al.
    2020, Predictively consistent prior effective sample sizes).
    """
    design = trials.design
    parts = [splits_of(design, part) for part in design.parts]
    sizes = np.array([_mean_rows(design, splits) for splits in parts])
    whole = splits_of(design, WHOLE_PART)
    arm = np.array([fold_loss(trials, name, split) for split in whole])
    control = np.array(
        [[fold_loss(trials, trials.control, split) for split in splits] for splits in parts]
    )
    lead = (control - arm).T
    lead = lead[~np.isnan(lead).any(axis=1)]
    if len(sizes) < FEWEST_SIZES or len(lead) < FEWEST_FOLDS:
        return None
    coefficients, covariance = fitted_curve(sizes, lead, test_to_train=CROSSING_TEST_TO_TRAIN)
    if coefficients[1] <= 0:
        return None
    root = crossing(sizes, coefficients, covariance, df=N_FOLDS - 1)
    at = float(sizes[-1])
    rows, low, high = (
        None if end is None else end - at for end in (root.size, root.low, root.high)
    )
    behind = float(coefficients[0] + coefficients[1] / at) < 0
    return Worth(rows, low, high, at, fewer=rows is None and behind)


def _mean_rows(design: Design, splits: list[Split]) -> float:
    sizes = [len(design.trained(split)) for split in splits]
    return float(np.mean(sizes))


def _crossing(sizes: Floats, table: Floats) -> Crossing:
    coefficients, covariance = fitted_curve(sizes, table, test_to_train=CROSSING_TEST_TO_TRAIN)
    root = crossing(sizes, coefficients, covariance, df=N_FOLDS - 1)
    if not root.falls:
        return Crossing(None, None, None, False, root.limit)
    beyond = root.size is not None and root.size > float(sizes[-1])
    return Crossing(root.size, root.low, root.high, bool(beyond), root.limit)


def _curve_sentence(points: tuple[CurvePoint, ...], root: Crossing | None) -> str:
    """Return the sentence on how many target rows make sources needless."""
    n_largest = points[-1].at
    if root is None or root.at is None:
        return _throughout(points)
    interval = _interval(root)
    if root.extrapolated:
        return (
            f"the gap falls, and would be gone at about {root.at:,.0f} target rows {interval}. This"
            f" is extrapolated: no more than {n_largest:,.0f} were trained on."
        )
    return f"it pays up to about {root.at:,.0f} target rows {interval}, and costs beyond."


def _throughout(points: tuple[CurvePoint, ...]) -> str:
    first, last = points[0], points[-1]
    helps, hurts = all(p.low > 0 for p in points), all(p.high < 0 for p in points)
    for good, words in ((helps, "helps"), (hurts, "hurts")):
        if good:
            return (
                f"it {words} at every size from {first.at:,.0f} to {last.at:,.0f} target rows, and"
                " no number at which that ends is in sight."
            )
    return (
        f"the gap goes from {first.estimate:+.3f} at {first.at:,.0f} target rows to"
        f" {last.estimate:+.3f} at {last.at:,.0f}; no number at which it is gone is in sight."
    )


def _interval(root: Crossing) -> str:
    low = "fewer than were seen" if root.low is None else f"{root.low:,.0f}"
    high = "beyond what can be said" if root.high is None else f"{root.high:,.0f}"
    return f"[{low}, {high}]"
