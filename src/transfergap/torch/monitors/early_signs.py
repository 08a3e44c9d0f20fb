"""Two numbers that compare the beginning of a run with its control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST_RATIO = 2.0  # of log ratios: beyond a factor of seven, worse is just bad
LARGEST_SCORE = 1000.0  # for losses without noise, whose score would be infinite
SMALLEST_LOSS = 1e-12  # a loss of zero has no logarithm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EarlySigns:
    """Two signs of how the treated run will end beside its control.

    Parameters
    ----------
    standing : float
        How much worse its lowest held-out loss so far is than the control's, in standard errors
        of the paired difference over held-out rows; passed through asinh.
    start : float
        Log ratio of the two held-out losses before the first update, in [-2, 2]: what comes with
        the pretrained weights. About 0 where both start from the same weights.
    """

    standing: float
    start: float

    @property
    def values(self) -> Floats:
        return np.array([self.standing, self.start])


def early_signs(treated: Floats, control: Floats) -> EarlySigns:
    """Return the signs of a run's first looks.

    Parameters
    ----------
    treated, control : ndarray, shape (n_looks, n_units)
        Held-out losses at the same steps, the first before any update. Losses of
        the treated run that are not finite count as endless.

    Notes
    -----
    Lowest losses are compared, and not the last ones, since a trainer keeps the best checkpoint.
    Ours; benchmarks/monitor chose these two on its calibration pairs.

    Examples
    --------
    >>> control = np.array([[2.0, 2.2, 1.8], [1.0, 1.1, 0.9]])
    >>> signs = early_signs(control + [[1.0, 1.2, 0.8], [0.5, 0.6, 0.4]], control)
    >>> signs.start > 0, signs.standing > 0
    (True, True)
    >>> early_signs(control, control)
    EarlySigns(standing=0.0, start=0.0)
    """
    treated = np.where(np.isfinite(treated), treated, np.inf)
    means, control_means = treated.mean(axis=1), control.mean(axis=1)
    # The lowest losses so far, as trainers keep the best checkpoint.
    best, control_best = int(means.argmin()), int(control_means.argmin())
    return EarlySigns(
        # asinh is linear near zero and logarithmic far out: one wild run must not steer the
        # regression.
        float(np.arcsinh(_score(treated[best], control[control_best]))),
        _log_ratio(means[0], control_means[0]),
    )


def _score(treated: Floats, control: Floats) -> float:
    """Return the paired difference of means in its standard errors."""
    if not np.isfinite(treated).all():
        return LARGEST_SCORE
    differences = treated - control
    error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    mean = float(differences.mean())
    if abs(mean) >= LARGEST_SCORE * error:
        return float(np.sign(mean)) * LARGEST_SCORE
    return mean / error


def _log_ratio(one: float, second: float) -> float:
    if np.isinf(one):
        return LARGEST_RATIO
    ratio = np.log(max(one, SMALLEST_LOSS) / max(second, SMALLEST_LOSS))
    return float(np.clip(ratio, -LARGEST_RATIO, LARGEST_RATIO))
