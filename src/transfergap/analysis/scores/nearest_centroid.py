"""Nearest centroid: the class whose mean is nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.training_fit import TrainingFit

Floats = NDArray[np.float64]


def centroid_outputs(fit: TrainingFit, products: NDArray[Any]) -> Floats:
    """Return closeness to class means, but for a constant a row.

    Parameters
    ----------
    fit : TrainingFit
        To class indicators.
    products : ndarray, shape (n_rows, n_classes)
        Rows times ``fit.class_means.T``.

    References
    ----------
    Tibshirani, Hastie, Narasimhan and Chu (2002), without shrinking.
    """
    means = fit.class_means
    bias = -(means @ fit.mean) - 0.5 * np.square(means).sum(1)
    bias[fit.response_sums == 0] = -np.inf
    outputs: Floats = products + bias.astype(products.dtype)
    return outputs
