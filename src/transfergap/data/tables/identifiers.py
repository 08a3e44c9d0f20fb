"""Columns that name rows: record numbers, accession codes, row numbers.

A model can learn nothing from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.spelling import without_blanks
from transfergap.data.problem import IdentifierColumn
from transfergap.data.splitting.group_names import NameForm
from transfergap.data.tables.column_names import name_strength, says_index, says_name, says_row
from transfergap.data.tables.text_identifiers import (
    MOSTLY,
    code_number,
    is_person,
    label_ranks,
    order_p_value,
    text_reason,
)

FEWEST_ROWS = 10  # fewer rows differ by chance
_FEWEST_NUMBERED = 30  # rows: fewer whole numbers may be dense by chance, as ages are
NEARLY_ALL = 0.95  # of a target's values that differ from one another
_NEARLY_ALL_PERSONS = 0.85  # the same of names of persons, which some share
_MANY_PERSONS = 0.5  # the same, in sources, which may be large
_DENSE = 1.5  # range over number of values, up to which whole numbers are a numbering
# p-values below which labels follow a numbering, so that it is a time, by what its name says: the
# share of numberings of shuffled rows that pass for a time.
# By the strength of a name: a column without a telling name may be a day, which labels follow.
_LIKE_ORDER = {0: 0.01, 1: 0.001}
_LIKE_MEASUREMENT = 0.05  # under "number" and the like, where no word says what is numbered
_NO_CHANCE = 1e-4  # p-value of recurring values, from which on they name the same rows
_FEWEST_SHARED = 0.05  # share of a target's values: fewer that recur are not worth a word
_WIDEST_STEP = 10  # of a numbering with room between; amounts on a grid have steps of 100 and 1000
_COUNTED = re.compile(r"^(\d{1,18})( ?[A-Za-z]{0,2})$")  # eighteen digits are an int64
# Digits that numbers under a bare noun have, and the share of them in one width: drawn up to a
# power of ten, nine in ten are of one; amounts spread over more.
_FEWEST_DIGITS, _OF_ONE_WIDTH = 3, 0.75
# Digits that no measurement has, and times in microseconds neither; those in nanoseconds are round.
_MANY_DIGITS, _ROUND = 17, 1000
_NAMES_THERE_ARE = 2**40  # of the shortest hashes and most names, where no number is in them


def identifier_columns(
    target: Any,
    labels: NDArray[Any],
    sources: Mapping[str, Any],
    *,
    keep: Collection[str] = (),
) -> tuple[IdentifierColumn, ...]:
    """Return the columns of a target that name rows.

    Evidence is the name of a column and the form of its values: nearly all different, and UUIDs, a
    prefix with a number, consecutive or permuted whole numbers. An amount, a measurement or a date
    is none, however many of its values differ; nor is a numbering that the labels follow, unless
    its name identifies it.

    Parameters
    ----------
    target : DataFrame, or array of shape (n_rows, n_features)
        Columns of an array are called by position.
    labels : ndarray, shape (n_rows,)
    sources : mapping of str to DataFrame or array
    keep : collection of str
        Columns that the user wants to keep: told, but marked as in use.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"patient_id": [f"P{k:03d}" for k in range(12)], "age": [40, 51] * 6})
    >>> [c.name for c in identifier_columns(table, np.tile([0, 1], 6), {})]
    ['patient_id']
    """
    named = hasattr(target, "iloc")
    if not named and (isinstance(target, list) or hasattr(target, "tocsr") or np.ndim(target) != 2):
        return ()
    n_rows, width = target.shape
    if n_rows < FEWEST_ROWS:
        return ()
    identifiers = []
    for place in range(width):
        name = str(target.columns[place]) if named else str(place)
        column = target.iloc[:, place] if named else target[:, place]
        counterparts = [_column_of(frame, name, place) for frame in sources.values()]
        reason = _reason(
            name if named else "", column, labels, [c for c in counterparts if c is not None]
        )
        if reason:
            n_values = len(np.unique(np.asarray(column, dtype=str)))
            recurs, certain = _recurring(column, name, place, sources)
            identifiers.append(
                IdentifierColumn(name, reason, n_values, n_rows, name in keep, recurs, certain)
            )
    if all(column.in_use for column in identifiers) or len(identifiers) < width:
        return tuple(identifiers)
    return ()  # nothing would be left to learn from


def _recurring(
    column: Any, name: str, place: int, sources: Mapping[str, Any]
) -> tuple[tuple[tuple[str, int], ...], bool]:
    """Return how many values recur in each source, and whether beyond chance.

    Numberings that were made apart share numbers: as many as two draws from a common range do
    (Poisson). Names of persons share as many as they do within a file, and names without a number
    share nothing by chance.
    """
    recurs, certain = [], False
    texts = _texts(column)
    for label, frame in sources.items():
        source_texts = _texts(_column_of(frame, name, place))
        n, beyond_chance = _common(texts, source_texts)
        if n:
            recurs.append((label, n))
            certain |= beyond_chance
    return tuple(recurs), certain


def _texts(column: Any) -> list[str]:
    import pandas as pd

    return [without_blanks(value) for value in pd.Series(column).dropna()]


def _common(texts: list[str], source_texts: list[str]) -> tuple[int, bool]:
    """Return how many values two files share, and whether beyond chance.

    0 where too few to speak of.
    """
    from scipy.stats import poisson

    names, source_names = (
        {NameForm().of(text) for text in column} for column in (texts, source_texts)
    )
    n = len(names & source_names)
    if n < max(2, _FEWEST_SHARED * len(names)):
        return 0, False
    expected = len(names) * len(source_names) / _n_names(texts, source_texts)
    return n, bool(poisson.sf(n - 1, expected) < _NO_CHANCE)


def _n_names(texts: list[str], source_texts: list[str]) -> float:
    """Return of how many names those of two files were drawn, about."""
    if is_person(texts):
        n_pairs = sum(n * (n - 1) / 2.0 for n in (len(texts), len(source_texts)))
        counts = [*Counter(texts).values(), *Counter(source_texts).values()]
        return float(n_pairs / (sum(n * (n - 1) / 2.0 for n in counts) + 1.0))
    numbers = [code_number(text) for text in {*texts, *source_texts}]
    steps = [high - low for low, high in pairwise(sorted({n for n in numbers if n is not None}))]
    if None in numbers:
        return float(_NAMES_THERE_ARE)
    # By the usual step: blocks of numbers are no wide range.
    return float(median(steps or [1]) * len(numbers))


def _column_of(frame: Any, name: str, place: int) -> Any | None:
    if hasattr(frame, "iloc"):
        if place < frame.shape[1] and str(frame.columns[place]) == name:
            return frame.iloc[:, place]  # aligned tables, as most are: no search among thousands
        names = [str(column) for column in frame.columns]
        return frame.iloc[:, names.index(name)] if name in names else None
    return frame[:, place] if place < np.shape(frame)[1] else None


def _reason(name: str, column: Any, labels: NDArray[Any], counterparts: list[Any]) -> str:
    """Describe a column that names rows; empty for other columns."""
    strength = name_strength(name)
    values = _values(column)
    if values is None or len(values) < FEWEST_ROWS:
        return ""
    elsewhere = [
        v for counterpart in counterparts if (v := _values(counterpart)) is not None and len(v)
    ]
    persons = values.dtype.kind == "O" and is_person(values)
    share, source_share = (_NEARLY_ALL_PERSONS, _MANY_PERSONS) if persons else (NEARLY_ALL, MOSTLY)
    repeated = any(_share_different(v) < source_share for v in elsewhere)
    if _share_different(values) < share or (repeated and strength < 2):
        return ""
    naming, level = says_name(name), _LIKE_ORDER.get(strength, 0.0)
    import pandas as pd

    labels = labels[pd.Series(column).notna().to_numpy()]
    if values.dtype.kind == "O":
        recurs = persons and any(_common(_texts(values), _texts(v))[1] for v in elsewhere)
        reason = text_reason(values, labels, strength=strength, naming=naming, recurs=recurs)
        numbers = None if reason else _counted(values)
        if numbers is None:
            return reason
        values, naming = numbers, False
    if strength > 0 and not _is_dense(values):  # a measurement, perhaps
        if strength == 2 and says_index(name):
            strength, level = 1, _LIKE_ORDER[1]
        elif strength == 1 and not says_row(name):
            level = _LIKE_MEASUREMENT
    follows = _order_p_value(values, labels) < level
    return _number_reason(values, numbered=follows, strength=strength, naming=naming)


def _values(column: Any) -> NDArray[Any] | None:
    """Return the present values: integers as int64, texts as objects.

    ``None`` for other kinds.
    """
    import pandas as pd

    present = pd.Series(column).dropna()
    kind = present.dtype
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        return None
    if pd.api.types.is_numeric_dtype(kind):
        numbers = present.to_numpy(dtype=float)
        if not (np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()):
            return None
        # Beyond 2^53 a float column has lost digits, so equal and different cannot be told.
        if len(numbers) and np.abs(numbers).max() >= 2.0**53 and kind.kind != "i":
            return None
        return np.asarray(present.to_numpy().astype(np.int64))
    texts = present.astype(str).str.strip()
    return np.asarray(texts.to_numpy(dtype=object))


def _share_different(values: NDArray[Any]) -> float:
    import pandas as pd

    return pd.unique(values).size / len(values) if len(values) else 0.0


def _counted(texts: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the whole numbers that texts hold, such as ``22`` or ``22a``.

    ``None`` where one has none, or the letters behind them differ.
    """
    matches = [_COUNTED.match(text) for text in texts]
    if None in matches or len({match.group(2) for match in matches if match}) > 1:
        return None
    return np.array([int(match.group(1)) for match in matches if match], dtype=np.int64)


