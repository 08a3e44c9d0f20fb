"""Columns that a file writes unlike the target did."""

from __future__ import annotations

from typing import Any

from transfergap.data.encoding import CategoryColumn, Encoder
from transfergap.data.encoding.encoded_columns import CLIP

_MANY = 0.5  # of a column's values: fewer may be rare levels, or patients out of the ordinary


def unlike_columns(encoder: Any, X: Any) -> list[str]:
    """Return a line for each column written unlike the fitted one.

    A model takes levels that it does not know for none, blanks for the mean, and no number for
    further from the mean than a bound: predictions come out whatever the unit or the spelling.
    """
    if not (isinstance(encoder, Encoder) and encoder.named):
        return []
    return [line for column in encoder.columns if (line := _unlike_line(column, X[column.name]))]


def _unlike_line(column: Any, values: Any) -> str | None:
    filled = values.notna().to_numpy()
    if not filled.size:
        return None
    if not filled.any():
        often_blank = getattr(column, "missing_share", 0.0) > _MANY
        return None if often_blank else f"{column.name} is blank in all {len(values):,} rows."
    read = column.read(values, "the data")
    if isinstance(column, CategoryColumn):
        unlike = filled & (read < 0)
        levels = ", ".join(column.categories[:6]) + (", ..." if len(column.categories) > 6 else "")
        reason = f"no level that the target has ({levels}), and count as none of them."
    else:
        unlike = filled & (abs(read - column.centre) > CLIP * column.scale)
        usual = "" if column.dates else f" (about {column.centre:.4g})"
        reason = f"far from the target's{usual}: is the unit another one?"
    if unlike.sum() < _MANY * filled.sum():
        return None
    example = values[unlike].iloc[0]
    counted = f"{unlike.sum():,} of {filled.sum():,} values of {column.name}"
    return f"{counted}, such as {example}, are {reason}"
