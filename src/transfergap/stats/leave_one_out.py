"""LIN: exact leave-one-out and leave-two-out losses of linear fits.

Formulas and evidence: docs/methods.md, "LIN". All of it is algebra on one factorisation; the
constants were chosen on simulated problems with known truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import cho_factor, cho_solve, eigh

from transfergap.stats.deletion import groups_by_size, without_groups
from transfergap.stats.paired import PairedEstimate, cluster_variance, kurtosis
from transfergap.stats.resampled import corrected_error

Floats = NDArray[np.float64]
Loss = Literal["squared", "log"]

# Share of the plain error that the jackknife may not fall below: docs/methods.md, "LIN".
FLOOR = 0.6
# Widens intervals of squared losses of skewed residuals (simulated, same place).
SKEW_FACTOR = 1.6
# Widens the upper limit alone where errors have heavy tails (simulated, same place).
HEAVY_FACTOR = 1.4
# Of the resampled error of folds: where the jackknife is below it, the smaller one of the two gives
# the lower limit (chosen by `python -m benchmarks.heavy_tails --choose`).
JOIN_BELOW = 3.0
# Rows of the n x n table of deleted residuals in memory at once.
_BLOCK_ROWS = 256
# Of a row's weight in its fit, 1 - h: below it the division has no correct digit left.
_LEAST_KEPT = 1e-8
# Of the largest eigenvalue: smaller ones are rounding of an exact collinearity.
_SINGULAR = 1e-12


@dataclass(frozen=True)
class LinearFit:
    """A linear learner at its solution, ready for leaving rows out.

    Parameters
    ----------
    design : ndarray, shape (n_target + n_source, n_columns)
        Columns as the learner sees them, an intercept column included; target rows first.
    response : ndarray, shape (n_target + n_source,)
        What least squares fits: the labels, or the working response of a Newton step.
    weights : ndarray, shape (n_target + n_source,)
        Weight of each row in that least squares; > 0.
    penalty : ndarray, shape (n_columns,)
        Ridge penalty of each column; 0 for the intercept.
    labels : ndarray, shape (n_target,)
        Target labels: numbers for squared loss, 0 or 1 for log loss.
    loss : {"squared", "log"}
    counts : ndarray, shape (n_target,), optional
        Weight of each target row's loss in a mean over rows; ``None`` counts each once.
    source_sizes : tuple of int
        Rows of each source, in order.
    """

    design: Floats
    response: Floats
    weights: Floats
    penalty: Floats
    labels: Floats
    loss: Loss
    counts: Floats | None = None
    source_sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Losses of one arm with target rows left out.

    Parameters
    ----------
    outputs : ndarray, shape (n_target,)
        Residual (squared loss) or loss (log loss) of row i, trained without row i.
    without : ndarray, shape (n_target,)
        Mean over i != l of the loss of row i, trained without i and l; times its count.
    source_kurtosis : float or None
        Of the residuals of source rows, under squared loss; ``None`` without sources.
    by_fold : ndarray, shape (n_partitions, n_target)
        As ``outputs``, each row without all rows of its fold; no partition unless asked for.
    """

    outputs: Floats
    without: Floats
    source_kurtosis: float | None
    by_fold: Floats


def leave_out(fit: LinearFit, folds: NDArray[np.intp] | None = None) -> LeftOut:
    """Leave out target rows singly, in pairs and by folds, by algebra.

    Parameters
    ----------
    fit : LinearFit
    folds : ndarray of int, shape (n_partitions, n_target), optional
        Fold of each target row.

    Returns
    -------
    LeftOut

    Raises
    ------
    numpy.linalg.LinAlgError
        If a target row is reproduced exactly, as with more columns than rows and no penalty.

    Notes
    -----
    With A = X'WX + P, H_il = x_i' A^-1 x_l w_l, e = z - X b and q = 1 - diag H: the residual of i
    without i is e_i / q_i, and without i and l it is (q_l e_i + H_il e_l) / (q_i q_l - H_il H_li).
    Exact for squared loss with ``weights`` and columns held fixed; one Newton step for log loss.
    Costs n_target^2 losses in blocks, so memory stays at 256 n_target numbers.

    References
    ----------
    Cook and Weisberg (1982), Residuals and Influence in Regression, section 2.2, for one row;
    the block form follows from the Woodbury identity.
    """
    n = len(fit.labels)
    weighted = fit.design * fit.weights[:, None]
    normal = weighted.T @ fit.design
    normal[np.diag_indices_from(normal)] += fit.penalty
    target = fit.design[:n]
    # One factorisation serves the coefficients and every row.
    solved = _solved(normal, np.column_stack([weighted.T @ fit.response, target.T]), fit.penalty)
    beta, solved = solved[:, 0], solved[:, 1:]  # (n_columns,) and (n_columns, n)
    residuals = fit.response - fit.design @ beta
    residual, elsewhere = residuals[:n], residuals[n:]
    weights = fit.weights[:n]
    keep = 1.0 - np.einsum("ij,ji->i", target, solved) * weights
    if keep.min() < _LEAST_KEPT:
        raise np.linalg.LinAlgError(
            "the model reproduces a target row exactly, so it cannot be left out in closed form;"
            " use a penalty, such as Ridge, or fewer columns"
        )
    totals = np.zeros(n)
    for start in range(0, n, _BLOCK_ROWS):
        rows = slice(start, min(start + _BLOCK_ROWS, n))
        plain = target[rows] @ solved  # x_i' A^-1 x_l, symmetric
        hat, back = plain * weights, plain * weights[rows, None]
        determinant = np.outer(keep[rows], keep) - hat * back
        block = np.arange(start, rows.stop)
        determinant[np.arange(len(block)), block] = 1.0  # i == l is left out below
        # (q_l e_i + H_il e_l) / (q_i q_l - H_il H_li), for all i of the block and all l.
        deleted_residuals = (np.outer(residual[rows], keep) + hat * residual) / determinant
        losses = _losses(deleted_residuals, fit, rows)
        losses[np.arange(len(block)), block] = 0.0
        totals += losses.sum(axis=0) if fit.counts is None else fit.counts[rows] @ losses
    single = (residual / keep)[:, None]
    outputs = single[:, 0] if fit.loss == "squared" else _losses(single, fit, slice(0, n))[:, 0]
    tails = None
    if fit.loss == "squared" and len(elsewhere):
        tails = kurtosis(elsewhere, fit.source_sizes or None)
    by_fold = np.empty((0 if folds is None else len(folds), n))
    for partition, numbers in zip(by_fold, () if folds is None else folds, strict=True):
        left = without_groups(
            residual[:, None],
            groups_by_size(numbers),
            lambda rows: target[rows] @ solved.T[rows].swapaxes(1, 2),
            weights,
        )
        partition[:] = (left if fit.loss == "squared" else _losses(left, fit, slice(0, n)))[:, 0]
    return LeftOut(outputs, totals / (n - 1), tails, by_fold)


