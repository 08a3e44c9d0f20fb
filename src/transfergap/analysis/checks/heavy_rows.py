"""Weights that rest on few rows of the target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength

# With weights that say as much as half of the rows, errors are those of half the data. Below twenty
# rows, two in each of ten folds, a single row decides folds.
_SHARE, _FEWEST = 0.5, 20.0


@check("TG311", "few rows carry the weights")
def heavy_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find target rows that are few and carry most of the weight."""
    weights = evidence.problem.target.weights
    if weights is None:
        raise NotApplicable("the target's rows have no weights")
    n = len(weights)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if effective >= _SHARE * n:
        return
    heaviest = np.sort(weights)[::-1]
    n_half = int(np.searchsorted(np.cumsum(heaviest), 0.5 * weights.sum())) + 1
    rows = "row carries" if n_half == 1 else "rows carry"
    yield Finding.of(
        Strength.STRONG if effective < _FEWEST else Strength.MODERATE,
        "target",
        f"{n_half} of {n} target {rows} half of the weight; together the weights say as much as"
        f" about {effective:.0f} rows of one weight (Kish). Scores and gaps hang on these few.",
        "Check that no weight is a mistake; cut the largest ones, or leave weights out and"
        " compare.",
        {"n_effective": effective, "n_half": n_half},
    )
