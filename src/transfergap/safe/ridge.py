"""Ridge regression on summed Grams, its penalty by leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.safe.task import LinearTask
from transfergap.stats.deletion import without_groups, without_rows

Floats = NDArray[np.float64]
# Half-decades around the penalty of a standard normal prior on noisy standardised columns.
PENALTIES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
INTERCEPT = 1e-3  # share of the penalty that the intercept bears


@dataclass(frozen=True)
class Candidate:
    """A fit that uses the sources, with its left-out predictions.

    Parameters
    ----------
    coefficients : ndarray, shape (n_responses, q)
    left_out : ndarray, shape (n_rows, n_responses)
        Prediction for each target row from a fit without that row.
    influence : ndarray, shape (n_sources,)
        Share of each source in the information behind the coefficients: tr(A^-1 G_k) / q, a mean
        over blocks.
    target_share : float
        That of the target's own rows; the rest is the penalty's.
    """

    coefficients: Floats
    left_out: Floats
    influence: Floats
    target_share: float


def ridge_path(task: LinearTask, grams: Floats, moment: Floats) -> Candidate:
    """Return the ridge fit on target and sources with the best penalty.

    Parameters
    ----------
    task : LinearTask
    grams : ndarray, shape (n_sources, n_blocks, q, q)
        What each source adds to the target's Grams; zeros where it adds nothing.
    moment : ndarray, shape (n_responses, q)
        The sources' addition to the target's moment.

    Notes
    -----
    One eigendecomposition serves every penalty, every response of a block, and every row that is
    left out. One penalty serves all responses, by the sum of their left-out losses: else the scores
    of classes are shrunk unlike each other, and their comparison is broken. Cost: q^3 a block.
    """
    scale = np.ones(task.n_columns)
    # In scaled columns one penalty serves all: the intercept's is INTERCEPT times it.
    scale[-1] = INTERCEPT**-0.5
    added = grams.sum(axis=0)
    penalties = task.breadth * PENALTIES
    spectra, solutions, predictions = [], [], []
    for block, responses in task.blocks():
        gram = (task.gram[block] + added[block]) * scale[:, None] * scale[None, :]
        values, vectors = np.linalg.eigh(gram)
        shrunk = 1.0 / (np.maximum(values, 0.0) + penalties[:, None])
        rotated = (task.design * scale) @ vectors
        pull = vectors.T @ ((task.moment[responses] + moment[responses]) * scale).T
        solved = shrunk[:, :, None] * pull
        fitted = rotated @ solved
        spectra.append((vectors * scale[:, None], shrunk))
        solutions.append(solved)
        predictions.append(_left_out(task, block, responses, fitted, rotated, shrunk))
    best = _best(task, np.concatenate(predictions, axis=2))
    inverses = np.stack([(basis * shrunk[best]) @ basis.T for basis, shrunk in spectra])
    n_blocks = len(spectra)
    influence = np.tensordot(grams, inverses, axes=3) / (task.n_columns * n_blocks)
    coefficients = [
        (basis @ solved[best]).T for (basis, _), solved in zip(spectra, solutions, strict=True)
    ]
    left_out = np.concatenate([part[best] for part in predictions], axis=1)
    target_share = float(np.tensordot(task.gram, inverses, axes=3)) / (task.n_columns * n_blocks)
    return Candidate(np.concatenate(coefficients), left_out, influence, target_share)


def _best(task: LinearTask, predictions: Floats) -> int:
    """Return the penalty whose left-out losses, summed over responses, are least.

    ``predictions`` has shape (n_penalties, n_rows, n_responses).
    """
    squares = (task.responses - predictions) ** 2
    return int(np.einsum("pir,ir->p", squares, task.row_shares).argmin())


def _left_out(
    task: LinearTask,
    block: int,
    responses: slice,
    fitted: Floats,
    rotated: Floats,
    shrunk: Floats,
) -> Floats:
    """Return left-out predictions for every penalty, shape (n_penalties, n_rows, n_responses)."""
    truth = task.responses[:, responses]
    residual = truth - fitted
    if task.members is None:
        leverage = (shrunk @ (rotated**2).T) * task.single[:, block]
        left_out: Floats = truth - without_rows(residual, leverage)
        return left_out

    def hat_of(rows: NDArray[np.intp]) -> Floats:
        part = rotated[rows]
        hats: Floats = (part * shrunk[:, None, None, :]) @ part.transpose(0, 2, 1)
        return hats

    return truth - without_groups(residual, task.members, hat_of, task.weights[:, block])


def control_fit(task: LinearTask) -> Candidate:
    """Return the fit on the target alone.

    Notes
    -----
    From the rows themselves, by a singular value decomposition: exact for collinear columns and
    for more columns than rows, at min(n, q)^2 max(n, q). One penalty serves all responses.
    """
    paths = [_control_path(task, block, responses) for block, responses in task.blocks()]
    best = _best(task, np.concatenate([left_out for _, left_out, _ in paths], axis=2))
    return Candidate(
        np.concatenate([coefficients[best] for coefficients, _, _ in paths]),
        np.concatenate([left_out[best] for _, left_out, _ in paths], axis=1),
        np.zeros(task.n_sources),
        float(np.mean([shares[best] for _, _, shares in paths])),
    )


def _control_path(task: LinearTask, block: int, responses: slice) -> tuple[Floats, Floats, Floats]:
    """Return coefficients, left-out predictions and the target's share, for every penalty."""
    weights = task.weights[:, block]
    root = np.sqrt(weights)
    total = max(float(task.total[block]), 1e-300)
    # Centred columns leave the intercept out of the penalty, and of the decomposition.
    centre = (weights @ task.design[:, :-1]) / total
    levels = (weights @ task.responses[:, responses]) / total
    rows = (task.design[:, :-1] - centre) * root[:, None]
    u, values, vt = np.linalg.svd(rows, full_matrices=False)
    target = (task.responses[:, responses] - levels) * root[:, None]
    projected = u.T @ target
    coefficients, left_out, shares = [], [], []
    for penalty in task.breadth * PENALTIES:
        shrunk = values**2 / (values**2 + penalty)
        shares.append((float(shrunk.sum()) + 1.0) / task.n_columns)  # the intercept is all its own
        residual = target - u @ (shrunk[:, None] * projected)
        left_out.append(_without(task, block, responses, u, shrunk, residual))
        slopes = vt.T @ ((values / (values**2 + penalty))[:, None] * projected)
        coefficients.append(np.vstack([slopes, levels - centre @ slopes]).T)
    return np.stack(coefficients), np.stack(left_out), np.array(shares)


def _without(
    task: LinearTask, block: int, responses: slice, u: Floats, shrunk: Floats, residual: Floats
) -> Floats:
    """Return predictions without each row or group.

    The free intercept is left out with it.
    """
    weights = task.weights[:, block]
    root = np.sqrt(weights)
    level = root / np.sqrt(max(float(task.total[block]), 1e-300))
    divisor = np.maximum(root, 1e-12)[:, None]
    truth = task.responses[:, responses]
    if task.members is None:
        share = task.single[:, block] / np.maximum(weights, 1e-300)
        leverage = ((u**2) @ shrunk + level**2) * share
        left_out = without_rows(residual, leverage)
        return truth - np.where(root[:, None] > 0, left_out / divisor, 0.0)

    def hat_of(rows: NDArray[np.intp]) -> Floats:
        part, levels = u[rows], level[rows]
        hats: Floats = (part * shrunk) @ part.transpose(0, 2, 1)
        hats += levels[:, :, None] * levels[:, None, :]
        return hats

    return truth - without_groups(residual, task.members, hat_of) / divisor
