"""Rows that are sums or means of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.sample import Sample
from transfergap.data.tables.normal_form import is_text

Floats = NDArray[np.float64]
_IN_MANY_LANGUAGES = (
    "total totals grand subtotal sum sums summe gesamt gesamtsumme insgesamt zwischensumme mean"
    " average avg mittelwert durchschnitt somme moyenne suma totale media"
)
_WORDS = frozenset(_IN_MANY_LANGUAGES.split())
_FEWEST_ROWS = 10  # others: of fewer, sums and means are values that rows have by chance
_FEWEST_COLUMNS = 3
_SHARE = 0.5  # of the columns of numbers that the row has a value in
_FINE = 1e-3  # of a column's spread: nearer than that, hardly a row comes to lie by chance
_ROUNDED = 1e-4  # of a sum beyond all values: rounding of its parts moves it by less
_MOST_WITH_WORD = 2  # rows: a level called "total" that recurs is a level
_MOST_DECIMALS = 6
_NEARLY_WHOLE, _DIGITS = 1e-7, 1e-12  # what multiplying by a power of ten leaves of a double
_LABEL = "the label"


@dataclass(frozen=True)
class TotalRow:
    """A row of sums or means, or called so.

    Parameters
    ----------
    row : int
        Its position.
    place : {"first", "last", ""}
    kind : {"sum", "mean"}
    columns : tuple of str
        Columns of which it is the sum or mean, ``"the label"`` for labels; empty where only its
        size and its word tell.
    word : str
        What a text of the row calls it, such as ``"Total"``; empty for none.
    """

    row: int
    place: str
    kind: str
    columns: tuple[str, ...]
    word: str = ""


def total_rows(tables: Mapping[str, Any]) -> dict[str, TotalRow]:
    """Find a row of totals in each table.

    Parameters
    ----------
    tables : mapping of str to (X, y) or Sample
        Others are left out.

    Notes
    -----
    Ours. The first or last row counts that equals the sums or means of all others, to rounding, in
    three columns of numbers at least and in half of those it has a value in; a sum and a mean below
    one another are both tried. Elsewhere a row counts that has a text such as "Total" and either
    equals them in one column or is more than all others together in half of its columns.

    Examples
    --------
    >>> X = np.random.default_rng(0).gamma(3.0, size=(30, 4))
    >>> row = total_rows({"b": (np.vstack([X, X.sum(axis=0)]), np.append(np.ones(30), 30.0))})["b"]
    >>> row.row, row.kind, len(row.columns)
    (30, 'sum', 5)
    """
    rows = {}
    for label, table in tables.items():
        parts = _parts(table)
        if parts is not None and (total := _total_row(*parts)) is not None:
            rows[label] = total
    return rows


def _parts(table: Any) -> tuple[Any, Any] | None:
    """Return rows and labels, or ``None``."""
    if isinstance(table, Sample):
        table = (table.X, table.y)
    if not isinstance(table, (tuple, list)) or len(table) != 2:
        return None
    X = table[0]
    is_array = isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "iuf"
    is_frame = hasattr(X, "iloc") and hasattr(X, "columns")
    return (X, table[1]) if is_array or is_frame else None


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns of numbers, added up once.

    Parameters
    ----------
    names : tuple of str
    columns : tuple of ndarray, each of shape (n_rows,)
    sums, counts : ndarray, shape (n_columns,)
        Of the values that are not missing.
    """

    names: tuple[str, ...]
    columns: tuple[Floats, ...]
    sums: Floats
    counts: Floats

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[Floats]) -> _Columns:
        """Add up columns."""
        sums = np.array([column.sum() for column in columns])
        counts = np.array([float(len(column)) for column in columns])
        for j in np.flatnonzero(np.isnan(sums)).tolist():
            present = ~np.isnan(columns[j])
            sums[j], counts[j] = columns[j][present].sum(), present.sum()
        return cls(tuple(names), tuple(columns), sums, counts)

    def row(self, place: int) -> Floats:
        """Return the values of a row."""
        return np.array([column[place] for column in self.columns])

    def agreement(self, place: int, excluded: Sequence[int]) -> tuple[str, list[int]]:
        """Return the columns of a row that are sums or means.

        Of all rows but the excluded ones.
        """
        row = self.row(place)
        parts = np.vstack([self.row(other) for other in excluded])
        n_others = self.counts - (~np.isnan(parts)).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):  # columns without a value
            sums = self.sums - np.nansum(parts, axis=0)
            totals = {"sum": sums, "mean": sums / n_others}
            # Before a column is looked at whole: a sum may be rounded coarsely, a mean as written.
            rounding = np.array([_rounding(float(value)) for value in row])
            allowed = {
                "sum": np.maximum(0.5, 0.01 * np.abs(sums)),
                "mean": rounding + 1e-6 * np.abs(totals["mean"]),
            }
            near = {kind: np.abs(row - totals[kind]) <= allowed[kind] for kind in totals}
        tests = {"sum": _is_sum, "mean": _is_mean}
        by_kind = {
            kind: [
                int(j)
                for j in np.flatnonzero(near[kind])
                if tests[kind](
                    float(row[j]), np.delete(self.columns[j], excluded), float(values[j])
                )
            ]
            for kind, values in totals.items()
        }
        kind = max(by_kind, key=lambda name: len(by_kind[name]))
        return kind, sorted({j for columns in by_kind.values() for j in columns})

    def is_extreme(self, place: int) -> bool:
        """Return whether a row is the largest in half of its columns."""
        row, sizes = self.row(place), np.zeros(len(self.columns))
        for j, column in enumerate(self.columns):
            sizes[j] = np.nan_to_num(np.abs(np.delete(column, place))).max()
        tested = np.isfinite(row) & (sizes > 0.0)
        n_beyond = int(np.count_nonzero(np.abs(row[tested]) > 2.0 * sizes[tested]))
        return n_beyond >= 2 and n_beyond >= _SHARE * int(tested.sum())


