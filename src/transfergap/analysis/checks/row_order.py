"""Orders of rows: by time, by place, or of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.splitting.times import checked_times
from transfergap.errors import TransferGapError

Rows = NDArray[np.intp]
_TIME = re.compile(
    r"(^|[^a-z])(t|ts|time|times|timestamp|date|dates|datetime|day|days|week|weeks|month|months"
    r"|quarter|year|years|hour|hours|minute|minutes|second|seconds|step|steps|tick|period|epoch"
    r"|season|elapsed)([^a-z]|$)"
)
_LATITUDE = re.compile(
    r"(^|[^a-z])(lat|latitude|northing|coord_?y|y_?coord|py|grid_?y|y_?grid"
    r"|pos_?y|y_?pos|pixel_?y|tile_?y|point_?y|utm_?[yn]|[yn]_?utm|latitud|latitudine|breitengrad"
    r"|hochwert|breddegrad|breddgrad|breedtegraad)([^a-z]|$)"
)
_LONGITUDE = re.compile(
    r"(^|[^a-z])(lon|lng|long|longitude|easting|coord_?x|x_?coord|px|grid_?x|x_?grid"
    r"|pos_?x|x_?pos|pixel_?x|tile_?x|point_?x|utm_?[xe]|[xe]_?utm|longitud|longitudine|laengengrad"
    r"|längengrad|rechtswert|lengdegrad|længdegrad|lengtegraad)([^a-z]|$)"
)
# A file counts as sorted by a column if nearly all steps go one way: parts of it may be sorted one
# by one, and noisy series go up and down about as often.
SORTED_SHARE = 0.9
# Of the rows: a column with more levels is a number, and its heaps would be single rows.
_FEW_LEVELS = 0.25
_TURNS = 0.02  # of the steps, as where two series stand in one file
_COMMONEST = 0.9  # a column with more rows in one level explains no order


@dataclass(frozen=True)
class RowOrder:
    """Order of the rows that makes some of them neighbours.

    Pairs of a file are ``lag`` rows apart: 1, or more where several series take turns.

    Parameters
    ----------
    kind : {"time", "place", "unit", "file"}
    names : tuple of str
        Columns that it rests on.
    left, right : ndarray of int
        Pairs of neighbouring rows.
    """

    kind: Literal["time", "place", "unit", "file"]
    names: tuple[str, ...]
    left: Rows
    right: Rows
    lag: int = 1


def named_like(name: str, pattern: re.Pattern[str]) -> bool:
    """Return whether a column's name has a word of ``pattern``.

    ``dayOfYear`` has three words.
    """
    # camelCase becomes words, and digits are no part of them: `day1` is a day.
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return bool(pattern.search(re.sub(r"\d+", "", words)))


def time_columns(X: Any) -> dict[str, NDArray[Any]]:
    """Return the columns that look like comparable times.

    Dates in any order of the rows; numbers with the name of a time if the rows are sorted by them,
    or if they are equally spaced and all different, so that the hour of a day or a time to an event
    is none.
    """
    columns = {}
    for name in getattr(X, "columns", ()):
        column = X[name]
        if column.dtype.kind == "M" or _are_date_texts(column):
            try:
                times = checked_times(column, len(column), "a column")
            except TransferGapError:  # some are missing, or could be read in two ways
                continue
            if len(np.unique(times)) > 2:
                columns[str(name)] = times
        elif column.dtype.kind in "iuf" and named_like(str(name), _TIME):
            values = column.to_numpy(float)
            if np.isnan(values).any() or len(np.unique(values)) <= 2:
                continue
            if _never_turns(values) or _has_equal_steps(np.sort(values)):
                columns[str(name)] = values
    return columns


def counting_columns(X: Any) -> list[Any]:
    """Return the columns with equal steps from row to row.

    Whatever their name, they count rows.
    """
    if isinstance(X, list) or hasattr(X, "tocsr"):
        return []
    table = hasattr(X, "iloc")
    names = list(X.columns) if table else list(range(X.shape[1]))
    counting = []
    for name in names:
        column = X[name].to_numpy() if table else X[:, name]
        if column.dtype.kind not in "iuf" or len(column) < 3:
            continue
        if _has_equal_steps(column.astype(float)):
            counting.append(name)
    return counting


def _has_equal_steps(values: NDArray[Any]) -> bool:
    steps = np.diff(values)
    # 1e-6: equal steps of times lose digits when they become floats.
    return bool(steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0.0))


def coordinates(X: Any) -> tuple[str, str] | None:
    """Return the columns of a place, such as latitude and longitude.

    ``None`` if there are not two.
    """
    names = [str(name) for name in getattr(X, "columns", ())]
    numbers = [name for name in names if X[name].dtype.kind in "iuf"]
    pairs = [[n for n in numbers if named_like(n, p)] for p in (_LATITUDE, _LONGITUDE)]
    if not all(pairs) or pairs[0][0] == pairs[1][0]:
        return None
    if "py" in pairs[0][0].lower() and "pz" in map(str.lower, names):  # parts of a momentum
        return None
    return pairs[0][0], pairs[1][0]


def is_sorted(values: NDArray[Any]) -> bool:
    """Return whether nearly all steps go the same way.

    Equal neighbours do not count, nor missing values.
    """
    return _same_way(values) >= 2 * SORTED_SHARE - 1


def _never_turns(values: NDArray[Any]) -> bool:
    """Return whether values nearly always rise, or nearly always fall.

    The hours of several days do not.
    """
    return _same_way(values) >= 1 - 2 * _TURNS


def _same_way(values: NDArray[Any]) -> float:
    """Return the share of steps one way less that of the other."""
    steps = np.sign(np.diff(values[~np.isnan(values)]))
    steps = steps[steps != 0]
    return abs(float(steps.mean())) if len(steps) else 0.0


def arranging_column(X: Any, but: set[str]) -> str | None:
    """Return a column that sorts the rows, or lays them in heaps.

    ``None`` if there is none.
    """
    if isinstance(X, list) or hasattr(X, "tocsr"):
        return None
    table = hasattr(X, "iloc")
    for name in X.columns if table else range(X.shape[1]):
        if str(name) in but or (table and named_like(str(name), _TIME)):
            continue
        column = X[name] if table else X[:, name]
        codes = np.unique(np.asarray(column).astype(str), return_inverse=True)[1]
        n_levels, n_runs = int(codes.max()) + 1, int(np.count_nonzero(np.diff(codes))) + 1
        if n_levels == 1:
            continue
        if n_levels > _FEW_LEVELS * len(codes):
            if column.dtype.kind in "iuf" and is_sorted(np.asarray(column, float)):
                return str(name)
            continue
        shares = np.bincount(codes) / len(codes)
        if shares.max() > _COMMONEST:
            continue
        # Runs of shuffled rows: one, and one more wherever neighbours differ (1 - sum of squared
        # shares).
        by_chance = 1 + len(codes) * (1 - float(shares @ shares))
        # Heaps: hardly more runs than levels, and half of what shuffling gives.
        if n_runs <= 1.5 * n_levels and n_runs < 0.5 * by_chance:
            return str(name)
        if column.dtype.kind in "iuf" and n_levels > 2 and is_sorted(np.asarray(column, float)):
            return str(name)
    return None


def _are_date_texts(column: Any) -> bool:
    if column.dtype.kind in "iufbM" or column.isna().any():
        return False
    texts = column.astype(str)
    # The first twenty decide quickly that a column of texts holds no dates.
    if not texts.iloc[:20].str.match(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").all():
        return False
    return bool(texts.str.match(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").all())


def by_time(name: str | None, times: NDArray[Any], *, seed: int) -> RowOrder:
    """Return neighbours in time.

    Equal times are shuffled, since their order may be anything. Times that are no column have no
    name.
    """
    # Shuffled before a stable sort, so that rows of one time are neighbours in random order.
    chance = np.random.default_rng(seed).permutation(len(times))
    order = chance[np.argsort(times[chance], kind="stable")]
    return RowOrder("time", () if name is None else (name,), order[:-1], order[1:])


def by_place(X: Any, names: tuple[str, str]) -> RowOrder | None:
    """Return each row with its nearest neighbour; ``None`` where places are missing."""
    from scipy.spatial import KDTree

    points = X[list(names)].to_numpy(float)
    if np.isnan(points).any() or len(np.unique(points, axis=0)) < 3:
        return None
    # k = 2: the nearest point is the row itself, unless another lies on the same place.
    nearest = np.asarray(KDTree(points).query(points, k=2)[1])
    rows = np.arange(len(points))
    partner = np.where(nearest[:, 0] == rows, nearest[:, 1], nearest[:, 0])
    return RowOrder("place", names, rows, partner)
