"""Ridge probe: a linear model of the features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.one_pass import OnePass
from transfergap.analysis.scores.training_fit import TrainingFit, fit_without

Floats = NDArray[np.float64]
# Penalties tried, in shares of the largest eigenvalue. Below 1e-6 nothing is left of float32
# products; above 1 the fit is the mean of the labels.
SHARES = 10.0 ** np.arange(-6.0, 0.25, 0.5)
# A row that is reproduced exactly cannot be left out in closed form: as in stats/leave_one_out.py.
_MOST_LEVERAGE = 1.0 - 1e-8


def choose_ridge(read: OnePass) -> float:
    """Return the penalty of least error in closed form.

    By leave-one-out where rows are few for their columns, by generalised cross-validation where
    they are many. One number is chosen with all rows, test rows of the folds among them: with
    thirteen candidates the optimism is far below the standard error of a score.

    References
    ----------
    Golub, Heath and Wahba (1979), Generalized Cross-Validation; Allen (1974) for leave-one-out.
    """
    # Constant features have no eigenvalue above zero: any penalty makes them predict the mean.
    largest = float(read.spectrum.values[-1]) or 1.0
    penalties = SHARES[read.rounding <= SHARES] * largest
    if read.rotated_rows is None:
        errors = [_gcv(read, ridge) for ridge in penalties]
    else:
        errors = _leave_one_out(read, penalties)
    return float(penalties[int(np.argmin(errors))])


def _leave_one_out(read: OnePass, penalties: Floats) -> list[float]:
    """Return the squared error of each penalty with each row left out."""
    rotated = read.rotated_rows
    assert rotated is not None
    leverages = _leverages(read, rotated, penalties)
    centred = read.labels.matrix() - read.response_sums.sum(0) / read.n_rows
    errors = []
    for place, ridge in enumerate(penalties):
        fitted = rotated @ (read.rotated_cross / (read.spectrum.values + ridge)[:, None])
        residuals = (centred - fitted) / (1.0 - leverages[:, [place]])
        errors.append(float(np.square(residuals).sum()))
    return errors


def _leverages(read: OnePass, rotated: Floats, penalties: Floats) -> Floats:
    """Return leverages of rows, below 1, a column a penalty."""
    shares = np.square(rotated) @ (1.0 / np.add.outer(read.spectrum.values, penalties))
    return np.minimum(shares + 1.0 / read.n_rows, _MOST_LEVERAGE)


def degrees_of_freedom(read: OnePass, ridge: float) -> float:
    """Return the trace of the hat matrix, with the intercept."""
    values = read.spectrum.values
    return float((values / (values + ridge)).sum()) + 1.0


def _gcv(read: OnePass, ridge: float) -> float:
    """Return the generalised cross-validation error, summed over responses."""
    n, sums = read.n_rows, read.response_sums.sum(0)
    total = float(read.response_squares.sum() - (sums**2).sum() / n)
    solved = read.spectrum.solve(ridge, read.rotated_cross)
    explained = float((read.rotated_cross * solved).sum() + ridge * (solved * solved).sum())
    share = min(degrees_of_freedom(read, ridge) / n, _MOST_LEVERAGE)
    return float(max(total - explained, 0.0) / n / (1.0 - share) ** 2)


def ridge_outputs(fit: TrainingFit, products: NDArray[Any]) -> Floats:
    """Return the probe's outputs for rows.

    Parameters
    ----------
    fit : TrainingFit
    products : ndarray, shape (n_rows, n_responses)
        Rows times ``fit.weights``.

    Returns
    -------
    ndarray, shape (n_rows, n_responses)
        For classes the largest is the prediction.
    """
    outputs: Floats = products + (fit.response_means - fit.mean @ fit.weights).astype(
        products.dtype
    )
    return outputs


def closed_form_outputs(read: OnePass, ridge: float) -> Floats:
    """Return outputs for each row as if fitted without it.

    Rows are in sorted order. Exact where rows are few for their columns (leave-one-out); elsewhere
    a row's pull on its own fit is the mean of all leverages, as generalised cross-validation has
    it. One fit and one reading in place of many.
    """
    fit = fit_without(read, (), ridge)
    mean = min(degrees_of_freedom(read, ridge) / read.n_rows, _MOST_LEVERAGE)
    leverages = np.full((read.n_rows, 1), mean)
    if read.rotated_rows is not None:
        leverages = _leverages(read, read.rotated_rows, np.array([ridge]))
    responses = read.labels.matrix()
    outputs = np.empty_like(responses)
    for part in read.rows.blocks(0, read.n_rows):
        block = read.rows.block(part.start, part.stop)
        fitted = ridge_outputs(fit, read.algebra.product(block, fit.weights))
        outputs[part] = (fitted - leverages[part] * responses[part]) / (1.0 - leverages[part])
    return outputs
