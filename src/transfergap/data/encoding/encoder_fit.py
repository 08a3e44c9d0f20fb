"""The encoder of a target: its columns and the categories it reveals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.bounded_scale import FARTHEST, BoundedScale
from transfergap.data.encoding.column_values import coded, kind_of, numbers_of
from transfergap.data.encoding.encoded_columns import (
    CATEGORY_SCALE,
    CategoryColumn,
    Column,
    NumberColumn,
    bend,
    no_category,
)
from transfergap.data.encoding.encoder import Encoder
from transfergap.data.encoding.label_code import LabelCode
from transfergap.errors import DataError

Floats = NDArray[np.float64]
MOST_CATEGORIES = 50  # of one column; rarer ones are encoded as none of them
MOST_UNIQUE = 0.5  # of a text column's values, above which it names rows instead of kinds


def fit_encoder(
    X: Any,
    y: NDArray[Any],
    *,
    task: str,
    source_tables: Sequence[Any] = (),
    min_count: int = 1,
    weights: Floats | None = None,
    bent: bool = False,
) -> Encoder:
    """Return the encoder of a target.

    Parameters
    ----------
    X : DataFrame or array, shape (n_rows, n_features)
    y : ndarray, shape (n_rows,)
    task : {"binary", "multiclass", "regression"}
    source_tables : sequence of DataFrame or array
        Rows of sources, if they are at hand.
    min_count : int
        Categories that occur less often are encoded as none of them. Above 1 the encoder is taken
        to be sent out: a text column whose values mostly occur once is refused, since its
        categories would be values of rows.
    weights : ndarray, shape (n_rows,), optional
        A weight of 2 counts as the row given twice.
    bent : bool
        Whether columns with a value beyond five interquartile ranges are scaled by median and
        quartiles and bent towards that bound, so that a long tail does not make the rest vanish.

    Raises
    ------
    DataError
        For doubled column names, and for columns that name rows.

    Notes
    -----
    Centres and scales are the target's alone, so that a model on the target alone does not depend
    on who else sends rows. The sources add categories that the target lacks, an indicator where
    only they have missing values, the scale of a column that is constant in the target, and the
    kind of one that has no value there.

    Examples
    --------
    >>> X = np.array([["a"], ["b"], ["a"]])
    >>> encoder = fit_encoder(X, np.array([0, 1, 1]), task="binary", min_count=2)
    >>> encoder.outputs
    ('x0=a',)
    """
    columns = fit_columns(
        X, source_tables=source_tables, min_count=min_count, weights=weights, bent=bent
    )
    labels = LabelCode.of(np.asarray(y), task, weights)
    return Encoder(columns, named=hasattr(X, "iloc"), labels=labels)


def fit_columns(
    X: Any,
    *,
    source_tables: Sequence[Any] = (),
    min_count: int = 1,
    weights: Floats | None = None,
    bent: bool = False,
) -> tuple[Column, ...]:
    """Return how each column of a target becomes numbers; see :func:`fit_encoder`."""
    named = hasattr(X, "iloc")
    if not named:
        X = np.asarray(X)
    names = [str(name) for name in X.columns] if named else [f"x{j}" for j in range(X.shape[1])]
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        raise DataError(
            f"Column {doubled[0]!r} occurs {names.count(doubled[0])} times in the target.",
            hint="rename or drop one of them",
        )
    tables = [_columns_of(table, named) for table in (X, *source_tables)]
    complete = [_is_complete(table) for table in (X, *source_tables)]
    keys = names if named else range(len(names))
    return tuple(
        _column(
            name,
            [t[key] for t in tables if key in t],
            [not done for t, done in zip(tables, complete, strict=True) if key in t],
            min_count,
            weights,
            bent=bent,
        )
        for name, key in zip(names, keys, strict=True)
    )


def _is_complete(table: Any) -> bool:
    """Return whether an array of doubles lacks nothing.

    One pass, not one a column.
    """
    doubles = isinstance(table, np.ndarray) and table.dtype == np.float64
    # A sum of rows would overflow; the minimum is NaN if any value is.
    return doubles and table.size > 0 and not np.isnan(table.min())


def _columns_of(table: Any, named: bool) -> dict[Any, Any]:
    """Return a table's columns by name, or an array's by position.

    A column that a source lacks is not there; encoding that source raises the error.
    """
    if not named:
        values = np.asarray(table)
        return dict(enumerate(values.T)) if values.ndim == 2 else {}
    labels = list(getattr(table, "columns", ()))
    if len(set(map(str, labels))) < len(labels):  # the first of doubled ones
        places = {str(label): j for j, label in reversed(list(enumerate(labels)))}
        return {name: table.iloc[:, j] for name, j in places.items()}
    return {str(label): table[label] for label in labels}


def _column(
    name: str,
    parts: list[Any],
    gaps: list[bool],
    min_count: int,
    weights: Floats | None,
    *,
    bent: bool,
) -> Column:
    kind = kind_of(_filled(parts, gaps))
    if kind == "text":
        return _category_column(name, parts, min_count, weights)
    column = _number_column(name, parts, gaps, weights, dates=kind == "date")
    return _bent(column, numbers_of(parts[0]), weights) if bent else column


def _filled(parts: list[Any], gaps: list[bool]) -> Any:
    """Return the first part with a value in it, else the target's."""
    if not gaps[0]:
        return parts[0]
    import pandas as pd

    return next((part for part in parts if not pd.isna(part).all()), parts[0])


