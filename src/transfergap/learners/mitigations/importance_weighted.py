"""Source rows weighted by likeness to target rows.

The repair of covariate shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view, in_span
from transfergap.data.problem import Sample
from transfergap.learners.mitigations.mitigation import Facts, SourceChange

Floats = NDArray[np.float64]
FEWEST_ROWS = 5  # chosen by hand: fewer rows make no classifier


@dataclass(frozen=True)
class ImportanceWeighted(SourceChange):
    """Weight source rows by the density ratio of target to source, estimated by a classifier.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    largest : float
        Largest weight, as a multiple of the mean weight; clipping trades variance for bias.

    Notes
    -----
    A logistic regression on the columns and the squares of number columns tells the domains apart,
    one for each source; the weights are its odds, clipped, and scaled so that a source weighs as
    much as its effective number of rows (sum of weights squared over sum of squared weights).
    Assumes that the label depends on the columns alike in both domains, and that the source covers
    the target. Costs one small classifier a source and a fit. Hurts where domains hardly overlap: a
    few rows then carry all the weight.

    References
    ----------
    Shimodaira (2000), Improving Predictive Inference under Covariate Shift, section 2; Bickel,
    Brueckner and Scheffer (2009), Discriminative Learning under Covariate Shift, section 4.

    Examples
    --------
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> rng = np.random.default_rng(0)
    >>> target = Sample(rng.normal(1.0, 1.0, (50, 1)), np.zeros(50))
    >>> source = Sample(np.array([[-2.0]] * 10 + [[1.0]] * 10), np.zeros(20))
    >>> learner = ImportanceWeighted(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> weights = learner.train(TrainingSet(target, (source,)), seed=0)
    >>> bool(weights[0] < weights[-1])
    True
    """

    largest: float = 10.0
    facts: ClassVar[Facts] = Facts(
        assumes="labels depend on the columns alike in both, and the source covers the target",
        cost="1 fit and a small classifier a source",
        source="Shimodaira (2000), Improving Predictive Inference under Covariate Shift, section 2",
        weighs=True,
    )

    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source, its rows weighted by density."""
        if min(len(source), len(target)) < FEWEST_ROWS:
            return source
        ratio = density_ratio(target.X, source.X, seed=seed)
        source_weights = source.weights_or_ones
        ratio = np.minimum(ratio, self.largest * float(np.average(ratio, weights=source_weights)))
        weights = source_weights * ratio
        # Kish's effective number of rows: a source weighs as many rows as its weights are worth.
        effective = float(weights.sum()) ** 2 / float(weights @ weights)
        return source.weighted(
            weights * (min(effective, source_weights.sum()) / float(weights.sum()))
        )


def density_ratio(target_rows: Any, source_rows: Any, *, seed: int) -> Floats:
    """Return the target-to-source density ratio at source rows; mean 1.

    Notes
    -----
    Held-out odds: each source row is scored by a classifier of the other half, so that the ratio
    does not single out rows that the classifier has memorised.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    view = fit_view(target_rows, [source_rows], seed=seed)
    parts = [view.of(target_rows), view.of(source_rows)]
    n_target = len(parts[0])
    rows = np.clip(np.vstack(parts), -8.0, 8.0)
    rows = np.column_stack([rows, rows**2])
    rows = rows - rows.mean(axis=0)
    scale = rows.std(axis=0)
    varies = scale > 1e-9
    (rows,) = in_span(rows[:, varies] / scale[varies])
    is_target = np.arange(len(rows)) < n_target
    if rows.shape[1] == 0:
        return np.ones(len(rows) - n_target)
    log_odds = np.zeros(len(rows))
    for train, test in StratifiedKFold(2, shuffle=True, random_state=seed).split(rows, is_target):
        model = LogisticRegression(C=0.1, class_weight="balanced", solver="newton-cholesky")
        log_odds[test] = model.fit(rows[train], is_target[train]).decision_function(rows[test])
    ratio: Floats = np.exp(np.clip(log_odds[n_target:], -20.0, 20.0))
    return ratio / float(ratio.mean())
