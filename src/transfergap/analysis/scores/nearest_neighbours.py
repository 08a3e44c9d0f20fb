"""Nearest neighbours: labels predicted by near rows, on a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.labels import Responses
from transfergap.analysis.scores.row_values import RowValues

Floats = NDArray[np.float64]
MOST_ROWS = 1000  # a search among all rows would cost more than all other scores together
N_NEIGHBOURS = 5  # scikit-learn's own number


def neighbour_values(
    X: Any, labels: Responses, score: RowValues, *, rng: np.random.Generator
) -> Floats:
    """Predict each row of a sample by its nearest rows.

    Parameters
    ----------
    X : array, shape (n_rows, n_columns)
    labels : Responses
        In the order of ``X``.
    score : RowValues
        Of the same labels.
    rng : Generator
        Draws 1,000 rows where there are more.

    Notes
    -----
    Euclidean distance, by scikit-learn's search. A sample has fewer near rows than all rows have,
    so the score is below that of all rows; it compares feature sets on equal terms.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.row_values import row_values
    >>> labels = ClassCodes(np.arange(20) % 2, 2)
    >>> X = 9.0 * labels.codes[:, None] + np.arange(20)[:, None] / 20
    >>> values = neighbour_values(
    ...     X, labels, row_values(labels, None), rng=np.random.default_rng(0)
    ... )
    >>> float(values.mean())
    1.0
    """
    from sklearn.neighbors import NearestNeighbors

    n_rows = len(X)
    sample = np.arange(n_rows)
    if n_rows > MOST_ROWS:
        sample = np.sort(rng.choice(n_rows, MOST_ROWS, replace=False))
    rows = np.take(X, sample, axis=0)
    if rows.dtype == np.float16:
        rows = rows.astype(np.float32)
    search = NearestNeighbors(n_neighbors=min(N_NEIGHBOURS, len(sample) - 1), algorithm="brute")
    near = search.fit(rows).kneighbors(return_distance=False)
    votes = labels.take(sample).matrix()[near].mean(axis=1)
    return score.values(votes, sample)