def _number_reason(
    values: NDArray[np.int64], *, numbered: bool, strength: int, naming: bool
) -> str:
    dense = _is_dense(values)
    if strength == 2:
        return "a row number" if dense else "a record number"
    if strength < 0 or numbered:
        return ""
    if dense and len(values) >= _FEWEST_NUMBERED:
        return "a row number"
    width, share = _commonest_width(values)
    of_one_width = naming and width >= _FEWEST_DIGITS and share >= _OF_ONE_WIDTH
    drawn = width >= _MANY_DIGITS and share >= NEARLY_ALL and _step(values) < _ROUND
    return "a record number" if strength == 1 or of_one_width or drawn else ""


def _is_dense(values: NDArray[np.int64]) -> bool:
    """Return whether whole numbers count rows, in equal steps or blocks."""
    step = _step(values)
    step = step if step <= _WIDEST_STEP else 1
    span = (float(values.max()) - float(values.min())) / step + 1.0
    if span <= _DENSE * len(values):
        return True
    return bool(np.mean(np.diff(np.unique(values)) == step) >= MOSTLY)


def _step(values: NDArray[np.int64]) -> int:
    """Return the largest divisor of all differences, or 1."""
    return int(np.gcd.reduce(values - values.min())) or 1


def _commonest_width(values: NDArray[np.int64]) -> tuple[int, float]:
    """Return the commonest number of digits, and its share."""
    width, n = Counter(len(str(abs(value))) for value in values.tolist()).most_common(1)[0]
    return width, n / len(values)


