"""Gap and verdict of one comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from transfergap.errors import ConfigurationError, PairingError, accepts_old_arguments
from transfergap.stats import (
    LARGEST_SCORE,
    PairedEstimate,
    corrected_error,
    discoveries,
    is_rounding,
)

LEVEL = 0.90  # one-sided tests at 5 % on either side, as equivalence tests use it
CLAIM_RATE = 0.05
DISCOVERY_RATE = 0.10  # above CLAIM_RATE: one arm is decided by its interval (decision 0004)


class Verdict(StrEnum):
    """Verdict on an arm: one of four."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_MATERIAL_EFFECT = "no material effect"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"


@dataclass(frozen=True)
class Gap:
    """Gain of an arm over the control on the target; positive helps.

    Parameters
    ----------
    estimate, low, high : float
        In units of the metric; the interval has level 0.90, so that a claim in one direction is
        wrong in at most one run of twenty when nothing is gained or lost.
    error, df : float
        Standard error and degrees of freedom behind the interval.
    equivalence_low, equivalence_high : float
        The wider interval that "no material effect" needs inside the margin.
    p_helps, p_hurts : float
        One-sided p-values, not corrected for the number of arms.
    smallest_margin : float
        The smallest margin at which this arm has "no material effect".
    n_pairs : int
        Pairs of trials, complete in both arms.
    method : str
    instability : float, optional
        How many times the jackknife error exceeds the resampled one.

    Notes
    -----
    Wang et al. (2019), Characterizing and Avoiding Negative Transfer, define the negative transfer
    gap on error; it is minus this gap.
    """

    estimate: float
    low: float
    high: float
    error: float
    df: float
    equivalence_low: float
    equivalence_high: float
    p_helps: float
    p_hurts: float
    smallest_margin: float
    n_pairs: int
    method: str
    instability: float | None = None

    def verdict(self, margin: float) -> Verdict:
        """Return the verdict on this arm alone; equivalence is judged first.

        Parameters
        ----------
        margin : float
            Differences smaller than this do not matter, > 0.
        """
        check_margin(margin)
        return _verdict(self, margin, helps=True, hurts=True)

    def shifted(self, by: float) -> Gap:
        """Return the gap with the same errors around another estimate."""
        estimate = self.estimate + by
        half = self.equivalence_high - self.estimate
        t = estimate / self.error if self.error > 0 else np.sign(estimate) * np.inf
        # The upper limit may lie farther off than the lower one: see PairedEstimate.upper_error.
        below, above = self.estimate - self.low, self.high - self.estimate
        wider = above / below if 0 < below < np.inf else 1.0
        return replace(
            self,
            estimate=estimate,
            low=self.low + by,
            high=self.high + by,
            equivalence_low=self.equivalence_low + by,
            equivalence_high=self.equivalence_high + by,
            p_helps=float(stats.t.sf(t, self.df)),
            p_hurts=float(stats.t.cdf(t / wider, self.df)),
            smallest_margin=abs(estimate) + half,
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<code>{escape(str(self))}</code>"

    def __repr__(self) -> str:
        return f"<Gap {self}, {self.n_pairs} pairs, {100 * LEVEL:.0f} % interval>"

    def __str__(self) -> str:
        return f"{self.estimate:+.3f} [{self.low:+.3f}, {self.high:+.3f}] ({self.method})"


def check_margin(margin: float) -> None:
    """Raise ``ConfigurationError`` unless ``margin`` is a positive number."""
    if not isinstance(margin, (int, float, np.number)) or not np.isfinite(margin) or margin <= 0:
        raise ConfigurationError(
            f"The margin is {margin!r}, but it must be a number above 0.",
            hint="give the smallest difference that would matter to you, e.g. --margin 0.01",
        )


def check_score(value: object, name: str, *, hint: str) -> None:
    """Raise ``ConfigurationError`` unless a value is a score to compute with.

    Parameters
    ----------
    value : object
        As a user gave it; scores beyond 1e75 have no finite powers.
    name, hint : str
        For the message.
    """
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not abs(value) <= LARGEST_SCORE:  # type: ignore[arg-type]
        raise ConfigurationError(f"The {name} is {value!r}.", hint=hint)


def gap_from(paired: PairedEstimate) -> Gap:
    """Return the gap with interval and p-values that an estimate implies.

    A spread below 1e-9 of the scores is none (``PairedEstimate.size``).
    """
    quantile = float(stats.t.ppf(0.5 + LEVEL / 2, paired.df))
    size = max(paired.size, abs(paired.estimate))
    spread = 0.0 if is_rounding(paired.error, size=size) else paired.error
    wide_spread = paired.equivalence_error
    wide_spread = 0.0 if is_rounding(wide_spread, size=size) else wide_spread
    error = max(spread, paired.floor / quantile)
    half = quantile * error  # the floor is a half-width: divided by t above, it stays one
    upper = error if paired.upper_error is None else max(error, paired.upper_error)
    upper = upper if error > 0 else 0.0
    wide_quantile = float(stats.t.ppf(0.5 + LEVEL / 2, paired.equivalence_df))
    wide = max(wide_quantile * wide_spread, paired.floor)
    estimate = paired.estimate
    if error > 0:
        p_helps = float(stats.t.sf(estimate / error, paired.df))
        p_hurts = float(stats.t.cdf(estimate / upper, paired.df))
    else:
        # Pairs that all differ by the same amount have no spread: only their signs say something,
        # and folds of one data set only as often as there are degrees of freedom.
        by_signs = 0.5 ** min(paired.n_pairs, paired.df + 1)
        sign = 0.0 if is_rounding(estimate, size=paired.size) else estimate
        p_helps = by_signs if sign > 0 else 1.0
        p_hurts = by_signs if sign < 0 else 1.0
    return Gap(
        estimate=estimate,
        low=estimate - half,
        high=estimate + quantile * upper,
        error=error,
        df=paired.df,
        equivalence_low=estimate - wide,
        equivalence_high=estimate + wide,
        p_helps=p_helps,
        p_hurts=p_hurts,
        smallest_margin=abs(estimate) + wide,
        n_pairs=paired.n_pairs,
        method=paired.method,
        instability=paired.instability,
    )


def judge(gaps: Sequence[Gap], margin: float, *, n_more: int = 0) -> list[Verdict]:
    """Return each arm's verdict, corrected for the number of arms.

    "Helps" and "hurts" need the arm's own interval off zero *and* a place among the discoveries at
    a false discovery rate of 10 % a direction over all arms. With one arm the first is stricter.
    An interval within the margin claims neither.

    Parameters
    ----------
    gaps : sequence of Gap
    margin : float
    n_more : int
        Further arms that count in the correction, though they have no gap (yet): each as if it had
        a p-value of 1. A claim beside them stands whatever their gaps turn out to be, and whichever
        rule chose the arms that have one.

    Examples
    --------
    >>> gap = gap_from(PairedEstimate(0.1, 0.045, 9, 0.045, 9, 20, "by hand"))
    >>> judge([gap], margin=0.02)
    [<Verdict.HELPS: 'helps'>]
    >>> judge([gap], margin=0.02, n_more=9)
    [<Verdict.NOT_ENOUGH_EVIDENCE: 'not enough evidence'>]
    """
    check_margin(margin)
    none = [1.0] * n_more
    helps = discoveries(np.array([gap.p_helps for gap in gaps] + none), rate=DISCOVERY_RATE)
    hurts = discoveries(np.array([gap.p_hurts for gap in gaps] + none), rate=DISCOVERY_RATE)
    return [
        _verdict(gap, margin, helps=bool(up), hurts=bool(down))
        for gap, up, down in zip(gaps, helps[: len(gaps)], hurts[: len(gaps)], strict=True)
    ]


def _verdict(gap: Gap, margin: float, *, helps: bool, hurts: bool) -> Verdict:
    if -margin < gap.equivalence_low and gap.equivalence_high < margin:  # first: may be off zero
        return Verdict.NO_MATERIAL_EFFECT
    # Never a claim of less than the margin, however sure its sign is.
    if helps and gap.p_helps < CLAIM_RATE and gap.estimate > 0 and gap.high > margin:
        return Verdict.HELPS
    if hurts and gap.p_hurts < CLAIM_RATE and gap.estimate < 0 and gap.low < -margin:
        return Verdict.HURTS
    return Verdict.NOT_ENOUGH_EVIDENCE


def exceeds_zero(estimate: float, error: float, n_units: int) -> bool:
    """Return whether an estimate is shown to exceed zero.

    One-sided, at the level of claims.

    Parameters
    ----------
    estimate, error : float
        In the same unit; the error may be 0.
    n_units : int
        Units that the error is from, such as folds or rows of the rarest class.

    Examples
    --------
    >>> exceeds_zero(0.09, 0.05, 20), exceeds_zero(0.08, 0.05, 20)
    (True, False)
    """
    return estimate > float(stats.t.ppf(1.0 - CLAIM_RATE, n_units - 1)) * error


@accepts_old_arguments
def compare_scores(
    control: ArrayLike,
    treated: ArrayLike,
    *,
    test_to_train: float | None = None,
    greater_is_better: bool = True,
) -> Gap:
    """Compare two arms by paired scores that were made elsewhere.

    Parameters
    ----------
    control, treated : array-like, shape (n_pairs,)
        Scores of the same splits or seeds, in the same order; at least 2 pairs.
    test_to_train : float, optional
        Test rows over training rows, where the pairs are cross-validation folds of one data set
        (1/9 for ten folds): such scores share rows, and an ordinary t is wrong in one run of five
        or more. ``None`` only where the pairs are independent: new seeds of an RL task, new users.
    greater_is_better : bool
        False for losses.

    Returns
    -------
    Gap
        Positive helps; ``gap.verdict(margin)`` is its verdict.

    Raises
    ------
    PairingError
        If the arrays differ in length, have fewer than two pairs, or hold NaN or a number beyond
        1e75.

    Notes
    -----
    Where all pairs differ by the same amount, up to 1e-9 of the scores, there is no spread, and
    only the signs say something: three such pairs have p = 1/8.

    References
    ----------
    Nadeau and Bengio (2003), section 3, with ``test_to_train``; paired t of Student otherwise.

    Examples
    --------
    >>> gap = compare_scores([0.70, 0.72, 0.71, 0.69], [0.80, 0.83, 0.80, 0.79])
    >>> str(gap.verdict(0.02))
    'helps'
    """
    before, after = _paired(control, treated)
    differences = (after - before) * (1.0 if greater_is_better else -1.0)
    size = float(max(np.abs(before).max(), np.abs(after).max()))
    if test_to_train is not None:
        if not 0 < test_to_train < np.inf:
            raise ConfigurationError(
                f"test_to_train is {test_to_train:g}, but it must be above 0.",
                hint="ten folds have 1/9: one part tested, nine trained on",
            )
        corrected = corrected_error(differences, test_to_train=test_to_train)
        n_folds = int(1.0 / test_to_train) + 1  # rounded down: fewer degrees of freedom
        return gap_from(
            PairedEstimate(
                estimate=float(differences.mean()),
                error=corrected,
                df=max(min(n_folds, len(differences)) - 1, 1),
                equivalence_error=corrected,
                equivalence_df=max(min(n_folds, len(differences)) - 1, 1),
                n_pairs=len(differences),
                method="corrected resampled t",
                size=size,
            )
        )
    error = float(np.std(differences, ddof=1) / np.sqrt(len(differences)))
    df = len(differences) - 1
    return gap_from(
        PairedEstimate(
            float(differences.mean()),
            error,
            df,
            error,
            df,
            len(differences),
            "paired t over independent pairs",
            size=size,
        )
    )


def _paired(
    control: ArrayLike, treated: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    before, after = np.asarray(control, float).ravel(), np.asarray(treated, float).ravel()
    if len(before) != len(after):
        raise PairingError(
            f"The control has {len(before)} scores and the treated arm {len(after)}.",
            hint="give one score of each arm for every split or seed, in the same order",
        )
    if len(before) < 2:
        raise PairingError(
            f"{len(before)} pair says nothing about uncertainty.", hint="give at least two pairs"
        )
    bad = np.flatnonzero(~(np.isfinite(before) & np.isfinite(after)))
    if len(bad):
        raise PairingError(
            f"Pair {int(bad[0]) + 1} of {len(before)} is not a finite number.",
            hint="leave the whole pair out, in both arms",
        )
    beyond = np.flatnonzero(np.maximum(np.abs(before), np.abs(after)) > LARGEST_SCORE)
    if len(beyond):
        raise PairingError(
            f"Pair {int(beyond[0]) + 1} of {len(before)} is too large to be computed with.",
            hint=f"give scores in a larger unit, up to {LARGEST_SCORE:g}",
        )
    return before, after
