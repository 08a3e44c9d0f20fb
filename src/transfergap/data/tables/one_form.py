"""Tables of any library in one form, each column of one type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.data.notations.number_marks import Marks
from transfergap.data.problem import Sample
from transfergap.data.tables.normal_form import as_column, as_table, in_normal_form
from transfergap.errors import DataError


def in_one_form(
    X: Any, sources: Mapping[str, Any], name: str, *, times: str = ""
) -> tuple[Any, dict[str, Any], dict[str, Marks]]:
    """Return target and sources as plain tables, with marked numbers read.

    Parameters
    ----------
    X : anything that holds rows
    sources : mapping of str to (X, y), Sample or other sources
        Those without rows of the target's kind come back as they are.
    name : str
        What to call the target in errors.
    times : str
        The column of times, which are read as times where they are not numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> X, sources, _ = in_one_form(pa.table({"a": [1]}), {"b": (pa.table({"a": [2]}), [0])}, "t")
    >>> type(X).__name__, type(sources["b"][0]).__name__
    ('DataFrame', 'DataFrame')
    """
    sources = _named(sources)
    for label, source in sources.items():
        if _has_rows(source):
            check_order(*_parts(source), _origin_of(label, name))
    rows: dict[str | None, Any] = {None: as_table(X)}
    rows |= {
        label: as_table(_parts(source)[0]) for label, source in sources.items() if _has_rows(source)
    }
    frames = {
        label: in_normal_form(frame.reset_index(drop=True), _origin_of(label, name))
        for label, frame in rows.items()
        if _is_table(frame)
    }
    read: dict[str, Marks] = {}
    if None in frames:
        names = {str(column): column for column in frames[None].columns}
        frames = {label: _renamed(frame, names) for label, frame in frames.items()}
        keyed = {"": frames[None], **{str(k): v for k, v in frames.items() if k is not None}}
        keyed, read = read_marked_numbers(keyed, times=times)
        frames = {label: keyed["" if label is None else label] for label in frames}
    rows |= frames
    changed = {
        label: _with_rows(source, rows[label]) if label in rows else source
        for label, source in sources.items()
    }
    return rows[None], changed, read


def check_order(X: Any, values: Any, origin: str) -> None:
    """Refuse rows and labels with one index in two orders.

    They are paired by position, which would pair rows with labels of other rows.

    Parameters
    ----------
    X, values : any
        Rows, and one label, group or weight each. Other kinds than those of pandas have no index.
    origin : str
        What to call them in the error.

    Raises
    ------
    DataError
    """
    import pandas as pd

    of_pandas = isinstance(X, (pd.DataFrame, pd.Series)) and isinstance(
        values, (pd.DataFrame, pd.Series)
    )
    if not of_pandas or len(X) != len(values):
        return
    rows, labels = X.index, values.index
    # Some rows under names of their own are no mistake that an index could tell.
    if rows.equals(labels) or not (rows.is_unique and labels.is_unique):
        return
    if rows.isin(labels).all():
        place = next(k for k in range(len(rows)) if rows[k] != labels[k])
        raise DataError(
            f"The rows of {origin} and their labels have the same index in another order:"
            f" row {place} is {rows[place]} here and {labels[place]} there.",
            hint="put them in one order, with y.loc[X.index], or drop the index of both with"
            " reset_index(drop=True)",
        )


def _renamed(frame: Any, names: Mapping[str, Any]) -> Any:
    """Call columns as the target does, 0 for a text of it."""
    changes = {
        column: names[str(column)]
        for column in frame.columns
        if str(column) in names and type(names[str(column)]) is not type(column)
    }
    return frame.rename(columns=changes) if changes else frame


def _parts(source: Any) -> tuple[Any, Any]:
    """Return rows and labels of a source."""
    return (source.X, source.y) if isinstance(source, Sample) else (source[0], source[1])


def _named(sources: Mapping[Any, Any]) -> dict[str, Any]:
    """Return sources by texts: years and other whole numbers are names, too.

    Raises
    ------
    DataError
        For a name that is no text, or for two that are one.
    """
    named: dict[str, Any] = {}
    for label, source in sources.items():
        is_number = isinstance(label, (int, np.integer)) and not isinstance(label, bool)
        if not is_number and not (isinstance(label, str) and label.strip()):
            raise DataError(
                f"A source is called {label!r}, which is no name.",
                hint="give it a text: sources={'b': (Xb, yb)}",
            )
        if str(label) in named:
            raise DataError(
                f"Two sources are called {str(label)!r}.", hint="give one of them another name"
            )
        named[str(label)] = source
    return named


def _has_rows(source: Any) -> bool:
    return isinstance(source, Sample) or (isinstance(source, (tuple, list)) and len(source) == 2)


def _is_table(X: Any) -> bool:
    return hasattr(X, "iloc") and X.ndim == 2


def _origin_of(label: str | None, name: str) -> str:
    return f"the target {name!r}" if label is None else f"the source {label!r}"


def _with_rows(source: Any, X: Any) -> Any:
    if isinstance(source, Sample):
        return replace(source, X=X, y=as_column(source.y), groups=as_column(source.groups))
    return (X, as_column(source[1]))
