"""Correlation of residuals in orders of the rows: time, place, unit, file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.checks.row_order import (
    RowOrder,
    arranging_column,
    by_place,
    by_time,
    coordinates,
    counting_columns,
    is_sorted,
    time_columns,
)
from transfergap.analysis.checks.row_units import by_constant_columns, by_name, naming_columns
from transfergap.analysis.checks.unit_effects import unit_effect
from transfergap.data.problem import Problem

Floats = NDArray[np.float64]
# The normal limit of the correlation (CLEAR / sqrt(n)) needs some pairs.
FEWEST_PAIRS = 20
MOST_ROWS = 20_000  # neighbours of the first ones tell enough
# One-sided normal quantile of 1 in 2,000 for each order; most tables have two, so false alarms
# stay well below 0.5 %. Measured on shuffled real tables: docs/time.md.
CLEAR = 3.29
LAGS = (1, 2, 3)  # rows apart in the file: two or three series may take turns
CLEAR_APART = 3.8  # for lags above 1, which few files call for: 1 in 14,000
LEAST_CORRELATION = 0.1  # below 0.1 folds mislead by little, however sure it is
# Labels that change less often than this from row to row may be laid in heaps by whoever wrote the
# file; then only what rows of one class do is looked at.
FEWEST_CHANGES = 0.2


@dataclass(frozen=True)
class NeighbourCorrelation:
    """Correlation of neighbours in one order.

    Parameters
    ----------
    order : RowOrder
    correlation : float
        Of the ranks of residuals, over pairs of neighbours.
    chance : float
        What pairs of strangers do not exceed, but once in 2,000 times.
    """

    order: RowOrder
    correlation: float
    chance: float

    @property
    def clear(self) -> bool:
        """Return whether the correlation exceeds chance, and matters."""
        return self.correlation > max(self.chance, LEAST_CORRELATION)


def neighbour_correlations(
    problem: Problem, control: Floats | None, *, groups: NDArray[np.intp] | None, seed: int
) -> list[NeighbourCorrelation]:
    """Return the correlation of neighbours in every order of the rows.

    Parameters
    ----------
    problem : Problem
    control : ndarray, shape (n_rows,), optional
        Held-out residuals of the control, one a row.
    groups : ndarray of int, optional
        Group of each row: neighbours of one group do not count.
    seed : int
        Shuffles rows of one time, and draws the folds of the ridge.
    """
    X = problem.target.X
    times, counting, places = time_columns(X), counting_columns(X), coordinates(X)
    out = [*times, *counting, *(places or ())]
    plain = background_residuals(problem, out, seed=seed)
    correlations: list[NeighbourCorrelation | None] = _unit_correlations(
        problem, [*out, *naming_columns(X)], plain, groups=groups, seed=seed
    )
    if plain is not None:
        orders: list[RowOrder | None] = [by_time(name, t, seed=seed) for name, t in times.items()]
        if problem.index_times is not None:
            orders.append(by_time(None, problem.index_times, seed=seed))
        orders += [by_place(X, places)] if places is not None else []
        ranks = _ranked(plain, np.zeros(len(plain), np.intp))
        correlations += [
            _correlation_of(order, ranks, groups) for order in orders if order is not None
        ]
    if _explains_itself(problem, {str(name) for name in out}):
        return [value for value in correlations if value is not None]
    rows = np.arange(min(len(problem.target), MOST_ROWS))
    for lag in LAGS:
        order = RowOrder("file", (), rows[:-lag], rows[lag:], lag)
        for residuals in (control, plain):
            if residuals is not None:
                ranks = _ranked(residuals, _heaps(problem, lag))
                correlations.append(_correlation_of(order, ranks, groups))
    return [value for value in correlations if value is not None]


def _unit_correlations(
    problem: Problem,
    out: list[Any],
    plain: Floats | None,
    *,
    groups: NDArray[np.intp] | None,
    seed: int,
) -> list[NeighbourCorrelation | None]:
    """Return the correlation of rows of one unit."""
    X, named = problem.target.X, naming_columns(problem.target.X)
    constant = by_constant_columns(X, seed=seed)
    orders = [*(by_name(X, name, seed=seed) for name in named), *([constant] if constant else [])]
    if plain is None or not orders:
        return []
    # A model that has names of persons knows their labels, and then nothing is left to see.
    residuals = background_residuals(problem, out, seed=seed) if named else plain
    if residuals is None:
        return []
    numbers, labels = numbers_besides(X, out), _one_response(problem)
    ranks = _ranked(residuals, np.zeros(len(residuals), np.intp))
    correlations: list[NeighbourCorrelation | None] = []
    for order in orders:
        pairs = _of_several_groups(_parted(problem, order), groups)
        effect = None
        if numbers is not None and len(pairs.left) > FEWEST_PAIRS:
            chance = float(stats.norm.sf(CLEAR))
            effect = unit_effect(numbers, labels, pairs.left, pairs.right, chance=chance)
        correlations.append(
            _correlation_of(pairs, ranks, groups)
            if effect is None
            else NeighbourCorrelation(order, *effect)
        )
    return correlations


def _of_several_groups(order: RowOrder, groups: NDArray[np.intp] | None) -> RowOrder:
    """Return the order with pairs of different groups.

    Rows of one group are tested together.
    """
    if groups is None:
        return order
    apart = groups[order.left] != groups[order.right]
    return replace(order, left=order.left[apart], right=order.right[apart])


def _parted(problem: Problem, order: RowOrder) -> RowOrder:
    """Return the order with pairs that some fold parts."""
    if problem.splitting is None:
        return order
    parted = np.zeros(len(order.left), bool)
    for fold in problem.splitting.folds:
        tested = np.isin([order.left, order.right], fold.tested)
        trained = np.isin([order.left, order.right], fold.trained)
        parted |= (tested & trained[::-1]).any(axis=0)
    return replace(order, left=order.left[parted], right=order.right[parted])


def _explains_itself(problem: Problem, but: set[str]) -> bool:
    """Return whether label or column explains the order of the file."""
    return (
        is_sorted(problem.task.as_numbers(problem.target.y, problem.classes))
        or arranging_column(problem.target.X, but) is not None
    )


def _heaps(problem: Problem, lag: int) -> NDArray[np.intp]:
    """Return the class of each row where classes heap or alternate.

    Otherwise it is one number for all rows.
    """
    alike = np.zeros(len(problem.target), np.intp)
    codes = problem.task.strata(problem.target.y, problem.classes)
    if codes is None:
        return alike
    often = np.count_nonzero(np.diff(codes)) >= FEWEST_CHANGES * len(codes)
    return alike if often and lag == 1 else codes


def _ranked(residuals: Floats, heaps: NDArray[np.intp]) -> Floats:
    """Return residuals as ranks in (0, 1) within their heap; NaN stays."""
    ranks = np.full(len(residuals), np.nan)
    for heap in np.unique(heaps):
        rows = np.flatnonzero((heaps == heap) & ~np.isnan(residuals))
        # Midpoints of ranks in (0, 1): heaps of any size have the same mean.
        ranks[rows] = (stats.rankdata(residuals[rows]) - 0.5) / max(len(rows), 1)
    return ranks


def _correlation_of(
    order: RowOrder, ranks: Floats, groups: NDArray[np.intp] | None
) -> NeighbourCorrelation | None:
    order = _of_several_groups(order, groups)
    left, right = order.left[:MOST_ROWS], order.right[:MOST_ROWS]
    usable = ~np.isnan(ranks[left]) & ~np.isnan(ranks[right])
    left, right = left[usable], right[usable]
    if len(left) <= FEWEST_PAIRS:
        return None
    used = np.union1d(left, right)
    centred = ranks - ranks[used].mean()
    spread = float(np.mean(centred[used] ** 2))
    if spread <= 0:
        return None
    correlation = float(np.mean(centred[left] * centred[right])) / spread
    # Under shuffling, a product of neighbours has mean -1 / (n - 1) and variance near 1. Nearest
    # neighbours that are mutual count twice: then half of the pairs are free.
    n = len(left) / 2 if order.kind == "place" else len(left)
    clear = CLEAR if order.lag == 1 else CLEAR_APART
    return NeighbourCorrelation(order, correlation, clear / float(np.sqrt(n)) - 1.0 / n)


def background_residuals(problem: Problem, out: list[Any], *, seed: int) -> Floats | None:
    """Return residuals of a linear model without columns of order.

    Columns of times and places are left out: a model that has them finds the neighbours of a tested
    row, and then nothing is left to see. ``None`` for texts and sparse rows.
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold, cross_val_predict

    numbers = numbers_besides(problem.target.X, out)
    if numbers is None:
        return None
    y = _one_response(problem)
    if numbers.shape[1] == 0:
        centred: Floats = y - y.mean()
        return centred
    # Each row is predicted by a model of other rows; neighbours show in the residuals all the same.
    folds = KFold(5, shuffle=True, random_state=seed)
    residuals: Floats = y - cross_val_predict(Ridge(), numbers, y, cv=folds)
    return residuals


def numbers_besides(X: Any, out: list[Any]) -> Floats | None:
    """Return columns as numbers, but for some.

    ``None`` for texts and sparse rows.
    """
    from transfergap.data.encoding.features import fit_view

    if isinstance(X, list) or hasattr(X, "tocsr"):
        return None
    remaining_columns = X.drop(columns=out) if hasattr(X, "iloc") else np.delete(X, out, axis=1)
    if remaining_columns.shape[1] == 0:
        return np.empty((len(X), 0))
    return fit_view(remaining_columns).of(remaining_columns)


def _one_response(problem: Problem) -> Floats:
    response: Floats = problem.task.as_one_response(problem.target.y, problem.classes)
    return response
