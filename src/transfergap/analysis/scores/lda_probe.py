"""LDA probe: linear discriminant analysis with a penalised spread within classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.training_fit import TrainingFit

Floats = NDArray[np.float64]


def lda_outputs(fit: TrainingFit, products: NDArray[Any]) -> Floats:
    """Return log posteriors of classes but for a constant a row.

    Parameters
    ----------
    fit : TrainingFit
        To class indicators.
    products : ndarray, shape (n_rows, n_classes)
        Rows times ``fit.weights``.

    Notes
    -----
    With A = Z'Z + ridge I, U the class sums about the mean (so W = A^-1 U') and N the counts, the
    penalised scatter within classes is S = A - U'N^-1 U, and by Woodbury S^-1 U' N^-1 =
    W (N - U W)^-1. So the discriminant is a small map of the ridge probe's outputs, and costs no
    second factor of a large matrix.

    References
    ----------
    Hastie, Buja and Tibshirani (1995), Penalized Discriminant Analysis, section 4.
    """
    counts = np.maximum(fit.response_sums, 1.0)
    small = np.linalg.inv(np.diag(counts) - fit.cross @ fit.weights) * fit.n_rows
    # m_c' Sigma^-1 m_c, of class means about the mean of all.
    lengths = np.einsum("cd,dc->c", fit.class_means, fit.weights @ small)
    with np.errstate(divide="ignore"):  # a class without training rows is never predicted
        bias = np.log(fit.response_means) - 0.5 * lengths
    bias -= fit.mean @ fit.weights @ small
    outputs: Floats = products @ small.astype(products.dtype) + bias.astype(products.dtype)
    return outputs
