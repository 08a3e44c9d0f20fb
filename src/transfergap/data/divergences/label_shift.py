"""Class shares of an unlabelled target: BBSE and MLLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.divergence import N_DRAWS, bootstrap_interval
from transfergap.errors import DataError

Floats = NDArray[np.float64]
_SINGULAR = 1e-6  # smallest singular value of a confusion matrix that can be inverted
_STEPS, _TOLERANCE = 1000, 1e-8  # of expectation and maximisation


@dataclass(frozen=True)
class ClassShares:
    """Class shares of a target, from a source model's probabilities.

    Parameters
    ----------
    shares : tuple of float
        Estimated shares of the target, by class; they sum to 1.
    low, high : tuple of float
        90 % bootstrap intervals.
    source_shares : tuple of float
    variation : float
        Total variation between both, in [0, 1].
    """

    shares: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    source_shares: tuple[float, ...]
    variation: float


def bbse(
    held_out: Floats, codes: NDArray[np.intp], target: Floats, *, seed: int = 0
) -> ClassShares:
    """Estimate an unlabelled target's class shares by inverting the confusion matrix.

    Parameters
    ----------
    held_out : ndarray, shape (n_source, n_classes)
        Probabilities of a model for source rows that it did not see.
    codes : ndarray of int, shape (n_source,)
        Their classes, from 0.
    target : ndarray, shape (n_target, n_classes)
        Probabilities of that model for the target's rows.
    seed : int
        Draws the bootstrap.

    Raises
    ------
    DataError
        If the model cannot tell a class from the others, or a class has no row.

    Notes
    -----
    Assumes label shift: rows of a class look alike in both, only shares differ. Uses the predicted
    classes, so calibration plays no part.

    References
    ----------
    Lipton, Wang and Smola (2018), Black Box Shift Estimation, section 3.

    Examples
    --------
    >>> sure = np.eye(2)
    >>> bbse(sure[[0, 0, 1, 1]], np.array([0, 0, 1, 1]), sure[[0, 1, 1, 1]]).shares
    (0.25, 0.75)
    """
    _check(held_out, codes, target)
    if np.linalg.svd(_confusion(held_out, codes), compute_uv=False)[-1] < _SINGULAR:
        raise DataError(
            "The model never tells some class from the others, so shares cannot be read off it.",
            hint="use mlls, or a better model of the source",
        )
    return _with_interval(_inverted, held_out, codes, target, seed)


def mlls(
    held_out: Floats, codes: NDArray[np.intp], target: Floats, *, seed: int = 0
) -> ClassShares:
    """Estimate an unlabelled target's class shares by maximum likelihood.

    Parameters
    ----------
    held_out, codes, target, seed
        As in :func:`bbse`; probabilities have to be calibrated.

    Raises
    ------
    DataError
        If a class has no row.

    References
    ----------
    Saerens, Latinne and Decaestecker (2002), Adjusting the Outputs of a Classifier, equations 2.6
    and 2.7; Garg et al. (2020), A Unified View of Label Shift Estimation, for the name.

    Examples
    --------
    >>> sure = np.eye(2)
    >>> mlls(sure[[0, 0, 1, 1]], np.array([0, 0, 1, 1]), sure[[0, 1, 1, 1]]).shares
    (0.25, 0.75)
    """
    _check(held_out, codes, target)
    return _with_interval(_most_likely, held_out, codes, target, seed)


def _check(held_out: Floats, codes: NDArray[np.intp], target: Floats) -> None:
    k = held_out.shape[1]
    counts = np.bincount(codes, minlength=k)
    if len(counts) != k or counts.min() == 0 or target.shape[1] != k or len(target) == 0:
        raise DataError(
            f"Class counts of the source are {counts.tolist()} for {k} columns of probabilities.",
            hint="every class needs a row, and both samples the same columns",
        )


def _inverted(held_out: Floats, codes: NDArray[np.intp], target: Floats) -> Floats:
    k = held_out.shape[1]
    predicted = np.bincount(target.argmax(axis=1), minlength=k) / len(target)
    # Least squares: a bootstrap draw may lack a class that all rows have.
    weights = np.linalg.lstsq(_confusion(held_out, codes), predicted, rcond=None)[0]
    shares = np.maximum(weights * np.bincount(codes, minlength=k) / len(codes), 0.0)
    normed: Floats = shares / shares.sum()
    return normed


def _confusion(held_out: Floats, codes: NDArray[np.intp]) -> Floats:
    """Return joint shares of predicted and true classes."""
    joint = np.zeros((held_out.shape[1], held_out.shape[1]))
    np.add.at(joint, (held_out.argmax(axis=1), codes), 1.0 / len(codes))
    return joint


def _most_likely(held_out: Floats, codes: NDArray[np.intp], target: Floats) -> Floats:
    k = held_out.shape[1]
    prior = np.bincount(codes, minlength=k) / len(codes)
    shares: Floats = prior.copy()
    for _ in range(_STEPS):
        joint = target * (shares / prior)
        updated: Floats = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(updated - shares).max() < _TOLERANCE:
            break
        shares = updated
    return shares


def _with_interval(
    estimate: Callable[[Floats, NDArray[np.intp], Floats], Floats],
    held_out: Floats,
    codes: NDArray[np.intp],
    target: Floats,
    seed: int,
) -> ClassShares:
    k = held_out.shape[1]
    counts = np.bincount(codes, minlength=k)
    shares = estimate(held_out, codes, target)
    rng = np.random.default_rng([seed, 58])
    by_class = [np.flatnonzero(codes == c) for c in range(k)]
    draws = []
    for _ in range(N_DRAWS):
        # Within classes: every class keeps rows, and its share is no part of the estimate's error.
        rows = np.concatenate([rng.choice(c, len(c)) for c in by_class])
        drawn = target[rng.integers(len(target), size=len(target))]
        draws.append(estimate(held_out[rows], codes[rows], drawn))
    ends = [bootstrap_interval(np.array(draws)[:, c]) for c in range(k)]
    source = counts / counts.sum()
    return ClassShares(
        tuple(shares.tolist()),
        tuple(low for low, _ in ends),
        tuple(high for _, high in ends),
        tuple(source.tolist()),
        float(0.5 * np.abs(shares - source).sum()),
    )