def _bent(column: NumberColumn, numbers: Floats, weights: Floats | None) -> NumberColumn:
    """Return a column, bent where a value lies beyond the bound.

    The bound is skrub's for linear models, as in the default model. Normal columns never reach it
    (6.7 standard deviations), and stay as they are.
    """
    finite = np.isfinite(numbers)
    values = numbers[finite]
    if not _may_lie_beyond(values) or len(np.unique(values)) <= 2:
        return column
    robust = BoundedScale.of(values[:, None], bound=FARTHEST)
    scale = float(robust.divisors[0] / robust.factors[0])
    with np.errstate(over="ignore"):
        scaled = (values - robust.centres[0]) / scale
    if np.abs(scaled).max() <= FARTHEST:
        return column
    bend(scaled, FARTHEST, 0.0, 1.0)
    of_rows = None if weights is None else weights[finite]
    level = float(np.average(scaled, weights=of_rows))
    spread = float(np.sqrt(np.average((scaled - level) ** 2, weights=of_rows)))
    if not (np.isfinite(scale) and _is_spread(spread, level)):
        return column
    bent = (FARTHEST, level, spread)
    return replace(column, centre=float(robust.centres[0]), scale=scale, bent=bent)


def _may_lie_beyond(values: Floats) -> bool:
    """Return whether a value may lie beyond the bound.

    Cheap, and sure where it says no.
    """
    if len(values) == 0:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        ordered = np.sort(values)  # np.percentile takes ten times as long on a few hundred rows
        places = np.array([0.25, 0.5, 0.75]) * (len(ordered) - 1)
        low, middle, high = np.interp(places, np.arange(len(ordered)), ordered)
        farthest = max(ordered[-1] - middle, middle - ordered[0])
        return not farthest < 0.999 * FARTHEST * (high - low)


