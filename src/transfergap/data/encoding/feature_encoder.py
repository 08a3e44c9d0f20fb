"""Map from rows to encoded numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.column_values import column_of_arrow, is_arrow
from transfergap.data.encoding.encoded_columns import CLIP, Column, Floats, NumberColumn, bend
from transfergap.data.notations.spelling import listing
from transfergap.errors import DataError


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
        numbers = self._plain_numbers(X)
        if numbers is not None:
            return self._scaled(numbers)
        read = self.read(X, where)
        n_rows = len(read[0]) if read else len(X)
        out = np.empty((len(self.outputs), n_rows))
        self.write(read, out)
        return np.ascontiguousarray(out.T)

    @cached_property
    def _plain(self) -> tuple[Floats, Floats] | None:
        """Centres and scales; ``None`` unless all are plain numbers, bent or not."""
        columns = [c for c in self.columns if isinstance(c, NumberColumn)]
        if len(columns) < len(self.columns) or any(c.indicator or c.dates for c in columns):
            return None
        if len({bool(c.bent) for c in columns}) > 1:
            return None
        return np.array([c.centre for c in columns]), np.array([c.scale for c in columns])

    def _plain_numbers(self, X: Any) -> Floats | None:
        """Return rows of doubles; ``None`` for any others."""
        if self._plain is None:
            return None
        if hasattr(X, "iloc"):
            in_place = [str(name) for name in X.columns] == [c.name for c in self.columns]
            plain = self.named and in_place and X.columns.is_unique
            if not (plain and (X.dtypes == np.float64).all()):
                return None
            X = X.to_numpy()
        elif self.named:
            return None
        doubles = isinstance(X, np.ndarray) and X.dtype == np.float64 and X.ndim == 2
        return X if doubles and X.shape[1] == len(self.columns) else None

    def _scaled(self, numbers: Floats) -> Floats:
        """Return what :meth:`NumberColumn.write` makes of each column, at once."""
        assert self._plain is not None
        centres, scales = self._plain
        with np.errstate(over="ignore"):
            scaled = np.subtract(numbers, centres, order="C")
            scaled /= scales
        bends = [c.bent for c in self.columns if isinstance(c, NumberColumn) and c.bent]
        if bends:
            bend(scaled, *np.array(bends).T)
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        missing = np.isnan(scaled)
        if missing.any():
            scaled[missing] = 0.0
        return scaled

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
        arrow = is_arrow(X)
        if not arrow and not hasattr(X, "iloc"):
            raise nameless_error(origin)
        columns = X.schema.names if arrow else X.columns
        names_given = [str(name) for name in columns]
        labels = dict(zip(names_given, columns, strict=True))
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
        if arrow:
            return [column_of_arrow(X.column(names_given.index(name))) for name in names]
        # By label where labels differ: ten times as fast as by position.
        if len(labels) == len(names_given):
            return [X[labels[name]] for name in names]
        return [X.iloc[:, names_given.index(name)] for name in names]

    def _by_position(self, X: Any, origin: str) -> list[Any]:
        if hasattr(X, "iloc"):
            columns: list[Any] = [X.iloc[:, j] for j in range(X.shape[1])]
            shape = X.shape
        elif is_arrow(X):
            columns, shape = [column_of_arrow(column) for column in X.columns], X.shape
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


def nameless_error(origin: str) -> DataError:
    """Return the error for rows by position where columns have names."""
    return DataError(
        f"The rows of {origin} have no column names, the target's have.",
        hint="give a DataFrame with the target's columns",
    )
