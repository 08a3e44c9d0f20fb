"""Weights that rest on few rows of the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength

# With weights that say as much as half of the rows, errors are those of half the data. Below twenty
# rows, two in each of ten folds, a single row decides folds.
_SHARE, _FEWEST = 0.5, 20.0


@dataclass(frozen=True)
class HeavyRows:
    """Few target rows that carry most of the weight: then they decide alone."""

    code: str = "TG311"
    title: str = "few rows carry the weights"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield at most one finding."""
        weights = evidence.problem.target.weights
        if weights is None:
            return NotApplicable("the target's rows have no weights")
        return self._judged(weights)

    def _judged(self, weights: NDArray[np.float64]) -> Iterator[Finding]:
        n = len(weights)
        effective = float(weights.sum() ** 2 / (weights**2).sum())
        if effective >= _SHARE * n:
            return
        heaviest = np.sort(weights)[::-1]
        n_half = int(np.searchsorted(np.cumsum(heaviest), 0.5 * weights.sum())) + 1
        rows = "row carries" if n_half == 1 else "rows carry"
        yield Finding(
            self.code,
            self.title,
            "target",
            Strength.STRONG if effective < _FEWEST else Strength.MODERATE,
            f"{n_half} of {n} target {rows} half of the weight; together the weights say as much as"
            f" about {effective:.0f} rows of one weight (Kish). Scores and gaps hang on these few.",
            "Check that no weight is a mistake; cut the largest ones, or leave weights out and"
            " compare.",
            {"n_effective": effective, "n_half": n_half},
        )
