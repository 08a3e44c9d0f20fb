"""Columns whose copies are in another unit or start from another zero."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from transfergap.data.copies.comparable import ComparableColumn

Floats = NDArray[np.float64]
_MOST_VALUES = (400, 1000)  # of target and source: their ratios and differences are all looked at
_WIDTHS = (1e-6, 1e-4)  # of a bin, relative to the scale: for exact and for rounded values
_AROUND = 200  # widths on each side that tell how many values are usual
_RARE = 1e-3  # chance of such a peak anywhere, were values unrelated
_FEWEST = 4  # pairs of values in a peak
_DISTINCT = 0.3  # share of different values below which products are no evidence
_SHARED = 0.5  # share of the target's values that the source has: then the unit is the same
_ROUNDING = 0.01  # of the scale: rounding moves values by less than that
_FAHRENHEIT, _KELVIN = 32.0, 273.15  # zero of Celsius in the other two scales of temperature
# Units with a factor and another zero: Fahrenheit as Celsius or kelvin, and the other way round.
_TEMPERATURES = (
    (5.0 / 9.0, -_FAHRENHEIT * 5.0 / 9.0),
    (5.0 / 9.0, _KELVIN - _FAHRENHEIT * 5.0 / 9.0),
    (9.0 / 5.0, _FAHRENHEIT),
    (9.0 / 5.0, _FAHRENHEIT - _KELVIN * 9.0 / 5.0),
)
_CLEAR = 1.5  # times the second peak: values on a grid make many peaks of one height


def in_target_units(
    column: ComparableColumn, sample: NDArray[np.intp]
) -> tuple[ComparableColumn, str]:
    """Convert a column's source to the target's unit.

    Also returns the conversion in words, empty where there is none.

    One factor, or one difference, that brings together far more values of the two files than any
    other does is a change of unit or of zero. Nothing is changed where nothing stands out.

    Parameters
    ----------
    column : ComparableColumn
    sample : ndarray
        Source rows to look at.

    Returns
    -------
    ComparableColumn
    str
        ``"times 1000"``, ``"plus 273.15"``, or empty.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> metres = rng.normal(1.7, 0.1, 60)
    >>> column = ComparableColumn("height", metres, np.append(metres * 100, rng.normal(170, 9, 40)))
    >>> in_target_units(column, np.arange(100))[1]
    'times 0.01'
    """
    target_values, source_values = _values(column.target, 0), _values(column.source[sample], 1)
    if (
        min(len(target_values), len(source_values)) < _FEWEST
        or _is_coarse(column)
        or is_in_one_unit(column, sample)
    ):
        return column, ""
    factor = _factor(target_values, source_values)
    if factor is not None:
        return _mapped(column, factor, 0.0), f"times {factor:.6g}"
    offset = _offset(target_values, source_values)
    if offset is not None:
        return _mapped(column, 1.0, offset), f"plus {offset:.6g}"
    return _affine(column, target_values, source_values, _factors(target_values, source_values))


def _factors(target_values: Floats, source_values: Floats) -> tuple[float, ...]:
    """Return the factors of temperatures that may fit.

    Those whose zero brings more values together than chance: looking at every zero costs as much
    as the whole search for a difference.
    """
    factors = []
    for factor, offset in _TEMPERATURES:
        mapped, scale = factor * source_values + offset, spread_of(target_values)
        mapped = np.sort(mapped)
        for width in _WIDTHS:
            near, around = (
                _n_within(mapped, target_values, wide * width * scale) for wide in (2.0, _AROUND)
            )
            usual = 2.0 * (around - near) / _AROUND
            if near >= _FEWEST + usual + _FEWEST * np.sqrt(usual) and factor not in factors:
                factors.append(factor)
    return tuple(factors)


def _n_within(ordered: Floats, values: Floats, distance: float) -> int:
    """Count pairs of values that lie within a distance."""
    high = np.searchsorted(ordered, values + distance, "right")
    return int((high - np.searchsorted(ordered, values - distance)).sum())


def _affine(
    column: ComparableColumn,
    target_values: Floats,
    source_values: Floats,
    factors: tuple[float, ...],
) -> tuple[ComparableColumn, str]:
    for factor in factors:
        offset = _offset(target_values, factor * source_values)
        if offset is not None:
            return _mapped(column, factor, offset), f"times {factor:.6g} plus {offset:.6g}"
    return column, ""


def _mapped(column: ComparableColumn, factor: float, offset: float) -> ComparableColumn:
    source = factor * column.source.astype(float) + offset
    return replace(column, target=column.target.astype(float), source=source)


def _values(values: NDArray[np.generic], side: int) -> Floats:
    different: Floats = np.unique(values.astype(float))
    different = different[np.isfinite(different)]
    n_most = _MOST_VALUES[side]
    if len(different) > n_most:
        different = different[np.linspace(0, len(different) - 1, n_most).round().astype(int)]
    return different


def _is_coarse(column: ComparableColumn) -> bool:
    return len(np.unique(column.target)) < _DISTINCT * len(column.target)


def is_in_one_unit(column: ComparableColumn, sample: NDArray[np.intp]) -> bool:
    """Return whether target and source share most values of a column."""
    target_values, source_values = _values(column.target, 0), _values(column.source[sample], 1)
    return len(target_values) > 0 and float(np.isin(target_values, source_values).mean()) > _SHARED


def _factor(target_values: Floats, source_values: Floats) -> float | None:
    """Return the factor for the source's values, if one stands out."""
    logs: list[Floats] = []
    for sign in (1.0, -1.0):
        target_part, source_part = (
            target_values[target_values * sign > 0],
            source_values[source_values * sign > 0],
        )
        logs.append(
            (np.log(target_part * sign)[:, None] - np.log(source_part * sign)[None, :]).ravel()
        )
    peak = _peak(np.concatenate(logs), 1.0)
    return None if peak is None else _round_number(float(np.exp(peak)))


