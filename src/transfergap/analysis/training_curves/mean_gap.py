"""Gap of a mean over paired seeds: Student's t.

Corrected where scores are skewed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.runs import Floats
from transfergap.stats import few_differences_floor
from transfergap.stats.gap import LEVEL, Gap, compare_scores
from transfergap.stats.paired import skewness

# Seeds. With fewer, the skewness that is seen is mostly chance: correcting for it hid clear gaps
# and prevented few false claims (benchmarks/curve_claims.py).
SKEW_FROM = 20


def mean_gap(control: Floats, treated: Floats, *, largest: float = 0.0) -> Gap:
    """Return the gap of means over paired seeds.

    Parameters
    ----------
    control, treated : ndarray, shape (n_seeds,)
        In the order of the seeds; more is better.
    largest : float
        The largest difference that a seed could have. Where fewer than five seeds differ at all, an
        effect of 3 / n_seeds times this is not excluded (rule of three).

    Returns
    -------
    Gap
        From twenty seeds on, the interval is the hull of Student's and of Hall's, which allows for
        skewed differences, and each p-value is the larger of the two.

    Notes
    -----
    Hall's transformation alone is not used, since it can also narrow; the hull only widens. It
    cannot see failures that never came up: docs/agents.md says how often that misleads.

    References
    ----------
    Hall (1992), On the Removal of Skewness by Transformation, section 2.

    Examples
    --------
    >>> gap = mean_gap(np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.7, 0.6]))
    >>> round(gap.estimate, 6), gap.n_pairs
    (0.4, 3)
    """
    gap = compare_scores(control, treated)
    n = len(control)
    differences = treated - control
    unseen = few_differences_floor(differences, largest)
    gap = replace(
        gap,
        method="paired t over seeds",
        equivalence_low=min(gap.equivalence_low, gap.estimate - unseen),
        equivalence_high=max(gap.equivalence_high, gap.estimate + unseen),
        smallest_margin=max(gap.smallest_margin, abs(gap.estimate) + unseen),
    )
    spread = float(np.std(differences, ddof=1))
    skew = skewness(differences)
    # Differences that are equal but for rounding have no shape that could be corrected for.
    if n < SKEW_FROM or gap.error == 0 or skew == 0:
        return gap
    return _widened(gap, skew, spread / float(np.sqrt(n)))


def _widened(gap: Gap, skew: float, error: float) -> Gap:
    a = skew / float(np.sqrt(gap.n_pairs))

    def transformed(t: float) -> float:
        return float(t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6)

    def back(x: float) -> float:
        return float(3.0 / a * (np.cbrt(1.0 + a * (x - a / 6)) - 1.0))

    quantile = float(stats.t.ppf(0.5 + LEVEL / 2, gap.df))
    t = transformed(gap.estimate / error)
    low = min(gap.low, gap.estimate - error * back(quantile))
    high = max(gap.high, gap.estimate - error * back(-quantile))
    return replace(
        gap,
        low=low,
        high=high,
        equivalence_low=min(gap.equivalence_low, low),
        equivalence_high=max(gap.equivalence_high, high),
        p_helps=max(gap.p_helps, float(stats.t.sf(t, gap.df))),
        p_hurts=max(gap.p_hurts, float(stats.t.cdf(t, gap.df))),
        smallest_margin=max(gap.smallest_margin, -low, high),
        method="paired t over seeds, widened for skewness (Hall)",
    )
