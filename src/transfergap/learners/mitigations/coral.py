"""CORAL: source rows whose means and covariances are made the target's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from transfergap.data.problem import Sample
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.number_columns import NumberColumns
from transfergap.learners.mitigations.skada_adapter import adapted_rows
from transfergap.learners.mitigations.training_rows import put_together, sources_of
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class CORAL(Mitigation):
    """Give each source the target's means and covariances (correlation alignment; skada).

    Parameters
    ----------
    learner : Learner
    shrinkage : float
        Of both covariances towards the identity times their mean variance, in (0, 1]. Half is what
        the paper does, which adds an identity to each. Ledoit and Wolf's, skada's default, can
        leave covariances of collinear columns singular, and then gives NaN.

    Notes
    -----
    Rows of the target stay as they are, and the model predicts them as they come. Only columns of
    numbers that vary in both domains are aligned: categories, dates and texts inside a table stay.
    Each source is aligned separately; one with a single row stays. Assumes that the domains differ
    by a linear map of the columns, one that leaves labels alone. Costs one fit and two
    eigendecompositions; needs the extra ``da``. Hurts where the means differ because the classes'
    shares or the labels do, and where the target has too few rows for its covariance. Labels are
    not used. Sparse rows and lists of texts are refused.

    References
    ----------
    Sun, Feng and Saenko (2016), Return of Frustratingly Easy Domain Adaptation, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> train = TrainingSet(Sample(X, np.zeros(3)), (Sample(10 * X + 7, np.zeros(3)),))
    >>> learner = CORAL(FunctionLearner(lambda target, sources: sources[0].X))
    >>> learner.train(train, seed=0).round(6).ravel().tolist()
    [0.0, 1.0, 2.0]
    """

    shrinkage: float = 0.5
    facts: ClassVar[Facts] = Facts(
        assumes="the domains differ by a linear map of the columns that leaves labels alone",
        cost="1 fit, and two eigendecompositions a source; needs the extra da",
        source="Sun, Feng & Saenko (2016), Return of Frustratingly Easy Domain Adaptation, alg. 1",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner on target rows and aligned source rows."""
        aligned = [
            self._aligned(source, training_set.target) for source in sources_of(training_set)
        ]
        return self.learner.train(put_together(training_set.target, aligned), seed=seed)

    def _aligned(self, source: Sample, target: Sample) -> Sample:
        columns = NumberColumns.of(target.X, source.X)
        if min(len(source), len(target)) < 2 or not columns.positions:
            return source
        target_numbers = columns.numbers(target.X)
        aligned = adapted_rows(
            "CORALAdapter", columns.numbers(source.X), target_numbers, reg=self.shrinkage
        )  # centred at zero
        return replace(source, X=columns.put(source.X, aligned + target_numbers.mean(axis=0)))
