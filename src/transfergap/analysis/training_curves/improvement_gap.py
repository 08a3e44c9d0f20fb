"""Probability of improvement over the control of the same seed."""

from __future__ import annotations

import numpy as np
from scipy import stats

from transfergap.analysis.training_curves.runs import Floats
from transfergap.stats import without_rounding
from transfergap.stats.gap import LEVEL, Gap


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
