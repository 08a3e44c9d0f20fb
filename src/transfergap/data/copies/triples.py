"""Rows of two files that correspond after changes of unit.

Three rows of one file lie in each column as the same three rows do in the other, whatever the
column's unit and zero are: (x2 - x1) / (x3 - x1) is the same. Other rows lie so by chance, but not
in several columns at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.lines import (
    Floats,
    Pairs,
    Rescaled,
    even_choice,
    rescaled_by,
    steps_of,
)
from transfergap.data.copies.units import spread_of

Places = NDArray[np.intp]
FEWEST = 4  # rows with one change of unit: three of them settle it, the fourth shows it
# Bounds of cost, a tenth of a second or two: few copies in a long source may be missed because of
# them, and benchmarks.copies says how often.
_MOST_ROWS = (300, 1000)  # of target and source: an even choice of more
_MOST_VOTERS = 6  # columns, those with most values first
_LEVELS = 0.12  # different values a row, from which a column may tell triples apart
_FEWEST_COLUMNS = 2
_PRESENT = 0.8  # share of a column's values that must be there
_MOST_TRIPLES = (60_000, 800_000)  # of the target and of the source
# Where the middle row of a triple lies between the outer two; of rounded values many lie at a half
# and at other simple fractions.
_MIDDLE = 0.4142
_MOST_CANDIDATES = 200_000  # pairs of triples in one cell
_MOST_SHAPES = 3  # columns by which triples meet; all columns judge those that do
_MOST_CELLS = 4_000_000
# Differences of shape from exact to rounded values; relative to the span of a triple.
_ERRORS = (1e-6, 4e-3)
_MANY = 12  # rows that leave no doubt about the change of unit
_MOST_TRIED = 60  # pairs of triples whose change of unit is tried on all rows
_REACH = 10.0  # errors of a shape that a row outside the triple may be off
_AROUND = 4.0  # times that distance tells how many pairs are usual
_RARE = 1e-3  # chance of so many anywhere, were rows unrelated
_ALL = slice(None)


@dataclass(frozen=True)
class _Triples:
    """Three rows each, in order of the first column.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_columns)
    rows : ndarray, shape (3, n_triples)
    """

    values: Floats
    rows: Places

    @classmethod
    def of(cls, values: Floats, half_width: float) -> _Triples:
        """List triples with a middle row at one share of the way."""
        order = np.argsort(values[:, 0], kind="stable")
        first = values[order, 0]
        low, high = np.triu_indices(len(values), 1)
        span = first[high] - first[low]
        middle = first[low] + _MIDDLE * span
        start = np.maximum(np.searchsorted(first, middle - half_width * span), low + 1)
        end = np.minimum(np.searchsorted(first, middle + half_width * span, "right"), high)
        counts = np.where(span > 0, np.maximum(end - start, 0), 0)
        outer, within = _repeated(counts)
        return cls(values, order[np.stack([low[outer], start[outer] + within, high[outer]])])

    def shapes(self, column: int, chosen: Places | slice = _ALL) -> Floats:
        """Return how triples lie in a column, whatever its unit.

        In the first column the place of the middle row between the outer two, 0 to 1; in others
        the slope of its distance and theirs on a diamond around zero, 0 to 2, which is the same
        where a column is turned round.
        """
        # Up to a million triples: a column of its own is read faster, and results are written over.
        x = np.ascontiguousarray(self.values[:, column])
        low, middle, high = self.rows if chosen is _ALL else self.rows[:, chosen]
        start = x.take(low)
        across: Floats = x.take(middle)
        up = x.take(high)
        across -= start
        up -= start
        if column == 0:
            across /= up
            return across
        size = np.abs(across)
        size += np.abs(up, out=start)
        with np.errstate(invalid="ignore", divide="ignore"):
            across /= size
        np.negative(across, out=across, where=up >= 0)
        across += 1.0
        return across

    def shares(self, half_width: float) -> list[Floats]:
        """Return the shapes by which triples meet, from 0 to 1."""
        middle = (self.shapes(0) - _MIDDLE + half_width) / (2.0 * half_width)
        n_shapes = min(self.values.shape[1], _MOST_SHAPES)
        return [middle, *(self.shapes(column) / 2.0 for column in range(1, n_shapes))]


def _repeated(counts: Places) -> Pairs:
    """Repeat places, and number the repetitions of each from 0."""
    places = np.repeat(np.arange(len(counts)), counts)
    return places, np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)


def aligned_by_triples(columns: Sequence[ComparableColumn], sample: Places) -> Rescaled:
    """Convert columns to units in which rows of the two files correspond.

    Parameters
    ----------
    columns : sequence of ComparableColumn
    sample : ndarray
        Source rows to look at.
    """
    numbers = [c for c in columns if not (c.is_text or c.is_whole)]
    files = (
        [column.target.astype(float) for column in numbers],
        [column.source[sample].astype(float) for column in numbers],
    )
    fineness = np.array([[len(np.unique(v)) / len(v) for v in part] for part in files]).min(axis=0)
    present = np.array([[np.isfinite(v).mean() for v in part] for part in files]).min(axis=0)
    fine = np.flatnonzero((fineness >= _LEVELS) & (present >= _PRESENT))
    voters = fine[np.argsort(-fineness[fine], kind="stable")][:_MOST_VOTERS]
    if len(voters) < _FEWEST_COLUMNS:
        return list(columns), ()
    values, rows = [], []
    for part, limit in zip(files, _MOST_ROWS, strict=True):
        matrix = np.column_stack([part[k] for k in voters])
        whole = even_choice(np.flatnonzero(np.isfinite(matrix).all(axis=1)), limit)
        values.append(matrix[whole])
        rows.append(whole)
    if min(map(len, rows)) < FEWEST:
        return list(columns), ()
    pairs = corresponding_rows(*values)
    if pairs is None:
        return list(columns), ()
    steps = steps_of(columns, sample)
    return rescaled_by(
        columns, (rows[0][pairs[0]], sample[rows[1][pairs[1]]]), steps, error=_ERRORS[-1]
    )


def corresponding_rows(target: Floats, source: Floats) -> Pairs | None:
    """Return rows that changes of units bring together.

    ``None`` where no change brings together more rows than chance does.

    Parameters
    ----------
    target, source : ndarray, shape (n_target, n_columns), (n_source, n_columns)
        Columns of many different values, two or more.

    Notes
    -----
    Ours, after geometric hashing (Lamdan and Wolfson 1988): what three points make of the others
    is the key under which shapes of two pictures meet. Cost: the cube of the rows up to a fixed
    number of triples, of which those near the middle are taken where there are more.

    References
    ----------
    Lamdan and Wolfson (1988), Geometric Hashing: A General and Efficient Model-Based Recognition
    Scheme.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> metres, strangers = rng.normal(size=(20, 3)), rng.normal(size=(30, 3))
    >>> feet = np.concatenate([strangers, metres[:8]]) / 0.3048 + [0.0, 5.0, -7.0]
    >>> rows, partners = corresponding_rows(metres, feet)
    >>> rows.tolist(), partners.tolist()
    ([0, 1, 2, 3, 4, 5, 6, 7], [30, 31, 32, 33, 34, 35, 36, 37])
    """
    files = [target - np.median(target, axis=0), source - np.median(source, axis=0)]
    files = [values / np.apply_along_axis(spread_of, 0, values) for values in files]
    n_triples = [max(n * (n - 1) * (n - 2) / 6.0, 1.0) for n in (len(target), len(source))]
    half_width = min(
        _MIDDLE, *(0.5 * limit / n for n, limit in zip(n_triples, _MOST_TRIPLES, strict=True))
    )
    triples, partners = (_Triples.of(values, half_width) for values in files)
    one, two, errors = _alike(triples, partners, *_in_one_cell(triples, partners, half_width))
    for error in _ERRORS:
        near = np.flatnonzero(errors <= error)
        near = near[np.argsort(errors[near], kind="stable")[:_MOST_TRIED]]
        best: Pairs | None = None
        for place in near:
            rows = triples.rows[:, one[place]], partners.rows[:, two[place]]
            pairs = _brought_together(files[0], files[1], rows, _REACH * error)
            if pairs is not None and (best is None or len(pairs[0]) > len(best[0])):
                best = pairs
                if len(best[0]) >= _MANY:
                    return best
        if best is not None:
            return best
    return None


def _in_one_cell(target: _Triples, source: _Triples, half_width: float) -> Pairs:
    """Return the pairs of triples whose shapes lie in one cell.

    The cells are as wide as the number of pairs allows: rounding moves shapes to the next cell.
    """
    shares = [part.shares(half_width) for part in (target, source)]
    n_pairs = float(target.rows.shape[1]) * source.rows.shape[1]
    # Were shapes spread evenly; where they are not, the cells are halved until few are alike.
    n_sides = max(2, round((n_pairs / _MOST_CANDIDATES) ** (1.0 / len(shares[0]))))
    while True:
        n_cells = n_sides ** len(shares[0])
        cells, partner_cells = (_cells(part, n_sides) for part in shares)
        counts = np.bincount(cells, minlength=n_cells + 1)
        counts[n_cells] = 0  # where a column gives no direction
        partners = counts[partner_cells]
        if partners.sum() <= _MOST_CANDIDATES or n_cells > _MOST_CELLS:
            break
        n_sides *= 2
    if partners.sum() > 8 * _MOST_CANDIDATES:
        none = np.empty(0, np.intp)
        return none, none
    starts = np.cumsum(counts) - counts
    two, within = _repeated(partners)
    return np.argsort(cells, kind="stable")[starts[partner_cells[two]] + within], two


def _cells(shares: Sequence[Floats], n_sides: int) -> Places:
    """Number the cells of triples, the last without a direction."""
    cells = np.zeros(len(shares[0]), np.intp)
    present = np.ones(len(cells), bool)
    for share in shares:
        scaled = share * n_sides
        present &= np.isfinite(share)
        if not present.all():
            scaled[~present] = 0.0
        places = scaled.astype(np.intp)
        cells *= n_sides
        cells += places.clip(0, n_sides - 1, out=places)
    cells[~present] = n_sides ** len(shares)
    return cells


def _alike(
    target: _Triples, source: _Triples, one: Places, two: Places
) -> tuple[Places, Places, Floats]:
    """Choose triples alike in all columns, with their largest difference."""
    errors = np.zeros(len(one))
    for column in range(target.values.shape[1]):
        apart = np.abs(target.shapes(column, one) - source.shapes(column, two))
        # Triples without a span in a column say nothing of it.
        near = ~(apart > _ERRORS[-1])
        one, two = one[near], two[near]
        errors = np.fmax(errors[near], apart[near])
    return one, two, errors


def _brought_together(
    target: Floats, source: Floats, rows: tuple[Places, Places], reach: float
) -> Pairs | None:
    """Return rows that agree after the change that a triple settles."""
    t, s = target[rows[0]], source[rows[1]]
    low, high = s.argmin(axis=0), s.argmax(axis=0)
    k = np.arange(s.shape[1])
    wide = s[high, k] > s[low, k]
    if not wide.all():
        return None
    factor = (t[high, k] - t[low, k]) / (s[high, k] - s[low, k])
    mapped = source * factor + (t[low, k] - s[low, k] * factor)
    apart = np.zeros((len(target), len(mapped)))
    for column in range(target.shape[1]):
        np.maximum(apart, np.abs(target[:, None, column] - mapped[None, :, column]), out=apart)
    i, j = np.nonzero(apart <= reach)
    alone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    i, j = i[alone], j[alone]
    if len(i) < FEWEST:
        return None
    around = np.count_nonzero(apart <= _AROUND * reach) - len(i)
    usual = max(around, 1) / _AROUND ** target.shape[1]
    rare = float(poisson.sf(len(i) - FEWEST, usual)) * _MOST_TRIED < _RARE
    return (i, j) if rare else None
