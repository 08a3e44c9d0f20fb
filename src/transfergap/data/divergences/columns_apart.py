"""Numeric columns measured differently: unlike as given, alike on one scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Factors between units in use, from tables of unit conversion (NIST SP 811, appendix B).
_PREFIXES = (10.0, 100.0, 1000.0, 1e6)
_LENGTHS = (2.54, 30.48, 3.281, 1.609)  # inches and feet in cm, feet a metre, km a mile
_AMOUNTS = (2.205, 3.785, 28.35)  # pounds a kilogram, litres a gallon, grams an ounce
_TIMES = (60.0, 3600.0, 24.0, 12.0, 7.0)
_BLOOD = (18.02, 38.67)  # mg/dl of glucose and of cholesterol in a mmol/l
KNOWN_FACTORS = (*_PREFIXES, *_LENGTHS, *_AMOUNTS, *_TIMES, *_BLOOD)
_FACTORS = tuple(factor for known in KNOWN_FACTORS for factor in (known, 1.0 / known))
FEWEST_ROWS = 20  # chosen by hand
FEWEST_VALUES = 9  # chosen by hand: ratings and counts of few levels have no unit
_NEAR = 0.10  # share by which a factor may be off, beyond the sampling error
_QUANTILE = 1.645  # standard errors: one ratio in ten lies beyond
_FARTHEST = math.log(1.7)  # chosen by hand: no two large factors are as near
_LARGE = math.log(99.0)  # a factor that drift hardly reaches
_ALIKE = 0.1  # p-value from which two shapes pass for one
_FEWEST_LEVELS = 3  # of few values: two of any kind are a factor apart
_MOST_LEVELS_SHARED = 0.9
_STILL_APART = 0.35  # Kolmogorov distance after dividing by the factor
_APART = 0.8  # and before
_CLEARLY = 100.0  # factor between the first term and the exact p-value that is never reached
_RARE = 0.001  # of the Kolmogorov-Smirnov test, divided by the columns (Bonferroni)
_SHARE, _PERCENT = 1.0, 100.0  # largest values of shares
_FILLED = 0.5  # of the bound 1: few measured amounts of a half and more end there; chosen by hand
_NEARLY_FULL = 0.9  # of the bound 100, in both files: weights, ages and waists lie below it, too


@dataclass(frozen=True)
class ColumnApart:
    """A numeric column whose distributions differ, before and after rescaling.

    Parameters
    ----------
    column : int
    name : str
    before, after : float
        Kolmogorov distance between target and source, as they are, and once the source has the
        target's median and interquartile range; in [0, 1].
    slope, level : float
        ``slope * source + level`` has the target's median and interquartile range; 1 and 0 where
        either range is nothing.
    factor : float or None
        The factor between two units by which the source is larger, if there is one.
    """

    column: int
    name: str
    before: float
    after: float
    slope: float
    level: float
    factor: float | None

    @property
    def by_scale(self) -> bool:
        """True if matching the scale removes at least half the distance."""
        return self.after <= 0.5 * self.before


def columns_apart(target: Any, source: Any) -> tuple[ColumnApart, ...]:
    """Return the number columns whose distributions differ.

    Parameters
    ----------
    target, source : DataFrame or array, shape (n_rows, n_features)
        The same columns in the same order.

    Notes
    -----
    Ours. The distributions must differ (Kolmogorov-Smirnov p below .001 over the number of
    columns). Columns that a change of scale brings together may be measured differently, but a
    shift of the population can look like that too: only a repair tells.

    Examples
    --------
    >>> metres = np.random.default_rng(0).normal(1.7, 0.1, (200, 1))
    >>> columns_apart(metres, metres[:150] * 100)[0].factor
    100.0
    """
    apart = []
    source_columns = {name: values for _, name, values in number_columns(source)}
    columns = [
        (j, name, target_values)
        for j, name, target_values in number_columns(target)
        if name in source_columns
    ]
    for j, name, target_values in columns:
        source_values = source_columns[name]
        if (
            min(len(target_values), len(source_values)) < FEWEST_ROWS
            or len(np.unique(target_values)) < FEWEST_VALUES
        ):
            continue
        spread = [
            float(np.subtract(*np.percentile(v, [75, 25]))) for v in (target_values, source_values)
        ]
        middle = [float(np.median(v)) for v in (target_values, source_values)]
        level, slope = 0.0, 1.0
        if min(spread) > 0:
            slope = spread[0] / spread[1]
            level = middle[0] - slope * middle[1]
        before = _distance(target_values, source_values)
        if not _is_rare(before, target_values, source_values, _RARE / len(columns)):
            continue
        after = _distance(target_values, slope * source_values + level)
        factor = unit_factor(target_values, source_values)
        apart.append(ColumnApart(j, name, before, after, slope, level, factor))
    return tuple(apart)


def thousands_factor(target: Floats, source: Floats) -> float | None:
    """Return 0.001 or 1000 where points may mark thousands in one file.

    ``1.250`` in one file is 1250 in the other: whole numbers there, three decimals at most here,
    and medians that agree up to a factor of two once the point is taken for a mark.

    Parameters
    ----------
    target, source : ndarray
        Values of one column, without missing ones.

    Examples
    --------
    >>> whole = np.arange(1250.0, 9000.0, 33.0)
    >>> thousands_factor(whole, whole[::-1] / 1000)
    0.001
    """
    for large, small, factor in ((target, source, 0.001), (source, target, 1000.0)):
        if min(len(large), len(small)) < FEWEST_ROWS or len(np.unique(large)) < FEWEST_VALUES:
            continue
        middle = float(np.median(large)), float(np.median(small))
        if middle[0] < 1000.0 or middle[1] <= 0.0:
            continue
        decimals = small * 1000.0
        whole = np.array_equal(large, np.rint(large))
        whole &= bool(np.allclose(decimals, np.rint(decimals), rtol=0.0, atol=1e-6))
        fractions = not np.array_equal(small, np.rint(small))
        if whole and fractions and 0.5 <= middle[0] / (1000.0 * middle[1]) <= 2.0:
            return factor
    return None


def unit_factor(target: Floats, source: Floats) -> float | None:
    """Return the factor by which a source's unit seems larger, or ``None``.

    Parameters
    ----------
    target, source : ndarray
        Values of one column, without missing ones.

    Notes
    -----
    Ours. The medians must agree on the factor within 10 %, the interquartile ranges within 28 %,
    for factors of 100 and more within 1.6 standard errors; the distributions must hardly overlap
    before (Kolmogorov distance at least 0.8) and look alike after (at most 0.35). Of amounts around
    zero the ranges decide, for such large factors; of columns of few values, whether they are the
    target's after division. The limits were set on simulated normal, log-normal and gamma columns.
    Shares that end at 1 or at 100 in both files have one unit: smaller factors are none of theirs.

    Examples
    --------
    >>> grams = np.random.default_rng(0).normal(70, 10, 200)
    >>> unit_factor(grams, grams[:150] * 1000)
    1000.0
    """
    if min(len(target), len(source)) < FEWEST_ROWS:
        return None
    if len(np.unique(target)) < FEWEST_VALUES:
        return _factor_of_levels(target, source)
    spreads, medians = ([of(v) for v in (target, source)] for of in (_spread, _median))
    (spread, spread_error), (median, median_error) = map(_log_ratio, (spreads, medians))
    if not np.isfinite(spread):
        return None
    smallest = _LARGE if _are_shares(target, source) else 0.0
    on_one_side = np.isfinite(median)
    place = median if on_one_side else spread
    for factor in sorted(_FACTORS, key=lambda f: abs(place - np.log(f))):
        if abs(np.log(factor)) < smallest:
            continue
        to_median, to_spread = (abs(ratio - np.log(factor)) for ratio in (median, spread))
        near = to_median <= _NEAR and to_spread <= 2.5 * _NEAR
        # Small factors are too many, and drift too often like them, to allow for sampling error.
        if not near and abs(np.log(factor)) < _LARGE:
            continue
        if not near and not (
            to_spread <= min(max(_QUANTILE * spread_error, 2.5 * _NEAR), _FARTHEST)
            and (on_one_side <= (to_median <= min(_QUANTILE * median_error, _FARTHEST)))
        ):
            continue
        after = _distance(target, source / factor)
        if near and after > _STILL_APART:
            continue
        if not near and _is_rare(after, target, source / factor, _ALIKE):
            continue
        # Amounts around zero overlap in any unit.
        if not on_one_side or _distance(target, source) >= _APART:
            return factor
    return None


def _are_shares(target: Floats, source: Floats) -> bool:
    """Return whether both columns are shares of one bound, 1 or 100.

    Factors as large as that between the two bounds are left to be judged by the values.
    """
    if min(target.min(), source.min()) < 0.0:
        return False
    low, high = sorted((float(target.max()), float(source.max())))
    if high <= _SHARE:
        return high > _FILLED * _SHARE
    return high == _PERCENT or _NEARLY_FULL * _PERCENT < low <= high < _PERCENT


def _factor_of_levels(target: Floats, source: Floats) -> float | None:
    """Return the factor that makes few values those of the target."""
    values = np.unique(target)
    if len(np.unique(source[source != 0.0])) < _FEWEST_LEVELS:
        return None
    if _share_among(source, values) > 1.0 - _MOST_LEVELS_SHARED:
        return None
    for factor in _FACTORS:
        if _share_among(source / factor, values) >= _MOST_LEVELS_SHARED:
            return factor
    return None


def _share_among(values: Floats, levels: Floats) -> float:
    """Return the share of values, zeros aside, that are among levels."""
    values = values[values != 0.0]
    nearest = levels[np.abs(values[:, None] - levels).argmin(axis=1)]
    return float(np.isclose(values, nearest, rtol=1e-6).mean())


def _median(values: Floats) -> tuple[float, float]:
    """Return the median and its standard error."""
    return float(np.median(values)), _quantile_error(values, 0.5)


def _spread(values: Floats) -> tuple[float, float]:
    """Return the interquartile range and its standard error."""
    error = np.hypot(_quantile_error(values, 0.25), _quantile_error(values, 0.75))
    return float(np.subtract(*np.percentile(values, [75, 25]))), float(error)


def _quantile_error(values: Floats, share: float) -> float:
    """Return a quantile's standard error, from the ranks around."""
    step = np.sqrt(share * (1.0 - share) / len(values))
    low, high = np.quantile(values, np.clip([share - step, share + step], 0.0, 1.0))
    return float(high - low) / 2


