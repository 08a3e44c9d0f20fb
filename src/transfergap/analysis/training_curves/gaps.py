"""Gaps of learning curves, one of each metric."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.runs import Floats
from transfergap.stats import PairedEstimate, few_differences_floor, without_rounding
from transfergap.stats.gap import LEVEL, Gap, compare_scores, gap_from
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


def improvement_gap(control: Floats, treated: Floats) -> Gap:
    """Return the probability that the arm is better, less one half.

    Parameters
    ----------
    control, treated : ndarray, shape (n_seeds,)
        In the same order; more is better. A tie counts half.

    Returns
    -------
    Gap
        Between -1/2 and 1/2. It can never be "no material effect": arms may be better equally often
        and by very different amounts.

    Notes
    -----
    Agarwal et al. compare all pairs of runs (Mann and Whitney). Here the runs of one seed are
    compared, so that effects of the seed on both cancel, and the interval can be the
    exact one of Clopper and Pearson: five seeds are enough for a claim (1/32), and the shape of the
    scores does not matter. It is conservative, above all with ties.

    References
    ----------
    Agarwal et al. (2021), section 4.3; Clopper and Pearson (1934).

    Examples
    --------
    >>> gap = improvement_gap(np.zeros(5), np.ones(5))
    >>> gap.estimate, gap.p_helps
    (0.5, 0.03125)
    """
    n = len(control)
    size = float(max(np.abs(control).max(), np.abs(treated).max()))
    differences = without_rounding(treated - control, size=size)
    better = float(np.sum(differences > 0) + 0.5 * np.sum(differences == 0))
    worse = n - better
    tail = (1.0 - LEVEL) / 2
    low = float(stats.beta.ppf(tail, better, worse + 1)) if better > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, better + 1, worse)) if worse > 0 else 1.0
    share = better / n
    return Gap(
        estimate=share - 0.5,
        low=low - 0.5,
        high=high - 0.5,
        error=float(np.sqrt(share * (1 - share) / n)),
        df=n - 1,
        equivalence_low=-0.5,
        equivalence_high=0.5,
        p_helps=float(stats.beta.cdf(0.5, better, worse + 1)) if better > 0 else 1.0,
        p_hurts=float(stats.beta.cdf(0.5, worse, better + 1)) if worse > 0 else 1.0,
        smallest_margin=0.5,
        n_pairs=n,
        method="Clopper-Pearson over paired seeds",
    )


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
    >>> from transfergap.analysis.training_curves.gaps import mean_gap
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
