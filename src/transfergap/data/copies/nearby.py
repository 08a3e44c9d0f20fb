"""Rows nearer to target rows than strangers are: copies with noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.comparable import comparable_columns, flat_numbers, informative_columns
from transfergap.data.copies.evidence import CHANGED_SHARE

Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
NEAR = 0.2  # of the distance to a neighbour of the same file, within which a row is a copy
NEIGHBOUR = 4  # the fourth: of one row there may be three in a file
WIDE = 16  # numbers of a row from which it may be a picture
_FEWEST_NUMBERS = 2  # one column alone makes neighbours of strangers
_MOST_NUMBERS = 64  # of a row: enough to know it again, and cheap
_LEAST_SPREAD = 0.1  # of the usual spread of a picture's points: corners are nearly constant
_CHUNK = 1 << 22  # distances held at a time; no result depends on it


def nearby_rows(target: Any, source: Any) -> Pairs:
    """Return pairs of rows that lie right beside each other.

    Parameters
    ----------
    target, source : DataFrame or array of any shape
        Rows of other kinds, or of fewer than two numbers, are never near.

    Returns
    -------
    tuple of ndarray
        Target rows and source rows of the pairs.

    Notes
    -----
    A source row is near if its distance is below a fifth of that between the target row and the
    fourth nearest other target row. Strangers are so near seldom: of a source as large as the
    target, ``4 * 0.2 ** d`` rows a target row, where rows spread over ``d`` directions. Leaving
    them out costs no more than that; so nothing is asked of their labels.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows, noise = rng.normal(size=(30, 4)), rng.normal(size=(30, 4))
    >>> [int(part.sum()) for part in nearby_rows(rows, rows[:3] + 0.01 * noise[:3])]
    [3, 3]
    """
    pairs = [_pairs(*numbers) for numbers in _in_numbers(target, source)]
    target_rows, source_rows = (
        np.concatenate([np.empty(0, np.intp), *(pair[k] for pair in pairs)]) for k in (0, 1)
    )
    alike = _categories_agree(target, source, target_rows, source_rows)
    return target_rows[alike], source_rows[alike]


def _categories_agree(
    target: Any, source: Any, target_rows: NDArray[np.intp], source_rows: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which pairs of rows agree in most categories.

    They may differ in a quarter of them.

    Noise that was added to numbers left them as they are.
    """
    columns = comparable_columns(target, source) if hasattr(target, "iloc") else None
    differ = np.zeros(len(target_rows), np.intp)
    categories = [c for c in columns or () if c.is_text and c.words is None]
    for column in categories:
        differ += column.target[target_rows] != column.source[source_rows]
    return differ <= CHANGED_SHARE * len(categories)


def _in_numbers(target: Any, source: Any) -> list[tuple[Floats, Floats]]:
    """Return rows as numbers, wide ones as brighter pictures too."""
    if hasattr(target, "iloc") or hasattr(source, "iloc"):
        columns = comparable_columns(target, source)
        numbers = [c for c in columns or () if not c.is_text]
        if len(numbers) < _FEWEST_NUMBERS:
            return []
        parts = [np.column_stack([getattr(c, s) for c in numbers]) for s in ("target", "source")]
        return [_scaled(parts[0].astype(float), parts[1].astype(float))]
    flat = [flat_numbers(X) for X in (target, source)]
    if flat[0] is None or flat[1] is None or flat[0].shape[1] != flat[1].shape[1]:
        return []
    rows, partners = (part.astype(float) for part in flat if part is not None)
    if rows.shape[1] < _FEWEST_NUMBERS:
        return []
    if rows.shape[1] < WIDE:
        return [_scaled(rows, partners)]
    chosen = list(informative_columns(rows, partners, limit=_MOST_NUMBERS))
    # Points of a picture have one unit, so they are compared as they are.
    pictures = [standardised(_filled(part))[:, chosen] for part in (rows, partners)]
    return [_scaled(rows, partners), (pictures[0], pictures[1])]


def standardised(rows: Floats) -> Floats:
    """Standardise each row to mean 0 and spread 1.

    Brighter or rescaled pictures become the same.
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    standard: Floats = centred / np.where(spread > 0, spread, 1.0)
    return standard


def _filled(rows: Floats) -> Floats:
    filled: Floats = np.nan_to_num(rows, posinf=0.0, neginf=0.0)
    return filled


def _scaled(target: Floats, source: Floats) -> tuple[Floats, Floats]:
    chosen = np.array(list(informative_columns(target, source, limit=_MOST_NUMBERS)), np.intp)
    target, source = target[:, chosen], source[:, chosen]
    finite = np.where(np.isfinite(target), target, np.nan)
    present = np.isfinite(finite).any(axis=0)
    finite, source = finite[:, present], source[:, present]
    centre, spread = np.nanmean(finite, axis=0), np.nanstd(finite, axis=0)
    if finite.shape[1] >= WIDE:
        spread = np.maximum(spread, _LEAST_SPREAD * np.median(spread))
    varying = spread > 0
    scaled = [
        _filled((part[:, varying] - centre[varying]) / spread[varying]) for part in (finite, source)
    ]
    return scaled[0], scaled[1]


def _pairs(target: Floats, source: Floats) -> Pairs:
    n_target, no_rows = len(target), np.empty(0, np.intp)
    if n_target <= NEIGHBOUR or target.shape[1] < _FEWEST_NUMBERS or len(source) == 0:
        return no_rows, no_rows
    radii = NEAR**2 * _neighbour_squares(target)
    pairs = []
    step = max(_CHUNK // n_target, 1)
    for start in range(0, len(source), step):
        # Strictly below: rows whose neighbours are equal are in coarse columns.
        near = _squares(source[start : start + step], target) < radii
        rows, partners = np.nonzero(near)
        pairs.append((partners, rows + start))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _neighbour_squares(rows: Floats) -> Floats:
    """Return each row's squared distance to the fourth nearest other row."""
    squares = np.empty(len(rows))
    step = max(_CHUNK // len(rows), 1)
    for start in range(0, len(rows), step):
        part = _squares(rows[start : start + step], rows)
        squares[start : start + step] = np.partition(part, NEIGHBOUR, axis=1)[:, NEIGHBOUR]
    return squares


def _squares(first: Floats, second: Floats) -> Floats:
    """Return squared distances of rows."""
    squares: Floats = -2.0 * (first @ second.T)
    squares += (first**2).sum(axis=1)[:, None]
    squares += (second**2).sum(axis=1)
    return np.maximum(squares, 0.0, out=squares)