def _log_ratio(pair: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the logarithm of source over target, and its standard error.

    Not a number where either is zero, less than two errors from it, or they have two signs.
    """
    (target, target_error), (source, source_error) = pair
    sure = abs(target) > 2 * target_error and abs(source) > 2 * source_error
    if target * source <= 0 or not sure:
        return np.nan, np.nan
    return float(np.log(source / target)), float(
        np.hypot(target_error / target, source_error / source)
    )


def _distance(target: Floats, source: Floats) -> float:
    """Return the Kolmogorov distance: the statistic of SciPy's ``ks_2samp``."""
    first, second = np.sort(target), np.sort(source)
    both = np.concatenate([first, second])
    apart = np.searchsorted(first, both, "right") / len(first)
    apart -= np.searchsorted(second, both, "right") / len(second)
    # A difference of two shares is a whole number of the smallest steps of both.
    steps = math.lcm(len(first), len(second))
    return round(float(max(apart.max(), -apart.min())) * steps) / steps


def _is_rare(distance: float, target: Floats, source: Floats, level: float) -> bool:
    """Return whether the Kolmogorov-Smirnov test rejects at a level.

    The exact p-value is computed only where the asymptotic one, which takes no time, is within a
    factor of a hundred of the level.
    """
    rows = len(target) * len(source) / (len(target) + len(source))
    near = 2.0 * np.exp(-2.0 * rows * distance**2)  # Smirnov (1939), the first term
    if near < level / _CLEARLY or near > level * _CLEARLY:
        return bool(near < level)
    from scipy.stats import ks_2samp

    return bool(ks_2samp(target, source).pvalue <= level)


def number_columns(X: Any) -> Iterator[tuple[int, str, Floats]]:
    """Yield position, name and present values of each numeric column."""
    if hasattr(X, "iloc"):
        for j, name in enumerate(X.columns):
            column = X.iloc[:, j]
            if getattr(column.dtype, "kind", "O") in "iuf":
                yield j, repr(str(name)), column.dropna().to_numpy(dtype=float)
    else:
        values = np.asarray(X, float)
        for j in range(values.shape[1]):
            yield j, str(j), values[~np.isnan(values[:, j]), j]
