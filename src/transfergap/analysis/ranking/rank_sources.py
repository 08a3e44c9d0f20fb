"""Ranking of sources by harm, from a problem and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.analysis.ranking.source_ranking import SourceRank, SourceRanking
from transfergap.analysis.repairs.explanation import Interval
from transfergap.data.problem import Problem
from transfergap.errors import DataError
from transfergap.stats import cluster_variance
from transfergap.stats.gap import LEVEL, Gap
from transfergap.stats.one_thread import one_thread

if TYPE_CHECKING:
    from transfergap.analysis.ranking.encoding import EncodedProblem
    from transfergap.analysis.ranking.pooled_fits import RowGains

Floats = NDArray[np.float64]
# Bootstrap draws: quantiles at 5 % of 500 rest on 25 draws on each side.
N_DRAWS = 500
# One source has no rank.
FEWEST_SOURCES = 2


@dataclass(frozen=True)
class ArmGaps:
    """Gaps of one source under the user's model: pooled, and alone."""

    pooled: Gap | None = None
    only: Gap | None = None
    n_fits: int = 0

    @property
    def bounded(self) -> ArmGaps:
        """Return the gaps without those of infinite intervals."""
        gaps = {"pooled": self.pooled, "only": self.only}
        finite = {k: gap if gap and np.isfinite(gap.error) else None for k, gap in gaps.items()}
        return ArmGaps(finite["pooled"], finite["only"], self.n_fits)


def rank_sources(
    problem: Problem, gaps: Mapping[str, ArmGaps] | None = None, *, seed: int = 0
) -> SourceRanking:
    """Return the sources by harm, the most harmful first.

    Parameters
    ----------
    problem : Problem
        With two sources or more.
    gaps : mapping of str to ArmGaps, optional
        By source: the gaps of its arms in the audit.
    seed : int
        Of sampled subsets (with more than eight sources) and of the draws behind the intervals of
        ranks.

    Raises
    ------
    DataError
        For fewer than two sources with rows.

    Notes
    -----
    One-in, alone, leave-one-out and Banzhaf gains are differences of squared losses of the *linear
    engine*, not of the model under audit: ridge regression of the encoded columns, each target row
    left out in closed form, for any subset of sources from their Gram matrices. Their intervals are
    t intervals over target rows, or over groups. A source's rank is the mean of its ranks by
    one-in, alone, leave-one-out, Banzhaf value and its signed influence in SafeTransfer; where
    every source has an arm ``SOURCE pooled`` or ``SOURCE only``, its gap takes the place of one-in
    or alone. The interval of a rank comes from 500 bootstrap draws of target rows (of groups), gaps
    of arms drawn from their own t; influence is held fixed. Ranks hold for these sources together:
    another source changes them. Cost: no fit of the model; 256 eigendecompositions.

    References
    ----------
    Wang and Jia (2023), Data Banzhaf, section 3; Ilyas et al. (2022), Datamodels, section 3.

    Examples
    --------
    >>> from transfergap.datasets import make_shift
    >>> from transfergap.data.validation import make_problem
    >>> near, far = (make_shift(n_target=60, shift=shift, random_state=1) for shift in (0.1, 3.0))
    >>> sources = {"near": near.sources["source"], "far": far.sources["source"]}
    >>> [s.source for s in rank_sources(make_problem(near.X, near.y, sources=sources)).sources]
    ['far', 'near']
    """
    from transfergap.analysis.ranking.encoding import (
        encoded,  # not before an audit: it needs scikit-learn
    )
    from transfergap.analysis.ranking.pooled_fits import row_gains

    _check_enough(len(problem.sources))
    # Sums of BLAS depend on the number of threads (decision 0007).
    with one_thread(blas_only=True):  # the same bytes whatever the cores
        data = encoded(problem, seed=seed)
        _check_enough(len(data.names))
        gains = row_gains(data.fits, seed=seed)
        influence = data.influence(seed=seed)
    bounded_gaps = {name: (gaps or {}).get(name, ArmGaps()).bounded for name in data.names}
    return _ranking(data, gains, influence, bounded_gaps, seed=seed)


def _check_enough(n_sources: int) -> None:
    if n_sources < FEWEST_SOURCES:
        raise DataError(
            f"Too few sources with rows to rank: {n_sources}.", hint="give two sources or more"
        )


