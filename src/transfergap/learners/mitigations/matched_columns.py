"""Source columns brought to the target's scale: the repair of measurement differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.divergences.columns_apart import columns_apart
from transfergap.data.problem import Sample
from transfergap.learners.mitigations.mitigation import Facts, SourceChange

Floats = NDArray[np.float64]
How = Literal["units", "scale", "quantiles"]


@dataclass(frozen=True)
class MatchedColumns(SourceChange):
    """Measure each source's number columns as the target measures them.

    Parameters
    ----------
    learner : Learner
    how : {"units", "scale", "quantiles"}
        Divide by a factor between units where one is found; give the source the target's median
        and interquartile range, where that brings the column's distributions together; or map each
        value to the target's value of the same rank. Only columns that clearly differ are touched.

    Notes
    -----
    Assumes that the populations are alike in these columns and only the measurement differs. Costs
    nothing extra. Hurts where the populations do differ: a source of older people is made young.

    References
    ----------
    Quantiles: Bolstad et al. (2003), A Comparison of Normalization Methods, section 2. The rest is
    ours.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> rng = np.random.default_rng(0)
    >>> metres = rng.normal(1.7, 0.1, (100, 1))
    >>> here, there = Sample(metres, metres[:, 0]), Sample(100 * metres, metres[:, 0])
    >>> learner = MatchedColumns(FunctionLearner(lambda target, sources: sources[0].X.mean()))
    >>> round(float(learner.train(TrainingSet(here, (there,)), seed=0)), 1)
    1.7
    """

    how: How = "scale"
    facts: ClassVar[Facts] = Facts(
        assumes="the populations are alike in these columns and only the measurement differs",
        cost="1 fit",
        source="quantiles: Bolstad et al. (2003), section 2; the rest is ours",
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source with its columns at the target's level and spread."""
        del seed  # nothing is drawn
        return matched(source, target, self.how)


def matched(source: Sample, target: Sample, how: How) -> Sample:
    """Return a source whose columns are measured as the target's are."""
    if isinstance(target.X, list) or hasattr(target.X, "tocsr") or len(source) == 0:
        return source
    changes = {}
    for apart in columns_apart(target.X, source.X):
        target_values, source_values = (_column(s.X, apart.column) for s in (target, source))
        if how == "units":
            if apart.factor is not None:
                changes[apart.column] = source_values / apart.factor
        elif how == "scale":
            if apart.by_scale:
                changes[apart.column] = apart.slope * source_values + apart.level
        else:
            changes[apart.column] = _by_rank(source_values, target_values)
    if not changes:
        return source
    return Sample(_with_columns(source.X, changes), source.y, source.weights, source.groups)


def _column(X: Any, j: int) -> Floats:
    values = X.iloc[:, j].to_numpy(dtype=float, na_value=np.nan) if hasattr(X, "iloc") else X[:, j]
    out: Floats = np.asarray(values, float)
    return out


def _by_rank(source_values: Floats, target_values: Floats) -> Floats:
    from scipy.stats import rankdata

    present = ~np.isnan(source_values)
    out = source_values.copy()
    # Mid-ranks (Hazen 1914): the extremes do not become the target's extremes.
    ranks = (rankdata(source_values[present]) - 0.5) / max(int(present.sum()), 1)
    out[present] = np.quantile(target_values[~np.isnan(target_values)], ranks)
    return out


def _with_columns(X: Any, changes: dict[int, Floats]) -> Any:
    if hasattr(X, "iloc"):
        return X.assign(**{X.columns[j]: column for j, column in changes.items()})
    values = np.array(X, dtype=float)
    for j, column in changes.items():
        values[:, j] = column
    return values
