"""Times of rows, made comparable, and the gap before a test."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.moments import in_common_unit
from transfergap.data.notations.sentinels import sentinel_values
from transfergap.data.notations.spelling import as_text
from transfergap.errors import ConfigurationError, DataError

Times = NDArray[Any]
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T]\d{1,2}:.*)?"
)
_FIRST_DAY, _LAST_DAY = 10000101, 99991231  # whole numbers that may be days
_ROWS = re.compile(r"\s*(\d+)\s*rows?\s*")


@dataclass(frozen=True)
class Gap:
    """The rows or time span between training rows and tested block.

    Parameters
    ----------
    rows : int
    span : number or timedelta64, optional
        In the unit of the times.
    """

    rows: int = 0
    span: Any = None

    def __str__(self) -> str:
        if self.span is None:
            return f"{self.rows} rows" if self.rows else "none"
        if isinstance(self.span, np.timedelta64):
            import pandas as pd

            return str(pd.Timedelta(self.span)).removesuffix(" 00:00:00")
        return f"{self.span:g}"


def looks_like_date(text: str) -> bool:
    """Return whether a text is written as a date.

    Examples
    --------
    >>> looks_like_date("2020-01-31"), looks_like_date("31.1.2020 12:00"), looks_like_date("3.5")
    (True, True, False)
    """
    return _DATE.fullmatch(text.strip()) is not None


def times_of_index(X: Any) -> Times | None:
    """Return the dates that a table has as its index.

    ``None`` where the index holds no dates, lacks some, or has at most two different ones.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"a": [1, 2, 3]}, index=pd.period_range("2024-01", periods=3, freq="M"))
    >>> times_of_index(rows).astype("M8[M]").astype(str).tolist()
    ['2024-01', '2024-02', '2024-03']
    """
    import pandas as pd

    index = getattr(X, "index", None)
    if not isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return None
    if index.hasnans or index.nunique() <= 2:
        return None
    return checked_times(index.to_series(), len(index), "the index")


def checked_times(values: Any, n_rows: int, origin: str) -> Times:
    """Return comparable times: integers, numbers, or dates in UTC.

    Parameters
    ----------
    values : array-like, shape (n_rows,)
        Numbers, dates, or dates as text.
    n_rows : int
    origin : str
        Whose they are, for errors.

    Raises
    ------
    DataError
        For another number of values, missing ones, and texts that are no dates or could be two.

    Examples
    --------
    >>> checked_times(["2024-03-01", "2024-02-01"], 2, "the target").astype("M8[D]").tolist()
    [datetime.date(2024, 3, 1), datetime.date(2024, 2, 1)]
    """
    import pandas as pd

    if getattr(values, "ndim", 1) == 2 and values.shape[1] == 1:
        values = values.iloc[:, 0] if hasattr(values, "iloc") else values[:, 0]
    series: Any = pd.Series(values if hasattr(values, "dtype") else list(values))
    if series.map(type).eq(bytes).any():
        series = series.map(as_text)
    series = series.reset_index(drop=True)
    if len(series) != n_rows or np.ndim(values) != 1:
        raise DataError(
            f"There are {np.shape(values)} times for {n_rows} rows of {origin}.",
            hint="give one time for each row",
        )
    _check_complete(series, origin)
    if isinstance(series.dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    if series.dtype.kind not in "Mbiuf" and not pd.api.types.is_numeric_dtype(series):
        series = _parsed(series.astype(object), origin)
    if pd.api.types.is_datetime64_any_dtype(series):
        if series.dt.tz is not None:
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return in_common_unit(np.asarray(pd.DatetimeIndex(series)))
    numbers: Times = series.to_numpy(float)
    if not np.isfinite(numbers).all():
        raise DataError(
            f"{int((~np.isfinite(numbers)).sum())} times of {origin} are infinite.",
            hint="mend them, or leave these rows out",
        )
    whole: Times | None = series.to_numpy(np.int64) if series.dtype.kind in "iu" else None
    return numbers if whole is None else whole


def _check_complete(series: Any, origin: str) -> None:
    missing = series.isna() | series.map(lambda v: isinstance(v, str) and not v.strip())
    if missing.any():
        raise DataError(
            f"{int(missing.sum())} of {len(series)} rows of {origin} have no time, the first of"
            f" them row {int(np.argmax(missing))}.",
            hint="fill the times in, or leave these rows out: without one a row has no place in"
            " the order",
        )


def _parsed(series: Any, origin: str) -> Any:
    """Read texts as numbers or dates; raise where order is ambiguous."""
    import pandas as pd

    numbers = pd.to_numeric(series, errors="coerce")
    if not numbers.isna().any():
        return numbers
    iso = _as_dates(series, format="ISO8601")
    if iso is not None:
        return iso
    readings = [_as_dates(series, dayfirst=first) for first in (False, True)]
    valid = [reading for reading in readings if reading is not None]
    if not valid:
        raise DataError(
            f"The times of {origin} cannot be put in order: {str(series.iloc[0])!r} and others are"
            " neither numbers nor dates.",
            hint="write dates as 2024-12-31 or 2024-12-31 14:00, or give numbers",
        )
    if len(valid) == 2 and not valid[0].equals(valid[1]):
        raise DataError(
            f"The times of {origin} could be days first or months first, such as"
            f" {str(series.iloc[0])!r}.",
            hint="write them as 2024-12-31",
        )
    return valid[0]


def _as_dates(series: Any, **options: Any) -> Any:
    """Return texts as dates in UTC; ``None`` where one is none."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # which of day and month is first is ours
        try:
            return pd.to_datetime(series, utc=True, **options)
        except (ValueError, TypeError, OverflowError):
            return None


