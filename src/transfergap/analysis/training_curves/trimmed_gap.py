"""The gap in interquartile means over paired seeds."""

from __future__ import annotations

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.runs import Floats
from transfergap.stats import PairedEstimate
from transfergap.stats.gap import Gap, gap_from

# The interquartile mean: Agarwal et al. (2021), Deep RL at the Edge of the Statistical Precipice.
CUT = 0.25


def interquartile_mean(values: Floats) -> float:
    """Return the mean of the middle half of ``values``.

    Parameters
    ----------
    values : ndarray, shape (n_seeds,)

    References
    ----------
    Agarwal et al. (2021), Deep Reinforcement Learning at the Edge of the Statistical Precipice,
    section 4.2.

    Examples
    --------
    >>> interquartile_mean(np.array([0.0, 4.0, 5.0, 90.0]))
    4.5
    """
    return float(stats.trim_mean(values, CUT))


def trimmed_gap(control: Floats, treated: Floats) -> Gap:
    """Return the gap in interquartile means over paired seeds.

    Parameters
    ----------
    control, treated : ndarray, shape (n_seeds,)
        At least two seeds, in the same order; more is better.

    Returns
    -------
    Gap

    Notes
    -----
    Yuen's interval for trimmed means, with the covariance of the winsorized pairs, and not the
    bootstrap of Agarwal et al.: with five seeds the bootstrap claims twice as often as it says
    (docs/agents.md).

    References
    ----------
    Yuen (1974), The Two-sample Trimmed t for Unequal Population Variances; for pairs Wilcox (2012),
    Introduction to Robust Estimation and Hypothesis Testing, section 5.9.5.

    Examples
    --------
    >>> gap = trimmed_gap(np.array([0.0, 0.1, 0.2, 0.3]), np.array([0.5, 0.7, 0.6, 9.0]))
    >>> round(gap.estimate, 6)
    0.5
    """
    n = len(control)
    n_cut = int(CUT * n)
    n_kept = n - 2 * n_cut
    # The variance of the winsorized differences, which is Yuen's sum of variances and covariance;
    # as a sum it would lose to rounding what is left where all differences are equal.
    winsorized = _winsorized(treated, n_cut) - _winsorized(control, n_cut)
    variance = float(np.var(winsorized, ddof=1)) * (n - 1) / (n_kept * (n_kept - 1))
    error = float(np.sqrt(variance))
    size = float(max(np.abs(control).max(), np.abs(treated).max()))
    df = n_kept - 1
    estimate = interquartile_mean(treated) - interquartile_mean(control)
    return gap_from(
        PairedEstimate(
            estimate, error, df, error, df, n, "Yuen's t for trimmed means, paired", size=size
        )
    )


def _winsorized(values: Floats, n_cut: int) -> Floats:
    ordered = np.sort(values)
    return np.clip(values, ordered[n_cut], ordered[len(values) - 1 - n_cut])
