"""Columns that hold one value, or none, in every file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

_FIRST_ROWS = 100  # looked at first: most columns that vary do so within them


def constant_columns(tables: Iterable[Any], *, keep: Collection[str] = ()) -> tuple[str, ...]:
    """Return the columns that hold at most one value in all tables.

    No model can learn from them, and some models change with the number of columns.

    Parameters
    ----------
    tables : iterable of DataFrame
        With the same columns.
    keep : collection of str
        Columns that are not looked at.

    Returns
    -------
    tuple of str
        Empty where no other column would be left.

    Examples
    --------
    >>> import pandas as pd
    >>> target = pd.DataFrame({"unit": ["mg", "mg"], "site": ["a", "a"], "dose": [1.0, 2.0]})
    >>> constant_columns([target, target.assign(site="b")])
    ('unit',)
    """
    frames = [table for table in tables if len(table)]
    names = [str(name) for name in frames[0].columns] if frames else []
    constant = tuple(
        name
        for place, name in enumerate(names)
        if name not in keep and _is_constant([frame.iloc[:, place] for frame in frames])
    )
    return constant if len(constant) < len(names) else ()


def _is_constant(columns: list[Any]) -> bool:
    first = columns[0].iloc[0]
    return all(_holds_only(column, first) for column in columns)


def _holds_only(column: Any, value: Any) -> bool:
    import pandas as pd

    for values in (column.iloc[:_FIRST_ROWS], column):
        missing = values.isna()
        if pd.isna(value):
            if not missing.all():
                return False
        elif missing.any() or not (values == value).all():
            return False
    return True
