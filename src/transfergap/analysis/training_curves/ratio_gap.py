"""Transfer ratio: gain of area as a share of the control's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.runs import Floats
from transfergap.stats.gap import LEVEL, Gap


def ratio_gap(control: Floats, treated: Floats, area_gap: Gap) -> Gap | None:
    """Return the transfer ratio, less one.

    It is the area of the arm over the area of the control.

    Parameters
    ----------
    control, treated : ndarray, shape (n_seeds,)
        Areas by seed, measured from the lowest score that is possible: a ratio needs a true zero.
    area_gap : Gap
        Of the same areas. The ratio is above zero where this gap is, so that they share p-values.

    Returns
    -------
    Gap or None
        ``None`` where the control's area cannot be told from zero: then no ratio is excluded.

    References
    ----------
    Taylor and Stone (2009), section 2.2; Fieller (1954) for the interval.

    Examples
    --------
    >>> from transfergap.analysis.training_curves.mean_gap import mean_gap
    >>> control, treated = np.array([1.0, 1.1, 0.9]), np.array([2.0, 2.3, 1.9])
    >>> round(ratio_gap(control, treated, mean_gap(control, treated)).estimate, 3)
    1.067
    """
    n = len(control)
    means = np.array([treated.mean(), control.mean()])
    covariance = np.cov(np.stack([treated, control])) / n
    quantile = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1))
    # Ratios r with |mean(treated) - r mean(control)| <= quantile * its error: a quadratic in r.
    a = means[1] ** 2 - quantile**2 * covariance[1, 1]
    b = means[0] * means[1] - quantile**2 * covariance[0, 1]
    c = means[0] ** 2 - quantile**2 * covariance[0, 0]
    if means[1] <= 0 or a <= 0:
        return None
    root = float(np.sqrt(max(b**2 - a * c, 0.0)))
    estimate = float(means[0] / means[1]) - 1.0
    low, high = float((b - root) / a) - 1.0, float((b + root) / a) - 1.0
    # Where the area's interval was widened over zero, this one must not exclude it either.
    if area_gap.low <= 0 < low:
        low = area_gap.low / float(means[1])
    if high < 0 <= area_gap.high:
        high = area_gap.high / float(means[1])
    return replace(
        area_gap,
        estimate=estimate,
        low=low,
        high=high,
        error=area_gap.error / float(means[1]),
        equivalence_low=low,
        equivalence_high=high,
        smallest_margin=max(abs(low), abs(high)),
        method="Fieller's interval over paired seeds",
    )