def _ranking(
    data: EncodedProblem,
    gains: RowGains,
    influence: Floats,
    gaps: Mapping[str, ArmGaps],
    *,
    seed: int,
) -> SourceRanking:
    names = data.names
    ranks = _mean_ranks(data, gains, influence, gaps, seed=seed)
    none = np.zeros(len(names))
    one_in, alone, leave_one_out, banzhaf = (
        _intervals(rows / data.variance, data.fits.clusters, extra / data.variance)
        for rows, extra in (
            (gains.one_in, none),
            (gains.alone, none),
            (gains.leave_one_out, none),
            (gains.banzhaf, gains.banzhaf_error),
        )
    )
    order = sorted(range(len(names)), key=lambda k: (ranks[k].estimate, one_in[k].estimate))
    return SourceRanking(
        tuple(
            SourceRank(
                source=names[k],
                rank=ranks[k],
                one_in=one_in[k],
                alone=alone[k],
                leave_one_out=leave_one_out[k],
                banzhaf=banzhaf[k],
                influence=float(influence[k]),
                pooled=_of_gap(gaps[names[k]].pooled),
                only=_of_gap(gaps[names[k]].only),
                n_fits=gaps[names[k]].n_fits,
            )
            for k in order
        ),
        level=LEVEL,
        n_subsets=gains.n_subsets,
        exact=gains.exact,
    )


def _of_gap(gap: Gap | None) -> Interval | None:
    return None if gap is None else Interval(gap.estimate, gap.low, gap.high)


def _intervals(rows: Floats, clusters: NDArray[np.intp] | None, extra: Floats) -> list[Interval]:
    """Return mean and t interval of each source's gains.

    ``extra`` is a further standard error.
    """
    n_units = rows.shape[1] if clusters is None else int(clusters.max()) + 1
    quantile = float(stats.t.ppf(0.5 + LEVEL / 2, max(n_units - 1, 1)))
    intervals = []
    for gains, more in zip(rows, extra.tolist(), strict=True):
        half = quantile * float(np.sqrt(cluster_variance(gains, clusters) + more**2))
        mean = float(gains.mean())
        intervals.append(Interval(mean, mean - half, mean + half))
    return intervals


def _mean_ranks(
    data: EncodedProblem,
    gains: RowGains,
    influence: Floats,
    gaps: Mapping[str, ArmGaps],
    *,
    seed: int,
) -> list[Interval]:
    """Return each source's mean rank over the scores, with its interval."""
    names, rng = data.names, np.random.default_rng([seed, 37])
    shares = _drawn_shares(data, rng)
    arms = {kind: [getattr(gaps[name], kind) for name in names] for kind in ("pooled", "only")}
    scores = []  # each (1 + N_DRAWS, n_sources): as measured, then drawn
    of_the_model = [(gains.one_in, "pooled"), (gains.alone, "only")]
    # Gaps of the user's model replace the linear engine's where every source has one.
    for rows, kind in (*of_the_model, (gains.leave_one_out, ""), (gains.banzhaf, "")):
        arm_gaps = arms.get(kind)
        if arm_gaps is not None and all(gap is not None for gap in arm_gaps):
            scores.append(_drawn_gaps(arm_gaps, rng))
            continue
        drawn = shares @ rows.T
        if rows is gains.banzhaf:
            # Sampled subsets add an error of their own to Banzhaf values.
            drawn[1:] += gains.banzhaf_error * rng.standard_normal((N_DRAWS, len(names)))
        scores.append(drawn)
    scores.append(np.tile(influence, (1 + N_DRAWS, 1)))
    # Rounded at 1e-12, so that equal sources tie on every machine.
    places = np.mean([stats.rankdata(np.round(s, 12), axis=1) for s in scores], axis=0)
    low, high = np.quantile(places[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return [
        Interval(float(p), float(min(a, p)), float(max(b, p)))
        for p, a, b in zip(places[0], low, high, strict=True)
    ]


def _drawn_shares(data: EncodedProblem, rng: np.random.Generator) -> Floats:
    """Return each row's weight in bootstrap means.

    The first is the mean as measured, with equal weights.
    """
    clusters = data.fits.clusters
    n_rows = len(data.fits.design)
    units = np.arange(n_rows) if clusters is None else clusters
    n_units = int(units.max()) + 1
    counts = rng.multinomial(n_units, np.full(n_units, 1.0 / n_units), size=N_DRAWS)
    rows = np.concatenate([np.ones((1, n_rows)), counts[:, units]]).astype(float)
    shares: Floats = rows / rows.sum(axis=1, keepdims=True)
    return shares


def _drawn_gaps(gaps: list[Gap], rng: np.random.Generator) -> Floats:
    estimates = np.array([gap.estimate for gap in gaps])
    draws = rng.standard_t([max(gap.df, 1.0) for gap in gaps], size=(N_DRAWS, len(gaps)))
    noise = np.array([gap.error for gap in gaps]) * draws
    drawn: Floats = estimates + np.concatenate([np.zeros((1, len(gaps))), noise])
    return drawn
