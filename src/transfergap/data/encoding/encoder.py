"""The encoder that a target sends out: equal numbers at every site.

It holds names, kinds, categories, centres and scales of columns, and no row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.encoded_columns import CategoryColumn, Column, NumberColumn
from transfergap.data.encoding.label_code import LabelCode
from transfergap.errors import DataError

__all__ = ["CategoryColumn", "Encoder", "FeatureEncoder", "NumberColumn"]

Floats = NDArray[np.float64]


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
            listed = ", ".join(repr(name) for name in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise DataError(
                f"{origin[:1].upper()}{origin[1:]} lacks the column"
                f"{'s' if len(missing) > 1 else ''} {listed}{more}, which the target has.",
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


@dataclass(frozen=True)
class Encoder(FeatureEncoder):
    """The map from rows and labels to the closed form's numbers.

    Parameters
    ----------
    columns : tuple of NumberColumn and CategoryColumn
    named : bool
        Whether rows are tables with column names; an array has none.
    labels : LabelCode
    expansion : tuple of tuple of float, optional
        Coefficients, intercept last, a row a response: where the next round of a logistic model
        takes its Newton step. Without it, classes are fitted by least squares on -1 and 1.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder
    >>> X = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> encoder = fit_encoder(X, np.array([0, 1]), task="binary")
    >>> encoder.encode(X).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """

    labels: LabelCode
    expansion: tuple[tuple[float, ...], ...] | None = None

    def at(self, coefficients: Floats | None) -> Encoder:
        """Return the encoder of another round: with Newton steps at these coefficients."""
        if coefficients is None:
            return replace(self, expansion=None)
        rows = np.atleast_2d(np.asarray(coefficients, float))
        return replace(self, expansion=tuple(tuple(row) for row in rows.tolist()))

    @cached_property
    def point(self) -> Floats | None:
        """The expansion as an array, shape (n_responses, len(outputs) + 1)."""
        return None if self.expansion is None else np.array(self.expansion)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of columns and labels, the same in every round.

        Sites with the same digest encode alike.
        """
        return hashlib.sha256(self.at(None).to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the encoder as text: names, kinds, categories, centres, scales; no row."""
        from transfergap.data.encoding.encoder_text import text_of

        return text_of(self)

    @classmethod
    def from_json(cls, text: str) -> Encoder:
        """Return the encoder that :meth:`to_json` wrote.

        Raises
        ------
        DataError
            If the text is something else, or of another version.
        """
        from transfergap.data.encoding.encoder_text import encoder_of

        return encoder_of(text)

    def save(self, path: str | Path) -> None:
        """Write :meth:`to_json` to a file."""
        from transfergap.data.encoding.replaced_file import replace_file

        replace_file(Path(path), (self.to_json() + "\n").encode())

    @classmethod
    def load(cls, path: str | Path) -> Encoder:
        """Read a file of :meth:`save`.

        Raises
        ------
        DataError
        """
        from transfergap.data.encoding.encoder_text import MOST_BYTES

        try:
            with Path(path).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise DataError(
                    f"{path} is longer than any encoder.",
                    hint="make one with `transfergap encoder`",
                )
            return cls.from_json(data.decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"The encoder {path} cannot be read ({error}).",
                hint="make one with `transfergap encoder`",
            ) from error
