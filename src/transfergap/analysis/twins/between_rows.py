"""Rows that lie exactly between two target rows, as oversampling makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = dict[Any, Floats]
FEWEST = 8  # rows; as many as twins, see transfergap.analysis.twins.twin_rows
# By chance two directions in three columns are so opposite once in 100,000.
_FEWEST_COLUMNS = 3
_FEWEST_VALUES = 10  # of a column: grids of few values hold many midpoints
_MOSTLY = 0.7  # of a column's values that are different, where the target is looked at alone
_OFF_COLUMNS = 2
_MOST_DIGITS = 4
_ROUNDING = 1e-9  # of a column's largest value
_HALF = 0.5
_OPPOSITE = 2e-5  # 1 + cosine: values may be rounded to about three figures
_K = 20  # nearest target rows, of which two are the row's parents
_MOST_ROWS = 2_000  # of a file: the share is known well enough
_LEAST_SHARE = 0.02  # of the rows, and ten times that among target rows; chosen by hand
_TIMES = 10.0


@dataclass(frozen=True)
class BetweenRows:
    """Rows of a source between two rows of the target.

    Parameters
    ----------
    source : str
    n_between, n_rows : int
        Such rows, of those that were looked at.
    within : float
        The share of target rows that lie between two others.
    """

    source: str
    n_between: int
    n_rows: int
    within: float

    @property
    def sentence(self) -> str:
        """Return the evidence in a sentence."""
        of_source = f"{self.n_between} of {self.n_rows} rows of {self.source}"
        return (
            f"{of_source} lie exactly between two target rows; of target rows {self.within:.0%} lie"
            " between two others."
        )

    @property
    def likeness(self) -> str:
        """Return what looks like that."""
        return "Rows that oversampling (SMOTE) makes of target rows look like that"

    @property
    def numbers(self) -> dict[str, float]:
        """Return the evidence by name."""
        return {"n_between": self.n_between, "within": self.within}


def between_rows(name: str, target: Any, source: Any) -> BetweenRows | None:
    """Return source rows between target rows, if beyond chance.

    Parameters
    ----------
    name : str
        Of the source.
    target, source : DataFrame or ndarray, shape (n_rows, n_columns)

    Notes
    -----
    Ours. Oversampling after Chawla et al. (2002) draws a point of the line between a row and one of
    its neighbours. Seen from such a point its two parents lie in opposite directions, whatever the
    units of columns.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), SMOTE: Synthetic Minority Over-sampling Technique.
    """
    numbers = _numbers(_columns(target), _columns(source))
    if numbers is None:
        return None
    target_rows, source_rows = numbers
    n_between = int(_lie_between(source_rows, target_rows).sum())
    within = float(_lie_between(target_rows, target_rows).mean())
    if n_between < max(FEWEST, _LEAST_SHARE * len(source_rows), _TIMES * within * len(source_rows)):
        return None
    return BetweenRows(name, n_between, len(source_rows), within)


def n_between_others(target: Any) -> tuple[int, int]:
    """Return how many of how many target rows lie between others.

    Parameters
    ----------
    target : DataFrame or ndarray, shape (n_rows, n_columns)

    Notes
    -----
    Values on a grid have midpoints. So either only columns count in which most values are
    different, or only rows that lie off the grid on which most rows lie in two columns or more.
    """
    columns = _columns(target)
    n_rows = len(next(iter(columns.values()), ()))
    rows = _numbers(columns, fewest_values=_MOSTLY * n_rows)
    n_between = 0 if rows is None else int(_lie_between(*rows, *rows).sum())
    rows = _numbers(columns)
    if rows is None:
        return n_between, n_rows or len(target)
    off_grid = np.sum([_off_grid(column) for column in columns.values()], axis=0) >= _OFF_COLUMNS
    if off_grid.any() and not off_grid.all():
        n_between = max(n_between, int(_lie_between(rows[0][off_grid], rows[0][~off_grid]).sum()))
    return n_between, n_rows


def _off_grid(column: Floats) -> NDArray[np.bool_]:
    """Return which values have more decimals than most."""
    for digits in range(_MOST_DIGITS + 1):
        off = np.abs(column - np.round(column, digits)) > _ROUNDING * np.abs(column).max()
        if float(off.mean()) < _HALF:
            return np.asarray(off, bool)
    return np.zeros(len(column), bool)


def _numbers(*tables: Columns, fewest_values: float = _FEWEST_VALUES) -> tuple[Floats, ...] | None:
    """Return the columns of many numbers, each in units of its spread."""
    names = [
        name
        for name, values in tables[0].items()
        if len(np.unique(values)) > fewest_values and all(name in table for table in tables)
    ]
    if len(names) < _FEWEST_COLUMNS:
        return None
    spread = np.array([tables[0][name].std() for name in names])
    return tuple(np.column_stack([table[name] for name in names]) / spread for table in tables)


def _columns(table: Any) -> Columns:
    """Return complete columns of numbers, of some rows if many."""
    step = max(1, len(table) // _MOST_ROWS)
    if hasattr(table, "iloc"):
        part = table.iloc[::step]
        kinds = {name: part[name] for name in part.columns if part[name].dtype.kind in "iuf"}
        return {name: c.to_numpy(float) for name, c in kinds.items() if c.notna().all()}
    values = np.asarray(table)[::step]
    if values.ndim != 2 or values.dtype.kind not in "iuf":
        return {}
    columns = enumerate(values.T.astype(float))
    return {place: column for place, column in columns if np.isfinite(column).all()}


def _lie_between(rows: Floats, points: Floats) -> NDArray[np.bool_]:
    """Return which rows lie on a line between two points."""
    from sklearn.neighbors import NearestNeighbors

    k = min(_K, len(points))
    nearest = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(rows, return_distance=False)
    between = np.zeros(len(rows), bool)
    for place, (row, near) in enumerate(zip(rows, nearest, strict=True)):
        ways = points[near] - row
        lengths = np.linalg.norm(ways, axis=1)
        ways = ways[lengths > 0] / lengths[lengths > 0, None]
        between[place] = len(ways) > 1 and float((ways @ ways.T).min()) < _OPPOSITE - 1.0
    return between