def _solved(normal: Floats, right: Floats, penalty: Floats) -> Floats:
    """Solve the normal equations; collinear columns get the solution of least norm.

    Without a penalty, columns that add up to the intercept (one-hot codes) make the equations
    singular, yet predictions are unique as long as some row is left for each code.
    """
    if np.count_nonzero(penalty == 0) <= 1:
        solved: Floats = cho_solve(cho_factor(normal), right)
        return solved
    # Scaled to a unit diagonal first, so that units of columns do not decide what is singular.
    scale = np.sqrt(np.diag(normal))
    scale[scale == 0] = 1.0
    values, vectors = eigh(normal / np.outer(scale, scale))
    nonsingular = values > _SINGULAR * values.max()
    basis = vectors[:, nonsingular]
    solution: Floats = basis @ ((basis.T @ (right / scale[:, None])) / values[nonsingular, None])
    return solution / scale[:, None]


def _losses(deleted_residuals: Floats, fit: LinearFit, rows: slice) -> Floats:
    """Return losses from left-out residuals, shape (n_rows, any)."""
    if fit.loss == "squared":
        return deleted_residuals**2
    score = fit.response[: len(fit.labels)][rows, None] - deleted_residuals
    signs = 2.0 * fit.labels[rows, None] - 1.0
    return np.logaddexp(0.0, -signs * score)


def leave_one_out_estimate(
    control: Floats,
    treated: Floats,
    gap_without: Floats,
    *,
    skewed: bool,
    heavy_tailed: bool = False,
    fold_gaps: Floats | None = None,
    n_folds: int = 10,
) -> PairedEstimate:
    """Estimate a gap from leave-one-out losses.

    Parameters
    ----------
    control, treated : ndarray, shape (n_rows,)
        Leave-one-out losses of the two arms.
    gap_without : ndarray, shape (n_rows,)
        The gap T_l when row l is left out of everything, from ``LeftOut.without``.
    skewed : bool
        Whether squared losses rest on strongly skewed residuals: the error is widened.
    heavy_tailed : bool
        Whether errors, of target or source rows, have heavy tails: the upper limit is widened. A
        few rows then carry much of what a source saves, and a sample without such rows makes
        sources look useless: every sign of that is outside it.
    fold_gaps : ndarray, shape (n_partitions * n_folds,), optional
        Mean difference of each test fold, from ``LeftOut.by_fold``: where their resampled error is
        the smaller one, the lower limit is that of the corrected t.
    n_folds : int
        Folds of a partition.

    Notes
    -----
    V = (n-1)/n * sum (T_l - mean)^2 is the jackknife over rows; its floor is a share of the plain
    variance of the differences. Where a source helps, single rows of a small target move the
    control, and the jackknife sees that more than the means of folds do; both errors are valid for
    "helps" (the corrected t claims less often still), and the upper limit stays the jackknife's.
    Ours; measured in ``tests/calibration``.
    """
    differences = control - treated
    n = len(differences)
    # Quenouille-Tukey jackknife over rows, from the gaps without each row.
    jackknife = (n - 1) / n * float(((gap_without - gap_without.mean()) ** 2).sum())
    plain = cluster_variance(differences, None)
    # The floor shrinks from 60 rows on, as in BLOCK.
    share = FLOOR * min(1.0, (60.0 / n) ** (1 / 3))
    error = float(np.sqrt(max(jackknife, share**2 * plain)))
    upper_error = error * (HEAVY_FACTOR if heavy_tailed else 1.0)
    if skewed:
        error *= SKEW_FACTOR
        upper_error = error  # the larger of the two factors, not both
    if fold_gaps is not None:
        resampled = corrected_error(fold_gaps, test_to_train=1.0 / (n_folds - 1))
        # Errors are compared at their own degrees of freedom, as in BLOCK.
        ratio = stats.t.ppf(0.95, n_folds - 1) / stats.t.ppf(0.95, n - 1)
        if np.sqrt(jackknife) < JOIN_BELOW * resampled:
            error = min(error, resampled * float(ratio))
    return PairedEstimate(
        estimate=float(differences.mean()),
        error=error,
        upper_error=upper_error,
        df=n - 1,
        equivalence_error=max(upper_error, float(np.sqrt(plain))),
        equivalence_df=n - 1,
        n_pairs=n,
        method="closed-form leave-one-out",
    )
