"""Curves that are another one of their arm or group, copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
# Ours, by hand. Coarse curves meet by chance (all at 0, or a jump to 1 at the same step), and so do
# those that end at the same best score. Scores that only this curve has, and only once, do not.
_FEWEST_SCORES = 3
_FEWEST_DIGITS = 8


def copied_curves(curves: Mapping[Key, NDArray[np.float64]]) -> dict[Key, Key]:
    """Return curves that are copies, each with the first of its kind.

    Parameters
    ----------
    curves : mapping of seed or participant to ndarray, shape (n_steps,)
        Of one arm or group.

    Notes
    -----
    Ten copies of a run have no spread, and are evidence of one run. Curves that are equal to the
    last digit are copies where at least three of their scores (of two, both) occur once, in no
    other curve, and have eight significant digits together.

    Examples
    --------
    >>> noisy, learned = np.array([0.131, 0.297, 0.418]), np.array([0.0, 1.0, 1.0])
    >>> copied_curves({0: noisy, 1: learned, 2: noisy, 3: learned})
    {2: 0}
    """
    first: dict[bytes, Key] = {}
    # Adding 0.0 makes -0.0 and 0.0 the same bytes.
    content = {key: (np.asarray(curve, float) + 0.0).tobytes() for key, curve in curves.items()}
    for key, data in content.items():
        first.setdefault(data, key)
    if len(first) == len(content):
        return {}
    distinct = {data: np.frombuffer(data) for data in first}
    counts = Counter(float(score) for curve in distinct.values() for score in curve)
    telling = {data for data, curve in distinct.items() if _is_telling(curve, counts)}
    return {
        key: first[data] for key, data in content.items() if data in telling and first[data] != key
    }


def _is_telling(curve: NDArray[np.float64], counts: Counter[float]) -> bool:
    """Return whether a curve has enough scores of its own."""
    unique = [float(score) for score in curve if counts[float(score)] == 1]
    enough = len(unique) >= min(_FEWEST_SCORES, len(curve))
    return enough and sum(map(_n_digits, unique)) >= _FEWEST_DIGITS


def _n_digits(score: float) -> int:
    """Return the significant digits of the shortest text of a number."""
    mantissa = np.format_float_scientific(abs(score), trim="-").partition("e")[0]
    return len(mantissa.replace(".", "").strip("0"))
