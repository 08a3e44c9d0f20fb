"""Columns of tables: checked in one table, and made the same in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transfergap.errors import DataError

_MOSTLY = 0.9
_SHOWN = 5
_DECIMAL_COMMA = r"[+-]?\d+,\d+"


def check_columns(frame: Any, where: str) -> None:
    """Raise ``DataError`` for doubled names, infinite numbers, and text among numbers."""
    import pandas as pd

    names = [str(column) for column in frame.columns]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DataError(
            f"Column {doubled[0]!r} occurs {names.count(doubled[0])} times in {where}.",
            hint="rename or drop one of them",
        )
    for name, column in zip(names, (frame.iloc[:, i] for i in range(frame.shape[1])), strict=True):
        if pd.api.types.is_float_dtype(column.dtype):
            infinite = np.flatnonzero(np.isinf(column.to_numpy(dtype=float, na_value=np.nan)))
            if len(infinite):
                raise DataError(
                    f"Column {name!r} of {where} holds an infinite number in row"
                    f" {int(infinite[0])}.",
                    hint="replace it by a missing value, or mend what divides by zero",
                )
        elif _is_text(column):
            _check_mostly_numbers(column, name, where)


def _is_text(column: Any) -> bool:
    import pandas as pd

    return bool(
        pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)
    ) and not isinstance(column.dtype, pd.CategoricalDtype)


def _check_mostly_numbers(column: Any, name: str, where: str) -> None:
    import pandas as pd

    given = column.dropna()
    if len(given) and float(given.astype(str).str.fullmatch(_DECIMAL_COMMA).mean()) >= _MOSTLY:
        raise DataError(
            f"Column {name!r} of {where} is written with decimal commas: {given.iloc[0]!r}.",
            hint="add --decimal ',' (in Python: pandas.read_csv(..., decimal=','))",
        )
    numbers = pd.to_numeric(given, errors="coerce")
    share = float(numbers.notna().mean()) if len(given) else 0.0
    if _MOSTLY <= share < 1.0:
        bad = given[numbers.isna()]
        raise DataError(
            f"Column {name!r} of {where} holds numbers, but {len(bad)} of {len(given)} values are"
            f" text; the first is {bad.iloc[0]!r} in row {int(bad.index[0])}.",
            hint="name its code for missing values (--na CODE), mend it, drop the column"
            f" (--drop {name}), or declare it a category (--category {name})",
        )


def aligned_tables(
    target: Any, sources: Mapping[str, Any]
) -> tuple[Any, dict[str, Any], dict[str, dict[str, tuple[str, ...]]]]:
    """Return target and sources with the same columns, and what had to be changed a source.

    Columns that only a source has are dropped; a number column that is text in a source, or a
    column that a source lacks, is an error that names it.

    Raises
    ------
    DataError
    """
    target = target.rename(columns=str)
    names = list(target.columns)
    tables: dict[str, Any] = {}
    changes: dict[str, dict[str, tuple[str, ...]]] = {}
    for label, frame in sources.items():
        frame = frame.rename(columns=str)
        missing = [name for name in names if name not in frame.columns]
        extra = tuple(name for name in frame.columns if name not in names)
        if missing:
            more = f"; it has {_listed(extra)} instead" if extra else ""
            raise DataError(
                f"The source {label!r} lacks {_listed(missing)}, which the target has{more}.",
                hint=f"rename the columns, or leave them out of all files (--drop {missing[0]})",
            )
        tables[label], retyped = _retyped(target, frame[names], label)
        changes[label] = {"extra_columns": extra, "retyped_columns": retyped}
    return *_with_common_categories(target, tables), changes


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"column{'s' if len(names) > 1 else ''} {shown}{more}"


def _retyped(target: Any, frame: Any, label: str) -> tuple[Any, tuple[str, ...]]:
    """Give a source's columns the target's kind: text where the target has text."""
    import pandas as pd

    changed = {}
    for name in target.columns:
        wanted, column = target[name].dtype, frame[name]
        if pd.api.types.is_numeric_dtype(wanted):
            if not pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any():
                raise DataError(
                    f"Column {name!r} holds numbers in the target, but in the source {label!r} it"
                    f" holds {str(column.dropna().iloc[0])!r}.",
                    hint="mend the source, name its code for missing values (--na CODE), or drop"
                    f" the column (--drop {name})",
                )
            if column.dtype.kind not in "biuf":
                changed[name] = column.astype(float)
        elif pd.api.types.is_datetime64_any_dtype(wanted) != pd.api.types.is_datetime64_any_dtype(
            column.dtype
        ):
            raise DataError(
                f"Column {name!r} holds dates in one of target and source {label!r} only.",
                hint="write dates the same way in both files",
            )
        elif pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any():
            changed[name] = column.map(_as_text, na_action="ignore").astype(object)
    retyped = tuple(name for name in changed if not pd.api.types.is_numeric_dtype(target[name]))
    return (frame.assign(**changed) if changed else frame), retyped


def _as_text(value: Any) -> str:
    """Return a number as a person would write it: 3.0 is 3, so that it meets the target's '3'."""
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


def _with_common_categories(target: Any, tables: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Give categorical columns the union of all categories, so that stacking keeps their type."""
    import pandas as pd

    frames = [target, *tables.values()]
    for name in target.columns:
        if not isinstance(target[name].dtype, pd.CategoricalDtype):
            continue
        values: dict[Any, None] = {}
        for frame in frames:
            column = frame[name]
            known = (
                column.cat.categories
                if isinstance(column.dtype, pd.CategoricalDtype)
                else column.dropna().unique()
            )
            values.update(dict.fromkeys(known))
        if any(isinstance(value, str) for value in values):  # 3 and '3' are one code
            frames = [
                frame.assign(**{name: frame[name].astype(object).map(_as_text, na_action="ignore")})
                for frame in frames
            ]
            values = dict.fromkeys(_as_text(value) for value in values)
        kind = pd.CategoricalDtype(list(values))
        frames = [frame.assign(**{name: frame[name].astype(kind)}) for frame in frames]
    return frames[0], dict(zip(tables, frames[1:], strict=True))
