"""Columns in other units, by the shift common to many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.lines import (
    OFF_GRID,
    Floats,
    Pairs,
    Rescaled,
    even_choice,
    gaps_of,
    rescaled_by,
    steps_of,
)

_MOST_ROWS = (150, 600)  # of target and source that are compared: an even choice of more
# Columns whose shifts are counted together: four tell few copies from chance; where one of them
# has a step of its own in each file, three are left.
_VOTERS = (4, 3)
_MOST_VOTERS = 6  # of which these are taken, those with most values first
_FEWEST_LEVELS = 8  # of each of these
_MOST_TOGETHER = 8  # columns that vote together where no three are enough
_FEWEST = 4  # pairs of rows with one shift, as in units.py
_RARE = 1e-3  # chance of so many anywhere, were rows unrelated
_CLEAR = 1.5  # times the pairs of any other shift
_AROUND = 2  # steps on each side that tell how many pairs are usual
_PARTS = (1.0, 2.0, 3.0)  # of the smallest gap, which may be a few steps
# Steps that gaps have at most while the step is refined by least squares: rounding moves the
# smallest gap by a share that would be whole steps of the largest.
_REACHES = (4.0, 20.0, np.inf)
_LONGEST = 1e7  # steps of a grid: of more, doubles that were scaled tell none
_EXACT = 1e-3  # of a step, that scaling leaves of doubles
_LARGEST_BOX = 2.0**62  # cells that a 64-bit number tells apart


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
        gaps = gaps_of(levels)
        if not len(gaps):
            return None
        step = _short_gap(gaps) or _common_divisor(gaps)
        if step is None:
            return None
        # Through the first value: errors of single gaps would add up over a long grid.
        places, heights = np.cumsum(np.rint(gaps / step)), np.cumsum(gaps)
        return cls(float(levels[0]), float((places * heights).sum() / (places**2).sum()))

    def places(self, values: Floats) -> Floats:
        """Return how many steps values lie above the first."""
        return (values - self.first) / self.step


def _short_gap(gaps: Floats) -> float | None:
    """Return the smallest gap, or a part of it, as step."""
    for part in _PARTS:
        step = float(gaps.min()) / part
        for reach in _REACHES:
            short = gaps[gaps <= reach * step]
            counts = np.rint(short / step)
            if np.abs(short / step - counts).max() >= OFF_GRID:
                break
            step = float((counts * short).sum() / (counts**2).sum())
        else:
            return step
    return None


def _common_divisor(gaps: Floats) -> float | None:
    """Return the common divisor of gaps by Euclid's algorithm.

    Amounts are whole numbers far apart: no gap is a single step. Rounded values have none.
    """
    step = float(gaps.min())
    while gaps.sum() < _LONGEST * step:
        remainders = np.abs(gaps - step * np.rint(gaps / step))
        over = remainders[remainders > _EXACT * step]
        if not len(over):
            return step
        step = float(over.min())
    return None


def aligned(columns: Sequence[ComparableColumn], sample: NDArray[np.intp]) -> Rescaled:
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
    values together; but all copies have the same shift in several columns at once, and unrelated
    rows have not.

    References
    ----------
    Hough (1962), Method and Means for Recognizing Complex Patterns.
    """
    steps = steps_of(columns, sample)
    grids: dict[int, tuple[Grid, Grid]] = {}
    for k in steps:
        pair = Grid.of(columns[k].target), Grid.of(columns[k].source[sample].astype(float))
        if pair[0] is not None and pair[1] is not None:
            grids[k] = (pair[0], pair[1])
    n_levels = {k: len(np.unique(columns[k].target)) for k in grids}
    by_levels = sorted(grids, key=lambda k: -n_levels[k])
    voters = [k for k in by_levels if n_levels[k] >= _FEWEST_LEVELS][:_MOST_VOTERS]
    # Where few columns have many values, all vote together.
    together = [tuple(by_levels[:_MOST_TOGETHER])] if len(by_levels) > min(_VOTERS) else []
    target, source = (
        even_choice(rows, most)
        for rows, most in zip((np.arange(len(columns[0].target)), sample), _MOST_ROWS, strict=True)
    )
    shifts = {
        k: np.rint(
            grids[k][0].places(columns[k].target[target].astype(float))[:, None]
            - grids[k][1].places(columns[k].source[source].astype(float))[None, :]
        ).ravel()
        for k in {*voters, *(k for chosen in together for k in chosen)}
    }
    sets = (chosen for n in _VOTERS for chosen in combinations(voters, n))
    for chosen in (*sets, *together):
        winners = _of_one_shift(np.column_stack([shifts[k] for k in chosen]))
        if winners is not None:
            i, j = _once(*np.divmod(winners, len(source)))
            return rescaled_by(columns, (target[i], source[j]), steps)
    return list(columns), ()


def _once(i: NDArray[np.intp], j: NDArray[np.intp]) -> Pairs:
    """Return the pairs whose rows have no other partner.

    Rows that are alike in the columns that vote, as those of zeros are, pair with all of them.
    """
    alone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    return (i[alone], j[alone]) if alone.sum() >= _FEWEST else (i, j)


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
    keys = _one_number(steps)
    different, counts = np.unique(keys, return_counts=True)
    top = int(np.argmax(counts))
    second = np.delete(counts, top).max(initial=0)
    if counts[top] < max(_FEWEST, _CLEAR * second):
        return None
    winners = keys == different[top]
    apart = np.abs(steps - steps[winners][0])
    near = keys[(apart <= _AROUND).all(axis=1) & ~winners]
    usual = len(near) / max(len(np.unique(near)), 1)
    rare = float(poisson.sf(counts[top] - 1, usual)) * len(different) < _RARE
    return present[winners] if rare else None


def _one_number(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number a row, equal and in order as rows are."""
    sides = steps.max(axis=0) + 1
    keys = np.zeros(len(steps), np.int64)
    if np.prod(sides.astype(float)) < _LARGEST_BOX:
        for column, side in zip(steps.T, sides, strict=True):
            keys = keys * side + column
        return keys
    for column in steps.T:  # places among the values instead: the box would overflow
        _, places = np.unique(column, return_inverse=True)
        keys = np.unique(keys * (places.max() + 1) + places, return_inverse=True)[1]
    return keys