def are_dates(times: Times) -> bool:
    """Return whether times are dates and not numbers."""
    return times.dtype.kind == "M"


def check_no_codes(times: Times, origin: str) -> None:
    """Raise ``DataError`` for times that stand for a missing one.

    Codes are as of :func:`transfergap.data.notations.sentinels.sentinel_values`, and far from all
    other times: 9999-12-31 in every ninth row would be the latest of all.

    Examples
    --------
    >>> check_no_codes(np.arange("2024-01-01", "2024-03-01", dtype="M8[D]"), "the target")
    """
    import pandas as pd

    days = _days_of_numbers(times)
    codes = sentinel_values(pd.DataFrame({"time": times if days is None else days}))
    code = next((code for code in codes if code.is_far), None)
    if code is None:
        return
    value, low, high = (
        text if days is None else text.replace("-", "")
        for text in (code.value, code.low, code.high)
    )
    raise DataError(
        f"{code.n_rows} of {len(times)} times of {origin} are {value}, far from the others ({low}"
        f" to {high}): a code for no date, it seems, which would have a place in the order.",
        hint=f"fill these times in, or leave the rows out, as table[table[TIME] != {value!r}] does"
        " in pandas; times that are true can be given as another kind, such as years as numbers",
    )


def _days_of_numbers(times: Times) -> Times | None:
    """Return the days of numbers such as 20241231.

    ``None`` for other times.
    """
    if times.dtype.kind not in "iuf" or not len(times):
        return None
    if times.min() < _FIRST_DAY or times.max() > _LAST_DAY or np.any(times % 1):
        return None
    numbers = times.astype(np.int64)
    texts = [f"{n // 10000:04d}-{n // 100 % 100:02d}-{n % 100:02d}" for n in numbers.tolist()]
    try:
        return np.array(texts, "datetime64[D]").astype("datetime64[s]")
    except ValueError:
        return None


def check_same_kind(target: Times, source: Times, origin: str) -> None:
    """Raise ``DataError`` unless source times compare with the target's."""
    if are_dates(target) != are_dates(source):
        kinds = {True: "dates", False: "numbers"}
        raise DataError(
            f"The times of {origin} are {kinds[are_dates(source)]}, the target's"
            f" {kinds[are_dates(target)]}.",
            hint="give both as dates or both as numbers",
        )


def gap_of(value: Any, times: Times) -> Gap:
    """Read a gap: ``"5 rows"``, ``"7 days"``, or a number.

    A number is in the unit of the times.

    Raises
    ------
    ConfigurationError
        For anything else, and for gaps below 0.

    Examples
    --------
    >>> str(gap_of("5 rows", np.arange(9))), str(gap_of(2, np.arange(9)))
    ('5 rows', '2')
    """
    import pandas as pd

    if value is None or (isinstance(value, (int, float)) and value == 0):
        return Gap()
    in_rows = _ROWS.fullmatch(value) if isinstance(value, str) else None
    if in_rows:
        return Gap(rows=int(in_rows[1]))
    dates = are_dates(times)
    hint = "write a number in the unit of the times, or '7 rows'"
    hint = "write '7 days' or '7 rows'" if dates else hint
    number = _as_number(value)
    if dates and number is None:
        try:
            span = pd.Timedelta(value).to_timedelta64().astype("timedelta64[ns]")
        except (ValueError, TypeError):
            span = None
        if span is not None and not np.isnat(span) and span >= np.timedelta64(0, "ns"):
            # NumPy would convert the times to the span's unit, and lose far ones.
            return Gap(span=span.astype(f"timedelta64[{np.datetime_data(times.dtype)[0]}]"))
    if not dates and number is not None and np.isfinite(number) and number >= 0:
        return Gap(span=number)
    raise ConfigurationError(f"The gap is {value!r}.", hint=hint)


def _as_number(value: Any) -> float | None:
    if isinstance(value, (bool, np.timedelta64)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
