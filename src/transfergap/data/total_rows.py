"""Rows that are sums or means of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.sample import Sample
from transfergap.data.tables import is_text

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


def _total_row(X: Any, y: Any) -> TotalRow | None:
    names, values = _numbers(X, y)
    if len(values) <= _FEWEST_ROWS or not names:
        return None
    words = dict(_rows_with_word(X))
    for row, place, body in _ends(len(values)):
        kind, columns = _agreement(values[row], values[body])
        n_tested = int(np.isfinite(values[row]).sum())
        if len(columns) >= max(_FEWEST_COLUMNS, _SHARE * n_tested):
            named = tuple(names[j] for j in columns)
            return TotalRow(row, place, kind, named, words.get(row, ""))
    for row, word in words.items():
        remainder = np.delete(values, row, axis=0)
        kind, columns = _agreement(values[row], remainder)
        place = "first" if row == 0 else "last" if row == len(values) - 1 else ""
        if columns or _is_extreme(values[row], remainder):
            return TotalRow(row, place, kind, tuple(names[j] for j in columns), word)
    return None


def _numbers(X: Any, y: Any) -> tuple[list[str], Floats]:
    """Return names and values of all columns of numbers, labels among them."""
    names, columns = [], []
    if hasattr(X, "iloc"):
        for j, name in enumerate(X.columns):
            if X.dtypes.iloc[j].kind in "iuf":
                names.append(str(name))
                columns.append(X.iloc[:, j].to_numpy(dtype=float, na_value=np.nan))
    else:
        names, columns = [str(j) for j in range(X.shape[1])], list(np.asarray(X, float).T)
    try:
        labels = np.asarray(y)
    except ValueError:  # several labels in a row: an error of their own, later on
        labels = np.empty(0)
    if labels.dtype.kind in "iuf" and labels.shape == (len(X),):
        names, columns = [*names, _LABEL], [*columns, labels.astype(float)]
    return names, np.column_stack(columns) if columns else np.empty((len(X), 0))


def _ends(n: int) -> Iterator[tuple[int, str, slice]]:
    """Yield rows that may be totals, and of which rows."""
    yield n - 1, "last", slice(0, n - 1)
    yield 0, "first", slice(1, n)
    # A sum and a mean below one another.
    yield n - 2, "last but one", slice(0, n - 2)
    yield n - 1, "last", slice(0, n - 2)
    yield 1, "second", slice(2, n)
    yield 0, "first", slice(2, n)


def _agreement(row: Floats, body: Floats) -> tuple[str, list[int]]:
    """Return which columns of a row are sums or means."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns without a value
        totals = {"sum": np.nansum(body, axis=0), "mean": np.nanmean(body, axis=0)}
    tests = {"sum": _is_sum, "mean": _is_mean}
    by_kind = {
        name: [
            int(j)
            for j in np.flatnonzero(np.abs(row - values) <= np.maximum(0.5, 0.01 * np.abs(values)))
            if tests[name](float(row[j]), body[:, j], float(values[j]))
        ]
        for name, values in totals.items()
    }
    kind = max(by_kind, key=lambda name: len(by_kind[name]))
    return kind, sorted({j for columns in by_kind.values() for j in columns})


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
        if np.allclose(scaled, np.rint(scaled), rtol=1e-12, atol=1e-7):
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


def _is_extreme(row: Floats, body: Floats) -> bool:
    """Return whether a row is the largest in half of its columns."""
    tested = np.isfinite(row) & (np.nan_to_num(np.abs(body)).max(axis=0) > 0.0)
    sizes = np.nan_to_num(np.abs(body[:, tested])).max(axis=0)
    n_beyond = int(np.count_nonzero(np.abs(row[tested]) > 2.0 * sizes))
    return n_beyond >= 2 and n_beyond >= _SHARE * int(tested.sum())
