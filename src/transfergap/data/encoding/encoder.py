"""The encoder that a target sends out: equal numbers at every site.

It holds names, kinds, categories, centres and scales of columns, and no row.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.encoded_columns import (
    CategoryColumn,
    Column,
    NumberColumn,
)
from transfergap.data.encoding.feature_encoder import FeatureEncoder
from transfergap.data.encoding.label_code import LabelCode
from transfergap.data.replaced_file import replace_file
from transfergap.errors import DataError

Floats = NDArray[np.float64]


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

        return text_of(self)

    @classmethod
    def from_json(cls, text: str) -> Encoder:
        """Return the encoder that :meth:`to_json` wrote.

        Raises
        ------
        DataError
            If the text is something else, or of another version.
        """

        return encoder_of(text)

    def save(self, path: str | Path) -> None:
        """Write :meth:`to_json` to a file."""
        replace_file(Path(path), (self.to_json() + "\n").encode())

    @classmethod
    def load(cls, path: str | Path) -> Encoder:
        """Read a file of :meth:`save`.

        Raises
        ------
        DataError
        """

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


SCHEMA = "transfergap/encoder/1"
# 64 MB: no honest encoder comes near it, and a hostile file is refused unread
MOST_BYTES = 64 * 1024 * 1024
_AGAIN = "make it again with `transfergap encoder`"


def text_of(encoder: Encoder) -> str:
    """Return an encoder as text."""
    return json.dumps(record_of(encoder), indent=1, allow_nan=False)


def record_of(encoder: Encoder) -> dict[str, Any]:
    """Return an encoder as JSON knows it."""
    return {
        "schema": SCHEMA,
        "named": encoder.named,
        "labels": encoder.labels.as_record(),
        "columns": [_column_record(column) for column in encoder.columns],
        "expansion": None
        if encoder.expansion is None
        else [list(row) for row in encoder.expansion],
    }


def _column_record(column: Column) -> dict[str, Any]:
    kind = "number" if isinstance(column, NumberColumn) else "category"
    values = {field.name: getattr(column, field.name) for field in fields(column)}
    if not values.get("bent", True):  # as encoders were written before columns could be bent
        del values["bent"]
    return {"kind": kind} | {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def encoder_of(text: str) -> Encoder:
    """Return the encoder that :func:`text_of` wrote.

    Raises
    ------
    DataError
        If the text is something else, or of another version.
    """
    try:
        record = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise _no_encoder(str(error)) from error
    return encoder_from(record)


def _refused(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}")


def encoder_from(record: Any) -> Encoder:
    """Return the encoder of :func:`record_of`; errors as :func:`encoder_of`."""
    if not isinstance(record, dict) or "schema" not in record:
        raise _no_encoder("it has no schema")
    if record["schema"] != SCHEMA:
        raise DataError(
            f"The encoder is of schema {record['schema']!r:.60}, this version reads {SCHEMA!r}.",
            hint="make it again with the version of transfergap that is installed here",
        )
    try:
        columns = tuple(_column(entry) for entry in record["columns"])
        labels = LabelCode.from_record(record["labels"])
        encoder = Encoder(columns, named=bool(record["named"]), labels=labels)
        _check_names(encoder)
        expansion = record["expansion"]
        return encoder if expansion is None else _expanded(encoder, expansion)
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _no_encoder(f"{type(error).__name__}: {error}") from error


def _no_encoder(why: str) -> DataError:
    return DataError(
        f"This is no encoder of transfergap ({why:.80}).",
        hint="make one with `transfergap encoder`",
    )


def _column(entry: dict[str, Any]) -> Column:
    name = str(entry["name"])
    if entry["kind"] == "category":
        categories = tuple(map(str, entry["categories"]))
        shares = tuple(map(float, entry["shares"]))
        if len(set(categories)) != len(categories) or len(categories) != len(shares):
            raise DataError(
                f"The encoder's column {name!r} has {len(shares)} shares for"
                f" {len(set(categories))} different categories.",
                hint=_AGAIN,
            )
        if not all(0 <= share <= 1 for share in shares):
            raise DataError(f"The encoder's column {name!r} has impossible shares.", hint=_AGAIN)
        return CategoryColumn(name, categories, shares)
    if entry["kind"] != "number":
        raise DataError(
            f"The encoder's column {name!r} is of the unknown kind {entry['kind']!r:.40}.",
            hint=_AGAIN,
        )
    column = NumberColumn(
        name,
        float(entry["centre"]),
        float(entry["scale"]),
        bool(entry["indicator"]),
        float(entry["missing_share"]),
        bool(entry["dates"]),
        tuple(map(float, entry.get("bent", ()))),
    )
    finite = np.isfinite([column.centre, column.scale, *column.bent]).all() and column.scale > 0
    if len(column.bent) not in (0, 3) or (column.bent and min(column.bent[0], column.bent[2]) <= 0):
        raise DataError(f"The encoder's column {name!r} is bent impossibly.", hint=_AGAIN)
    if not (finite and 0 <= column.missing_share <= 1):
        raise DataError(
            f"The encoder's column {name!r} has an impossible centre, scale or share.", hint=_AGAIN
        )
    return column


def _check_names(encoder: Encoder) -> None:
    names = [column.name for column in encoder.columns]
    if len(set(names)) < len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise DataError(f"The encoder has two columns called {doubled!r}.", hint=_AGAIN)


def _expanded(encoder: Encoder, rows: list[list[float]]) -> Encoder:
    point = np.array(rows, float)
    shape = (encoder.labels.n_responses, len(encoder.outputs) + 1)
    if point.shape != shape or not np.isfinite(point).all():
        raise DataError(
            f"The encoder's expansion has shape {point.shape}, not {shape}, or is not finite.",
            hint=_AGAIN,
        )
    return encoder.at(point)


def first_difference(one: Encoder, second_encoder: Encoder) -> str | None:
    """Describe where two encoders first differ; ``None`` where they agree.

    Rounds are not compared.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder
    >>> y = np.array([0.0, 1.0])
    >>> one = fit_encoder(np.array([[1.0], [3.0]]), y, task="regression")
    >>> first_difference(one, fit_encoder(np.array([[1.0], [5.0]]), y, task="regression"))
    "the centre of column 'x0': 2.0 in one and 3.0 in the other"
    """
    a, b = record_of(one), record_of(second_encoder)
    for field in ("task", "classes", "centre", "scale"):
        first, second = a["labels"][field], b["labels"][field]
        if first != second:
            return _difference(f"the {field} of the labels", first, second)
    if a["named"] != b["named"]:
        return "one is for tables with column names and the other is not"
    for first, second in zip(a["columns"], b["columns"], strict=False):
        if first["name"] != second["name"]:
            return _difference("a column", first["name"], second["name"])
        for field in first:
            if first[field] != second.get(field):
                place = f"the {field.replace('_', ' ')} of column {first['name']!r}"
                return _difference(place, first[field], second.get(field))
    counts = len(a["columns"]), len(b["columns"])
    return None if counts[0] == counts[1] else _difference("the number of columns", *counts)


def _difference(subject: str, first: Any, second: Any) -> str:
    if isinstance(first, list) and isinstance(second, list):
        for values, second_values, holder in ((first, second, "one"), (second, first, "the other")):
            extra = [value for value in values if value not in second_values]
            if extra:
                return f"{subject}: {extra[0]!r:.60} is in {holder} only"
    return f"{subject}: {first!r:.60} in one and {second!r:.60} in the other"