def _number_column(
    name: str, parts: list[Any], gaps: list[bool], weights: Floats | None, *, dates: bool
) -> NumberColumn:
    numbers, may_lack = [], []
    for part, gap in zip(parts, gaps, strict=True):
        try:
            numbers.append(numbers_of(part))
        except (TypeError, ValueError, OverflowError):
            continue  # encoding that source names the column and the value
        may_lack.append(gap)
    target = numbers[0]
    finite = np.isfinite(target)
    values, value_weights = target[finite], None if weights is None else weights[finite]
    with np.errstate(over="ignore"):
        mean = float(np.average(values, weights=value_weights)) if len(values) else 0.0
    # A sum of finite doubles can overflow; the column is then centred at zero.
    centre = mean if np.isfinite(mean) else 0.0
    scale = _two_values_spread(values) or _spread(values, centre, value_weights)
    for part in numbers[1:]:
        if scale > 0:
            break
        source_values = part[np.isfinite(part)]
        # A robust spread: one absurd value in a source must not make the column vanish.
        scale = float(np.median(np.abs(source_values - centre))) if len(source_values) else 0.0
    indicator = any(
        gap and bool(np.isnan(part).any()) for part, gap in zip(numbers, may_lack, strict=True)
    )
    missing = float(np.average(np.isnan(target), weights=weights)) if len(target) else 0.0
    return NumberColumn(name, centre, scale if scale > 0 else 1.0, indicator, missing, dates)


def _two_values_spread(values: Floats) -> float:
    """Return half the distance of two values; 0 of more values.

    It is the scale of a category.

    By its standard deviation, a column that is 1 in one row of twenty would count for four times
    as much as one that is 1 in ten of them (Gelman 2008, Scaling regression inputs).
    """
    if len({*values[:8].tolist()}) > 2:
        return 0.0  # most columns of numbers, without sorting them
    different = np.unique(values)
    if len(different) != 2:
        return 0.0
    with np.errstate(over="ignore"):
        distance = float(different[1] - different[0])
    return CATEGORY_SCALE * distance if _is_spread(distance, float(different[0])) else 0.0


def _spread(values: Floats, centre: float, weights: Floats | None) -> float:
    """Return the standard deviation, 0 where it is nothing but rounding."""
    if len(values) == 0:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(np.sqrt(np.average((values - centre) ** 2, weights=weights)))
    return spread if _is_spread(spread, centre) else 0.0


def _is_spread(spread: float, centre: float) -> bool:
    """Return whether a spread is more than rounding about ``centre``."""
    return bool(np.isfinite(spread)) and spread > 1e-12 * max(abs(centre), 1e-300)


def _category_column(
    name: str, parts: list[Any], min_count: int, weights: Floats | None
) -> CategoryColumn:
    try:
        codes, texts = coded(parts[0])
    except TypeError as error:
        raise no_category(name, "the target") from error
    target_counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    if min_count > 1:
        _check_kinds(name, target_counts, len(codes))
    counts: Counter[str] = Counter()
    for text, count in zip(texts, target_counts.tolist(), strict=True):
        counts[text] += count
    # Weights count in the shares, never in the counts: min_count protects persons.
    heavy = np.ones(len(codes)) if weights is None else weights
    held = np.bincount(codes[codes >= 0], heavy[codes >= 0], minlength=len(texts))
    shares: Counter[str] = Counter()
    for text, weight in zip(texts, (held / max(float(heavy.sum()), 1e-300)).tolist(), strict=True):
        shares[text] += weight
    for part in parts[1:]:
        try:
            source_codes, source_texts = coded(part)
        except TypeError:
            continue  # encoding that source names the column
        for text, count in zip(
            source_texts,
            np.bincount(source_codes[source_codes >= 0], minlength=len(source_texts)).tolist(),
            strict=True,
        ):
            counts[text] += count
    common = sorted(counts, key=lambda text: (-counts[text], text))[:MOST_CATEGORIES]
    categories = tuple(sorted(text for text in common if counts[text] >= max(min_count, 1)))
    return CategoryColumn(name, categories, tuple(float(shares[text]) for text in categories))


def _check_kinds(name: str, counts: NDArray[np.intp], n_rows: int) -> None:
    """Raise ``DataError`` where a text column identifies rows."""
    n_once, n_given = int((counts == 1).sum()), int(counts.sum())
    if n_once > MOST_UNIQUE * n_given:
        raise DataError(
            f"Column {name!r} is text, and {n_once} of its {n_given} values in {n_rows} rows occur"
            " once: as categories they would tell single rows.",
            hint=f"leave it out of all files (--drop {name}), or make it a number or a few kinds",
        )
