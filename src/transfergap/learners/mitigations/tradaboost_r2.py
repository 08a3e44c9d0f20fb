"""TrAdaBoost.R2 for numbers: source rows with large residuals lose weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import LearnerError
from transfergap.learners.mitigations.answers import takes_classes
from transfergap.learners.mitigations.boosting_rounds import Rounds, boosted
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.training_rows import sources_of
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrAdaBoostR2(Mitigation):
    """Boost over target and sources by residuals; the weighted median of the rounds predicts.

    Parameters
    ----------
    learner : Learner
        A regressor that takes sample weights; an estimator that takes none is resampled instead.
    n_rounds : int

    Notes
    -----
    A row's error is its residual as a share of the largest. This is the direct form, not the
    two-stage one, which freezes source weights and needs some hundred fits. If the first round
    errs by half of the largest residual on average, its model is returned as it is. Assumes that
    source rows that disagree with the target have large residuals. Costs ``n_rounds`` fits. Hurts
    where residuals have long tails, since the largest one sets the scale of all, and with noisy
    target rows, which grow.

    References
    ----------
    Pardoe and Stone (2010), Boosting for Regression Transfer, TrAdaBoost.R2; Drucker (1997),
    Improving Regressors using Boosting Techniques, for the weighted median.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> train = TrainingSet(Sample(X, X[:, 0]), (Sample(X[:10], 9 + X[:10, 0]),))
    >>> ridge = EstimatorLearner(Ridge())
    >>> far = abs(ridge.train(train, seed=0).predict([[0.0]])[0])
    >>> bool(abs(TrAdaBoostR2(ridge).train(train, seed=0).predict([[0.0]])[0]) < far)
    True
    """

    n_rounds: int = 10
    facts: ClassVar[Facts] = Facts(
        assumes="source rows that contradict the target have large residuals",
        cost="10 fits, one after the other",
        source="Pardoe & Stone (2010), Boosting for Regression Transfer, TrAdaBoost.R2",
        tasks=("regression",),
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the weighted median of the later rounds.

        Raises
        ------
        LearnerError
            If labels are classes.
        """
        sources = sources_of(training_set)
        if takes_classes(self.learner, training_set.target.y):
            raise LearnerError(
                "TrAdaBoost.R2 needs numbers as labels, and these are classes.",
                hint="use TrAdaBoost",
            )
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        non_empty = TrainingSet(training_set.target, sources)
        rounds = boosted(self.learner, non_empty, _shares, n_rounds=self.n_rounds, seed=seed)
        return (
            self.learner.train(training_set, seed=seed)
            if rounds is None
            else WeightedMedian(rounds)
        )


@dataclass(frozen=True)
class WeightedMedian:
    """Models whose weighted median is the answer."""

    rounds: Rounds

    def predict(self, X: Any) -> Floats:
        """Return each row's weighted median prediction.

        The smallest prediction with half of the votes at or below it.
        """
        predictions = np.stack(
            [np.asarray(m.predict(X), float).ravel() for m in self.rounds.models]
        )
        order = predictions.argsort(axis=0, kind="stable")
        reached = np.cumsum(self.rounds.votes[order], axis=0)
        # The weighted median: half of the votes, by log(1 / beta), at or below.
        first = (reached >= 0.5 * reached[-1]).argmax(axis=0)
        at = np.arange(predictions.shape[1])
        return np.asarray(predictions[order[first, at], at])


def _shares(model: Any, samples: Sequence[Sample]) -> list[Floats]:
    away = [np.abs(np.asarray(model.predict(s.X), float).ravel() - s.y) for s in samples]
    # Adjusted errors of AdaBoost.R2, linear loss (Drucker 1997).
    largest = max(float(part.max()) for part in away)
    return [part / largest if largest > 0 else part for part in away]
