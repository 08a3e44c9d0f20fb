"""Tables of any library as pandas, in one normal form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from transfergap.data.notations.moments import as_dates
from transfergap.data.notations.spelling import as_text
from transfergap.errors import DataError

_LARGEST_EXACT = 2**53  # whole numbers beyond it must not become doubles
# Fourth powers of numbers are summed, and floats end at 1.8e308. No unit makes such numbers.
LARGEST_NUMBER = 1e60
_NESTED = frozenset({"list", "dict", "tuple", "set", "ndarray"})


def as_table(X: Any) -> Any:
    """Convert a table of any dataframe library to pandas, by column.

    Polars (lazy too), pyarrow, DuckDB relations, Dask and whatever else narwhals knows or speaks
    Arrow; dictionaries of columns, records and structured arrays; arrays and lists of rows that
    hold texts. Masked values are missing. Everything that is no table comes back as it is.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_table(pa.table({"a": [1, None]})).to_dict("list")
    {'a': [1.0, nan]}
    """
    if hasattr(X, "tocsr"):  # one kind of sparse matrix is a dictionary, too
        return X
    if _has_named_columns(X):
        import pandas as pd

        return pd.DataFrame(X)
    if isinstance(X, (np.ndarray, list, tuple)):
        return _by_position(X)
    if hasattr(X, "iloc"):  # Dask has pandas' attributes, and no rows yet
        return X.compute() if hasattr(X, "compute") else X
    import narwhals as nw

    frame = nw.from_native(X, pass_through=True, allow_series=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, (nw.DataFrame, nw.Series)):
        return frame.to_pandas()
    return _by_protocol(X)


def _by_position(X: Any) -> Any:
    """Return rows that hold texts as a table of numbered columns.

    NumPy would make one text of each number beside a text, and marks are read in tables only.
    """
    if len(X) and np.ndim(X[0]) == 0 and all(isinstance(text, (str, bytes)) for text in X):
        is_list = isinstance(X, list) and all(isinstance(text, str) for text in X)
        return X if is_list else [as_text(text) for text in X]
    values = _with_gaps(X) if isinstance(X, np.ndarray) else _array_of(X)
    if values is None or values.ndim != 2 or values.dtype.kind not in "OUS":
        return values if isinstance(X, np.ndarray) else X
    cells = values.astype(object).ravel()
    if not any(isinstance(cell, (str, bytes)) for cell in cells):
        return values
    import pandas as pd

    columns = [str(place) for place in range(values.shape[1])]
    return pd.DataFrame(values.astype(object), columns=columns).infer_objects()


def _array_of(rows: Any) -> Any:
    """Return lists of equal length as an array, else ``None``."""
    if len(rows) == 0 or not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        return None
    try:
        values = np.asarray(rows)
    except ValueError:  # of several lengths
        return None
    return values if values.dtype.kind not in "US" else np.array(rows, dtype=object)


def _with_gaps(values: Any) -> Any:
    """Return an array whose masked values are missing."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if not np.ma.is_masked(values):
        return values.data
    is_number = values.dtype.kind in "biuf"
    plain = np.asarray(values.data, float if is_number else object).copy()
    plain[np.ma.getmaskarray(values)] = np.nan if is_number else None
    return plain


def _has_named_columns(X: Any) -> bool:
    """Return whether rows are columns by name, records, or structured."""
    if isinstance(X, Mapping):
        return True
    if isinstance(X, np.ndarray):
        return X.dtype.names is not None
    return isinstance(X, list) and len(X) > 0 and all(isinstance(row, Mapping) for row in X)


