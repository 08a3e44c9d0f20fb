"""Expected gain of an arm, and its chances of cost and gain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from transfergap.stats.gap import Gap, check_margin

# Of true gaps, in units of the control's room for improvement: 1 - score where 1 is perfect, the
# score itself where 0 is. Chosen by `python -m benchmarks.decisions --choose` on seven tables; the
# others judge.
PRIOR_MEAN = 0.06
PRIOR_SPREAD = 0.14
PRIOR_DF = 3.0
# One source in ten is spoilt or of another world: its gap may be as large as the score itself. By
# hand; without it the prior, narrow where the control is good, beat clear harm.
WIDE_SHARE = 0.1
_N_POINTS = 4001  # of the grid on which the posterior is integrated: errors below 1e-4
# Spreads and errors, as a geometric grid: beyond lies less than 1e-6 of a t with three degrees.
_FARTHEST = 100.0


@dataclass(frozen=True)
class Outlook:
    """Expected worth of an arm, were it used from now on.

    Parameters
    ----------
    expected : float
        Posterior mean of the gap, in units of the metric.
    p_cost : float
        Probability that it costs more than the margin.
    p_gain : float
        Probability that it gains more than the margin; what is left is in between.
    """

    expected: float
    p_cost: float
    p_gain: float


def outlook(
    gap: Gap,
    *,
    margin: float,
    room: float | None,
    size: float = 0.0,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SPREAD),
) -> Outlook:
    """Return the outlook of a gap, given how large gaps usually are.

    Parameters
    ----------
    gap : Gap
    margin : float
        Differences smaller than this do not matter, > 0.
    room : float or None
        What a perfect model would gain over the control, in units of the metric, > 0. ``None``
        where nobody knows: then there is no prior.
    size : float
        Size of the control's score, >= 0: how large a gap of a spoilt source may be.
    prior : tuple of float
        Mean and spread of true gaps, in units of ``room``.

    Notes
    -----
    The likelihood is the gap's own Student t; the prior of the true gap is a t of three degrees of
    freedom, weak, set on real families of tables, and with one tenth a Cauchy distribution as wide
    as the score: where the data are clear, they win. Without a prior, the arm with the largest
    estimate promises what noise gave it. The three numbers are those of baycomp (Benavoli et al.
    2017, section 4), which has no prior on the size of differences.

    Examples
    --------
    >>> from transfergap.stats import PairedEstimate
    >>> from transfergap.stats.gap import gap_from
    >>> gap = gap_from(PairedEstimate(0.03, 0.02, 9, 0.02, 9, 20, "by hand"))
    >>> view = outlook(gap, margin=0.02, room=0.2)
    >>> 0 < view.expected < 0.03, view.p_cost < 0.05 < view.p_gain
    (True, True)
    """
    check_margin(margin)
    if gap.error <= 0:
        return Outlook(gap.estimate, float(gap.estimate < -margin), float(gap.estimate > margin))
    if room is None:
        return Outlook(
            gap.estimate,
            float(stats.t.cdf((-margin - gap.estimate) / gap.error, gap.df)),
            float(stats.t.sf((margin - gap.estimate) / gap.error, gap.df)),
        )
    mean, wide = prior[0] * room, max(size, room)
    # What can be gained has an end, what can be lost has none: no prior makes harm look small.
    spread = max(prior[1] * room, -gap.estimate)
    # Dense around both centres, and thin in the tails.
    steps = np.concatenate([[0.0], np.geomspace(1e-3, _FARTHEST, _N_POINTS // 4)])
    steps = np.concatenate([-steps[:0:-1], steps])
    grid = np.unique(np.concatenate([mean + spread * steps, gap.estimate + gap.error * steps]))
    prior_density = (1.0 - WIDE_SHARE) * stats.t.pdf(grid, PRIOR_DF, mean, spread)
    prior_density += WIDE_SHARE * stats.cauchy.pdf(grid, 0.0, wide)
    log_density = stats.t.logpdf(grid, gap.df, gap.estimate, gap.error) + np.log(prior_density)
    density = np.exp(log_density - log_density.max())
    cells = 0.5 * (density[1:] + density[:-1]) * np.diff(grid)
    cells /= cells.sum()
    # Rounding carries a sum of thousands of shares beyond 1.
    below = np.minimum(np.concatenate([[0.0], np.cumsum(cells)]), 1.0)
    return Outlook(
        expected=float(cells @ (0.5 * (grid[1:] + grid[:-1]))),
        p_cost=float(np.interp(-margin, grid, below)),
        p_gain=float(1.0 - np.interp(margin, grid, below)),
    )
