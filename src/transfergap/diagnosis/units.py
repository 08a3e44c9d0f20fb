"""Columns whose unit seems to differ between target and source by a factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength

# Factors between units in use: powers of ten, inches, feet, pounds, miles, gallons, ounces,
# hours and minutes, dozens, and mg/dl against mmol/l of glucose and cholesterol.
KNOWN_FACTORS = (
    10.0, 100.0, 1000.0, 1e6, 2.54, 30.48, 3.281, 2.205, 1.609, 3.785, 28.35, 60.0, 3600.0, 24.0,
    12.0, 7.0, 18.02, 38.67,
)  # fmt: skip
_NEAR = 0.10  # share by which a factor may be off
_FEWEST = 20
_STILL_APART = 0.35  # Kolmogorov distance after dividing by the factor
_APART = 0.8  # and before


@dataclass(frozen=True)
class UnitsDiffer:
    """A number column that fits the target after division by a factor between units.

    Notes
    -----
    Ours. The medians must agree on the factor within 10 %, the interquartile ranges within 35 %;
    the distributions must hardly overlap before (Kolmogorov distance at least 0.8) and look alike
    after (at most 0.35). The limits were set on simulated normal, log-normal and gamma columns.
    """

    code: str = "TG113"
    title: str = "units look different"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each column of each source whose unit looks different."""
        if evidence.problem.kind in ("texts", "sparse"):
            return NotApplicable("only tables and arrays have columns with units")
        return self._columns(evidence)

    def _columns(self, evidence: Evidence) -> Iterator[Finding]:
        target = dict(_number_columns(evidence.problem.target.X))
        for source_name, source in evidence.problem.sources.items():
            for name, values in _number_columns(source.sample.X):
                factor = unit_factor(target[name], values) if name in target else None
                if factor is None:
                    continue
                size = f"{factor:g} times larger" if factor > 1 else f"{1 / factor:g} times smaller"
                yield Finding(
                    self.code,
                    self.title,
                    source_name,
                    Strength.STRONG,
                    f"Column {name} is {size} in {source_name} than in the target (median"
                    f" {np.median(values):.4g} against {np.median(target[name]):.4g}), and alike"
                    " once that factor is taken out.",
                    f"If the unit differs, divide column {name} of {source_name} by {factor:g}.",
                    {"factor": factor},
                )


def unit_factor(target: NDArray[np.float64], source: NDArray[np.float64]) -> float | None:
    """Return the factor by which a source's unit seems larger, or ``None``.

    Parameters
    ----------
    target, source : ndarray
        Values of one column, without missing ones.

    Examples
    --------
    >>> grams = np.random.default_rng(0).normal(70, 10, 200)
    >>> unit_factor(grams, grams[:150] * 1000)
    1000.0
    """
    from scipy.stats import ks_2samp

    if min(len(target), len(source)) < _FEWEST or min(len(np.unique(target)), 9) < 9:
        return None
    spread = [float(np.subtract(*np.percentile(v, [75, 25]))) for v in (target, source)]
    middle = [float(np.median(v)) for v in (target, source)]
    if min(spread) <= 0 or middle[0] * middle[1] <= 0:
        return None
    seen = middle[1] / middle[0]
    for known in KNOWN_FACTORS:
        for factor in (known, 1.0 / known):
            agree = all(abs(np.log(ratio / factor)) < 3 * _NEAR for ratio in
                        (seen, spread[1] / spread[0]))  # fmt: skip
            if not agree or abs(np.log(seen / factor)) > _NEAR:
                continue
            before = ks_2samp(target, source).statistic
            after = ks_2samp(target, source / factor).statistic
            if before >= _APART and after <= _STILL_APART:
                return factor
    return None


def _number_columns(X: object) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if hasattr(X, "iloc"):
        for i, name in enumerate(X.columns):  # type: ignore[attr-defined]
            column = X.iloc[:, i]
            if getattr(column.dtype, "kind", "O") in "iuf":
                yield repr(str(name)), column.dropna().to_numpy(dtype=float)
    else:
        values = np.asarray(X, float)
        for i in range(values.shape[1]):
            yield str(i), values[~np.isnan(values[:, i]), i]
