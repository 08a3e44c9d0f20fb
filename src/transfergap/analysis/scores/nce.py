"""NCE: negative conditional entropy of labels, given a source model's predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nce(predictions: NDArray[np.intp], codes: NDArray[np.intp]) -> float:
    """Return the negative conditional entropy in nats; more is better.

    Parameters
    ----------
    predictions : ndarray of int, shape (n_rows,)
        Source class that a source classifier predicts for each target row.
    codes : ndarray of int, shape (n_rows,)
        Target classes from 0.

    References
    ----------
    Tran, Nguyen and Hassner (2019), Transferability and Hardness of Supervised Classification.

    Examples
    --------
    >>> nce(np.array([4, 4, 7]), np.array([0, 0, 1]))
    0.0
    """
    joint = np.zeros((int(codes.max()) + 1, int(predictions.max()) + 1))
    np.add.at(joint, (codes, predictions), 1.0 / len(codes))
    share = joint.sum(axis=0)
    present = joint > 0
    conditional = (joint / np.where(share > 0, share, 1.0))[present]
    return float((joint[present] * np.log(conditional)).sum())
