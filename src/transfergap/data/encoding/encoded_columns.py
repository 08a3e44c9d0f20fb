"""Columns of an encoder, and the map from rows to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.column_values import coded, first_text, kind_of, numbers_of, plainest
from transfergap.errors import DataError

Floats = NDArray[np.float64]
CLIP = 8.0  # in scales: no single value can move a model further, however large it is
CATEGORY_SCALE = 0.5  # the standard deviation of an even split, so that kinds of columns are alike


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers: centred, scaled and clipped, or bent before.

    A missing value is the centre.

    ``indicator`` adds a column that says where values are missing; ``missing_share`` centres it.
    ``dates`` says that the numbers are days since 1970. ``bent`` is empty, or the bound towards
    which scaled values are bent (see :class:`BoundedScale`), and the mean and the standard
    deviation of the bent ones, by which they are standardised.

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
    bent: tuple[float, ...] = ()

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
        if self.bent:
            bend(scaled, *self.bent)
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


def bend(scaled: Floats, bound: Any, level: Any, spread: Any) -> None:
    """Bend scaled values towards a bound, and standardise them, in place.

    Parameters
    ----------
    scaled : ndarray, shape (n_rows,) or (n_rows, n_columns)
    bound, level, spread : float, or ndarray of shape (n_columns,)

    Examples
    --------
    >>> values = np.array([0.0, 5.0, np.inf])
    >>> bend(values, 5.0, 0.0, 1.0)
    >>> values.round(2).tolist()
    [0.0, 3.54, 5.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        bent = scaled / np.sqrt(1.0 + (scaled / bound) ** 2)
    infinite = np.isinf(scaled)
    scaled[:] = np.where(infinite, np.sign(scaled) * bound, bent)
    scaled -= level
    scaled /= spread


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
