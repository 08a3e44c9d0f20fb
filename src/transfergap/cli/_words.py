"""Words for missing values, and columns whose digits are names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

PADDED = re.compile(r"[-+]?0\d+")  # a whole number with zeros before it: a code, not a quantity
# What pandas.read_csv takes for missing by default (pandas documentation, "NA values").
_USUAL = frozenset(
    [
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    ]
)
_NAMES = "None"  # a class or group is called so more often than missing


def missing_words(
    names: Sequence[str], *, named: Collection[str], na: Sequence[str], keep: Sequence[str]
) -> dict[str, list[str]]:
    """Return which words are missing values in which column.

    Parameters
    ----------
    names : sequence of str
        All columns.
    named : collection of str
        Labels, groups and categories: there "None" is a name like others.
    na : sequence of str
        Further codes of missing values.
    keep : sequence of str
        Words that are never missing values.
    """
    usual = sorted((_USUAL | set(na)) - (set(keep) - set(na)))
    apart = [word for word in usual if word != _NAMES or word in na]
    return {name: apart if name in named else usual for name in names}


def with_numbers(frame: Any, *, named: Collection[str], keep: Sequence[str]) -> Any:
    """Make words missing again in columns that else hold numbers."""
    import pandas as pd

    words = {_NAMES, *keep}
    changed = {}
    for name in frame.columns:
        column = frame[name]
        if not (keep or name in named) or pd.api.types.is_numeric_dtype(column.dtype):
            continue
        is_word = column.isin(words)
        if not is_word.any():
            continue
        values = column[~is_word].dropna()
        numbers = pd.to_numeric(values, errors="coerce")
        if len(values) and numbers.notna().all():
            changed[name] = pd.to_numeric(column.where(~is_word), errors="coerce")
    return frame.assign(**changed) if changed else frame


def padded_columns(texts: Any) -> set[str]:
    """Return text columns of whole numbers with zeros before them.

    Examples
    --------
    >>> import pandas as pd
    >>> sorted(padded_columns(pd.DataFrame({"a": ["0007", "12"], "b": ["0", "0.5"]})))
    ['a']
    """
    return {
        str(name)
        for name in texts.columns
        if any(PADDED.fullmatch(str(v).strip()) for v in texts[name].dropna().unique())
    }
