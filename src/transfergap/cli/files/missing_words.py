"""Words that are missing values, and words that look so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from transfergap.data.notations.missing_codes import codes_of

# What pandas.read_csv takes for missing by default (pandas documentation, "NA values").
USUAL_WORDS = frozenset(
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
        Further codes of missing values; ``COLUMN=CODE`` is one of that column alone.
    keep : sequence of str
        Words that are never missing values.

    Examples
    --------
    >>> words = missing_words(["bmi", "visits"], named=[], na=["?", "bmi=0"], keep=[])
    >>> ["0" in words[name] for name in words], ["?" in words[name] for name in words]
    ([True, False], [True, True])
    """
    usual = sorted((USUAL_WORDS | set(na)) - (set(keep) - set(na)))
    apart = [word for word in usual if word != _NAMES or word in na]
    return {name: [*(apart if name in named else usual), *codes_of(name, na)] for name in names}


def words_in_blanks(column: Any, words: Collection[str]) -> list[str]:
    """Return texts of a column that are missing words within blanks.

    A field of blanks alone is one, as the empty field is a missing word.

    Examples
    --------
    >>> import pandas as pd
    >>> words_in_blanks(pd.Series(["a", " ", "?", " ? ", "?a"]), ["", "?"])
    [' ', ' ? ']
    """
    texts = [text for text in column.dropna().unique() if isinstance(text, str)]
    return [text for text in texts if (plain := text.strip()) != text and plain in words]


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
