"""Columns of two files in a comparable form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.words import WordTable, have_words, without_accents, words_of
from transfergap.data.notations.moments import seconds_of

Values = NDArray[Any]  # float64, or int64 where every value is a whole number or a text's code
_EXACT_WHOLE = 2.0**53  # above it doubles skip whole numbers
MISSING_CODE = -1  # of a text that is not there
_MOST_WRITTEN = 5  # decimals of a rounded number in single precision, which has seven digits
_MOST_READ = 500  # texts of which it is read whether they have several words
_PROSE_SHARE = 0.2  # different texts a row, below which texts are levels of a category


@dataclass(frozen=True)
class ComparableColumn:
    """A column of a target and a source.

    Parameters
    ----------
    name : str
    target, source : ndarray, shape (n_target,), (n_source,)
        Numbers as float64 or int64; codes of texts, the same in both, as int64.
    lengths : ndarray or None
        Of the text behind each code; ``None`` for numbers.
    words : WordTable or None
        Of the text behind each code, where texts have several words; ``None`` elsewhere.

    Notes
    -----
    Whole numbers stay whole: keys of 19 digits that differ in the last one differ.
    """

    name: str
    target: Values
    source: Values
    lengths: NDArray[np.intp] | None = None
    words: WordTable | None = None

    @property
    def is_text(self) -> bool:
        """True for codes of texts."""
        return self.lengths is not None

    @property
    def is_whole(self) -> bool:
        """True for codes and whole numbers that a double cannot hold."""
        return self.target.dtype.kind == "i"

    def is_constant(self) -> bool:
        """Return whether one of the two files has a single value.

        Such a column cannot identify a row.
        """
        return any(_is_constant(values) for values in (self.target, self.source))

    def swapped(self, rows: NDArray[np.intp]) -> ComparableColumn:
        """Return the column with these source rows as its target."""
        return replace(self, target=self.source[rows])


def _is_constant(values: Values) -> bool:
    if len(values) == 0:
        return True
    first = values[0]
    # NaN differs from itself, so a column of NaN needs a test of its own.
    equal = values == first
    if values.dtype.kind == "f" and np.isnan(first):
        equal = np.isnan(values)
    return bool(equal.all())


def comparable_columns(target: Any, source: Any) -> tuple[ComparableColumn, ...] | None:
    """Return the columns that target and source share.

    ``None`` where rows of the two cannot be compared.

    Parameters
    ----------
    target, source : DataFrame, or array of shape (n_rows, ...)
        Tables meet by name, arrays by position; images and sequences of one size are read as one
        long row each.

    Examples
    --------
    >>> images, rows = np.zeros((3, 2, 2)), np.ones((5, 4))
    >>> len(comparable_columns(images, rows))
    4
    """
    if hasattr(target, "iloc") and hasattr(source, "iloc"):
        source_names = set(map(str, source.columns))
        names = [name for name in map(str, target.columns) if name in source_names]
        tables = [X.set_axis([str(c) for c in X.columns], axis=1) for X in (target, source)]
        return tuple(column_pair(name, *(table[name] for table in tables)) for name in names)
    numbers = [flat_numbers(X) for X in (target, source)]
    if any(values is None for values in numbers):
        return None
    target_numbers, source_numbers = numbers[0], numbers[1]
    assert target_numbers is not None and source_numbers is not None
    if target_numbers.shape[1] != source_numbers.shape[1]:
        return None
    return tuple(
        ComparableColumn(str(j), *as_one_kind(target_numbers[:, j], source_numbers[:, j]))
        for j in informative_columns(target_numbers, source_numbers)
    )


_MOST_COLUMNS = 256  # chosen by hand: bounds the cost for pictures


def informative_columns(
    target: Values, source: Values, *, limit: int = _MOST_COLUMNS
) -> Iterable[int]:
    """Return the positions of columns worth comparing.

    Of very many columns, an even choice among those that vary.
    """
    width = target.shape[1]
    if width <= limit:
        return range(width)
    varying = np.flatnonzero((target[:1] != target).any(axis=0))
    if len(varying) <= limit:
        return [int(j) for j in varying]
    chosen = np.linspace(0, len(varying) - 1, limit).round().astype(int)
    return [int(j) for j in varying[chosen]]


def flat_numbers(X: Any) -> NDArray[Any] | None:
    """Return rows of any shape as a numeric matrix.

    ``None`` where they are not numeric.
    """
    if hasattr(X, "iloc"):
        X = X.to_numpy()
    elif isinstance(X, list) or hasattr(X, "tocsr"):
        return None
    values = np.asarray(X)
    if values.dtype.kind == "O":
        try:
            values = values.astype(float)
        except (TypeError, ValueError):
            return None
    if values.dtype.kind not in "biuf" or values.ndim < 1:
        return None
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    return flat.astype(np.int64) if values.dtype.kind in "biu" else shortest_doubles(flat)


def shortest_doubles(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers of any precision as doubles that read as they do.

    Of 0.1 in single precision a double keeps digits that nobody wrote, which would hide that it was
    rounded.

    Examples
    --------
    >>> shortest_doubles(np.array([0.1, 1 / 3], dtype=np.float32)).tolist()
    [0.1, 0.3333333432674408]
    """
    doubles = values.astype(np.float64)
    if values.dtype.itemsize >= doubles.dtype.itemsize:
        return doubles
    exact = doubles
    # From many decimals to few, so that the fewest that read alike remain.
    for places in range(_MOST_WRITTEN, -1, -1):
        rounded = np.round(exact, places)
        with np.errstate(over="ignore"):
            equal = rounded.astype(values.dtype) == values
        doubles = np.where(equal, rounded, doubles)
    return doubles


