"""Errors of readers of Parquet, as errors of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from transfergap.errors import DataError, TransferGapError, first_line


@contextmanager
def parquet_trouble(place: object) -> Iterator[None]:
    """Turn what Parquet readers raise into one ``DataError``.

    Examples
    --------
    >>> with parquet_trouble("b.parquet"):
    ...     raise OSError("Couldn't deserialize thrift")
    Traceback (most recent call last):
    transfergap.errors.DataError: b.parquet cannot be read as Parquet: Couldn't deserialize thrift.
     hint: is it complete, and really a Parquet file?
    """
    try:
        yield
    except TransferGapError:
        raise
    except Exception as error:  # of many kinds, by what is damaged
        raise DataError(
            f"{place} cannot be read as Parquet: {first_line(error)}.",
            hint="is it complete, and really a Parquet file?",
        ) from error