def _offset(target_values: Floats, source_values: Floats) -> float | None:
    scale = spread_of(target_values)
    peak = _peak((target_values[:, None] - source_values[None, :]).ravel(), scale)
    return None if peak is None else _round_number(peak)


def spread_of(values: Floats) -> float:
    """Return the interquartile range, which no outlier sets."""
    present = values[np.isfinite(values)]
    if not len(present):
        return 1.0
    low, high = np.percentile(present, [25, 75])
    return float(high - low or np.ptp(present) or 1.0)


def _peak(values: Floats, scale: float) -> float | None:
    """Return the value that far more values surround than elsewhere.

    ``None`` for a peak at 0 and for no peak.
    """
    ordered = np.sort(values)
    for width in _WIDTHS:
        best = _peak_of_width(ordered, width * scale)
        if best is not None:
            return None if abs(best) < _ROUNDING * scale else best
    return None


def _peak_of_width(ordered: Floats, width: float) -> float | None:
    """Return the middle of the fullest window, if chance excludes it."""
    n = len(ordered)
    if n == 0:
        return None
    height, top = _tallest(ordered, 2.0 * width)
    if height < _FEWEST:
        return None
    low, high = np.searchsorted(ordered, ordered[top] + np.array([-1.0, 1.0]) * _AROUND * width)
    usual = max(float(high - low - height), 1.0) / _AROUND
    if float(poisson.sf(height - 1, usual)) * n >= _RARE:
        return None
    sides = np.searchsorted(ordered, ordered[top] + np.array([-4.0, 4.0]) * width)
    second = max(_tallest(part, 2.0 * width)[0] for part in np.split(ordered, sides)[::2])
    if height < _CLEAR * second:
        return None
    return _mode(ordered[top : top + height], width)


def _tallest(ordered: Floats, width: float) -> tuple[int, int]:
    """Return how many values the fullest window holds, and where it starts.

    By bisection: a window holds ``k`` values if some ``k`` neighbours lie within its width.
    """
    n = len(ordered)
    fits, fails = min(n, 1), 2
    while fails <= n and _narrowest(ordered, fails) <= width:
        fits, fails = fails, 2 * fails
    fails = min(fails, n + 1)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if _narrowest(ordered, middle) <= width:
            fits = middle
        else:
            fails = middle
    start = int(np.argmin(ordered[fits - 1 :] - ordered[: n - fits + 1])) if fits else 0
    return fits, start


def _narrowest(ordered: Floats, k: int) -> float:
    """Return the smallest width that ``k`` neighbours span."""
    return float((ordered[k - 1 :] - ordered[: len(ordered) - k + 1]).min())


def _mode(ordered: Floats, width: float) -> float | None:
    """Return the densest value of a peak.

    ``None`` where far values only share its bin.
    """
    k = max(len(ordered) // 2, 2)
    spans = ordered[k - 1 :] - ordered[: len(ordered) - k + 1]
    start = int(np.argmin(spans))
    if spans[start] > 2.0 * width:
        return None
    return float(np.median(ordered[start : start + k]))


def _round_number(value: float) -> float:
    """Return the roundest number within a value's error, else the value."""
    if not (np.isfinite(value) and value and np.isfinite(1.0 / value)):
        return value  # of numbers at the end of the floats
    for digits in range(1, 9):
        for candidate in (float(f"{value:.{digits}g}"), 1.0 / float(f"{1.0 / value:.{digits}g}")):
            if abs(candidate - value) <= 1e-9 * abs(value) * 10.0 ** max(6 - digits, 0):
                return candidate
    return value
