"""Labels that go together within persons or things, beyond what columns explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
# A variance between units needs some of them, and one within needs some rows (by hand).
_FEWEST_BETWEEN, _FEWEST_WITHIN = 5, 20
# bounds the cost: 5,000 rows of 200 numbers take half a second
_MOST_PAIRS, _MOST_NUMBERS = 5_000, 200
_ROUNDING = 1e-8  # of a column's size, or of its spread: below it there is none


def unit_effect(
    numbers: Floats, labels: Floats, rows: Rows, partners: Rows, *, chance: float
) -> tuple[float, float] | None:
    """Return the intraclass correlation beyond columns, with its bound.

    Parameters
    ----------
    numbers : ndarray, shape (n_rows, n_numbers)
        Columns, constant within units or not.
    labels : ndarray, shape (n_rows,)
    rows, partners : ndarray of int, shape (n_pairs,)
        Pairs of rows of one unit; rows in no pair have no part.
    chance : float
        Probability that the bound is passed where rows are independent given the columns.

    Returns
    -------
    (float, float) or None
        The correlation of two rows of one unit, in ranks of the labels, and the bound; ``None``
        where columns are too many, or leave too few degrees of freedom.

    Notes
    -----
    The F test of units as fixed effects beside the columns, on ranks. Where columns are constant
    within units, as age is within persons, only what they leave of the units' differences counts.

    References
    ----------
    Conover and Iman (1981), Rank Transformations as a Bridge between Parametric and Nonparametric
    Statistics. Fisher (1925), Statistical Methods for Research Workers, chapter 7.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.arange(0, 60, 2)
    >>> labels = np.repeat(rng.normal(size=30), 2) + 0.3 * rng.normal(size=60)
    >>> effect, bound = unit_effect(rng.normal(size=(60, 2)), labels, rows, rows + 1, chance=0.001)
    >>> bool(effect > 0.8 > bound)
    True
    """
    rows, partners = rows[:_MOST_PAIRS], partners[:_MOST_PAIRS]
    if not len(rows) or numbers.shape[1] > _MOST_NUMBERS:
        return None
    used, places = np.unique(np.append(rows, partners), return_inverse=True)
    pairs = tuple(np.split(places, 2))
    links = coo_array((np.ones(len(rows)), pairs), shape=(len(used), len(used)))
    n_units, units = connected_components(links, directed=False)
    y, X = stats.rankdata(labels[used]), _standardised(numbers[used])
    y = y - y.mean()
    before, n_before = _residual(X, y)
    within, n_within = _residual(_within(X, units), _within(y[:, None], units)[:, 0])
    between = n_units + n_within - 1 - n_before
    remaining = len(used) - n_units - n_within
    if between < _FEWEST_BETWEEN or remaining < _FEWEST_WITHIN or not before > 0:
        return None
    error = within / remaining
    ratio = ((before - within) / between) / error if error > 0 else np.inf
    sizes = np.bincount(units)
    # The usual size of a unit where sizes differ: Snedecor and Cochran (1967), section 10.18.
    size = (len(used) - (sizes**2).sum() / len(used)) / (n_units - 1)
    bound = float(stats.f.isf(chance, between, remaining))
    return _correlation(ratio, size), _correlation(bound, size)


def _correlation(ratio: float, size: float) -> float:
    """Return the intraclass correlation that a ratio of variances stands for."""
    return 1.0 if np.isinf(ratio) else float((ratio - 1.0) / (ratio - 1.0 + size))


def _within(values: Floats, units: NDArray[np.integer]) -> Floats:
    """Return values less their unit's mean."""
    sums = np.zeros((units.max() + 1, values.shape[1]))
    np.add.at(sums, units, values)
    centred: Floats = values - (sums / np.bincount(units)[:, None])[units]
    return centred


def _standardised(X: Floats) -> Floats:
    centred = X - X.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    varying = spread > _ROUNDING * np.abs(X).max(axis=0, initial=0.0)
    standard: Floats = centred[:, varying] / spread[varying]
    return standard


def _residual(X: Floats, y: Floats) -> tuple[float, int]:
    """Return the squares that columns leave, and their rank.

    Columns have the spread 1 before units are taken out of them: what remains then may be rounding.
    """
    directions, sizes, _ = np.linalg.svd(X, full_matrices=False)
    basis = directions[:, sizes > _ROUNDING * np.sqrt(len(X))]
    residual = y - basis @ (basis.T @ y)
    squares = float(residual @ residual)
    return (squares if squares > _ROUNDING * float(y @ y) else 0.0), basis.shape[1]
