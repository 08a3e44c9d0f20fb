"""LEEP: log likelihood of labels by a source model's probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def leep(probabilities: Floats, codes: NDArray[np.intp]) -> float:
    """Return LEEP in nats a row, at most 0; more is better.

    Parameters
    ----------
    probabilities : ndarray, shape (n_rows, n_source_classes)
        Probabilities of the target's rows by a source classifier; rows sum to 1.
    codes : ndarray of int, shape (n_rows,)
        Target classes from 0.

    Notes
    -----
    Judged on the rows that it is fitted to: it grows with the number of source classes.

    References
    ----------
    Nguyen, Hassner, Seeger and Archambeau (2020), LEEP, equation 2.

    Examples
    --------
    >>> sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> leep(sure, np.array([1, 0]))
    0.0
    """
    joint = np.zeros((int(codes.max()) + 1, probabilities.shape[1]))
    np.add.at(joint, codes, probabilities)
    share = joint.sum(axis=0)
    conditional = joint / np.where(share > 0, share, 1.0)
    likelihood = np.einsum("ij,ij->i", probabilities, conditional[codes])
    return float(np.log(likelihood).mean())
