"""From scores to probabilities: a slope, and an offset a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import LabelCode

Floats = NDArray[np.float64]
# A least-squares score on -1 and 1 is half the log odds near zero, whence a slope of 2; these are
# the widths of the prior about it, in logarithms, and of the offsets.
_SLOPE, _SLOPE_WIDTH, _OFFSET_WIDTH = 2.0, 0.5, 1.0


@dataclass(frozen=True)
class Calibration:
    """Calibration: log odds = slope * score + offset.

    For one score a class, or a single one for two classes.

    Parameters
    ----------
    slopes, offsets : ndarray, shape (n_responses,)
        Slopes > 0, so that the order of scores is kept.
    """

    slopes: Floats
    offsets: Floats

    def logits(self, scores: Floats) -> Floats:
        """Return log odds (two classes) or unnormalised log probabilities, same shape."""
        out: Floats = self.slopes * scores + self.offsets
        return out

    def probabilities(self, scores: Floats) -> Floats:
        """Return shape (n_rows, n_classes)."""
        from scipy.special import expit, softmax

        logits = self.logits(scores)
        if logits.shape[1] == 1:
            return np.column_stack([expit(-logits[:, 0]), expit(logits[:, 0])])
        shares: Floats = softmax(logits, axis=1)
        return shares


def fit_calibration(
    left_out: Floats, positions: NDArray[np.intp], weights: Floats, labels: LabelCode
) -> Calibration:
    """Fit the calibration of scores made without the compared rows.

    Parameters
    ----------
    left_out : ndarray, shape (n_rows, n_responses)
    positions : ndarray of int, shape (n_rows,)
        Class of each row.
    weights : ndarray, shape (n_rows,)
    labels : LabelCode

    Notes
    -----
    Platt scaling (Platt 1999), with a weak prior: twenty rows do not determine a slope. For several
    classes there is one slope too, over each class's share: least squares on a class of share p
    gives about 2 p times its discriminant (Hastie et al. 2009, section 4.3 and exercise 4.2), so
    that with equal slopes the probability of a rare class would follow the scores of the others.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    n_responses = labels.n_responses
    per_slope = _per_slope(positions, weights, labels)
    scores = left_out * per_slope
    if n_responses == 1:
        scores = np.column_stack([-scores, scores]) / 2.0
    onehot = np.eye(scores.shape[1])[positions]

    def objective(parameters: Floats) -> tuple[float, Floats]:
        slope, offsets = float(np.exp(parameters[0])), parameters[1:]
        spread = np.array([-0.5, 0.5]) * offsets[0] if n_responses == 1 else offsets
        log_p = log_softmax(slope * scores + spread, axis=1)
        pull = weights[:, None] * (np.exp(log_p) - onehot)
        loss = -float((weights[:, None] * onehot * log_p).sum())
        toward = parameters[0] - np.log(_SLOPE)
        loss += 0.5 * (toward / _SLOPE_WIDTH) ** 2
        loss += 0.5 * float((offsets**2).sum()) / _OFFSET_WIDTH**2
        column = pull.sum(axis=0)
        offset_pull = 0.5 * (column[1:] - column[:1]) if n_responses == 1 else column
        gradient = np.concatenate(
            [
                [slope * float((pull * scores).sum()) + toward / _SLOPE_WIDTH**2],
                offset_pull + offsets / _OFFSET_WIDTH**2,
            ]
        )
        return loss, gradient

    start = np.zeros(1 + n_responses)
    start[0] = np.log(_SLOPE)
    # Far outside the priors: they only keep exp from overflowing.
    bounds = [(-6.0, 6.0)] + [(-30.0, 30.0)] * n_responses
    optimum = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibration(float(np.exp(optimum.x[0])) * per_slope, optimum.x[1:])


def _per_slope(positions: NDArray[np.intp], weights: Floats, labels: LabelCode) -> Floats:
    """Return each class's slope over the common one.

    1 for two classes.

    Shares are smoothed by a row a class (Laplace's rule).
    """
    if labels.n_responses == 1:
        return np.ones(1)
    counts = np.bincount(positions, weights, minlength=labels.n_responses) + 1.0
    shares: Floats = counts / counts.sum()
    return 1.0 / (4.0 * shares)
