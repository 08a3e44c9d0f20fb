"""Curves that are another one of their arm or group, copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from transfergap.stats import ROUNDING

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
    Ten copies of a run have no spread, and are evidence of one run. Curves that are equal but for
    rounding are copies where at least three of their scores (of two, both) occur once, in no other
    curve, and have eight significant digits together. Where a curve stands more than twice, digits
    of three such scores that are no whole numbers count once for each time after the first.

    Examples
    --------
    >>> noisy, learned = np.array([0.131, 0.297, 0.418]), np.array([0.0, 1.0, 1.0])
    >>> copied_curves({0: noisy, 1: learned, 2: noisy, 3: learned})
    {2: 0}
    """
    size = max((float(np.abs(curve).max(initial=0.0)) for curve in curves.values()), default=0.0)
    cells = {
        key: np.asarray(curve, float) / (ROUNDING * size or 1.0) for key, curve in curves.items()
    }
    first: dict[Key, Key] = {}
    originals: dict[tuple[float, bytes], Key] = {}
    for key, cell in cells.items():
        # Two grids: a score at the edge of a cell of one lies inside a cell of the other.
        grids = [(shift, np.floor(cell + shift).tobytes()) for shift in (0.0, 0.5)]
        first[key] = next((originals[grid] for grid in grids if grid in originals), key)
        for grid in grids:
            originals.setdefault(grid, first[key])
    times = Counter(first.values())
    if len(times) == len(first):
        return {}
    rounded = {key: np.round(cells[key]) * (ROUNDING * size or 1.0) for key in times}
    counts = Counter(score for curve in rounded.values() for score in _texts(curve))
    telling = {key for key in times if _is_telling(_texts(rounded[key]), counts, times[key])}
    return {key: kind for key, kind in first.items() if kind in telling and kind != key}


def _texts(curve: NDArray[np.float64]) -> list[str]:
    """Return scores as texts, to the digits that are no rounding."""
    return [f"{score + 0.0:.9g}" for score in curve]


def _is_telling(scores: list[str], counts: Counter[str], n_times: int) -> bool:
    """Return whether a curve has enough scores of its own."""
    unique = [score for score in scores if counts[score] == 1]
    if len(unique) < min(_FEWEST_SCORES, len(scores)):
        return False
    fractions = [score for score in unique if not float(score).is_integer()]
    repeats = n_times - 1 if len(fractions) >= _FEWEST_SCORES else 1
    return max(_n_digits(unique), repeats * _n_digits(fractions)) >= _FEWEST_DIGITS


def _n_digits(scores: list[str]) -> int:
    """Return the significant digits of numbers together."""
    mantissas = (score.lstrip("-").partition("e")[0].replace(".", "") for score in scores)
    return sum(len(mantissa.strip("0")) for mantissa in mantissas)
