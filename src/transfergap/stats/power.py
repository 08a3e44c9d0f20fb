"""Power of a design: smallest visible gap, and rows to see one."""

from __future__ import annotations

import math

from scipy import stats

# The usual power of a planned trial: four runs of five.
POWER = 0.8


def smallest_visible_gap(error: float, df: float, *, claim_rate: float = 0.05) -> float:
    """Return the gap that would be called in four runs of five.

    Parameters
    ----------
    error : float
        Standard error of the gap, > 0.
    df : float
        Its degrees of freedom.
    claim_rate : float
        One-sided error rate of the claim; less than 0.05 where many claims share it.

    Examples
    --------
    >>> round(smallest_visible_gap(0.01, 9), 4)
    0.0267
    """
    return float((stats.t.isf(claim_rate, df) + stats.norm.ppf(POWER)) * error)


def rows_to_see(
    gap: float, *, error: float, df: float, n_rows: int, claim_rate: float = 0.05
) -> int:
    """Return the target rows that make ``gap`` visible.

    Visible in four runs of five. The standard error is taken to shrink as one over the square
    root of the rows; the answer is rounded up to two figures. It may be below ``n_rows``: then
    the gap was to be seen already.

    Examples
    --------
    >>> rows_to_see(0.02, error=0.02, df=9, n_rows=100)
    720
    """
    needed = n_rows * (smallest_visible_gap(error, df, claim_rate=claim_rate) / abs(gap)) ** 2
    # Two significant figures: more would promise a precision that a guess of the error lacks.
    step = 10 ** max(math.floor(math.log10(max(needed, 1))) - 1, 0)
    return max(int(math.ceil(needed / step) * step), 1)
