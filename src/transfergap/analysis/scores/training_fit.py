"""A ridge fit to some folds, from sums alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.one_pass import OnePass

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingFit:
    """Ridge weights of some rows, and sums that probes share.

    Parameters
    ----------
    n_rows : int
        Rows trained on.
    mean : ndarray, shape (n_columns,)
        Of those rows, less the centre of all.
    response_sums : ndarray, shape (n_responses,)
        For classes their counts.
    cross : ndarray, shape (n_responses, n_columns)
        Responses times rows about their mean.
    weights : ndarray, shape (n_columns, n_responses)
        ``(Z'Z + ridge I)^-1 cross'``, Z the rows about their mean.
    """

    n_rows: int
    mean: Floats
    response_sums: Floats
    cross: Floats
    weights: Floats

    @property
    def response_means(self) -> Floats:
        """Return the mean of each response; shares of classes."""
        return self.response_sums / self.n_rows

    @property
    def class_means(self) -> Floats:
        """Return class means about that of all; zero without rows."""
        return self.cross / np.maximum(self.response_sums, 1.0)[:, None]


def fit_without(read: OnePass, folds: Sequence[int], ridge: float) -> TrainingFit:
    """Fit ridge regression of the responses to all rows outside some folds.

    Parameters
    ----------
    read : OnePass
    folds : sequence of int
        Folds to leave out; none for a fit to all rows.
    ridge : float
        Penalty of squared weights, > 0; the intercept has none.

    Notes
    -----
    Inner products of the left-out folds are subtracted from those of all rows (a downdate), which
    loses no digit that counts: a fold is a small part.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import Quantities
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> X = np.arange(10.0)[:, None]
    >>> read = one_pass(X, Quantities(2.0 * X), np.arange(10) % 5)
    >>> fit_without(read, [0], 1e-9).weights.round(6).tolist()
    [[2.0]]
    """
    stays = np.setdiff1d(np.arange(read.rows.n_folds), folds)
    n_rows = int(np.diff(read.rows.fold_starts)[stays].sum())
    mean = read.row_sums[stays].sum(0) / n_rows
    response_sums = read.response_sums[stays].sum(0)
    cross = read.cross[stays].sum(0) - np.outer(response_sums, mean)
    gram = read.gram + 0.0 if len(folds) == 0 else read.gram - read.fold_grams[folds[0]]
    for fold in folds[1:]:
        gram -= read.fold_grams[fold]
    # Inner products of folds are about the centre, that of all about the mean: back, and on.
    gram = read.algebra.rank_one(gram, float(read.n_rows), read.shift, read.shift)
    gram = read.algebra.rank_one(gram, -float(n_rows), mean, mean)
    weights = read.algebra.solve(read.algebra.factor(gram, ridge), cross.T)
    return TrainingFit(n_rows, mean, response_sums, cross, weights)
