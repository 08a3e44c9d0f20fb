"""Racing: whether the fits that are left could still change a verdict.

A gap's estimate is final once both partitions are fitted: pairs of folds only tell its error. So
an arm that would stay open at the smallest error that the jackknife can give is hopeless, and that
is exact. After one partition the estimate may still move, as it does between
partitions; how far was chosen in simulation (docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from transfergap.stats.block import error_floor
from transfergap.stats.gap import CLAIM_RATE, DISCOVERY_RATE, Verdict, gap_from
from transfergap.stats.paired import PairedEstimate
from transfergap.stats.resampled import resampled_estimate

Floats = NDArray[np.float64]

# By partitions that are fitted: share of the narrowest interval at which an arm is hopeless, and
# multiple of the resampled one at which it is settled. Chosen on the worlds of
# `python -m benchmarks.race --choose`; others judge.
NARROW = {1: 0.6, 2: 1.0}
WIDE = {1: 2.7, 2: 2.2}


class RaceStanding(StrEnum):
    """Standing of an arm in a race.

    ``HOPELESS`` stays open whatever comes, ``SETTLED`` keeps its verdict.
    """

    RACING = "racing"
    HOPELESS = "hopeless"
    SETTLED = "settled"


@dataclass(frozen=True)
class RaceBounds:
    """Estimate so far, and the smallest errors that it may get.

    Parameters
    ----------
    now : PairedEstimate
        The corrected resampled t of what is fitted.
    narrowest : PairedEstimate
        The same estimate with these errors.
    n_partitions : int
        1 or 2.
    """

    now: PairedEstimate
    narrowest: PairedEstimate
    n_partitions: int


def race_bounds(
    differences: Floats,
    fold_gaps: Floats,
    *,
    n_folds: int,
    zero_one: bool,
    skewed: bool,
    clusters: NDArray[np.intp] | None = None,
) -> RaceBounds:
    """Return the verdicts that the jackknife could still reach for an arm.

    Parameters
    ----------
    differences : ndarray, shape (n_rows,)
        Control minus treated loss of each row, averaged over the partitions that are fitted.
    fold_gaps : ndarray, shape (n_partitions * n_folds,)
        Mean difference of each fold; one partition or two.
    n_folds, zero_one, skewed, clusters
        As of :func:`transfergap.stats.block_estimate`.

    Notes
    -----
    The jackknife's error is never below its floor or the resampled error, whichever is smaller, and
    "no material effect" needs the resampled error at least.
    """
    now = resampled_estimate(
        fold_gaps,
        n_folds=n_folds,
        method="corrected resampled t",
        estimate=float(differences.mean()),
    )
    floor = error_floor(differences, zero_one=zero_one, skewed=skewed, clusters=clusters)
    narrowest = replace(now, error=min(floor, now.error))
    return RaceBounds(now, narrowest, len(fold_gaps) // n_folds)


def race_standing(
    bounds: RaceBounds,
    *,
    margin: float,
    n_arms: int,
    narrow: Mapping[int, float] = NARROW,
    wide: Mapping[int, float] = WIDE,
) -> RaceStanding:
    """Return whether an arm may stop.

    Parameters
    ----------
    bounds : RaceBounds
        In units of the score.
    margin : float
    n_arms : int
        Arms that are judged together: a settled claim must survive the correction for them.
    narrow, wide : mapping of int to float
        By partitions: see the constants.

    Examples
    --------
    >>> far = np.repeat([0.29, 0.31], 30)
    >>> bounds = race_bounds(far, far[::6], n_folds=10, zero_one=False, skewed=False)
    >>> race_standing(bounds, margin=0.02, n_arms=1)
    <RaceStanding.SETTLED: 'settled'>
    """
    n = bounds.n_partitions
    narrow_gap = gap_from(_scaled(bounds.narrowest, narrow[n]))
    # A claim also needs an interval that leaves the margin, which a wider one may do.
    claims = min(narrow_gap.p_helps, narrow_gap.p_hurts) < CLAIM_RATE
    if not claims and narrow_gap.verdict(margin) is not Verdict.NO_MATERIAL_EFFECT:
        return RaceStanding.HOPELESS
    wide_verdict = gap_from(_scaled(bounds.now, wide[n])).verdict(margin)
    if wide_verdict is Verdict.NO_MATERIAL_EFFECT:
        return RaceStanding.SETTLED
    now = gap_from(bounds.now)
    # Benjamini and Hochberg's first step: enough, whatever the other arms say.
    survives = min(now.p_helps, now.p_hurts) <= DISCOVERY_RATE / n_arms
    agree = wide_verdict is narrow_gap.verdict(margin) is not Verdict.NOT_ENOUGH_EVIDENCE
    return RaceStanding.SETTLED if survives and agree else RaceStanding.RACING


def _scaled(estimate: PairedEstimate, factor: float) -> PairedEstimate:
    return replace(
        estimate,
        error=factor * estimate.error,
        equivalence_error=factor * estimate.equivalence_error,
    )