def _by_protocol(X: Any) -> Any:
    """Return tables of Arrow or the dataframe interchange protocol as pandas."""
    if hasattr(X, "to_table"):  # a dataset of files
        X = X.to_table()
    if hasattr(X, "__arrow_c_stream__") or hasattr(X, "__arrow_c_array__"):
        import pyarrow as pa

        if hasattr(X, "__arrow_c_stream__"):
            return pa.table(X).to_pandas()
        array = pa.array(X)
        # A batch of columns is an array of structures; any other array is one column.
        is_batch = pa.types.is_struct(array.type)
        return (pa.record_batch(X) if is_batch else array).to_pandas()
    if hasattr(X, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return from_dataframe(X).to_pandas()
    return X


def as_column(values: Any) -> Any:
    """Convert a column of any dataframe library to pandas.

    Anything else is returned as it is.
    """
    if isinstance(values, np.ndarray):
        return _with_gaps(values)
    if hasattr(values, "iloc") or isinstance(values, (list, tuple, str)) or values is None:
        return values
    if hasattr(values, "tocsr"):
        return values.toarray()
    import narwhals as nw

    series = nw.from_native(values, pass_through=True, allow_series=True)
    if isinstance(series, nw.Series):
        return series.to_pandas()
    table = as_table(values)
    if hasattr(table, "iloc") and table.ndim == 2 and table.shape[1] == 1:
        return table.iloc[:, 0]
    return table


def in_normal_form(frame: Any, origin: str) -> Any:
    """Convert columns to float64, int64, bool, dates, categories or text.

    Nullable, arrow-backed and decimal columns become the types of a plain table; a column of true
    and false with blanks becomes numbers, so that a blank is a missing number; texts are Python's.

    Parameters
    ----------
    frame : DataFrame
    origin : str
        What to call the table in errors.

    Raises
    ------
    DataError
        For columns of lists or other nested values, durations and complex numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"k": pd.array([1, None], "Int64"), "b": [True, None]})
    >>> in_normal_form(frame, "the target").dtypes.astype(str).to_dict()
    {'k': 'float64', 'b': 'float64'}
    """
    import pandas as pd

    changed = {}
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        plain = _plain(column, str(frame.columns[place]), origin)
        if plain is not column:
            changed[place] = plain
    if not changed:
        return frame
    columns = [changed.get(k, frame.iloc[:, k]) for k in range(frame.shape[1])]
    return pd.concat(columns, axis=1, keys=list(frame.columns))


def _plain(column: Any, name: str, origin: str) -> Any:
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return column
    if str(kind).startswith(("timedelta", "duration")):
        raise _duration_error(column, name, origin)
    if str(kind).startswith("complex"):
        raise _complex_error(name, origin)
    if isinstance(kind, np.dtype) and kind.kind != "O":
        return column.astype("float64") if kind.kind == "f" and kind.itemsize < 8 else column
    if pd.api.types.is_bool_dtype(kind) and not _is_object(kind):
        return column.astype("float64") if column.isna().any() else column.astype(bool)
    if pd.api.types.is_integer_dtype(kind):
        return _plain_integers(column)
    if pd.api.types.is_numeric_dtype(kind):
        return pd.to_numeric(column.astype(object), errors="coerce").astype("float64")
    if pd.api.types.is_datetime64_any_dtype(kind):
        return pd.to_datetime(column)
    if isinstance(kind, pd.PeriodDtype):
        return column.dt.to_timestamp()
    if _is_object(kind) or "arrow" in str(kind).casefold() or pd.api.types.is_string_dtype(kind):
        return _plain_objects(column, name, origin)
    return column


def _is_object(kind: Any) -> bool:
    return isinstance(kind, np.dtype) and kind.kind == "O"


def _plain_integers(column: Any) -> Any:
    if not column.isna().any():
        return column.astype("int64")
    present = column.dropna()
    if len(present) and max(abs(int(present.min())), abs(int(present.max()))) >= _LARGEST_EXACT:
        return column.astype("string").astype(object).where(column.notna(), np.nan)
    return column.astype("float64")


def _plain_objects(column: Any, name: str, origin: str) -> Any:
    """Return a column of objects as what its values are."""
    import pandas as pd

    kind = column.dtype
    if "dictionary" in str(kind):
        return column.astype(object).where(column.notna(), np.nan).astype("category")
    if pd.api.types.is_string_dtype(kind) and not _is_object(kind):
        return column if kind == "str" else column.astype(object).where(column.notna(), np.nan)
    values = column.astype(object)
    present = values.dropna()
    if len(present) == 0:
        return values.astype("float64")
    nested = next((v for v in present if type(v).__name__ in _NESTED), None)
    if nested is not None:
        raise DataError(
            f"Column {name!r} of {origin} holds a {type(nested).__name__} in each row,"
            " not a value.",
            hint="spread it over columns of its own, or leave it out",
        )
    inferred = pd.api.types.infer_dtype(present, skipna=True)
    if inferred == "bytes":
        return values.where(values.notna(), np.nan).map(as_text, na_action="ignore")
    if inferred == "boolean":
        kind = "float64" if len(present) < len(values) else bool
        return values.where(values.notna(), np.nan).astype(kind)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal"):
        numbers = pd.to_numeric(values.where(values.notna(), np.nan).map(_number))
        return numbers.astype("float64") if numbers.dtype.kind == "O" else numbers
    if inferred in ("date", "datetime", "datetime64"):
        return as_dates(values)
    if inferred in ("timedelta", "timedelta64"):
        raise _duration_error(present, name, origin)
    if inferred == "complex":
        raise _complex_error(name, origin)
    return values.where(values.notna(), np.nan)


def _complex_error(name: str, origin: str) -> DataError:
    return DataError(
        f"Column {name!r} of {origin} holds complex numbers, which no model here takes.",
        hint="give two columns, the real and the imaginary part (or size and angle)",
    )


def _duration_error(column: Any, name: str, origin: str) -> DataError:
    """Return the error for a column of durations, whose unit users state."""
    first = next(iter(column.dropna()), "")
    return DataError(
        f"Column {name!r} of {origin} holds durations such as {first!s}, not numbers.",
        hint="make it a number of one unit in all files, such as seconds: X[column] ="
        f" X[column].dt.total_seconds(); or drop it (--drop {name})",
    )


def _number(value: Any) -> Any:
    return float(value) if type(value).__name__ == "Decimal" else value


def is_text(column: Any) -> bool:
    """Return whether a column holds texts, and is no declared category."""
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return False
    return bool(pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind))


def check_numbers(values: Any, beginning: str, hint: str) -> None:
    """Raise ``DataError`` for a number infinite or too large.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows,)
    beginning : str
        Of the error, up to its verb.
    hint : str
        About infinite numbers.

    Examples
    --------
    >>> check_numbers(np.array([1.0, np.nan, -2.0]), "Column 'a' holds", "mend it")
    """
    sizes = np.abs(np.asarray(values, float))
    rows = np.flatnonzero(sizes > LARGEST_NUMBER)
    if not len(rows):
        return
    row, size = int(rows[0]), float(sizes[rows[0]])
    if np.isinf(size):
        raise DataError(f"{beginning} an infinite number in row {row}.", hint=hint)
    raise DataError(
        f"{beginning} {float(values[row]):.3g} in row {row}, too large for sums of its powers.",
        hint=f"divide it, say by {10.0 ** np.floor(np.log10(size)):.0e}",
    )
