"""Trust in the blend: its share, and the expected gain.

Between control (0) and blend (1), the risk is a parabola with its minimum at an unknown theta:
risk(alpha) - risk(0) = S (alpha^2 - 2 alpha theta). A mixture alpha harms where theta < alpha / 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.errors import ConfigurationError, current_value

Floats = NDArray[np.float64]
# Quarters of the control to keep at least. The numbers are one-sided normal quantiles (16, 5, 1 %),
# since the levels bounded a probability of harm once; their shares of the blend stayed
# (docs/decisions/0030).
CAUTION = {"low": 1.0, "medium": 1.64, "high": 2.33}
# Chosen on simulations and on tables that are not in the benchmark (docs/decisions/0012): the
# blend has used the target's labels, so theta lies about 1, as precisely as 0.7 standard errors of
# the left-out estimate; with probability 0.1 the model behind the blend is wrong, and theta is
# anything around 0.
SHARPNESS = 0.7
LEAST_SPREAD = 0.1
WRONG = 0.1
WRONG_SPREAD = 1.0
_LEAST_ERROR = 1e-6  # where left-out rows are predicted to the last bit
REVERSED_THETA, REVERSED_SPREAD = -1.0, 0.5  # where the blend goes the wrong way
_CAP_SLOPE = 0.25  # of the largest alpha on caution: half the blend keeps three quarters of a gain


@dataclass(frozen=True)
class Theta:
    """Posterior of theta: normal components.

    Parameters
    ----------
    shares, means, spreads : ndarray, shape (n_components,)
    distance : float
        S: mean squared difference between blend and control, in squared units of the response.
    """

    shares: Floats
    means: Floats
    spreads: Floats
    distance: float

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.shares @ self.means)

    def quantile(self, level: float) -> float:
        """Return the posterior quantile."""
        from scipy.optimize import brentq

        if not 0.0 < level < 1.0:
            return float("-inf") if level <= 0.0 else float("inf")
        # Forty spreads: beyond every level between 0 and 1 that a float holds.
        low = float((self.means - 40.0 * self.spreads).min())
        high = float((self.means + 40.0 * self.spreads).max())

        def excess(x: float) -> float:
            return float(self.shares @ stats.norm.cdf((x - self.means) / self.spreads)) - level

        if excess(low) >= 0.0 or excess(high) <= 0.0:  # beyond what a float resolves
            return low if excess(low) >= 0.0 else high
        return float(brentq(excess, low, high, xtol=1e-10))


def theta_posterior(
    response: Floats,
    control: Floats,
    blend: Floats,
    weights: Floats,
    groups: NDArray[np.intp] | None = None,
    doubt: float = 0.0,
    *,
    copies: Floats | None = None,
) -> Theta | None:
    """Return the posterior of theta given left-out predictions.

    ``None`` where control and blend are one.

    Parameters
    ----------
    response, control, blend : ndarray, shape (n_rows,) or (n_rows, n_responses)
        Truth, and left-out predictions.
    weights : ndarray, same shape
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group count as one observation for the standard error.
    doubt : float
        Probability that contradicting sources are believed the wrong way round. Left-out rows do
        not change it: their labels chose the way.
    copies : ndarray, shape (n_rows,), optional
        How many equal rows each stands for; their weights are in ``weights``.
    """
    difference = blend - control
    information = float((weights * difference**2).sum())
    if information <= 1e-18 * float((weights * response**2).sum() + 1e-300):
        return None
    estimate = float((weights * (response - control) * difference).sum()) / information
    squares = min(
        float(np.average((response - blend) ** 2, weights=weights)),
        float(np.average((response - control) ** 2, weights=weights)),
    )
    variance = squares / information
    if groups is not None or response.ndim == 2:
        variance = max(variance, _clustered(response, blend, difference, weights, groups, copies))
    error = max(float(np.sqrt(variance)), _LEAST_ERROR)
    # The blend is right (theta about 1), or its model is wrong (about 0).
    prior_means = np.array([1.0, 0.0])
    prior_spreads = np.array([np.hypot(LEAST_SPREAD, SHARPNESS * error), WRONG_SPREAD])
    marginal = np.hypot(prior_spreads, error)
    log_share = np.log([1.0 - WRONG, WRONG]) + stats.norm.logpdf(estimate, prior_means, marginal)
    shares = np.exp(log_share - log_share.max())
    precision = 1.0 / prior_spreads**2 + 1.0 / error**2
    means = (prior_means / prior_spreads**2 + estimate / error**2) / precision
    spreads, distance = 1.0 / np.sqrt(precision), information / float(weights.sum())
    shares = shares / shares.sum()
    if doubt <= 0.0:
        return Theta(shares, means, spreads, distance)
    return Theta(
        np.append((1.0 - doubt) * shares, doubt),
        np.append(means, REVERSED_THETA),
        np.append(spreads, REVERSED_SPREAD),
        distance,
    )


def _clustered(
    response: Floats,
    blend: Floats,
    difference: Floats,
    weights: Floats,
    groups: NDArray[np.intp] | None,
    copies: Floats | None,
) -> float:
    """Return the estimate's variance with rows or groups as observations.

    A row of weight two is two observations, as if it were given twice.
    """
    parts = weights * (response - blend) * difference
    rows = parts if parts.ndim == 1 else parts.sum(axis=1)
    if groups is not None:
        rows, copies = np.bincount(groups, rows), None
    squares: Floats = rows**2 if copies is None else rows**2 / copies
    return float(squares.sum()) / float((weights * difference**2).sum()) ** 2


def caution_level(caution: str | float) -> float:
    """Return the number behind a level of caution.

    Parameters
    ----------
    caution : {"low", "medium", "high"} or float
        A number z >= 0: at least z / 4 of the model is the control; infinity is the control.

    Raises
    ------
    ConfigurationError

    Examples
    --------
    >>> caution_level("medium")
    1.64
    """
    if isinstance(caution, str):
        caution = current_value("caution", caution)
        if caution not in CAUTION:
            raise ConfigurationError(
                f"There is no caution called {caution!r}.",
                hint=f"use {', '.join(CAUTION)}, or a number from 0 up",
            )
        return CAUTION[caution]
    number = isinstance(caution, (int, float, np.integer, np.floating))
    if not number or isinstance(caution, bool) or not caution >= 0:  # NaN too
        raise ConfigurationError(
            f"The caution is {caution!r}.",
            hint=f"use {', '.join(CAUTION)}, or a number from 0 up",
        )
    return float(caution)


def trusted_share(theta: Theta | None, caution: float, doubt: float = 0.0) -> float:
    """Return alpha in [0, 1], the blend's share of the model.

    1 - caution / 4, and less only where the best guess of theta is less. Nothing where sources
    contradict each other and the probability of believing the wrong side (``doubt``) is above the
    upper tail of a standard normal beyond ``caution``: 16, 5 or 1 %.

    Notes
    -----
    A bound on the probability of harm, by left-out losses, was tried in the place of constants: it
    kept up to 9 hundredths less of the gain and harmed no less (docs/decisions/0030), since the
    labels are used up.
    """
    if theta is None or caution >= 1.0 / _CAP_SLOPE or doubt > stats.norm.sf(caution):
        return 0.0
    return float(np.clip(min(theta.mean, 1.0 - _CAP_SLOPE * caution), 0.0, 1.0))
