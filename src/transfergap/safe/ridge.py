"""Ridge regression on summed Grams, its penalty by leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.task import MOST_LEVERAGE, LinearTask, kept_residual

Floats = NDArray[np.float64]
# Half-decades around the penalty of a standard normal prior on noisy standardised columns.
PENALTIES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
INTERCEPT = 1e-3  # share of the penalty that the intercept bears


@dataclass(frozen=True)
class Candidate:
    """A fit that uses the sources, with its left-out predictions.

    Parameters
    ----------
    coefficients : ndarray, shape (q,)
    left_out : ndarray, shape (n_rows,)
        Prediction for each target row from a fit without that row.
    influence : ndarray, shape (n_sources,)
        Share of each source in the information behind the coefficients: tr(A^-1 G_k) / q.
    """

    coefficients: Floats
    left_out: Floats
    influence: Floats


def ridge_path(task: LinearTask, grams: Floats, moment: Floats) -> Candidate:
    """Return the ridge fit on target and sources with the best penalty.

    Parameters
    ----------
    task : LinearTask
    grams : ndarray, shape (n_sources, q, q)
        What each source adds to the target's Gram; zeros where it adds nothing.
    moment : ndarray, shape (q,)
        The sources' addition to the target's moment.

    Notes
    -----
    One eigendecomposition serves every penalty, and every row that is left out. Cost: q^3.
    """
    scale = np.ones(task.n_columns)
    # In scaled columns one penalty serves all: the intercept's is INTERCEPT times it.
    scale[-1] = INTERCEPT**-0.5
    gram = (task.gram + grams.sum(axis=0)) * scale[:, None] * scale[None, :]
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, 0.0)
    rotated = (task.design * scale) @ vectors
    shrunk = 1.0 / (values + task.breadth * PENALTIES[:, None])
    solved = (vectors.T @ ((task.moment + moment) * scale)) * shrunk
    fitted = solved @ rotated.T
    left_out = _left_out(task, fitted, rotated, shrunk)
    losses = np.average((task.response - left_out) ** 2, axis=1, weights=task.weights)
    best = int(losses.argmin())
    basis = vectors * scale[:, None]
    inverse = (basis * shrunk[best]) @ basis.T
    influence = np.tensordot(grams, inverse, axes=([1, 2], [0, 1])) / task.n_columns
    return Candidate(scale * (vectors @ solved[best]), left_out[best], influence)


def _left_out(task: LinearTask, fitted: Floats, rotated: Floats, shrunk: Floats) -> Floats:
    """Return left-out predictions for every penalty, shape (n_penalties, n_rows)."""
    residual = task.response - fitted
    if task.members is None:
        leverage = np.minimum((shrunk @ (rotated**2).T) * task.single, MOST_LEVERAGE)
        left_out: Floats = task.response - residual / (1.0 - leverage)
        return left_out
    out = np.empty_like(residual)
    for rows in task.members:
        part = rotated[rows]
        for i, inverse in enumerate(shrunk):
            hat = ((part * inverse) @ part.T) * task.weights[rows]
            out[i, rows] = kept_residual(hat, residual[i, rows], task.weights[rows])
    return task.response - out


def control_fit(task: LinearTask) -> Candidate:
    """Return the fit on the target alone.

    Notes
    -----
    From the rows themselves, by a singular value decomposition: exact for collinear columns and
    for more columns than rows, at min(n, q)^2 max(n, q).
    """
    root = np.sqrt(task.weights)
    total = max(task.total, 1e-300)
    # Centred columns leave the intercept out of the penalty, and of the decomposition.
    centre = (task.weights @ task.design[:, :-1]) / total
    level = float(task.weights @ task.response) / total
    rows = (task.design[:, :-1] - centre) * root[:, None]
    u, values, vt = np.linalg.svd(rows, full_matrices=False)
    target = (task.response - level) * root
    projected = u.T @ target
    best: tuple[float, Floats, Floats] | None = None
    for penalty in task.breadth * PENALTIES:
        shrunk = values**2 / (values**2 + penalty)
        fitted = u @ (shrunk * projected)
        left_out = _without(task, root, u, shrunk, target - fitted)
        loss = float(np.average((task.response - left_out) ** 2, weights=task.weights))
        if best is None or loss < best[0]:
            slopes = vt.T @ (values / (values**2 + penalty) * projected)
            best = loss, slopes, left_out
    assert best is not None
    coefficients = np.append(best[1], level - centre @ best[1])
    return Candidate(coefficients, best[2], np.zeros(task.n_sources))


def _without(task: LinearTask, root: Floats, u: Floats, shrunk: Floats, residual: Floats) -> Floats:
    """Return predictions without each row or group.

    The free intercept is left out with it.
    """
    level = root / np.sqrt(max(task.total, 1e-300))
    safe = np.maximum(root, 1e-12)
    if task.members is None:
        leverage = ((u**2) @ shrunk + level**2) * (task.single / np.maximum(task.weights, 1e-300))
        left_out = residual / (1.0 - np.minimum(leverage, MOST_LEVERAGE))
        return task.response - np.where(root > 0, left_out / safe, 0.0)
    out = np.empty(len(root))
    for rows in task.members:
        hat = (u[rows] * shrunk) @ u[rows].T + np.outer(level[rows], level[rows])
        out[rows] = kept_residual(hat, residual[rows], np.ones(len(rows))) / safe[rows]
    return task.response - out
