"""Columns in other units, by the shift common to many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.units import is_in_one_unit

Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
_MOST_ROWS = (150, 600)  # of target and source that are compared: an even choice of more
_VOTERS = 3  # columns whose shifts are counted together
_MOST_VOTERS = 6  # of which these three are taken, those with most values first
_FEWEST_LEVELS = 8  # of a column that votes
_FEWEST = 4  # pairs of rows with one shift, as in units.py
_RARE = 1e-3  # chance of so many anywhere, were rows unrelated
_CLEAR = 1.5  # times the pairs of any other shift
_AROUND = 2  # steps on each side that tell how many pairs are usual
_OFF_GRID = 0.1  # of a step: values this far from a multiple lie on no grid
_PARTS = (1.0, 2.0, 3.0)  # of the smallest gap, which may be a few steps
# Steps that gaps have at most while the step is refined by least squares: rounding moves the
# smallest gap by a share that would be whole steps of the largest.
_REACHES = (4.0, 20.0, np.inf)
_MOST_DIGITS = 1e-9  # of the range: gaps below it are rounding error
_ON_LINE = 0.9  # share of the pairs that the line of a column must hold


@dataclass(frozen=True)
class Grid:
    """Values that are multiples of a step, from a first one.

    Parameters
    ----------
    first, step : float
    """

    first: float
    step: float

    @classmethod
    def of(cls, values: Floats) -> Grid | None:
        """Return the grid of some values; ``None`` where they lie on none.

        Examples
        --------
        >>> written = np.array([5.1, 4.9, 6.3, 5.8])
        >>> grid = Grid.of((written - written.mean()) / 0.6)
        >>> round(grid.step * 0.6, 6)
        0.1
        """
        levels = np.unique(values[np.isfinite(values)])
        if len(levels) < _FEWEST_LEVELS // 2:
            return None
        gaps = np.diff(levels)
        gaps = gaps[gaps > _MOST_DIGITS * (levels[-1] - levels[0])]
        for part in _PARTS:
            step = float(gaps.min()) / part
            for reach in _REACHES:
                short = gaps[gaps <= reach * step]
                counts = np.rint(short / step)
                if np.abs(short / step - counts).max() >= _OFF_GRID:
                    break
                step = float((counts * short).sum() / (counts**2).sum())
            else:
                # Through the first value: errors of single gaps would add up over a long grid.
                places, heights = np.cumsum(np.rint(gaps / step)), np.cumsum(gaps)
                step = float((places * heights).sum() / (places**2).sum())
                return cls(float(levels[0]), step)
        return None

    def places(self, values: Floats) -> Floats:
        """Return how many steps values lie above the first."""
        return (values - self.first) / self.step


def aligned(
    columns: Sequence[ComparableColumn], sample: NDArray[np.intp]
) -> tuple[list[ComparableColumn], tuple[tuple[str, str], ...]]:
    """Convert columns to units that whole rows show to be the target's.

    Also returns the changed columns and their conversions in words.

    Parameters
    ----------
    columns : sequence of ComparableColumn
    sample : ndarray
        Source rows to look at.

    Notes
    -----
    Ours, a vote on shifts as in the transform of Hough (1962). Where each file was standardised by
    itself, written numbers with few digits still lie on grids, and the steps of the two grids give
    the factor. The shift of one column remains open, as every shift by whole steps brings many
    values together; but all copies have the same shift in three columns at once, and unrelated rows
    have not.

    References
    ----------
    Hough (1962), Method and Means for Recognizing Complex Patterns.
    """
    grids = {}
    for k, column in enumerate(columns):
        if not (column.is_text or column.is_whole or is_in_one_unit(column, sample)):
            pair = Grid.of(column.target), Grid.of(column.source[sample].astype(float))
            if pair[0] is not None and pair[1] is not None:
                grids[k] = (pair[0], pair[1])
    n_levels = {k: len(np.unique(columns[k].target)) for k in grids}
    voters = sorted((k for k in grids if n_levels[k] >= _FEWEST_LEVELS), key=lambda k: -n_levels[k])
    target, source = (
        _even_choice(rows, most)
        for rows, most in zip((np.arange(len(columns[0].target)), sample), _MOST_ROWS, strict=True)
    )
    for chosen in combinations(voters[:_MOST_VOTERS], _VOTERS):
        shifts = [
            np.rint(
                grids[k][0].places(columns[k].target[target].astype(float))[:, None]
                - grids[k][1].places(columns[k].source[source].astype(float))[None, :]
            )
            for k in chosen
        ]
        winners = _of_one_shift(np.column_stack([shift.ravel() for shift in shifts]))
        if winners is not None:
            i, j = np.divmod(winners, len(source))
            return _mapped(columns, (target[i], source[j]), grids)
    return list(columns), ()


def _even_choice(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    if len(rows) <= most:
        return rows
    chosen: NDArray[np.intp] = rows[np.linspace(0, len(rows) - 1, most).round().astype(int)]
    return chosen


def _of_one_shift(shifts: Floats) -> NDArray[np.intp] | None:
    """Return the pairs of rows with the commonest shift, beyond chance.

    Parameters
    ----------
    shifts : ndarray, shape (n_pairs, n_columns)
        In whole steps; NaN where a value is missing.
    """
    present = np.flatnonzero(np.isfinite(shifts).all(axis=1))
    if not len(present):
        return None
    steps = shifts[present].astype(np.int64)
    steps -= steps.min(axis=0)
    # One number a shift: the sides of the box bound its places.
    keys = np.ravel_multi_index(tuple(steps.T), tuple(steps.max(axis=0) + 1))
    different, counts = np.unique(keys, return_counts=True)
    top = int(np.argmax(counts))
    winners = keys == different[top]
    apart = np.abs(steps - steps[winners][0])
    near = int((apart <= _AROUND).all(axis=1).sum()) - counts[top]
    usual = near / ((2 * _AROUND + 1) ** steps.shape[1] - 1)
    second = np.delete(counts, top).max(initial=0)
    clear = counts[top] >= max(_FEWEST, _CLEAR * second)
    rare = float(poisson.sf(counts[top] - 1, usual)) * len(different) < _RARE
    return present[winners] if clear and rare else None


def _mapped(
    columns: Sequence[ComparableColumn], pairs: Pairs, grids: dict[int, tuple[Grid, Grid]]
) -> tuple[list[ComparableColumn], tuple[tuple[str, str], ...]]:
    """Convert each column on a grid by the line of its pairs."""
    changed = list(columns)
    units = []
    for k, (grid, _) in grids.items():
        column = columns[k]
        x, y = (v.astype(float) for v in (column.source[pairs[1]], column.target[pairs[0]]))
        line = _line(x, y, _OFF_GRID * grid.step)
        if line is not None:
            factor, offset = line
            source = _on_grid(factor * column.source.astype(float) + offset, column.target, grid)
            changed[k] = replace(column, target=column.target.astype(float), source=source)
            units.append((column.name, f"times {factor:.6g} plus {offset:.6g}"))
    return changed, tuple(units)


def _line(x: Floats, y: Floats, width: float) -> tuple[float, float] | None:
    """Return factor and offset of the line of nearly all points."""
    present = np.isfinite(x) & np.isfinite(y)
    x, y = x[present], y[present]
    if len(x) < _FEWEST or np.ptp(x) == 0:
        return None
    for _ in range(2):  # again without the few pairs that have the shift by chance
        factor, offset = np.polyfit(x, y, 1)
        on_line = np.abs(factor * x + offset - y) <= width
        if on_line.sum() < max(2, _ON_LINE * len(x)) or np.ptp(x[on_line]) == 0:
            return None
        x, y = x[on_line], y[on_line]
    return float(factor), float(offset)


def _on_grid(source: Floats, target: NDArray[np.generic], grid: Grid) -> Floats:
    """Replace values that differ by rounding only by the target's."""
    levels = np.unique(target.astype(float))
    levels = levels[np.isfinite(levels)]
    above = np.searchsorted(levels, source).clip(1, len(levels) - 1)
    nearest = np.where(source - levels[above - 1] < levels[above] - source, above - 1, above)
    near: Floats = np.where(
        np.abs(levels[nearest] - source) < _OFF_GRID * grid.step, levels[nearest], source
    )
    return near
