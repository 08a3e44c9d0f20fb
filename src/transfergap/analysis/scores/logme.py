"""LogME: log evidence of a linear model of the features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.one_pass import OnePass
from transfergap.analysis.scores.spectrum import Spectrum

Floats = NDArray[np.float64]
# As in the authors' code (You et al. 2021, algorithm 3): rounds, tolerance, guard of divisions.
_ROUNDS, _TOLERANCE, _GUARD = 11, 1e-3, 1e-5


@dataclass(frozen=True)
class _Fit:
    """Freedom, squared weights and squared residuals at a ratio of precisions."""

    freedom: float
    weights: float
    residuals: float


def logme(read: OnePass) -> float:
    """Return the log evidence a row, averaged over responses; more is better.

    Notes
    -----
    The evidence of y = Xw + noise with Gaussian priors, maximised over both precisions by
    MacKay's fixed point. Features are not centred. With fewer rows than columns, all columns count
    in the determinant; the popular code leaves out (D - N) log alpha there, which adds about that
    much to every wide feature set.

    References
    ----------
    You, Liu, Wang and Long (2021), LogME: Practical Assessment of Pre-trained Models, section 4.

    Examples
    --------
    >>> from transfergap.analysis.scores.labels import ClassCodes
    >>> from transfergap.analysis.scores.one_pass import one_pass
    >>> rng = np.random.default_rng(0)
    >>> codes = np.arange(60) % 2
    >>> noise = rng.normal(size=(60, 3))
    >>> labels, folds = ClassCodes(codes, 2), np.arange(60) // 2 % 5
    >>> apart, alike = (one_pass(X, labels, folds) for X in (noise + codes[:, None], noise))
    >>> logme(apart) > logme(alike)
    True
    """
    return float(np.mean(_evidence(read, full_rank=True)))


def logme_as_published(read: OnePass) -> float:
    """Return LogME as the authors' code computes it.

    It differs from :func:`logme` where there are fewer rows than columns.
    """
    return float(np.mean(_evidence(read, full_rank=False)))


def _evidence(read: OnePass, *, full_rank: bool) -> Floats:
    """Return the log evidence a row of each response."""
    dual = read.n_rows <= read.rows.n_dimensions
    fits, log_determinant, rank = _dual(read) if dual else _primal(read)
    n, n_columns = read.n_rows, read.rows.n_dimensions
    evidence = np.empty(read.labels.n_responses)
    for response in range(len(evidence)):
        alpha, beta, fit = _fixed_point(partial(fits, response), n)
        if alpha == 0.0:  # constant features at zero: the evidence of noise alone
            evidence[response] = 0.5 * (n * np.log(beta / (2 * np.pi)) - beta * fit.residuals)
            continue
        curvature = rank * np.log(beta) + log_determinant(alpha / beta)
        if full_rank:
            # Eigenvalues of the Hessian outside the span of the rows are alpha itself.
            curvature += (n_columns - rank) * np.log(alpha)
        evidence[response] = 0.5 * (
            n_columns * np.log(alpha)
            + n * np.log(beta / (2 * np.pi))
            - curvature
            - beta * fit.residuals
            - alpha * fit.weights
        )
    return evidence / n


def _fixed_point(fit_at: Callable[[float], _Fit], n_rows: int) -> tuple[float, float, _Fit]:
    """Return both precisions at their fixed point, with the last fit."""
    alpha = beta = 1.0
    fit = fit_at(1.0)
    for _ in range(_ROUNDS):
        ratio = alpha / beta
        fit = fit_at(ratio)
        # MacKay (1992), Bayesian Interpolation, equation 4.11.
        alpha = fit.freedom / (fit.weights + _GUARD)
        beta = (n_rows - fit.freedom) / (fit.residuals + _GUARD)
        if alpha == 0.0 or abs(alpha / beta - ratio) / ratio <= _TOLERANCE:
            break
    return alpha, beta, fit


Fits = Callable[[int, float], _Fit]


def _primal(read: OnePass) -> tuple[Fits, Callable[[float], float], int]:
    """Return fits from the inner products of columns.

    Those of raw features are those about the mean plus N mu mu', a positive change of rank one, so
    Sherman-Morrison and the determinant lemma give them without cancellation.
    """
    spectrum, n, mean = read.spectrum, float(read.n_rows), read.rotated_mean
    values = spectrum.values
    # Raw cross products: those about the mean, and the mean times the sum of responses.
    cross = read.rotated_cross + np.outer(mean, read.response_sums.sum(0))
    squares = read.response_squares

    def fit(j: int, t: float) -> _Fit:
        solved = spectrum.solve(t, np.column_stack([cross[:, j], mean]))
        direct, along = solved.T
        q = 1.0 + n * float(mean @ along)
        weights = direct - n * along * (float(mean @ direct) / q)
        size = float(weights @ weights)
        freedom = float((values / (values + t)).sum()) + t * n * float(along @ along) / q
        residuals = squares[j] - float(cross[:, j] @ weights) - t * size
        return _Fit(freedom, size, max(residuals, 0.0))

    def log_determinant(t: float) -> float:
        along = spectrum.solve(t, mean[:, None])[:, 0]
        return float(np.log(values + t).sum() + np.log1p(n * float(mean @ along)))

    return fit, log_determinant, len(values)


def _dual(read: OnePass) -> tuple[Fits, Callable[[float], float], int]:
    """Return fits from the inner products of raw rows: residuals without cancellation."""
    spectrum, rotated = _raw_rows(read)
    values, n = spectrum.values, read.n_rows

    def fit(j: int, t: float) -> _Fit:
        solved = spectrum.solve(t, rotated[:, [j]])
        freedom = float((values / (values + t)).sum())
        size = float((solved * spectrum.times(solved)).sum())
        return _Fit(freedom, size, t * t * float((solved * solved).sum()))

    return fit, lambda t: float(np.log(values + t).sum()), n


def _raw_rows(read: OnePass) -> tuple[Spectrum, Floats]:
    coordinates = read.rows.block(0, read.n_rows)
    offsets, square = read.rows.raw_products
    inner = coordinates @ coordinates.T
    inner += offsets[:, None] + offsets + square
    return read.algebra.spectrum(np.asfortranarray(inner), read.labels.matrix())
