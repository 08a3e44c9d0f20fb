"""Distance of labelled data sets by optimal transport."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import (
    Divergence,
    checked_rows,
    permutation_p,
    squared_distances,
)
from transfergap.data.divergences.moments import Moments, gaussian_distance, moments_of
from transfergap.data.divergences.transport import transport_cost
from transfergap.errors import DataError

Floats = NDArray[np.float64]
Coded = tuple[Floats, NDArray[np.intp]]  # rows, and their classes as whole numbers
_ROWS = 500  # of each sample: exact transport is n^3
_FEWEST = 2  # rows of a class, for a covariance
_PERMUTED_ROWS = 100  # of each sample; by hand: a transport of 500 takes half a second


def otdd(
    target: Floats, target_labels: Any, source: Floats, source_labels: Any, *, seed: int = 0
) -> Divergence:
    """Return the optimal transport dataset distance, squared.

    Parameters
    ----------
    target, source : ndarray, shape (n_rows, n_columns)
        At most 500 rows of each are used, 100 for the p-value.
    target_labels, source_labels : array-like, shape (n_rows,)
        Classes; those of the two samples need not be the same.
    seed : int
        Draws rows and permutations.

    Raises
    ------
    DataError, MissingExtraError

    Notes
    -----
    The cost of a pair of rows is their squared distance plus the squared Wasserstein distance of
    their classes, each taken as a Gaussian. Classes have no names here: **a source whose labels are
    exchanged is as near as the same source with the right ones.** So it says nothing of whether
    labels agree, which decides whether a source helps. The p-value permutes rows with their labels;
    classes that keep one row in a permuted half are left out of it. Needs ``transfergap[da]``.
    Cost: n^3 of 500, and 199 times that of 100.

    References
    ----------
    Alvarez-Melis and Fusi (2020), Geometric Dataset Distances via Optimal Transport, section 4.

    Examples
    --------
    >>> rows, labels = np.array([[0.0], [1.0], [9.0], [10.0]]), np.array([0, 0, 1, 1])
    >>> otdd(rows, labels, rows, 1 - labels).value
    0.0
    """
    target, source = checked_rows(target, source)
    rng = np.random.default_rng([seed, 56])
    both = [np.asarray(labels) for labels in (target_labels, source_labels)]
    chosen: list[Coded] = []
    few, moments = [], []
    for rows, labels in zip((target, source), both, strict=True):
        classes, codes = np.unique(labels, return_inverse=True)
        order = rng.permutation(len(rows))
        part = np.sort(order[:_ROWS])
        chosen.append((rows[part], codes[part]))
        few.append(np.sort(order[:_PERMUTED_ROWS]))
        moments.append([_class_moments(rows[codes == k], str(c)) for k, c in enumerate(classes)])
    value = _distance(chosen[0], chosen[1], *moments)
    p_value = _permuted(
        np.vstack([target[few[0]], source[few[1]]]),
        [label for labels, part in zip(both, few, strict=True) for label in labels[part].tolist()],
        np.arange(len(few[0]) + len(few[1])) >= len(few[0]),
        rng,
    )
    return Divergence(value, p_value=p_value, n_rows=(len(chosen[0][0]), len(chosen[1][0])))


def _distance(
    target: Coded, source: Coded, target_moments: list[Moments], source_moments: list[Moments]
) -> float:
    """Return the least cost of moving coded rows, classes taken as Gaussians."""
    apart = np.array([[gaussian_distance(a, b) for b in source_moments] for a in target_moments])
    cost = squared_distances(target[0], source[0])
    return transport_cost(cost + apart[target[1][:, None], source[1][None, :]])


def _permuted(
    rows: Floats, labels: list[Any], is_source: NDArray[np.bool_], rng: np.random.Generator
) -> float | None:
    """Return the p-value of rows that change samples together with their labels.

    ``None`` where every class has one row in a sample.
    """
    import pandas as pd

    codes = pd.factorize(np.array([*labels, None], dtype=object)[:-1])[0]  # 1 and 1.0 are one class

    def half(mask: NDArray[np.bool_]) -> tuple[Coded, list[Moments]]:
        n_rows = np.bincount(codes[mask], minlength=int(codes.max()) + 1)
        large = mask & (n_rows >= _FEWEST)[codes]
        classes, coded = np.unique(codes[large], return_inverse=True)
        moments = [moments_of(rows[large][coded == k]) for k in range(len(classes))]
        return (rows[large], coded), moments

    def statistic(mask: NDArray[np.bool_]) -> float:
        (target, target_moments), (source, source_moments) = half(~mask), half(mask)
        if not target_moments or not source_moments:
            return np.inf  # no class is left: counted against a difference
        return _distance(target, source, target_moments, source_moments)

    return permutation_p(statistic, is_source, rng) if statistic(is_source) < np.inf else None


def _class_moments(rows: Floats, name: str) -> Moments:
    if len(rows) < _FEWEST:
        raise DataError(
            f"The class {name} has one row, and no spread.",
            hint="leave the class out, or label more rows of it",
        )
    return moments_of(rows)
