"""Gap of a chosen arm, without the winner's curse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from transfergap.stats.gap import LEVEL, Gap


@dataclass(frozen=True)
class ChosenGap:
    """Gap over the control of the arm that was chosen.

    Parameters
    ----------
    estimate : float
        As it was measured: too high on average, since it had to be high to be chosen.
    expected : float
        Drawn back to how large gaps usually are.
    low, high : float
        Interval of level 0.90 that allows for the choice.
    n_candidates : int
        Arms that could have been chosen.
    """

    estimate: float
    expected: float
    low: float
    high: float
    n_candidates: int


def chosen_gap(gap: Gap, *, expected: float, n_candidates: int) -> ChosenGap:
    """Return the best arm's gap with an interval that holds.

    Parameters
    ----------
    gap : Gap
        Of the arm that was chosen.
    expected : float
        Its posterior mean, from :func:`transfergap.stats.outlook.outlook`; the estimate where there
        is no prior.
    n_candidates : int
        Arms that could have been chosen, this one included; at least 1.

    Notes
    -----
    The lower limit is that of a Bonferroni correction for all candidates: whatever the rule of
    choice and however the arms depend on each other, it lies above the truth in at most 5 % of
    audits. A choice by size makes an estimate that is too low rarer, so the upper limit stays. A
    posterior mean needs no correction where its prior is right (Dawid 1994).

    References
    ----------
    Dawid (1994), Selection paradoxes of Bayesian inference; Bonferroni's inequality.

    Examples
    --------
    >>> from transfergap.stats import PairedEstimate
    >>> from transfergap.stats.gap import gap_from
    >>> gap = gap_from(PairedEstimate(0.05, 0.02, 9, 0.02, 9, 20, "by hand"))
    >>> one, ten = (chosen_gap(gap, expected=0.03, n_candidates=n) for n in (1, 10))
    >>> one.low == gap.low, ten.low < gap.low, ten.high == gap.high
    (True, True, True)
    """
    each = (1.0 - LEVEL) / 2
    low = gap.low
    if n_candidates > 1 and np.isfinite(gap.low):
        # A half-width keeps its floor for rows that hardly differ: only the quantile grows.
        wider = stats.t.isf(each / n_candidates, gap.df) / stats.t.isf(each, gap.df)
        low = gap.estimate - (gap.estimate - gap.low) * float(wider)
    return ChosenGap(gap.estimate, expected, low, gap.high, n_candidates)
