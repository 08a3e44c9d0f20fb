"""Paired gaps of rows in order of time.

The wider of two intervals holds: stretches of blocks, or rows with their autocorrelation. Which
method holds its error rate, and where, is measured in benchmarks/time_claims.py; the constants were
chosen on other seeds than those of its table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfergap.stats.paired import PairedEstimate

Floats = NDArray[np.float64]

# Ibragimov and Müller (2010): a t over few groups holds where groups are long against the time that
# errors last; docs/time.md.
N_STRETCHES = 5
# Estimated autocorrelation is itself uncertain: so many independent rows are spent on it. Without,
# errors with an autocorrelation of 0.95 gave 20 % false claims on 60 tested rows; docs/methods.md.
ROWS_SPENT = 6.0
FEWEST_TIMES = 20  # fewer times tell nothing of how they hang together
FEW_TIMES_FACTOR = 2.0**0.5  # as for an autocorrelation of 1/3 between stretches
# One-sided, as CLAIM_RATE of the verdicts.
_QUANTILE = 0.95


def lag_one(series: Floats) -> float:
    """Return the autocorrelation of neighbours, in [0, 0.99], corrected for its bias.

    Notes
    -----
    Kendall (1954), Note on bias in the estimation of autocorrelation: the estimate is too small by
    (1 + 3 rho) / n. Negative values count as none: they would narrow an interval.

    Examples
    --------
    >>> lag_one(np.array([1.0, -1.0] * 10))
    0.05
    """
    n = len(series)
    centred = series - series.mean()
    total = float(centred @ centred)
    if n < 3 or total <= 0:
        return 0.0
    raw = max(float(centred[1:] @ centred[:-1]) / total, 0.0)
    # Kendall (1954): the estimate is biased by -(1 + 3 r) / n; the bias is added back.
    return float(np.clip(raw + (1.0 + 3.0 * raw) / n, 0.0, 0.99))


def effective_size(n: int, autocorrelation: float) -> float:
    """Return the number of independent values equivalent to ``n`` of an AR(1).

    Examples
    --------
    >>> effective_size(90, 0.5)
    30.0
    """
    return n * (1.0 - autocorrelation) / (1.0 + autocorrelation)


def by_time(values: Floats, places: NDArray[np.intp]) -> Floats:
    """Return the mean of the values at each place, in order."""
    counts = np.bincount(places)
    nonempty = counts > 0
    means: Floats = np.bincount(places, weights=values)[nonempty] / counts[nonempty]
    return means


def forward_estimate(
    differences: Floats, control: Floats, places: NDArray[np.intp], *, n_pairs: int
) -> PairedEstimate:
    """Estimate a gap over blocks that were tested in order of time.

    Parameters
    ----------
    differences : ndarray, shape (n_rows,)
        Control minus treated loss of each tested row.
    control : ndarray, shape (n_rows,)
        The control's loss: where it hangs together, so may the differences, whatever their noise.
    places : ndarray of int, shape (n_rows,)
        Place of the row's time among all times, equal for equal times.
    n_pairs : int
        Blocks that both arms completed.

    Returns
    -------
    PairedEstimate
        The wider of two intervals: a t over at most five stretches, and a t over rows that are
        counted by the autocorrelation of neighbours.

    References
    ----------
    Ibragimov and Müller (2010), t-Statistic Based Correlation and Heterogeneity Robust Inference,
    for the first; the second is the mean of an AR(1), less the rows that its estimate costs (ours).
    """
    order = np.argsort(places, kind="stable")
    series = by_time(differences, places)
    stretches = _stretches(differences[order], places[order])
    df = max(len(stretches) - 1, 1)
    spread = float(np.std(stretches, ddof=1)) if len(stretches) > 1 else 0.0
    error = spread / np.sqrt(max(len(stretches), 1))
    if len(series) < FEWEST_TIMES:
        error *= FEW_TIMES_FACTOR
    else:
        # Differences may look independent by chance; losses of the control vary in the same way.
        together = max(lag_one(series), lag_one(by_time(control, places)))
        half = _serial_half_width(series, together)
        error = max(error, half / float(stats.t.ppf(_QUANTILE, df)))
    return PairedEstimate(
        estimate=float(differences.mean()),
        error=float(error),
        df=df,
        equivalence_error=float(error),
        equivalence_df=df,
        n_pairs=n_pairs,
        method="t over stretches of forward blocks, widened by how neighbours go together",
    )


def _stretches(differences: Floats, places: NDArray[np.intp]) -> Floats:
    """Return means of at most five stretches of about equal size.

    No time is split.
    """
    changes = np.flatnonzero(np.diff(places)) + 1
    if not len(changes):
        return np.array([differences.mean()])
    n = len(differences)
    even_cuts = np.arange(1, N_STRETCHES) * n / N_STRETCHES
    # Rows of one time stay together: each even cut moves to the nearest change of time.
    cuts = np.unique(changes[np.abs(changes[:, None] - even_cuts).argmin(axis=0)])
    return np.array([part.mean() for part in np.split(differences, cuts)])


def _serial_half_width(series: Floats, together: float) -> float:
    n = effective_size(len(series), together)
    # The variance around a mean of n independent values is too small by 1 - 1 / n.
    variance = float(np.var(series, ddof=1)) / float(np.clip(1.0 - 1.0 / max(n, 1.2), 0.3, 1.0))
    n_free = max(n - ROWS_SPENT, 1.0)
    return float(stats.t.ppf(_QUANTILE, max(n_free - 1.0, 1.0)) * np.sqrt(variance / n_free))


def forward_score_estimate(gains: Floats, labels: Floats, *, method: str) -> PairedEstimate:
    """Estimate a gap from the scores of blocks alone.

    Parameters
    ----------
    gains : ndarray, shape (n_blocks,)
    labels : ndarray, shape (n_tested_rows,)
        Labels in order of time, as numbers. They stand in for losses, which the metric does not
        have: labels are autocorrelated at least as long.
    method : str
    """
    together = lag_one(labels)
    n = float(np.clip(effective_size(len(labels), together) - ROWS_SPENT, 1.0, len(gains)))
    df = max(n - 1.0, 1.0)
    error = float(np.std(gains, ddof=1)) / np.sqrt(n)
    return PairedEstimate(float(gains.mean()), error, df, error, df, len(gains), method)
