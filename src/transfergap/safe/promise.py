"""Expected gain of a fitted model over the target-only model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from transfergap.safe.dial import Theta

LEVEL = 0.9  # by convention: each bound is passed in one task of twenty
# The posterior that sets the dial knows neither its own constants' error nor that of the distance
# between the two models: its 5 % bound is passed in 14 to 20 % of simulated and of separate real
# tasks, whence this factor on its half-widths (docs/decisions/0012).
WIDENED = 2.0
_MOST_R2 = 10.0  # by hand: a model that is ten times the labels' variance off is of no use


@dataclass(frozen=True)
class ExpectedGain:
    """Expected gain over the control on new target rows; positive is better.

    Parameters
    ----------
    estimate, low, high : float
        90 % interval; the model is expected to be worse than the control by more than ``-low`` with
        probability 5 %.
    unit : {"R2", "Brier"}
        R2: share of the labels' variance. Brier: mean squared error of probabilities.

    Notes
    -----
    From the posterior of the dial; its coverage is measured in tests/calibration. It concerns
    tasks like those simulated, and promises nothing of one data set.
    """

    estimate: float
    low: float
    high: float
    unit: Literal["R2", "Brier"]

    def __str__(self) -> str:
        interval = f"{self.estimate:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"
        return f"{interval.replace('-', '−')} {self.unit}"


def expected_gain(
    theta: Theta | None, alpha: float, *, unit: Literal["R2", "Brier"], variance: float
) -> ExpectedGain:
    """Return the expected gain of mixing ``alpha`` into the control.

    Parameters
    ----------
    theta : Theta or None
    alpha : float
    unit : {"R2", "Brier"}
    variance : float
        Divisor of squared errors: the labels' variance, or 4 for labels -1 and 1.
    """
    if theta is None or alpha == 0.0:
        return ExpectedGain(0.0, 0.0, 0.0, unit)
    tail = (1.0 - LEVEL) / 2.0
    ends = (theta.quantile(tail), theta.quantile(1.0 - tail))
    centre, low, high = (
        theta.distance / variance * (2.0 * alpha * value - alpha**2)
        for value in (theta.mean, *(theta.mean + WIDENED * (end - theta.mean) for end in ends))
    )
    # No more can be lost or gained than there is: a Brier score lies within 0 and 1.
    most = 1.0 if unit == "Brier" else _MOST_R2
    centre, low, high = np.clip([centre, low, high], -most, most).tolist()
    return ExpectedGain(centre, low, high, unit)
