"""Probes of held-out folds, and of folds held out in pairs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.lda_probe import lda_outputs
from transfergap.analysis.scores.nearest_centroid import centroid_outputs
from transfergap.analysis.scores.one_pass import OnePass
from transfergap.analysis.scores.ridge_probe import ridge_outputs
from transfergap.analysis.scores.row_values import RowValues
from transfergap.analysis.scores.training_fit import TrainingFit, fit_without

Floats = NDArray[np.float64]


Outputs = Callable[[TrainingFit, NDArray[Any]], Floats]
# By name, with the half of the products that it reads: of weights, or of class means.
_PROBES: dict[str, tuple[int, Outputs]] = {
    "ridge": (0, ridge_outputs),
    "lda": (0, lda_outputs),
    "centroid": (1, centroid_outputs),
}


def cross_validate(read: OnePass, ridge: float, score: RowValues) -> dict[str, Floats]:
    """Return the value of each row by probes that lack its fold.

    Parameters
    ----------
    read : OnePass
    ridge : float
    score : RowValues

    Returns
    -------
    dict of str to ndarray, shape (n_rows,)
        In the order of ``read.rows``: ridge, and for classes lda and centroid.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> from transfergap.analysis.scores.row_values import row_values
    >>> codes = np.arange(60) % 2
    >>> X = np.random.default_rng(0).normal(size=(60, 3)) + 9 * codes[:, None]
    >>> read = one_pass(X, ClassCodes(codes, 2), np.arange(60) // 2 % 5)
    >>> values = cross_validate(read, 1.0, row_values(read.labels, None))
    >>> {name: float(v.mean()) for name, v in values.items()}
    {'ridge': 1.0, 'lda': 1.0, 'centroid': 1.0}
    """
    names = list(_PROBES) if read.labels.has_classes else ["ridge"]
    values = {name: np.empty(read.n_rows) for name in names}
    for fold in range(read.rows.n_folds):
        fit = fit_without(read, (fold,), ridge)
        # The ridge probe and LDA share their product with the rows.
        weights = np.hstack([fit.weights, fit.class_means.T][: 1 + read.labels.has_classes])
        for part in read.rows.fold_blocks(fold):
            products = read.algebra.product(read.rows.block(part.start, part.stop), weights)
            halves = np.split(products, [read.labels.n_responses], axis=1)
            for name in names:
                half, outputs = _PROBES[name]
                values[name][part] = score.values(outputs(fit, halves[half]), part)
    return values


def cross_validate_pairs(read: OnePass, ridge: float, score: RowValues) -> Floats:
    """Return the ridge probe's values with two folds left out.

    Returns
    -------
    ndarray, shape (n_rows, n_folds)
        Column ``b``: from the model without the row's fold and without fold ``b``; zero where both
        are one fold.
    """
    values = np.zeros((read.n_rows, read.rows.n_folds))
    for pair in combinations(range(read.rows.n_folds), 2):
        fit = fit_without(read, pair, ridge)
        for fold, partner in (pair, pair[::-1]):
            for part in read.rows.fold_blocks(fold):
                block = read.rows.block(part.start, part.stop)
                outputs = ridge_outputs(fit, read.algebra.product(block, fit.weights))
                values[part, partner] = score.values(outputs, part)
    return values
