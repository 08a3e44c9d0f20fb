"""A column of a table as numbers or texts, from any type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.moments import as_dates
from transfergap.data.notations.spelling import as_text

Floats = NDArray[np.float64]
MICROSECONDS_A_DAY = 86_400e6  # dates are days, so that their scale is readable
_NUMBERS = frozenset({"boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty"})
_DATES = frozenset({"date", "datetime", "datetime64"})


def is_arrow(X: Any) -> bool:
    """Return whether a table is one of pyarrow."""
    return type(X).__module__.partition(".")[0] == "pyarrow" and hasattr(X, "schema")


def column_of_arrow(column: Any) -> Any:
    """Return an Arrow column as an array or a Series.

    Numbers are an array, NaN where missing; anything else is a Series.

    Examples
    --------
    >>> import pyarrow as pa
    >>> column_of_arrow(pa.array([1, None])), column_of_arrow(pa.array(["a"])).tolist()
    (array([ 1., nan]), ['a'])
    """
    import pyarrow as pa

    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        # Where nothing is missing in one chunk, the array is the buffer itself.
        whole = isinstance(column, pa.ChunkedArray)
        return column.to_numpy() if whole else column.to_numpy(zero_copy_only=False)
    return column.to_pandas()


def kind_of(values: Any) -> str:
    """Return a column's kind: ``"number"``, ``"date"`` or ``"text"``.

    Objects are looked at one by one, so that whole numbers beside missing ones are numbers.

    Examples
    --------
    >>> kind_of(np.array([1, None], dtype=object)), kind_of(np.array(["a", "b"]))
    ('number', 'text')
    """
    kind = values.dtype
    if isinstance(kind, np.dtype) and kind.kind in "biuf":  # most columns, without pandas
        return "number"
    import pandas as pd

    if isinstance(kind, pd.CategoricalDtype):
        return "text"
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "date"
    if pd.api.types.is_bool_dtype(kind) and not pd.api.types.is_object_dtype(kind):
        return "number"  # pyarrow's, which pandas does not take for numbers
    if _is_duration(kind) or pd.api.types.is_numeric_dtype(kind):
        return "number"
    if not pd.api.types.is_object_dtype(kind):
        return "text"
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    return "number" if inferred in _NUMBERS else "date" if inferred in _DATES else "text"


def _is_duration(kind: Any) -> bool:
    import pandas as pd

    return pd.api.types.is_timedelta64_dtype(kind) or str(kind).startswith("duration")


def numbers_of(values: Any) -> Floats:
    """Return a column as float64, NaN where missing.

    Dates become days, durations seconds.

    Dates with a time zone are instants: the same one is the same number in every zone.

    Raises
    ------
    TypeError, ValueError
        Where text stands.

    Examples
    --------
    >>> numbers_of(np.array([True, None], dtype=object))
    array([ 1., nan])
    """
    import pandas as pd

    kind = values.dtype
    if isinstance(kind, np.dtype) and kind.kind in "biuf":
        return np.asarray(values, dtype=float)
    if isinstance(kind, pd.CategoricalDtype):
        return np.array(values.astype(object), dtype=float)
    are_objects = pd.api.types.is_object_dtype(kind) or str(kind).startswith("date32")
    if are_objects and kind_of(values) == "date":
        values = pd.Series(values).astype(object)
        values = as_dates(values.where(values.notna(), None), utc=True)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _days(pd.Series(values))
    if _is_duration(kind):
        return np.asarray(pd.Series(values).dt.total_seconds(), dtype=float)
    if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    objects = np.asarray(values, dtype=object)
    return np.where(pd.isna(objects), np.nan, objects).astype(float)


def _days(dates: Any) -> Floats:
    if getattr(dates.dtype, "tz", None) is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    moments = dates.to_numpy().astype("datetime64[us]")
    days = moments.astype(np.int64) / MICROSECONDS_A_DAY
    return np.where(np.isnat(moments), np.nan, days)


def coded(values: Any) -> tuple[NDArray[np.intp], list[str]]:
    """Return the code of each value, and the different texts.

    -1 where a value is missing.

    Examples
    --------
    >>> codes, texts = coded(np.array(["b", None, "a", "b"], dtype=object))
    >>> codes.tolist(), texts
    ([0, -1, 1, 0], ['b', 'a'])
    """
    import pandas as pd

    # Factorised first: a million rows cost as many conversions to text as there are values.
    codes, uniques = pd.factorize(values)
    texts = [as_text(value) for value in np.asarray(uniques, dtype=object).tolist()]
    return np.asarray(codes, dtype=np.intp), texts


def plainest(text: str) -> str:
    """Return the shortest spelling of a numeric text.

    Other texts are unchanged.

    Examples
    --------
    >>> plainest("03"), plainest("3.0"), plainest("x")
    ('3', '3', 'x')
    """
    try:
        return as_text(float(text))
    except (ValueError, OverflowError):
        return text


def first_text(values: Any) -> str:
    """Return the first value that is no number, or ``""``."""
    for value in np.asarray(values, dtype=object).tolist():
        try:
            float(value)
        except (TypeError, ValueError):
            if value is not None and type(value).__name__ not in ("NAType", "NaTType"):
                return str(value)
    return ""
