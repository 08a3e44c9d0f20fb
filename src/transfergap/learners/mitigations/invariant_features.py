"""Columns dropped for telling the domains apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.learners.mitigations.column_choice import as_numbers, fitted_on, smallest_by_column
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.training_rows import sources_of
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]
LARGE_EFFECT = 0.714  # the AUC of two normal samples that are 0.8 standard deviations apart


@dataclass(frozen=True)
class InvariantFeatures(Mitigation):
    """Drop the columns by which single rows of target and sources can be told apart.

    Parameters
    ----------
    learner : Learner
    largest_auc : float
        A column goes if, against any source, the ROC AUC of its numbers for "is this row the
        target's?", folded to [0.5, 1], is above this. The default is what Cohen calls a large
        effect. At least one column stays: the one that tells least.

    Notes
    -----
    Assumes that what differs between the domains is not what decides the label. Costs one fit, and
    sorting every column. Hurts where a column differs just because the label depends on it. A
    column is tested separately, so differences in the dependence of columns are missed. Labels
    are not used. A pipeline that names columns must do without those that are dropped. Texts are
    refused.

    References
    ----------
    Ours, after Ben-David, Blitzer, Crammer and Pereira (2007), Analysis of Representations for
    Domain Adaptation, the distance A; the effect size is that of Cohen (1988), Statistical Power
    Analysis, section 2.2.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> moved = Sample(X[20:] + [0, 9], X[20:, 0])
    >>> train = TrainingSet(Sample(X[:20], X[:20, 0]), (moved,))
    >>> InvariantFeatures(EstimatorLearner(Ridge())).train(train, seed=0).change.positions
    (0,)
    """

    largest_auc: float = LARGE_EFFECT
    facts: ClassVar[Facts] = Facts(
        assumes="what differs between the domains is not what decides the label",
        cost="1 fit, and the ranks of every column",
        source="ours; cf. Ben-David et al. (2007), Analysis of Representations",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the columns that tell no domain."""
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        numbers, columns = as_numbers([training_set.target, *sources])
        aucs = np.max([_aucs(numbers[0], part) for part in numbers[1:]], axis=0)
        by_column = -smallest_by_column(-aucs, columns, int(training_set.target.X.shape[1]))
        # A column without numbers tells nothing: -infinity.
        retained = by_column <= self.largest_auc
        # A model needs a column: the one that differs least.
        if not retained.any():
            retained[int(by_column.argmin())] = True
        return fitted_on(self.learner, training_set, retained, seed=seed)


def _aucs(target: Any, source: Any) -> Floats:
    """Return each number's folded AUC; 0.5 for a single row."""
    from scipy.stats import rankdata

    n, m = target.shape[0], source.shape[0]
    if min(n, m) < 2:
        return np.full(target.shape[1], 0.5)
    aucs = np.empty(target.shape[1])
    for j in range(target.shape[1]):
        ranks = rankdata(np.concatenate([_column(target, j), _column(source, j)]))
        # Mann and Whitney (1947), from the sum of ranks; ties count half.
        aucs[j] = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)
    return np.maximum(aucs, 1.0 - aucs)


def _column(X: Any, j: int) -> Floats:
    column = X[:, [j]]
    return np.asarray(column.toarray() if hasattr(column, "toarray") else column, float).ravel()