def _total_row(X: Any, y: Any) -> TotalRow | None:
    numbers, n_rows = _numbers(X, y), len(X)
    if n_rows <= _FEWEST_ROWS or not numbers.names:
        return None
    words = dict(_rows_with_word(X))
    for row, place, excluded in _ends(n_rows):
        kind, columns = numbers.agreement(row, excluded)
        n_tested = int(np.isfinite(numbers.row(row)).sum())
        if len(columns) >= max(_FEWEST_COLUMNS, _SHARE * n_tested):
            named = tuple(numbers.names[j] for j in columns)
            return TotalRow(row, place, kind, named, words.get(row, ""))
    for row, word in words.items():
        kind, columns = numbers.agreement(row, [row])
        place = "first" if row == 0 else "last" if row == n_rows - 1 else ""
        if columns or numbers.is_extreme(row):
            return TotalRow(row, place, kind, tuple(numbers.names[j] for j in columns), word)
    return None


def _numbers(X: Any, y: Any) -> _Columns:
    """Return all columns of numbers, labels among them."""
    names, columns = [], []
    if hasattr(X, "iloc"):
        for j, name in enumerate(X.columns):
            if X.dtypes.iloc[j].kind in "iuf":
                names.append(str(name))
                columns.append(X.iloc[:, j].to_numpy(dtype=float, na_value=np.nan))
    else:
        names = [str(j) for j in range(X.shape[1])]
        columns = list(np.asarray(X, float).T)
    try:
        labels = np.asarray(y)
    except ValueError:  # several labels in a row: an error of their own, later on
        labels = np.empty(0)
    if labels.dtype.kind in "iuf" and labels.shape == (len(X),):
        names, columns = [*names, _LABEL], [*columns, labels.astype(float)]
    return _Columns.of(names, columns)


def _ends(n: int) -> Iterator[tuple[int, str, list[int]]]:
    """Yield rows that may be totals, and rows left out."""
    yield n - 1, "last", [n - 1]
    yield 0, "first", [0]
    # A sum and a mean below one another.
    yield n - 2, "last but one", [n - 2, n - 1]
    yield n - 1, "last", [n - 2, n - 1]
    yield 1, "second", [0, 1]
    yield 0, "first", [0, 1]


def _is_sum(value: float, column: Floats, total: float) -> bool:
    column = column[np.isfinite(column)]
    if value == 0.0 or np.count_nonzero(column) < 2:
        return False
    error = _rounding(value) + 1e-9 * float(np.abs(column).sum())
    if not column.min() <= value <= column.max():
        return abs(value - total) <= max(min(error, 0.01 * abs(total)), _ROUNDED * abs(total))
    return error <= _FINE * float(column.std()) and abs(value - total) <= error


def _is_mean(value: float, column: Floats, mean: float) -> bool:
    column = column[np.isfinite(column)]
    error = _rounding(value) + 1e-9 * float(np.abs(column).max())
    if abs(value - mean) > error or column.std() == 0.0:
        return False
    # More decimals than any value has, or so many that hardly a value is so near by chance.
    finer = _decimals(np.array([value])) > _decimals(column)
    return finer or error <= _FINE * float(column.std())


def _rounding(value: float) -> float:
    n_decimals = _decimals(np.array([value]))
    return float(0.5 * 10.0**-n_decimals) if n_decimals <= _MOST_DECIMALS else 0.0


def _decimals(values: Floats) -> int:
    """Return the decimals of values, up to a limit."""
    for n_decimals in range(_MOST_DECIMALS + 1):
        scaled = values * 10.0**n_decimals
        whole = np.rint(scaled)
        # As numpy.allclose, of which a file would need some hundred calls.
        if (np.abs(scaled - whole) <= _NEARLY_WHOLE + _DIGITS * np.abs(whole)).all():
            return n_decimals
    return _MOST_DECIMALS + 1


def _rows_with_word(X: Any) -> Iterator[tuple[int, str]]:
    """Yield rows with a word such as "Total", and the text."""
    if not hasattr(X, "iloc"):
        return
    for j in range(X.shape[1]):
        if not is_text(X.iloc[:, j]):
            continue
        column = X.iloc[:, j].astype(object)
        texts = [t for t in column.dropna().unique() if isinstance(t, str) and _is_word(t)]
        rows = np.flatnonzero(column.isin(texts).to_numpy()) if texts else np.empty(0, int)
        if len(rows) <= _MOST_WITH_WORD:
            yield from ((int(row), str(column.iloc[row]).strip()) for row in rows)


def _is_word(text: str) -> bool:
    words = text.casefold().replace(":", " ").replace("-", " ").split()
    return bool(words) and _WORDS.issuperset(words)
