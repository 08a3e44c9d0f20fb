"""Columns that name rows: record numbers, accession codes, row numbers.

A model can learn nothing from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import IdentifierColumn
from transfergap.data.spelling import without_case, without_padding

FEWEST_ROWS = 10  # fewer rows differ by chance
_FEWEST_NUMBERED = 30  # rows: fewer whole numbers may be dense by chance, as ages are
NEARLY_ALL = 0.95  # of a target's values that differ from one another
MOSTLY = 0.9  # the same, in sources
_DENSE = 1.5  # range over number of values, up to which whole numbers are a numbering
# p-values below which labels follow a numbering, so that it is a time, by what its name says: the
# share of numberings of shuffled rows that pass for a time.
# By the strength of a name: a column without a telling name may be a day, which labels follow.
_LIKE_ORDER = {0: 0.01, 1: 0.001}
_NO_CHANCE = 1e-4  # p-value of recurring values, from which on they name the same rows
_SOME = 0.05  # share of a target's values: fewer that recur are not worth a word
_NAMES_THERE_ARE = 2**40  # of the shortest hashes and most names, where no number is in them
_ONE_PREFIX = 0.9  # share of the codes with the commonest prefix
# Last words of names that say "this names a row"; the weaker ones need more evidence.
_NAMES = re.compile(r"^(ids?|uid|uuid|guid|pk|mrn|ssn|rowid|index|idx|accession|recordid|caseid)$")
_WEAK_NAMES = re.compile(r"^(key|nr|no|num|number|record|row|serial|case|ref|reference|code)$")
# Words for what is measured or counted: whole numbers under them are no numbering of rows.
_MEASURED = re.compile(
    r"^(age|years?|months?|weeks?|days?|hours?|minutes?|seconds?|time|date|step|period|rank|score"
    r"|size|count|length|width|height|weight|dose|price|amount|income|value|temperature|distance)$"
)
_UNNAMED = re.compile(r"^(unnamed[:_ ]*\d+|level_\d+|index|)$", re.IGNORECASE)
_UUID = re.compile(r"^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$", re.IGNORECASE)
_HEX = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$", re.IGNORECASE)
_CODE = re.compile(r"^([A-Za-z]{0,8}[-_/#.: ]{0,2})(\d{1,20})([-_/.]\d+){0,2}$")
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(\D.*)?$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$")


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
    (Poisson). Names without a number share nothing by chance.
    """
    import pandas as pd
    from scipy.stats import poisson

    recurs, certain = [], False
    target_names = {without_padding(without_case(v)) for v in pd.Series(column).dropna()}
    for label, frame in sources.items():
        source_column = _column_of(frame, name, place)
        source_names = {without_padding(without_case(v)) for v in pd.Series(source_column).dropna()}
        n = len(target_names & source_names)
        if n < max(2, _SOME * len(target_names)):
            continue
        recurs.append((label, n))
        codes = [_CODE.match(value) for value in target_names | source_names]
        numbers = [int(code.group(2)) for code in codes if code is not None]
        steps = [high - low for low, high in pairwise(sorted(set(numbers)))]
        span = float(_NAMES_THERE_ARE)
        if len(numbers) == len(codes):  # by the usual step: blocks of numbers are no wide range
            span = float(median(steps or [1]) * len(numbers))
        certain |= bool(
            poisson.sf(n - 1, len(target_names) * len(source_names) / span) < _NO_CHANCE
        )
    return tuple(recurs), certain


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
    if values is None or _share_different(values) < NEARLY_ALL or len(values) < FEWEST_ROWS:
        return ""
    elsewhere = [
        v for counterpart in counterparts if (v := _values(counterpart)) is not None and len(v)
    ]
    repeated = any(_share_different(v) < MOSTLY for v in elsewhere)
    if repeated and strength < 2:
        return ""
    if values.dtype.kind == "O":
        return _text_reason(values, labels, strength)
    level = _LIKE_ORDER.get(strength, 0.0)
    return _number_reason(values, _order_p_value(column, labels) < level, strength)


def name_strength(name: str) -> int:
    """Grade a column name: 2 identifier, 1 perhaps, 0 unknown, -1 unlikely.

    Examples
    --------
    >>> [name_strength(n) for n in ("patientId", "Unnamed: 0", "record_no", "humid", "age")]
    [2, 2, 1, 0, -1]
    """
    if not name:
        return 0
    if _UNNAMED.match(name.strip()):
        return 2
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.strip())
    words = [word.casefold() for word in re.split(r"[^A-Za-z]+", apart) if word]
    if not words:
        return 0
    if _NAMES.match(words[-1]) or words[0] in ("id", "uuid", "guid"):
        return 2
    if _MEASURED.match(words[-1]):
        return -1
    return 1 if _WEAK_NAMES.match(words[-1]) or words[0] in ("record", "row", "serial") else 0


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


