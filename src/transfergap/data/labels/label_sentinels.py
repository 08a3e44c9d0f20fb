"""Labels that stand for a missing one: far codes, and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.number_notations import plain_number
from transfergap.data.notations.sentinels import CODES, sentinel_values
from transfergap.data.notations.spelling import as_text, listing, without_case

# Words that are written where nothing is known. "None" is left out: classes are called so.
_WORDS = frozenset([
    "n/a", "na", "n.a.", "#n/a", "<na>", "nan", "null", "nil", "missing", "not available",
    "no label", "unlabelled", "unlabeled", "not labelled", "not labeled", "k.a.", "k. a.",
])  # fmt: skip
# Words that a class may have for a name, too.
_DOUBTFUL = frozenset([
    "unknown", "unk", "not known", "not recorded", "not specified", "unspecified",
    "unbekannt", "keine angabe", "inconnu", "desconocido", "sconosciuto",
])  # fmt: skip
_MARKS = frozenset(["", "?", "??", "???", ".", "..", "-", "--", "---", "*", "/", "_"])
_FEWEST = 3  # rows with a number as code: a rare class may be true
_FEWEST_STEPS = 3  # from whole classes that follow one another to a code beyond them
_SPANS = 2.0  # ranges of other classes between them and a code
_MOST_LISTED = 4  # other classes


@dataclass(frozen=True)
class LabelSentinel:
    """A label that seems to stand for a missing one.

    Parameters
    ----------
    value : str
        As ``--na`` takes it.
    n_rows : int
        Rows that have it.
    true_labels : str
        The other labels, in a few words.
    clear : bool
        Whether hardly anything else can be meant.
    """

    value: str
    n_rows: int
    true_labels: str
    clear: bool


def sentinel_numbers(y: NDArray[Any]) -> tuple[LabelSentinel, ...]:
    """Return labels that are numbers and stand for missing ones.

    Notes
    -----
    As for columns, see :func:`transfergap.data.notations.sentinels.sentinel_values`. A code is
    clear where it is apart from the others by half of their range.

    Examples
    --------
    >>> y = np.r_[np.linspace(2.0, 9.0, 40), [-999.0] * 4]
    >>> sentinel_numbers(y)
    (LabelSentinel(value='-999', n_rows=4, true_labels='2 to 9', clear=True),)
    """
    return tuple(
        LabelSentinel(code.value, code.n_rows, f"{code.low} to {code.high}", code.is_far)
        for code in sentinel_values(np.asarray(y, float)[:, None])
    )


def sentinel_classes(y: NDArray[Any], classes: Sequence[Any]) -> tuple[LabelSentinel, ...]:
    """Return classes that stand for a missing label.

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
    classes : sequence
        Of the target.

    Notes
    -----
    Ours. Marks and words for "missing" count where another class remains (two, for words); a code
    of :data:`transfergap.data.notations.sentinels.CODES` in three rows or more where two other
    classes of whole numbers lie on one side of it: -1 below classes from zero on, others three
    steps from classes that follow one another, or twice the range of all others away. ``-`` beside
    ``+`` is a class.

    Examples
    --------
    >>> y = np.array(["no", "yes", "?", "yes"])
    >>> sentinel_classes(y, ["?", "no", "yes"])
    (LabelSentinel(value='?', n_rows=1, true_labels='no, yes', clear=True),)
    >>> sentinel_classes(np.array([0, 1, -1] * 4), [-1, 0, 1])[0].value
    '-1'
    """
    return tuple(_of_classes(y, list(classes)))


def _of_classes(y: NDArray[Any], classes: list[Any]) -> Iterator[LabelSentinel]:
    words = {label: without_case(label) for label in classes}
    missing = [label for label in classes if _is_missing(words[label], set(words.values()))]
    doubtful = [label for label in classes if words[label] in _DOUBTFUL]
    numbers = [label for label in classes if label not in (*missing, *doubtful)]
    codes = _codes_among(numbers)
    remaining = [label for label in numbers if label not in codes]
    true_labels = listing([as_text(label) for label in remaining], _MOST_LISTED)
    for label in classes:
        is_mark = label in missing and words[label] in _MARKS
        if label in remaining or len(remaining) < (1 if is_mark else 2):
            continue
        n_rows = int(np.count_nonzero(y == label))
        if n_rows >= (_FEWEST if label in codes else 1):
            yield LabelSentinel(as_text(label), n_rows, true_labels, clear=label in missing)


def _is_missing(word: str, words: set[str]) -> bool:
    is_sign = word == "-" and "+" in words
    return word in _WORDS or (word in _MARKS and not is_sign)


def _codes_among(classes: list[Any]) -> list[Any]:
    """Return whole numbers that are codes beyond the other classes.

    None where a class is no whole number.
    """
    values = {label: number for label in classes if (number := _whole(label)) is not None}
    if len(values) < len(classes):
        return []
    ordered = sorted(values.values())
    codes = {*_negative_codes(ordered), *_codes_at_top(ordered)}
    return [label for label, value in values.items() if value in codes]


def _whole(label: Any) -> float | None:
    number = plain_number(label.strip()) if isinstance(label, str) else float(label)
    return number if number is not None and number.is_integer() else None


def _negative_codes(ordered: list[float]) -> list[float]:
    """Return the numbers below zero, if all of them are codes."""
    negative = [value for value in ordered if value < 0]
    return negative if CODES.issuperset(negative) else []


def _codes_at_top(ordered: list[float]) -> list[float]:
    """Return the codes at the end of sorted numbers, apart from others."""
    for n_codes in range(1, len(ordered) - 1):
        low, top = ordered[:-n_codes], ordered[-n_codes:]
        if not CODES.issuperset(top):
            break
        gap, span = top[0] - low[-1], low[-1] - low[0]
        are_steps = span == len(low) - 1
        if gap > _SPANS * span or (are_steps and gap >= _FEWEST_STEPS):
            return top
    return []
