"""Design matrix with intercept, working weights and responses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_CURVATURE = 1e-3  # of a row in a Newton step: keeps the working response bounded


def with_intercept(encoded: Floats) -> Floats:
    """Return the rows with a last column of ones.

    Examples
    --------
    >>> with_intercept(np.array([[2.0], [3.0]])).tolist()
    [[2.0, 1.0], [3.0, 1.0]]
    """
    return np.concatenate([encoded, np.ones((len(encoded), 1))], axis=1)


def working(design: Floats, responses: Floats, expansion: Floats | None) -> tuple[Floats, Floats]:
    """Return working weights and responses, both (n_rows, n_responses).

    Without an expansion point they are 1 and the responses themselves. With one, those of a Newton
    step of the logistic likelihood at it: w = p (1 - p), z = x'b + (y - p) / w, y in {0, 1}.

    Examples
    --------
    >>> weights, z = working(np.ones((1, 1)), np.array([[1.0]]), np.array([[0.0]]))
    >>> weights.tolist(), z.tolist()
    ([[0.25]], [[2.0]])
    """
    if expansion is None:
        return np.ones_like(responses), responses
    from scipy.special import expit

    score = design @ expansion.T
    p = expit(score)
    weights = np.maximum(p * (1.0 - p), LEAST_CURVATURE)
    return weights, score + ((responses + 1.0) / 2.0 - p) / weights
