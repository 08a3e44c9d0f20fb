"""GBC: overlap of Gaussian classes, by Bhattacharyya coefficients."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from transfergap.analysis.scores.one_pass import OnePass

Floats = NDArray[np.float64]
LEAST_VARIANCE = 1e-4  # as in the authors' code (stable_transfer, gbc.py)


def gbc(read: OnePass, *, shape: Literal["diagonal", "spherical"] = "diagonal") -> float:
    """Return minus the log of the overlap of classes.

    More is better. Classes only.

    Parameters
    ----------
    read : OnePass
    shape : {"diagonal", "spherical"}
        Covariance of each class.

    Notes
    -----
    The published score is ``-exp(-gbc)``. With hundreds of columns that is -1e-100 and less, so
    that all good models read 0; the log orders them alike and does not underflow.

    References
    ----------
    Pandy, Agostinelli, Uijlings, Ferrari and Mensink (2022), Transferability Estimation using
    Bhattacharyya Class Separability, section 3; the spherical form as their code has it.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> codes, noise = np.arange(60) % 2, np.random.default_rng(0).normal(size=(60, 3))
    >>> labels, folds = ClassCodes(codes, 2), np.arange(60) // 2 % 5
    >>> apart, alike = (one_pass(X, labels, folds) for X in (noise + 2 * codes[:, None], noise))
    >>> gbc(apart) > gbc(alike)
    True
    """
    means = read.class_means
    variances = np.maximum(read.class_variances, LEAST_VARIANCE)
    distances = (
        _spherical(means, variances) if shape == "spherical" else _diagonal(means, variances)
    )
    # Each pair counts twice, as in the published sum over ordered pairs.
    return -float(logsumexp(-distances)) - float(np.log(2.0))


def _diagonal(means: Floats, variances: Floats) -> Floats:
    """Return Bhattacharyya distances of all pairs of classes."""
    logs = np.log(variances).sum(axis=1)
    parts = []
    for i in range(len(means) - 1):
        pooled = 0.5 * (variances[i] + variances[i + 1 :])
        squares = np.square(means[i] - means[i + 1 :])
        squares /= pooled
        distance = squares.sum(axis=1) / 8.0
        distance += 0.5 * (np.log(pooled).sum(axis=1) - 0.5 * (logs[i] + logs[i + 1 :]))
        parts.append(distance)
    return np.concatenate(parts)


def _spherical(means: Floats, variances: Floats) -> Floats:
    """Return distances for one variance a class.

    The authors' code adds the log term once, not once a column."""
    one = variances.mean(axis=1)
    parts = []
    for i in range(len(means) - 1):
        pooled = 0.5 * (one[i] + one[i + 1 :])
        squares = np.square(means[i] - means[i + 1 :]).sum(axis=1)
        parts.append(squares / pooled / 8.0 + 0.5 * np.log(pooled / np.sqrt(one[i] * one[i + 1 :])))
    return np.concatenate(parts)
