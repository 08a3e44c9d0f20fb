"""Columns of an encoder, and the map from rows to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.column_values import coded, first_text, kind_of, numbers_of, plainest
from transfergap.data.spelling import listing
from transfergap.errors import DataError

Floats = NDArray[np.float64]
CLIP = 8.0  # in scales: no single value can move a model further, however large it is
CATEGORY_SCALE = 0.5  # the standard deviation of an even split, so that kinds of columns are alike


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers: centred, scaled and clipped.

    A missing value is the centre.

    ``indicator`` adds a column that says where values are missing; ``missing_share`` centres it.
    ``dates`` says that the numbers are days since 1970.

    Examples
    --------
    >>> NumberColumn("age", centre=50.0, scale=10.0).encode(np.array([40.0, np.nan, 1e9])).tolist()
    [[-1.0], [0.0], [8.0]]
    """

    name: str
    centre: float
    scale: float
    indicator: bool = False
    missing_share: float = 0.0
    dates: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return (self.name, f"{self.name} missing") if self.indicator else (self.name,)

    def read(self, values: Any, origin: str) -> NDArray[Any]:
        """Return the numbers, NaN where missing, shape (n_rows,).

        Raises
        ------
        DataError
            For text, or for dates where the target has none or the other way round.
        """
        target_kind = "dates" if self.dates else "numbers"
        try:
            numbers = numbers_of(values)
        except (TypeError, ValueError, OverflowError):
            raise DataError(
                f"Column {self.name!r} holds {target_kind} in the target, but in {origin} it holds"
                f" {first_text(values)!r}.",
                hint="write the column in the same way in all files, or name its code for missing"
                " values (--na CODE)",
            ) from None
        if self.dates != (kind_of(values) == "date") and not np.isnan(numbers).all():
            source_kind = "numbers" if self.dates else "dates"
            raise DataError(
                f"Column {self.name!r} holds {target_kind} in the target, but {source_kind}"
                f" in {origin}.",
                hint="write the column in the same way in all files (Parquet keeps dates)",
            )
        return numbers

    def write(self, numbers: NDArray[Any], out: Floats) -> None:
        """Write encoded numbers of :meth:`read`, one output a row of ``out``."""
        scaled = out[0]
        with np.errstate(over="ignore"):
            np.subtract(numbers, self.centre, out=scaled)
            scaled /= self.scale
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        missing = np.isnan(scaled)
        if missing.any():
            scaled[missing] = 0.0
        if self.indicator:
            np.subtract(missing, self.missing_share, out=out[1])
            out[1] /= CATEGORY_SCALE

    def encode(self, values: Any, origin: str = "the data") -> Floats:
        """Return shape (n_rows, 1 or 2)."""
        return _encoded(self, values, origin)


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories: indicators centred at the target's shares.

    A value that is none of them, or missing, has zero indicators.

    Examples
    --------
    >>> CategoryColumn("sex", ("f", "m"), (0.5, 0.5)).encode(np.array(["m", "?"])).tolist()
    [[-1.0, 1.0], [-1.0, -1.0]]
    """

    name: str
    categories: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return tuple(f"{self.name}={category}" for category in self.categories)

    def read(self, values: Any, origin: str) -> NDArray[Any]:
        """Return each value's position among the categories, shape (n_rows,).

        -1 for a value of no category.

        Numbers are met as texts: 3, 3.0 and '3' are one code, and '03' is too unless the target
        tells them apart.

        Raises
        ------
        DataError
            For values that are no kinds, such as lists.
        """
        try:
            codes, texts = coded(values)
        except TypeError as error:
            raise no_category(self.name, origin) from error
        places = {category: position for position, category in enumerate(self.categories)}
        positions = [places.get(text, places.get(plainest(text), -1)) for text in texts]
        # The last place stands for missing values, whose code is -1.
        return np.array([*positions, -1], dtype=np.intp)[codes]

    def write(self, codes: NDArray[Any], out: Floats) -> None:
        """Write encoded positions of :meth:`read`, a row of ``out`` for each category."""
        shares = np.asarray(self.shares)
        out[:] = ((0.0 - shares) / CATEGORY_SCALE)[:, None]
        rows = np.flatnonzero(codes >= 0)
        out[codes[rows], rows] = ((1.0 - shares) / CATEGORY_SCALE)[codes[rows]]

    def encode(self, values: Any, origin: str = "the data") -> Floats:
        """Return shape (n_rows, n_categories)."""
        return _encoded(self, values, origin)


Column = NumberColumn | CategoryColumn


def no_category(name: str, origin: str) -> DataError:
    """Return the error for a column of lists, records, or the like."""
    return DataError(
        f"Column {name!r} of {origin} holds values that are neither numbers nor texts.",
        hint=f"make it columns of numbers or texts, or leave it out of all files (--drop {name})",
    )


def _encoded(column: Column, values: Any, origin: str) -> Floats:
    read = column.read(values, origin)
    out = np.empty((len(column.outputs), len(read)))
    column.write(read, out)
    return np.ascontiguousarray(out.T)


@dataclass(frozen=True)
class FeatureEncoder:
    """The map from rows, without labels, to the closed form's numbers.

    Parameters
    ----------
    columns : tuple of NumberColumn and CategoryColumn
    named : bool
        Whether rows are tables with column names; an array has none.

    Examples
    --------
    >>> age = NumberColumn("age", centre=50.0, scale=10.0)
    >>> FeatureEncoder((age,), named=False).encode(np.array([[40.0], [70.0]])).tolist()
    [[-1.0], [2.0]]
    """

    columns: tuple[Column, ...]
    named: bool

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names of the encoded columns, without the intercept."""
        return tuple(name for column in self.columns for name in column.outputs)

    def encode(self, X: Any, where: str = "the data") -> Floats:
        """Return the encoded rows, shape (n_rows, len(outputs)), all within the clip.

        Raises
        ------
        DataError
            If columns are missing, or text stands where the target has numbers.
        """
        read = self.read(X, where)
        n_rows = len(read[0]) if read else len(X)
        out = np.empty((len(self.outputs), n_rows))
        self.write(read, out)
        return np.ascontiguousarray(out.T)

    def read(self, X: Any, where: str = "the data") -> list[NDArray[Any]]:
        """Return each column as numbers or category positions.

        Checked, but not scaled.
        """
        picked = self._picked(X, where)
        return [c.read(values, where) for c, values in zip(self.columns, picked, strict=True)]

    def write(self, read: Sequence[NDArray[Any]], out: Floats) -> None:
        """Write columns of :meth:`read`, or a slice, encoded into ``out``.

        A row of ``out`` for each output.

        An encoded column is contiguous in memory, which is what makes a batch fast.
        """
        start = 0
        for column, values in zip(self.columns, read, strict=True):
            stop = start + len(column.outputs)
            column.write(values, out[start:stop])
            start = stop

    def _picked(self, X: Any, origin: str) -> list[Any]:
        return self._by_name(X, origin) if self.named else self._by_position(X, origin)

    def _by_name(self, X: Any, origin: str) -> list[Any]:
        names = [column.name for column in self.columns]
        if not hasattr(X, "iloc"):
            raise DataError(
                f"The rows of {origin} have no column names, the target's have.",
                hint="give a DataFrame with the target's columns",
            )
        names_given = [str(name) for name in X.columns]
        labels = dict(zip(names_given, X.columns, strict=True))
        missing = [name for name in names if name not in labels]
        if missing:
            listed = listing([repr(name) for name in missing], 5)
            raise DataError(
                f"{origin[:1].upper()}{origin[1:]} lacks the column"
                f"{'s' if len(missing) > 1 else ''} {listed}, which the target has.",
                hint="rename the columns, or leave them out of all files",
            )
        if len(labels) < len(names_given):
            for name in names:
                if names_given.count(name) > 1:
                    raise DataError(
                        f"Column {name!r} occurs {names_given.count(name)} times in {origin}.",
                        hint="rename or drop one of them",
                    )
        # By label where labels differ: ten times as fast as by position.
        if len(labels) == len(names_given):
            return [X[labels[name]] for name in names]
        return [X.iloc[:, names_given.index(name)] for name in names]

    def _by_position(self, X: Any, origin: str) -> list[Any]:
        if hasattr(X, "iloc"):
            columns: list[Any] = [X.iloc[:, j] for j in range(X.shape[1])]
            shape = X.shape
        else:
            values = np.asarray(X)
            columns = list(values.T) if values.ndim == 2 else []
            shape = values.shape
        if len(shape) != 2 or len(columns) != len(self.columns):
            raise DataError(
                f"The rows of {origin} have shape {shape}; the target has {len(self.columns)}"
                " columns.",
                hint="give the same columns in the same order",
            )
        return columns