def column_pair(name: str, target: Any, source: Any) -> ComparableColumn:
    """Return one column of two tables in comparable form.

    Numbers where both hold numbers, dates or booleans; codes of texts elsewhere.
    """
    target_numbers, source_numbers = _plain_numbers(target), _plain_numbers(source)
    if target_numbers is None or source_numbers is None:
        return text_pair(name, target, source)
    return ComparableColumn(name, *as_one_kind(target_numbers, source_numbers))


def as_one_kind(target: Values, source: Values) -> tuple[Values, Values]:
    """Convert both to doubles, or to integers where doubles lose digits."""
    # Only numbers beyond 2^53 need integers; a mixed comparison in integers would cut fractions.
    whole = target.dtype.kind == source.dtype.kind == "i"
    if whole and any(len(v) and _largest(v) >= _EXACT_WHOLE for v in (target, source)):
        return target, source
    return target.astype(float), source.astype(float)


def _largest(values: Values) -> float:
    return max(abs(float(values.min())), abs(float(values.max())))


def _plain_numbers(column: Any) -> Values | None:
    """Return a column as int64 or float64.

    Dates become seconds; ``None`` for anything else.
    """
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return None
    if pd.api.types.is_datetime64_any_dtype(kind):
        return seconds_of(column)
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_integer_dtype(kind):
        if column.isna().any():
            return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
        return np.asarray(column.to_numpy(dtype=np.int64))
    if isinstance(kind, np.dtype) and kind.kind == "f":
        return shortest_doubles(column.to_numpy())
    if pd.api.types.is_float_dtype(kind):
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    return None


def text_pair(name: str, target: Any, source: Any) -> ComparableColumn:
    """Return one column of texts in comparable form.

    Texts of several words are compared by their words, others as they stand.

    Parameters
    ----------
    name : str
    target, source : Series of any kind
        Missing values get a further code.
    """
    import pandas as pd

    columns = (target.astype(object), source.astype(object))
    parts = [pd.factorize(column, use_na_sentinel=True) for column in columns]
    levels = [[str(value) for value in values] for _, values in parts]
    prose = len(levels[0]) >= _PROSE_SHARE * len(target) and _are_prose(levels[0])
    in_form = _plain_words if prose else plain_text
    codes, texts = pd.factorize(
        np.array([in_form(text) for part in levels for text in part], dtype=object)
    )
    first = len(levels[0])
    maps = [np.append(codes[:first], MISSING_CODE), np.append(codes[first:], MISSING_CODE)]
    target_codes, source_codes = (
        maps[k][parts[k][0]].astype(np.int64) for k in (0, 1)
    )  # the sentinel -1 takes the appended entry
    lengths = np.array([len(text) for text in texts], dtype=np.intp)
    words = WordTable.of(list(texts)) if prose else None
    return ComparableColumn(name, target_codes, source_codes, lengths, words)


def _are_prose(texts: list[str]) -> bool:
    # An even choice: reading all of many texts twice would be half of the cost.
    step = max(len(texts) // _MOST_READ, 1)
    return have_words([words_of(text) for text in texts[::step]])


def _plain_words(text: str) -> str:
    return " ".join(words_of(text))


def plain_text(value: Any) -> str:
    """Normalise a value's text: case, accents, white space, trailing ``.0``.

    Examples
    --------
    >>> plain_text(" São  Paulo "), plain_text(7.0), plain_text("7.0"), plain_text("0007")
    ('sao paulo', '7', '7', '0007')
    """
    text = " ".join(without_accents(str(value)).split())
    whole, point, decimals = text.partition(".")
    return whole if point and whole.isdigit() and decimals.strip("0") == "" else text
