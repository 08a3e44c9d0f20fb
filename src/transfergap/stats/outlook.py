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
# Heavier tails than a gap's own t: where the two contradict each other, the data win.
PRIOR_DF = 3.0
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
    room: float,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SPREAD),
) -> Outlook:
    """Return the outlook of a gap, given how large gaps usually are.

    Parameters
    ----------
    gap : Gap
    margin : float
        Differences smaller than this do not matter, > 0.
    room : float
        What a perfect model would gain over the control, in units of the metric, > 0.
    prior : tuple of float
        Mean and spread of true gaps, in units of ``room``.

    Notes
    -----
    The likelihood is the gap's own Student t; the prior of the true gap is a t of three degrees of
    freedom, weak, set on real families of tables. Without it, the arm with the largest estimate
    promises what noise gave it. The three numbers are those of baycomp (Benavoli et al. 2017,
    section 4), which has no prior on the size of differences.

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
    mean, spread = prior[0] * room, prior[1] * room
    # Dense around both centres, and thin in the tails.
    steps = np.concatenate([[0.0], np.geomspace(1e-3, _FARTHEST, _N_POINTS // 4)])
    steps = np.concatenate([-steps[:0:-1], steps])
    grid = np.unique(np.concatenate([mean + spread * steps, gap.estimate + gap.error * steps]))
    log_density = stats.t.logpdf(grid, gap.df, gap.estimate, gap.error)
    log_density += stats.t.logpdf(grid, PRIOR_DF, mean, spread)
    density = np.exp(log_density - log_density.max())
    cells = 0.5 * (density[1:] + density[:-1]) * np.diff(grid)
    cells /= cells.sum()
    below = np.concatenate([[0.0], np.cumsum(cells)])
    return Outlook(
        expected=float(cells @ (0.5 * (grid[1:] + grid[:-1]))),
        p_cost=float(np.interp(-margin, grid, below)),
        p_gain=float(1.0 - np.interp(margin, grid, below)),
    )
