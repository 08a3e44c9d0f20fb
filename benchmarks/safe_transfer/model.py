"""A fitted linear model of a rival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.safe_transfer.ridge import Fits


@dataclass(frozen=True, eq=False)
class Model:
    """A linear model, or several whose weighted median is the prediction.

    ``coef`` has shape (n_models, p); ``n_fits`` counts weighted least-squares problems. The
    penalties of one problem come from one spectrum and count once.
    """

    coef: np.ndarray
    n_fits: int
    votes: np.ndarray | None = None

    @classmethod
    def of(cls, fits: Fits, n_fits: int) -> Model:
        assert len(fits.coef) == 1
        return cls(fits.coef, n_fits)

    def predict(self, X: np.ndarray) -> np.ndarray:
        if self.votes is None:
            return X @ self.coef[0]
        return weighted_median(X @ self.coef.T, self.votes)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return for each row the least value with half of the weight at or below it."""
    order = np.argsort(values, axis=1)
    below = np.cumsum(weights[order], axis=1)
    place = (below >= 0.5 * below[:, -1:]).argmax(axis=1)
    rows = np.arange(len(values))
    return values[rows, order[rows, place]]
