"""Maximum mean discrepancy: exact, by blocks, or by random features."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.data.divergences.divergence import (
    MOST_ROWS,
    Divergence,
    checked_rows,
    permutation_p,
    quadratic_form,
    some_rows,
    squared_distances,
)

Floats = NDArray[np.float64]
N_FEATURES = 256  # random directions: kernel values are off by about 1 / sqrt(256)
_PERMUTED_ROWS = 2000  # of each sample: their permutation p-value stands for that of all
_BANDWIDTH_ROWS = 500  # a median of 125,000 distances


def mmd(
    target: Floats,
    source: Floats,
    *,
    how: Literal["exact", "block", "features"] = "exact",
    bandwidth: float | None = None,
    seed: int = 0,
) -> Divergence:
    """Return the squared maximum mean discrepancy under a Gaussian kernel.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
    how : {"exact", "block", "features"}
        All pairs of at most 1,000 rows of each, unbiased, with a permutation p-value; the mean over
        blocks of about the square root of all rows, unbiased, with a normal p-value; or all rows in
        256 random Fourier features, biased upwards by about 1/n + 1/m, with a permutation p-value
        of at most 2,000 rows of each.
    bandwidth : float, optional
        Standard deviation of the kernel; default: the median distance of some rows.
    seed : int

    Raises
    ------
    DataError

    Notes
    -----
    Sees columns only, so it is blind to a changed meaning of the labels. Cost: n^2, n^1.5 and n.

    References
    ----------
    Gretton et al. (2012), A Kernel Two-Sample Test, lemma 6; Zaremba, Gretton and Blaschko (2013),
    B-tests, section 3; Rahimi and Recht (2007), Random Features, algorithm 1.

    Examples
    --------
    >>> here, there = np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]])
    >>> round(mmd(here, there, bandwidth=1.0).value, 4)  # 2 - 2 exp(-1/2)
    0.7869
    """
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 51])
    width = bandwidth if bandwidth is not None else median_distance(target, source, rng)
    if how == "block":
        return _by_blocks(target, source, width, rng)
    if how == "features":
        return _by_features(target, source, width, rng)
    target, source = (some_rows(rows, rng, MOST_ROWS) for rows in (target, source))
    rows = np.vstack([target, source])
    kernel = np.exp(-squared_distances(rows, rows) / (2 * width**2))
    is_source = np.arange(len(rows)) >= len(target)

    def statistic(mask: NDArray[np.bool_]) -> float:
        return quadratic_form(kernel, mask, unbiased=True)

    p_value = permutation_p(statistic, is_source, rng)
    return Divergence(statistic(is_source), p_value=p_value, n_rows=(len(target), len(source)))


def median_distance(target: Floats, source: Floats, rng: np.random.Generator) -> float:
    """Return the median distance of some rows.

    1 where all are equal.

    Examples
    --------
    >>> median_distance(np.zeros((2, 1)), np.full((2, 1), 3.0), np.random.default_rng(0))
    3.0
    """
    parts = np.vstack([some_rows(rows, rng, _BANDWIDTH_ROWS) for rows in (target, source)])
    distances = squared_distances(parts, parts)[np.triu_indices(len(parts), 1)]
    return float(np.sqrt(np.median(distances))) or 1.0


def _by_blocks(
    target: Floats, source: Floats, width: float, rng: np.random.Generator
) -> Divergence:
    n = min(len(target), len(source))
    target, source = (rows[rng.permutation(len(rows))[:n]] for rows in (target, source))
    size = max(int(np.sqrt(n)), 2)
    n_blocks = n // size
    values = np.empty(n_blocks)
    is_source = np.arange(2 * size) >= size
    for b in range(n_blocks):
        part = slice(b * size, (b + 1) * size)
        rows = np.vstack([target[part], source[part]])
        kernel = np.exp(-squared_distances(rows, rows) / (2 * width**2))
        values[b] = quadratic_form(kernel, is_source, unbiased=True)
    value, used = float(values.mean()), n_blocks * size
    if n_blocks < 2:
        return Divergence(value, n_rows=(used, used))
    error = float(values.std(ddof=1)) / np.sqrt(n_blocks)
    quantile = float(stats.t.ppf(0.95, n_blocks - 1))
    p_value = float(stats.t.sf(value / error, n_blocks - 1)) if error > 0 else float(value <= 0)
    low, high = value - quantile * error, value + quantile * error
    return Divergence(value, low, high, p_value, (used, used))


def _by_features(
    target: Floats, source: Floats, width: float, rng: np.random.Generator
) -> Divergence:
    directions = rng.normal(size=(target.shape[1], N_FEATURES)) / width
    phases = rng.uniform(0, 2 * np.pi, N_FEATURES)
    maps = [np.cos(r @ directions + phases) * np.sqrt(2 / N_FEATURES) for r in (target, source)]
    value = _mean_distance(maps[0], maps[1])
    parts = [some_rows(m, rng, _PERMUTED_ROWS) for m in maps]
    rows = np.vstack(parts)
    p_value = permutation_p(
        lambda mask: _mean_distance(rows[~mask], rows[mask]),
        np.arange(len(rows)) >= len(parts[0]),
        rng,
    )
    return Divergence(value, p_value=p_value, n_rows=(len(target), len(source)))


def _mean_distance(target: Floats, source: Floats) -> float:
    across = target.mean(axis=0) - source.mean(axis=0)
    return float(across @ across)
