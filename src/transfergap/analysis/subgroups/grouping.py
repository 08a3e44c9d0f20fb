"""Subgroups from columns cut into groups of rows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.subgroups.gaps import SmallSubgroup
from transfergap.data.encoding.column_values import numbers_of
from transfergap.data.problem import Problem
from transfergap.errors import ConfigurationError, DataError, warn_of_rename

# A t over fewer rows has hardly any power.
FEWEST_ROWS = 10
FEWEST_TO_FIND = 200  # fewer rows leave halves in which next to nothing is found
MOST_VALUES = 8  # of one column; rarer ones are taken together
_FEW_NUMBERS = 5  # a column of so few different numbers is one of categories
AUTO, FIND = "auto", "find"  # search where there is room, and anywhere
NONE = "none"  # as on the command line, unless a column is called so
# Four significant digits below, whole numbers from here on.
_FULL_FROM = 1000.0
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Subgroup:
    """Some rows of the target, and what they are called."""

    name: str
    rows: Mask


@dataclass(frozen=True)
class Grouping:
    """The subgroups that an audit looks at; they decide no trial.

    Parameters
    ----------
    subgroups : tuple of Subgroup
    too_small : tuple of SmallSubgroup
    notes : tuple of str
        Columns that make no groups.
    find : bool
        Whether to search for subgroups instead.
    """

    subgroups: tuple[Subgroup, ...] = ()
    too_small: tuple[SmallSubgroup, ...] = ()
    notes: tuple[str, ...] = ()
    find: bool = False


def group_rows(
    problem: Problem, choice: str | Sequence[str] | Mapping[str, Any] | None
) -> Grouping | None:
    """Return the subgroups that were asked for.

    Parameters
    ----------
    problem : Problem
    choice : "auto", "find", "none", sequence of str, mapping of str to array, or None
        Names of columns of the target's table; or names with one value a row, for what is no
        column. Numbers are cut at terciles, all else goes by value. ``"auto"`` searches for
        subgroups where rows have columns and there are at least 200, ``"find"`` always, ``"none"``
        and ``None`` never.

    Raises
    ------
    ConfigurationError
        For a column that the table lacks.
    DataError
        For an array of another length than the target.
    """
    if choice is None:
        return None
    if isinstance(choice, str):
        if choice == AUTO:
            return Grouping(find=True) if _worth_a_search(problem) else None
        if choice == FIND:
            return Grouping(find=True)
        if choice == NONE and not _has(problem, NONE):
            return None
        choice = [choice]
    if len(choice) == 0:
        warn_of_rename("subgroups=()", "subgroups=None")
        return None
    if not isinstance(choice, Mapping) and list(choice) == [FIND] and not _has(problem, FIND):
        return Grouping(find=True)
    columns = choice if isinstance(choice, Mapping) else {n: _column(problem, n) for n in choice}
    groups: list[Subgroup] = []
    small: list[SmallSubgroup] = []
    notes: list[str] = []
    for name, values in columns.items():
        parts = _cut(str(name), values, len(problem.target))
        if len(parts) < 2:
            notes.append(f"{name} has one value, or too many rare ones, so it makes no subgroups.")
            continue
        for part in parts:
            n_rows = int(part.rows.sum())
            if _n_units(problem, part.rows) < FEWEST_ROWS:
                small.append(SmallSubgroup(part.name, n_rows))
            else:
                groups.append(part)
    return Grouping(tuple(groups), tuple(small), tuple(notes))


def _worth_a_search(problem: Problem) -> bool:
    has_columns = problem.kind in ("table", "array")
    return has_columns and len(problem.target) >= FEWEST_TO_FIND and problem.metric.has_row_values


def _n_units(problem: Problem, rows: Mask) -> int:
    groups = problem.target.groups
    return int(rows.sum()) if groups is None else len(np.unique(groups[rows]))


def _has(problem: Problem, name: str) -> bool:
    return name in problem.column_names


def _column(problem: Problem, name: str) -> Any:
    names = problem.column_names
    if name in names:
        return problem.target.X.iloc[:, names.index(name)]
    if not names:
        raise ConfigurationError(
            f"The target has no named columns, so none is called {name!r}.",
            hint="give a mapping of names to arrays, one value a row: subgroups={'sex': sex}",
        )
    unused = {column.name: column.reason for column in problem.identifiers}
    if name in unused:
        raise ConfigurationError(
            f"The column {name!r} looks like {unused[name]} and was left out.",
            hint=f"keep it: keep=[{name!r}], or give its values: subgroups={{{name!r}: values}}",
        )
    if name in problem.constant_columns:
        raise ConfigurationError(
            f"The column {name!r} is empty or the same in all rows: it makes no subgroups.",
            hint="choose a column that differs between rows",
        )
    near = difflib.get_close_matches(name, names, n=1)
    raise ConfigurationError(
        f"The target has no column {name!r} to make subgroups of.",
        hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(names)}"[:200],
    )


def _cut(name: str, values: Any, n_rows: int) -> list[Subgroup]:
    import pandas as pd

    series = pd.Series(np.asarray(values) if not hasattr(values, "dtype") else values)
    if len(series) != n_rows:
        raise DataError(
            f"The subgroups {name!r} have {len(series)} values for {n_rows} target rows.",
            hint="give one value for each row of the target, in its order",
        )
    series = series.reset_index(drop=True)
    if series.dtype == object:
        series = series.infer_objects()
    if pd.api.types.is_datetime64_any_dtype(series) and series.notna().any():
        return _ranges(name, np.floor(numbers_of(series)), dates=True)
    is_number = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
    if is_number and series.nunique() > _FEW_NUMBERS:
        return _ranges(name, np.asarray(series, dtype=np.float64))
    return _values(name, series)


def _ranges(name: str, numbers: NDArray[np.float64], *, dates: bool = False) -> list[Subgroup]:
    missing = np.isnan(numbers)
    # Terciles: low, middle and high, each with a third of the power.
    edges = np.unique(np.quantile(numbers[~missing], [1 / 3, 2 / 3]))
    edges = np.floor(edges) if dates else edges
    edge_texts = [str(np.datetime64(int(day), "D")) if dates else day for day in edges.tolist()]
    place = np.searchsorted(edges, numbers, side="left")  # a number on an edge belongs below it
    parts = [
        Subgroup(range_name(name, *bounds), (place == i) & ~missing)
        for i, bounds in enumerate(zip([None, *edge_texts], [*edge_texts, None], strict=True))
    ]
    if missing.any():
        parts.append(Subgroup(f"{name} missing", missing))
    return [part for part in parts if part.rows.any()]


def range_name(name: str, above: float | str | None, up_to: float | str | None) -> str:
    """Return a range in words.

    Examples
    --------
    >>> range_name("age", None, 41.0), range_name("age", 41.0, 61.0)
    ('age ≤ 41', '41 < age ≤ 61')
    """
    if above is None:
        return f"{name} ≤ {_edge_text(up_to)}"
    if up_to is None:
        return f"{name} > {_edge_text(above)}"
    return f"{_edge_text(above)} < {name} ≤ {_edge_text(up_to)}"


def _edge_text(number: float | str | None) -> str:
    if number is None or isinstance(number, str):
        return str(number)
    return f"{number:,.0f}" if abs(number) >= _FULL_FROM else f"{number:.4g}"


def _values(name: str, series: Any) -> list[Subgroup]:
    texts = np.array([_text(value) for value in series], dtype=object)
    missing = series.isna().to_numpy()
    values, counts = np.unique(texts[~missing].astype(str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    common = [i for i in order[:MOST_VALUES] if counts[i] >= FEWEST_ROWS]
    uncommon = [i for i in order if i not in common]
    # A single rare value keeps its name.
    if len(uncommon) == 1:
        common.append(uncommon.pop())
    parts = [Subgroup(f"{name} = {values[i]}", (texts == values[i]) & ~missing) for i in common]
    if uncommon:
        rare = np.isin(texts.astype(str), values[uncommon]) & ~missing
        parts.append(Subgroup(f"{name} = other", rare))
    if missing.any():
        parts.append(Subgroup(f"{name} missing", missing))
    return parts


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