def _order_p_value(values: NDArray[np.int64], labels: NDArray[Any]) -> float:
    """Return the p-value of label similarity along the order of values."""
    return order_p_value(label_ranks(labels)[np.argsort(values, kind="stable")])


def without_columns(X: Any, names: Collection[str]) -> Any:
    """Return rows without these columns.

    In an array they become zero, so that positions stay.

    Examples
    --------
    >>> without_columns(np.array([[5.0, 1.0], [6.0, 2.0]]), ["1"]).tolist()
    [[5.0, 0.0], [6.0, 0.0]]
    """
    if hasattr(X, "iloc"):
        return X[[name for name in X.columns if str(name) not in names]]
    values = np.array(X)
    values[:, [int(name) for name in names]] = 0
    return values


def columns_named_by(model: Any, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a model's parameters name.

    The model needs them. One that chooses columns by position needs all, for without one of them
    the positions would be those of others.

    Examples
    --------
    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.preprocessing import StandardScaler
    >>> columns_named_by(make_column_transformer((StandardScaler(), ["age"])), ["age", "id"])
    ('age',)
    >>> columns_named_by(make_column_transformer((StandardScaler(), [1])), ["id", "age"])
    ('id', 'age')
    """
    if not hasattr(model, "get_params") or isinstance(model, type):
        return ()
    try:
        parameters = model.get_params(deep=True)
    except (RuntimeError, AttributeError, TypeError):
        return ()  # an error of its own says so, where the model is looked at
    if any(_has_positions(part) for part in (model, *parameters.values())):
        return tuple(names)
    mentioned: set[str] = set()
    for value in parameters.values():
        _collect(value, mentioned)
    return tuple(name for name in names if name in mentioned)


# Parameters of scikit-learn's trees that may hold a value a column, or columns by number.
_OF_COLUMNS = ("categorical_features", "monotonic_cst", "interaction_cst")


def _has_positions(part: Any) -> bool:
    """Return whether a part of a model counts columns."""
    chosen = [getattr(part, name, None) for name in _OF_COLUMNS]
    if isinstance(transformers := getattr(part, "transformers", None), (list, tuple)):
        steps = (step for step in transformers if isinstance(step, tuple) and len(step) == 3)
        chosen += [step[2] for step in steps]
    return any(map(_are_positions, chosen))


def _are_positions(columns: Any) -> bool:
    """Return whether columns are numbers, their slice, or a mask."""
    if isinstance(columns, slice):
        return any(isinstance(end, int) for end in (columns.start, columns.stop))
    if isinstance(columns, (bool, np.bool_, int, np.integer)):
        return True
    if isinstance(columns, (list, tuple, set, np.ndarray)) or hasattr(columns, "dtype"):
        return any(_are_positions(column) for column in columns)
    return False


def _collect(value: Any, mentioned: set[str]) -> None:
    if isinstance(value, str):
        mentioned.add(value)
    elif isinstance(value, (list, tuple, set)):
        for part in value:
            _collect(part, mentioned)
    elif type(value).__name__ in ("Index", "ndarray", "Series") and value.dtype.kind in "OUT":
        mentioned.update(str(part) for part in value)
