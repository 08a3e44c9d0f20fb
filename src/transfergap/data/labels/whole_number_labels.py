"""Classes of whole numbers that may be counts, ratings or years."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FEWEST = 5  # classes: fewer are codes as often as not
_FEWEST_IN_SHAPE = 6  # so many in any order have one peak in 4 % of orders
_MANY = 10  # classes; digits are ten
_STEPS = 3.0  # of the range a class: further apart are codes, such as postal ones
_RARE = 0.1  # of the commonest class's rows


class Likeness(IntEnum):
    """Degrees to which classes look like a quantity."""

    NONE = 0
    POSSIBLE = 1
    STRONG = 2


def quantity_likeness(y: NDArray[Any], classes: NDArray[Any]) -> Likeness:
    """Return how much classes look like numbers to predict.

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
    classes : ndarray
        Sorted, those of ``y``.

    Notes
    -----
    Ours. Five whole numbers or more within a range of three times their number may be a quantity.
    More than ten look like one, and so do six or more whose rows rise to one peak and fall, the
    rarest with less than a tenth of the commonest one's rows, as counts do.

    Examples
    --------
    >>> y = np.repeat([0, 1, 2, 3, 4, 5], [10, 30, 20, 9, 4, 1])
    >>> quantity_likeness(y, np.unique(y)).name
    'STRONG'
    >>> quantity_likeness(np.repeat(range(10), 9), np.arange(10)).name
    'POSSIBLE'
    """
    if classes.dtype.kind not in "iuf" or len(classes) < _FEWEST:
        return Likeness.NONE
    span = float(classes[-1]) - float(classes[0])
    if span >= _STEPS * len(classes):
        return Likeness.NONE
    counts = np.array([np.count_nonzero(y == label) for label in classes])
    in_shape = len(classes) >= _FEWEST_IN_SHAPE and _has_one_peak(counts)
    is_strong = len(classes) > _MANY or (in_shape and counts.min() < _RARE * counts.max())
    return Likeness.STRONG if is_strong else Likeness.POSSIBLE


def _has_one_peak(counts: NDArray[np.intp]) -> bool:
    peak = int(np.argmax(counts))
    return bool((np.diff(counts[: peak + 1]) >= 0).all() and (np.diff(counts[peak:]) <= 0).all())
