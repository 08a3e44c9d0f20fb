"""Pairwise claims between sets of features, with the multiplicity paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from transfergap.stats import PairFits, block_estimate, holm, rows_to_see
from transfergap.stats.gap import Gap, gap_from

Floats = NDArray[np.float64]
# Of a ranking: that any claim in it is false, where all features are equally good.
CLAIM_RATE = 0.05


class Outcome(StrEnum):
    """Judgement on two sets of features."""

    BETTER = "better"
    WORSE = "worse"
    NO_MATERIAL_DIFFERENCE = "no material difference"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class HeldOutValues:
    """A probe's values a row, one and two folds left out.

    Parameters
    ----------
    name : str
    single : ndarray, shape (n_rows,)
    double : ndarray, shape (n_rows, n_folds)
        Of :func:`~transfergap.analysis.scores.cross_validation.cross_validate_pairs`.
    """

    name: str
    single: Floats
    double: Floats


@dataclass(frozen=True)
class Folds:
    """Folds, clusters and kind of the values that are compared.

    Parameters
    ----------
    fold : ndarray of int, shape (n_rows,)
    zero_one : bool
        Whether a row's value is right or wrong.
    skewed : bool
        Whether squared errors rest on strongly skewed residuals: intervals are widened.
    clusters : ndarray of int, shape (n_rows,), optional
        Groups of rows that are not independent.
    """

    fold: NDArray[np.intp]
    zero_one: bool
    skewed: bool = False
    clusters: NDArray[np.intp] | None = None

    def gap(self, single: Floats, double: Floats) -> Gap:
        """Return the mean of values a row, with its interval.

        Parameters
        ----------
        single, double : ndarray
            Of one set of features, or differences of two.
        """
        n_folds = double.shape[1]
        means = np.bincount(self.fold, single) / np.bincount(self.fold)
        return gap_from(
            block_estimate(
                single,
                means,
                (PairFits(self.fold, single, double),),
                n_folds=n_folds,
                zero_one=self.zero_one,
                skewed=self.skewed,
                clusters=self.clusters,
            )
        )


@dataclass(frozen=True)
class Comparison:
    """Comparison of one set of features with another.

    Parameters
    ----------
    first, second : str
    gap : Gap
        Score of the first less that of the second.
    p_value : float
        Two-sided, corrected for all pairs (Holm).
    outcome : Outcome
        Of the first.
    n_rows_to_tell : int or None
        Labelled rows at which the difference, if it is as measured, would be called in four
        rankings of five; ``None`` where it is called, immaterial or zero.
    """

    first: str
    second: str
    gap: Gap
    p_value: float
    outcome: Outcome
    n_rows_to_tell: int | None

    def reversed(self) -> Comparison:
        """Return the same comparison seen from the second."""
        gap = replace(
            self.gap,
            estimate=-self.gap.estimate,
            low=-self.gap.high,
            high=-self.gap.low,
            equivalence_low=-self.gap.equivalence_high,
            equivalence_high=-self.gap.equivalence_low,
            p_helps=self.gap.p_hurts,
            p_hurts=self.gap.p_helps,
        )
        opposite = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}
        outcome = opposite.get(self.outcome, self.outcome)
        return replace(self, first=self.second, second=self.first, gap=gap, outcome=outcome)


def compare_all(
    values: Sequence[HeldOutValues], folds: Folds, *, margin: float
) -> tuple[Comparison, ...]:
    """Compare all pairs on the same rows and folds.

    Parameters
    ----------
    values : sequence of HeldOutValues
        Rows in one order.
    folds : Folds
    margin : float
        Differences smaller than this do not matter.

    Notes
    -----
    Each difference is estimated as an audit's gap is (BLOCK, docs/methods.md): fits that leave two
    folds out tell how far fits to other rows would differ. Holm's correction over all pairs makes
    any false claim in at most 5 % of rankings; ``tests/analysis/scores`` simulates it.

    References
    ----------
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.

    Examples
    --------
    >>> fold = np.arange(100) % 10
    >>> good, poor = np.ones(100), np.tile([0.0, 1.0], 50)
    >>> values = [
    ...     HeldOutValues(name, single, np.tile(single[:, None], 10))
    ...     for name, single in (("good", good), ("poor", poor))
    ... ]
    >>> (pair,) = compare_all(values, Folds(fold, zero_one=True), margin=0.01)
    >>> pair.outcome.value, pair.gap.estimate
    ('better', 0.5)
    """
    pairs = list(combinations(values, 2))
    gaps = [folds.gap(a.single - b.single, a.double - b.double) for a, b in pairs]
    two_sided = np.array([min(1.0, 2.0 * min(gap.p_helps, gap.p_hurts)) for gap in gaps])
    corrected = holm(two_sided) if len(gaps) else two_sided
    return tuple(
        _judged(a.name, b.name, gap, float(p), margin, len(folds.fold), len(pairs))
        for (a, b), gap, p in zip(pairs, gaps, corrected, strict=True)
    )


def _judged(
    first: str, second: str, gap: Gap, p: float, margin: float, n_rows: int, n_pairs: int
) -> Comparison:
    outcome, needed = Outcome.CANNOT_TELL, None
    if -margin < gap.equivalence_low and gap.equivalence_high < margin:
        outcome = Outcome.NO_MATERIAL_DIFFERENCE
    elif p <= CLAIM_RATE and gap.estimate > 0 and gap.high > margin:
        outcome = Outcome.BETTER
    elif p <= CLAIM_RATE and gap.estimate < 0 and gap.low < -margin:
        outcome = Outcome.WORSE
    elif gap.error > 0 and gap.estimate != 0:
        # At the rate that Holm's first step leaves to one direction of one pair.
        rate = CLAIM_RATE / 2 / n_pairs
        needed = rows_to_see(
            gap.estimate, error=gap.error, df=gap.df, n_rows=n_rows, claim_rate=rate
        )
        needed = max(needed, n_rows)
    return Comparison(first, second, gap, p, outcome, needed)
