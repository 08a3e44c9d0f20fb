"""The shift at which a source has no effect, for calibration tests."""

from __future__ import annotations

from collections.abc import Callable

from transfergap.datasets._populations import Loss
from transfergap.datasets._shift import Fit, ShiftProblem
from transfergap.errors import DataError, accepts_old_arguments


@accepts_old_arguments
def null_shift(
    make: Callable[[float], ShiftProblem],
    control: Fit,
    treated: Fit,
    *,
    loss: Loss,
    n_draws: int = 2000,
    tolerance: float = 1e-3,
    largest: float = 64.0,
    random_state: int = 0,
) -> float:
    """Return the shift at which ``treated`` gains nothing over ``control``.

    Found by doubling until the source hurts, then by bisection. Every step sees the same target
    samples, so the gap falls smoothly with the shift and the search does not chase noise.

    Parameters
    ----------
    make : callable
        ``shift -> ShiftProblem``, the same problem but for the shift, e.g.
        ``lambda shift: make_shift(shift=shift, random_state=3)``.
    control, treated, loss, n_draws, random_state
        As in ``ShiftProblem.expected_gap``. Cost: about 12 gaps of ``2 * n_draws`` fits each.
    tolerance : float
        Width of the final bracket, above 0, in units of the shift.
    largest : float
        Where the search gives up.

    Returns
    -------
    float
        The null shift for this source and these target draws. To see how far it is from the null
        of all draws, call ``expected_gap`` there with another ``random_state``.

    Raises
    ------
    DataError
        If the source does not help at shift 0, or still helps at ``largest``.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.datasets import make_shift
    >>> def mean_of_target(X, y, Xs, ys):
    ...     return X.T @ y / len(y), 0.0
    >>> def mean_of_both(X, y, Xs, ys):
    ...     return np.vstack([X, Xs]).T @ np.concatenate([y, ys]) / (len(y) + len(ys)), 0.0
    >>> def make(shift):
    ...     return make_shift(n_target=30, n_features=3, shift=shift)
    >>> shift = null_shift(make, mean_of_target, mean_of_both, loss="squared", n_draws=50)
    >>> 0 < shift < 2
    True
    """
    if tolerance <= 0.0 or largest <= 0.0:
        raise DataError(
            f"tolerance={tolerance} and largest={largest} leave nothing to search.",
            hint="use numbers above 0",
        )

    def helps(shift: float) -> bool:
        gap, _ = make(shift).expected_gap(
            control, treated, loss=loss, n_draws=n_draws, random_state=random_state
        )
        return gap > 0.0

    if not helps(0.0):
        raise DataError(
            "The source does not help even at shift 0, so no shift makes the gap zero.",
            hint="use a smaller target, a larger source or another way to use it",
        )
    # A quarter of the signal; doubling reaches any null in a few steps.
    low, high = 0.0, min(0.25, largest)
    while helps(high):
        if high >= largest:
            raise DataError(
                f"The source still helps at shift {high:g}.",
                hint="give the source more weight in the treated fit, or raise largest",
            )
        low, high = high, min(2.0 * high, largest)
    while high - low > tolerance:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if helps(middle) else (low, middle)
    return 0.5 * (low + high)
