"""Robust scaling of columns towards a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FARTHEST = 5.0  # skrub's own bound for linear models (tabular_pipeline), in interquartile ranges
_QUARTILES = (25.0, 75.0)
# Quartiles that are nearer than rounding are one value (scikit-learn's RobustScaler).
_ROUNDING = 10.0 * np.finfo(np.float64).eps
_TINY = float(np.finfo(np.float32).tiny)  # no range is divided by zero (skrub)


@dataclass(frozen=True, eq=False)
class BoundedScale:
    """Scales of columns, and the bound to which values are bent.

    A value becomes z / sqrt(1 + (z / bound)^2), with z its distance from the median in
    interquartile ranges; where both quartiles are one value, in half ranges. A constant column
    becomes zero, infinity the bound; missing values stay missing.

    Parameters
    ----------
    centres, divisors, factors : ndarray, shape (n_columns,)
        z is the distance from the centre, divided and then multiplied: one of the two is 1.
    bound : float

    Notes
    -----
    The same numbers, to the last bit, as skrub's ``SquashingScaler``, whose import costs more than
    a first look at an audit.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart (2024), Better by Default, appendix C.

    Examples
    --------
    >>> counts = np.array([[1.0], [2.0], [3.0], [4.0], [1e9]])
    >>> BoundedScale.of(counts, bound=5.0).transform(counts).round(2).ravel().tolist()
    [-0.98, -0.5, 0.0, 0.5, 5.0]
    """

    centres: Floats
    divisors: Floats
    factors: Floats
    bound: float

    @classmethod
    def of(cls, X: Floats, *, bound: float) -> BoundedScale:
        """Fit scales to columns, each with some number that is not missing."""
        if np.isfinite(X).all():  # the same numbers, in a fifth of the time
            low, high = X.min(axis=0), X.max(axis=0)
            quartiles, medians = np.percentile(X, _QUARTILES, axis=0), np.median(X, axis=0)
        else:
            finite = np.where(np.isinf(X), np.nan, X)
            low, high = np.nanmin(finite, axis=0), np.nanmax(finite, axis=0)
            quartiles = np.nanpercentile(finite, _QUARTILES, axis=0)
            medians = np.nanmedian(finite, axis=0)
        apart = quartiles[1] - quartiles[0]
        by_range = quartiles[0] == quartiles[1]
        divisors = np.where(by_range | (apart < _ROUNDING), 1.0, apart)
        factors = np.where(by_range, 2.0 / (high - low + _TINY), 1.0)
        return cls(medians, divisors, np.where(low == high, 0.0, factors), bound)

    def transform(self, X: Floats) -> Floats:
        """Return the scaled columns."""
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = (X - self.centres) / self.divisors * self.factors
            bent: Floats = scaled / np.sqrt(1.0 + (scaled / self.bound) ** 2)
        infinite = np.isinf(X)
        if infinite.any():
            bent[infinite] = np.sign(X[infinite]) * self.bound
        return bent
