"""Total variation of label shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import N_DRAWS, Divergence, bootstrap_interval
from transfergap.errors import DataError

Floats = NDArray[np.float64]
N_PERMUTATIONS = 999  # counts alone: a draw costs nothing


def label_variation(target_labels: Any, source_labels: Any, *, seed: int = 0) -> Divergence:
    """Return the total variation of class shares, in [0, 1].

    Parameters
    ----------
    target_labels, source_labels : array-like, shape (n_rows,)
        Classes.
    seed : int
        Draws the interval and the permutations.

    Returns
    -------
    Divergence
        The 90 % interval is a basic bootstrap one, since shares of few rows differ by chance and
        the value is biased upwards.

    Raises
    ------
    DataError
        For a sample without rows.

    Examples
    --------
    >>> label_variation([0, 0, 0, 1], [0, 1, 1, 1]).value
    0.5
    """
    samples = [np.asarray(labels) for labels in (target_labels, source_labels)]
    if min(map(len, samples)) == 0:
        raise DataError("A sample has no labels.", hint="give at least one row of each")
    codes = np.unique(np.concatenate(samples), return_inverse=True)[1]
    n, m, k = len(samples[0]), len(samples[1]), int(codes.max()) + 1
    counts = np.bincount(codes[:n], minlength=k), np.bincount(codes[n:], minlength=k)
    shares = counts[0] / n, counts[1] / m
    value = _variation(*shares)
    rng = np.random.default_rng([seed, 57])
    draws = _variation(
        rng.multinomial(n, shares[0], N_DRAWS) / n, rng.multinomial(m, shares[1], N_DRAWS) / m
    )
    low, high = bootstrap_interval(draws)
    all_counts = counts[0] + counts[1]
    permuted = rng.multivariate_hypergeometric(all_counts, n, N_PERMUTATIONS)
    as_large = _variation(permuted / n, (all_counts - permuted) / m) >= value - 1e-12
    p_value = (1 + int(np.sum(as_large))) / (1 + N_PERMUTATIONS)
    # Basic: reflected at the value, so that the upward bias of draws is taken off twice.
    ends = max(2 * value - high, 0.0), min(max(2 * value - low, 0.0), 1.0)
    return Divergence(float(value), *ends, p_value=p_value, n_rows=(n, m))


def _variation(first: Floats, second: Floats) -> Any:
    return 0.5 * np.abs(first - second).sum(axis=-1)
