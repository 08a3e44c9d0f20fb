"""H-score with shrinkage: distances of class means in units of spread."""

from __future__ import annotations

import numpy as np

from transfergap.analysis.scores.one_pass import OnePass


def shrinkage(read: OnePass) -> tuple[float, float]:
    """Return the Ledoit-Wolf share of the identity, and its variance.

    References
    ----------
    Ledoit and Wolf (2004), A well-conditioned estimator for large covariance matrices, lemma 3.2.
    """
    n, d = read.n_rows, read.rows.n_dimensions
    mean_variance = read.algebra.trace(read.gram) / n / d
    squared = read.algebra.squared_norm(read.gram) / n**2
    noise = (float(np.square(read.squared_norms).sum()) / n - squared) / (d * n)
    spread = squared / d - mean_variance**2
    return (min(noise, spread) / spread if spread > 0 else 1.0), mean_variance


def shrinkage_h_score(read: OnePass) -> float:
    """Return the H-score with a shrunk covariance; more is better. Classes only.

    Notes
    -----
    The plain H-score is the number of classes less one for every model with more columns than
    rows; it is not built.

    References
    ----------
    Ibrahim, Ponomareva and Mazumder (2022), Newer is not always better, section 4.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> codes, noise = np.arange(60) % 2, np.random.default_rng(0).normal(size=(60, 3))
    >>> labels, folds = ClassCodes(codes, 2), np.arange(60) // 2 % 5
    >>> apart, alike = (one_pass(X, labels, folds) for X in (noise + codes[:, None], noise))
    >>> shrinkage_h_score(apart) > shrinkage_h_score(alike)
    True
    """
    share, mean_variance = shrinkage(read)
    counts = read.response_sums.sum(0)
    # With share 1 the covariance is a multiple of the identity; the floor only avoids 0 / 0.
    remainder = max(1.0 - share, np.finfo(float).eps)
    shift = max(share * mean_variance * read.n_rows / remainder, np.finfo(float).tiny)
    between = (read.rotated_cross / counts) * read.spectrum.solve(shift, read.rotated_cross)
    return float(between.sum() * read.n_rows / (read.n_rows - 1))
