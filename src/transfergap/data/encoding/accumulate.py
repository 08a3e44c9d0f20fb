"""Statistics of encoded rows, of a table, or of batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.accumulator import Accumulator
from transfergap.data.encoding.encoder import Encoder
from transfergap.data.encoding.noise import DEFAULT_DELTA, Noise
from transfergap.data.encoding.summary import GramSummary

Floats = NDArray[np.float64]


def empty_summary(encoder: Encoder) -> GramSummary:
    """Return the statistics of no rows: where a sum starts."""
    return Accumulator(encoder).summary()


def gram_of(
    encoder: Encoder,
    design: Floats,
    responses: Floats,
    weights: NDArray[np.float64] | None = None,
) -> GramSummary:
    """Return the statistics of encoded rows, the intercept column included.

    Parameters
    ----------
    encoder : Encoder
    design : ndarray, shape (n_rows, q)
    responses : ndarray, shape (n_rows, n_responses)
    weights : ndarray, shape (n_rows,), optional
    """
    sums = Accumulator(encoder)
    sums.add_encoded(np.concatenate([design, responses], axis=1).T, weights)
    return sums.summary()


def summarize(
    X: Any,
    y: Any,
    *,
    encoder: Encoder,
    sample_weight: Any = None,
    where: str = "the data",
    skip_foreign_labels: bool = False,
    min_rows: int = 0,
    epsilon: float | None = None,
    delta: float = DEFAULT_DELTA,
    max_norm: float | None = None,
) -> GramSummary:
    """Return the statistics of rows and labels under an encoder.

    Parameters
    ----------
    X : DataFrame, table or batch of pyarrow, or array, shape (n_rows, n_features)
        The encoder's columns; others are left out.
    y : array-like, shape (n_rows,)
    encoder : Encoder
        Of the target.
    sample_weight : array-like, shape (n_rows,), optional
    where : str
        What to call the rows in an error.
    skip_foreign_labels : bool
        Leave out rows whose label the target lacks; otherwise they are an error.
    min_rows : int
        Refuse to tell the statistics of fewer rows.
    epsilon, delta : float, optional
        Add noise that hides each row, as differential privacy defines it; ``delta=0`` for pure
        differential privacy. Needs the extra ``privacy``.
    max_norm : float, optional
        With noise: the length that longer rows are scaled down to. See :class:`Noise`.

    Raises
    ------
    DataError
        If columns, values or labels are not as the encoder's, or rows are too few.
    ConfigurationError
        For an epsilon, delta or bound that promises nothing.
    MissingExtraError
        If noise is asked for and OpenDP is not installed.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder
    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 1])
    >>> summary = summarize(X, y, encoder=fit_encoder(X, y, task="binary"))
    >>> summary.n_rows, summary.moments.round(2).tolist()
    (3, [[2.45, 1.0]])
    """
    return summarize_batches(
        [(X, y) if sample_weight is None else (X, y, sample_weight)],
        encoder=encoder,
        where=where,
        skip_foreign_labels=skip_foreign_labels,
        min_rows=min_rows,
        epsilon=epsilon,
        delta=delta,
        max_norm=max_norm,
    )


def summarize_batches(
    batches: Iterable[tuple[Any, ...]],
    *,
    encoder: Encoder,
    where: str = "the data",
    skip_foreign_labels: bool = False,
    min_rows: int = 0,
    epsilon: float | None = None,
    delta: float = DEFAULT_DELTA,
    max_norm: float | None = None,
) -> GramSummary:
    """Return the statistics of rows that come in batches.

    One batch at a time is held in memory.

    Parameters
    ----------
    batches : iterable of (X, y) or (X, y, sample_weight)
    encoder, where, skip_foreign_labels, min_rows, epsilon, delta, max_norm
        As for :func:`summarize`. ``min_rows`` is asked of all batches together, and noise is added
        once.

    Raises
    ------
    DataError, ConfigurationError, MissingExtraError
        As :func:`summarize`.

    Examples
    --------
    >>> from transfergap.data.encoding import fit_encoder
    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 1])
    >>> encoder = fit_encoder(X, y, task="binary")
    >>> summarize_batches(((X[i : i + 1], y[i : i + 1]) for i in range(3)), encoder=encoder).n_rows
    3
    """
    noise = None if epsilon is None else Noise(epsilon, delta, max_norm)
    sums = Accumulator(encoder, noise=noise, skip_foreign_labels=skip_foreign_labels)
    for number, (X, y, *weights) in enumerate(batches, start=1):
        place = where if number == 1 else f"batch {number} of {where}"
        sums.add(X, y, sample_weight=weights[0] if weights else None, origin=place)
    return sums.summary(min_rows=min_rows, origin=where)
