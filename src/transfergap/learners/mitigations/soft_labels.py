"""Labels shared among classes, for learners of single labels and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, stack_rows

Floats = NDArray[np.float64]


def shared_out(
    source: Sample, classes: NDArray[Any], shares: Floats, *, min_weight: float = 1e-6
) -> Sample:
    """Repeat each row for its classes, weighted by their shares.

    Parameters
    ----------
    source : Sample
    classes : ndarray, shape (n_classes,)
    shares : ndarray, shape (n_rows, n_classes)
        At least 0; they need not add up to 1.
    min_weight : float
        Rows that weigh no more are left out.

    Examples
    --------
    >>> row = Sample(np.array([[5.0]]), np.array([0]))
    >>> both = shared_out(row, np.array([0, 1]), np.array([[0.25, 0.75]]))
    >>> both.y.tolist(), both.weights.tolist()
    ([0, 1], [0.25, 0.75])
    """
    source_weights = source.weights_or_ones
    weights = (shares * source_weights[:, None]).T.ravel()
    rows = stack_rows([source.X] * len(classes))
    every = Sample(rows, np.repeat(classes, len(source)), weights)
    return every.rows(np.flatnonzero(weights > min_weight))
