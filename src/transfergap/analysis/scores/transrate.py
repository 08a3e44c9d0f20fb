"""TransRate: coding rate of all rows less that within classes."""

from __future__ import annotations

import numpy as np

from transfergap.analysis.scores.inner_products import DISTORTION
from transfergap.analysis.scores.one_pass import OnePass


def transrate(read: OnePass) -> float:
    """Return TransRate in nats; more is better. Classes only.

    Notes
    -----
    It depends on the scale of the features: compare models whose features were scaled alike.

    References
    ----------
    Huang, Huang, Rong, Yang and Wei (2022), Frustratingly Easy Transferability Estimation.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> codes, noise = np.arange(60) % 2, np.random.default_rng(0).normal(size=(60, 3))
    >>> labels, folds = ClassCodes(codes, 2), np.arange(60) // 2 % 5
    >>> apart, alike = (one_pass(X, labels, folds) for X in (noise + 2 * codes[:, None], noise))
    >>> transrate(apart) > transrate(alike)
    True
    """
    whole = np.log1p(read.spectrum.values / (read.n_rows * DISTORTION)).sum()
    return float(0.5 * whole - 0.5 * read.class_volumes.mean())
