"""Dates as numbers, however far they are from today."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MOST_SECONDS = 9_223_372_036  # in whole nanoseconds of 64 bits: from 1677 to 2262


def seconds_of(dates: Any) -> Floats:
    """Return dates as seconds since 1970, by the clock of their zone.

    Those that nanoseconds can count are counted in them, whatever the column's unit; others, such
    as 9999-12-31, are counted in the unit of the column.

    Parameters
    ----------
    dates : Series or DatetimeIndex

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.Series(np.array(["1970-01-02", "9999-12-31", "NaT"], "datetime64[us]"))
    >>> seconds_of(days).tolist()
    [86400.0, 253402214400.0, nan]
    """
    import pandas as pd

    moments = pd.DatetimeIndex(dates)
    stamps = moments.tz_localize(None) if moments.tz is not None else moments
    counts, a_second = stamps.asi8, _A_SECOND[stamps.unit]
    near = np.abs(counts // a_second) < _MOST_SECONDS
    nanoseconds = np.where(near, counts, 0) * (_A_SECOND["ns"] // a_second)
    seconds = np.where(near, nanoseconds / 1e9, counts / a_second)
    return np.where(pd.isna(moments), np.nan, seconds)


def days_of(dates: Any) -> NDArray[np.datetime64]:
    """Return the day of each date, by the clock of its zone.

    Examples
    --------
    >>> import pandas as pd
    >>> days_of(pd.Series(pd.to_datetime(["2024-05-01 23:59+02:00"]))).astype(str).tolist()
    ['2024-05-01']
    """
    import pandas as pd

    moments = pd.DatetimeIndex(dates)
    stamps = moments.tz_localize(None) if moments.tz is not None else moments
    return np.asarray(stamps).astype("datetime64[D]")


def as_dates(values: Any, *, utc: bool = False) -> Any:
    """Return date objects as dates, in a unit wide enough.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> as_dates(pd.Series([date(9999, 12, 31), None])).dt.year.tolist()
    [9999.0, nan]
    """
    import pandas as pd

    try:
        return pd.to_datetime(values, utc=utc)
    except pd.errors.OutOfBoundsDatetime:  # pandas before 3 counts in nanoseconds
        moments = [_without_zone(value) for value in values]
        column = pd.Series(
            np.array(moments, "datetime64[us]"), index=values.index, name=values.name
        )
        return column.dt.tz_localize("UTC") if utc else column


def _without_zone(value: Any) -> Any:
    import pandas as pd

    if pd.isna(value):
        return None
    has_zone = getattr(value, "tzinfo", None) is not None
    return value.astimezone(UTC).replace(tzinfo=None) if has_zone else value


def in_common_unit(moments: NDArray[Any]) -> NDArray[Any]:
    """Return dates in nanoseconds, or in microseconds where one is too far.

    NumPy's own conversion would turn 9999-12-31 into 1816 without a word.

    Examples
    --------
    >>> str(in_common_unit(np.array(["9999-12-31"], "datetime64[s]")).dtype)
    'datetime64[us]'
    """
    seconds = moments.astype("datetime64[s]").astype(np.int64)
    near = np.isnat(moments) | (np.abs(seconds) < _MOST_SECONDS)
    return moments.astype("datetime64[ns]" if near.all() else "datetime64[us]")


def as_unit_of(moments: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Return dates in the unit of others, so that both compare.

    Dates that nanoseconds cannot count become the first or last that they can.

    Examples
    --------
    >>> far, near = np.array(["9999-12-31"], "M8[us]"), np.array(["2024-05-01"], "M8[ns]")
    >>> (as_unit_of(far, near) > near).tolist(), str(as_unit_of(near, far).dtype)
    ([True], 'datetime64[us]')
    """
    if others.dtype != np.dtype("datetime64[ns]") or moments.dtype == others.dtype:
        return moments.astype(others.dtype)
    limit = np.int64(_MOST_SECONDS) * 10**6
    counts = moments.astype("datetime64[us]").astype(np.int64)
    return np.clip(counts, -limit, limit).astype("datetime64[us]").astype(others.dtype)
