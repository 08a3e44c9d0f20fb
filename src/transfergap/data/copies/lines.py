"""Changes of unit and zero, by the lines of pairs of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.units import is_in_one_unit, spread_of

Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Rescaled = tuple[list[ComparableColumn], tuple[tuple[str, str], ...]]
OFF_GRID = 0.1  # of a step: values this far from a multiple lie on no grid
_FEWEST = 4  # pairs of rows with one shift, as in units.py
# Squares of larger numbers, and of smaller ones than one over this, leave the range of floats.
_LARGEST = 1e150
_ON_LINE = 0.9  # share of the pairs that the line of a column must hold
_MOST_DIGITS = 1e-9  # of the range: gaps below it are rounding error


def steps_of(columns: Sequence[ComparableColumn], sample: NDArray[np.intp]) -> dict[int, float]:
    """Measure smallest distances in columns that may have other units."""
    return {
        k: float(gaps_of(np.unique(column.target.astype(float))).min(initial=np.inf))
        for k, column in enumerate(columns)
        if not (column.is_text or column.is_whole or is_in_one_unit(column, sample))
    }


def rescaled_by(
    columns: Sequence[ComparableColumn],
    pairs: Pairs,
    steps: Mapping[int, float],
    *,
    error: float = 0.0,
) -> Rescaled:
    """Convert columns with these steps by the lines of their pairs.

    Also returns the changed columns and their conversions in words.

    Parameters
    ----------
    columns : sequence of ComparableColumn
    pairs : tuple of ndarray
        Rows of the target, and the same rows of the source.
    steps : dict
        Of each column that may be converted, the smallest distance of its values.
    error : float
        Share of a column's spread by which pairs may lie off its line: files may have been rounded
        after the conversion.
    """
    changed = list(columns)
    units = []
    for k, step in steps.items():
        column = columns[k]
        x, y = (v.astype(float) for v in (column.source[pairs[1]], column.target[pairs[0]]))
        fitted = _line(x, y, max(OFF_GRID * step, error * spread_of(y)))
        if fitted is not None:
            factor, offset, off = fitted
            target = column.target.astype(float)
            source = factor * column.source.astype(float) + offset
            if off <= OFF_GRID * step:
                source = _snapped(source, target, OFF_GRID * step)
            else:
                target, source = _in_coarser_steps(target, _snapped(source, target, 2 * off), off)
            changed[k] = replace(column, target=target, source=source)
            units.append((column.name, f"times {factor:.6g} plus {offset:.6g}"))
    return changed, tuple(units)


def _line(x: Floats, y: Floats, width: float) -> tuple[float, float, float] | None:
    """Fit the line of nearly all points: factor, offset, largest distance."""
    present = np.isfinite(x) & np.isfinite(y)
    x, y = x[present], y[present]
    if len(x) < _FEWEST or np.ptp(x) == 0:
        return None
    sizes = [float(np.abs(part).max()) for part in (x, y)]
    if sizes[0] < 1.0 / _LARGEST or max(sizes) > _LARGEST:
        return None
    for _ in range(2):  # again without the few pairs that have the shift by chance
        factor, offset = np.polyfit(x, y, 1)
        off = np.abs(factor * x + offset - y)
        on_line = off <= width
        if on_line.sum() < max(2, _ON_LINE * len(x)) or np.ptp(x[on_line]) == 0:
            return None
        x, y = x[on_line], y[on_line]
    return float(factor), float(offset), float(off[on_line].max())


def _snapped(source: Floats, target: Floats, width: float) -> Floats:
    """Replace values that differ by rounding only by the target's."""
    levels = np.unique(target[np.isfinite(target)])
    above = np.searchsorted(levels, source).clip(1, len(levels) - 1)
    nearest = np.where(source - levels[above - 1] < levels[above] - source, above - 1, above)
    near: Floats = np.where(np.abs(levels[nearest] - source) < width, levels[nearest], source)
    return near


def _in_coarser_steps(target: Floats, source: Floats, off: float) -> tuple[Floats, Floats]:
    """Round both files to the decimal place that their difference leaves."""
    digits = -int(np.ceil(np.log10(2.0 * off)))
    return np.round(target, digits), np.round(source, digits)


def gaps_of(levels: Floats) -> Floats:
    """Return the distances of sorted values beyond rounding error."""
    levels = levels[np.isfinite(levels)]
    gaps: Floats = np.diff(levels)
    return gaps[gaps > _MOST_DIGITS * np.ptp(levels)] if len(levels) else gaps


def even_choice(rows: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
    """Choose as many rows at even distances."""
    if len(rows) <= limit:
        return rows
    chosen: NDArray[np.intp] = rows[np.linspace(0, len(rows) - 1, limit).round().astype(int)]
    return chosen