def _number_reason(values: NDArray[Any], numbered: bool, strength: int) -> str:
    span = float(values.max()) - float(values.min()) + 1.0
    dense = span <= _DENSE * len(values)
    if strength == 2:
        return "a row number" if dense else "a record number"
    if strength >= 0 and dense and not numbered and len(values) >= _FEWEST_NUMBERED:
        return "a row number"
    if strength == 1 and not numbered:
        return "a record number"
    return ""


def _order_p_value(column: Any, labels: NDArray[Any]) -> float:
    """Return the p-value of label similarity along a column's order.

    A permutation test of the squared differences between ranks (for classes: of positions) of
    neighbours, by its normal approximation.
    """
    import pandas as pd

    series = pd.Series(np.asarray(column)).reset_index(drop=True)
    order = np.argsort(pd.to_numeric(series, errors="coerce").to_numpy(), kind="stable")
    codes = np.unique(labels, return_inverse=True)[1].astype(float)[order]
    if labels.dtype.kind == "f":
        codes = pd.Series(labels[order]).rank().to_numpy()
    centred = codes - codes.mean()
    total = float((centred**2).sum())
    if total == 0:
        return 1.0
    n = len(codes)
    ratio = float((np.diff(codes) ** 2).sum()) / total  # von Neumann: 2 for no order
    z = (2.0 - ratio) * np.sqrt(n) / 2.0
    from scipy.stats import norm

    level = abs(float(np.corrcoef(np.arange(n), codes)[0, 1])) * np.sqrt(n - 1.0)
    return float(min(2.0 * norm.sf(z), 4.0 * norm.sf(level)))  # Bonferroni: two looks


def _text_reason(texts: NDArray[Any], labels: NDArray[Any], strength: int) -> str:
    def share(pattern: re.Pattern[str]) -> float:
        return sum(pattern.match(text) is not None for text in texts) / len(texts)

    if share(_UUID) >= MOSTLY:
        return "a UUID"
    if share(_EMAIL) >= MOSTLY:
        return "an address"
    if share(_HEX) >= MOSTLY:
        return "a hash"
    if share(_DATE) >= MOSTLY or strength < 0:
        return ""
    if share(_CODE) >= MOSTLY:
        return _code_reason(texts, strength)
    if strength == 2 and not any(" " in text for text in texts):
        return "a name for each row"
    return ""


def _code_reason(texts: NDArray[Any], strength: int) -> str:
    """Describe codes of a prefix and a number.

    Several prefixes may carry information.
    """
    parts = [match for text in texts if (match := _CODE.match(text)) is not None]
    prefixes = [match.group(1).casefold() for match in parts]
    commonest = max(prefixes.count(prefix) for prefix in set(prefixes))
    if commonest < _ONE_PREFIX * len(prefixes) and strength == 0:
        return ""
    plain = commonest >= _ONE_PREFIX * len(prefixes) and not prefixes[0].strip()
    padded = any(match.group(2).startswith("0") for match in parts)
    if plain and strength == 0 and not padded:
        return ""  # numbers that were read as text: an amount, perhaps
    return "a record number" if plain else "a code that numbers rows"


def without_identifiers(X: Any, columns: Collection[IdentifierColumn]) -> Any:
    """Return rows without these columns.

    In an array they become zero, so that positions stay.

    Examples
    --------
    >>> column = IdentifierColumn("1", "a row number", 2, 2)
    >>> without_identifiers(np.array([[5.0, 1.0], [6.0, 2.0]]), [column]).tolist()
    [[5.0, 0.0], [6.0, 0.0]]
    """
    if hasattr(X, "iloc"):
        names = {column.name for column in columns}
        return X[[name for name in X.columns if str(name) not in names]]
    values = np.array(X)
    values[:, [int(column.name) for column in columns]] = 0
    return values


def columns_named_by(model: Any, names: Collection[str]) -> tuple[str, ...]:
    """Return the columns that a model's parameters name.

    The model needs them.

    Examples
    --------
    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.preprocessing import StandardScaler
    >>> columns_named_by(make_column_transformer((StandardScaler(), ["age"])), ["age", "id"])
    ('age',)
    """
    if not hasattr(model, "get_params") or isinstance(model, type):
        return ()
    mentioned: set[str] = set()
    for value in model.get_params(deep=True).values():
        _collect(value, mentioned)
    return tuple(name for name in names if name in mentioned)


def _collect(value: Any, mentioned: set[str]) -> None:
    if isinstance(value, str):
        mentioned.add(value)
    elif isinstance(value, (list, tuple, set)):
        for part in value:
            _collect(part, mentioned)
    elif type(value).__name__ in ("Index", "ndarray", "Series") and value.dtype.kind in "OUT":
        mentioned.update(str(part) for part in value)
