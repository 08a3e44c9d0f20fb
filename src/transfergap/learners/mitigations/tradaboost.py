"""TrAdaBoost for classes: source rows that the rounds get wrong lose weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners.mitigations.boosting_rounds import Rounds, boosted
from transfergap.learners.mitigations.facts import CLASSES, Facts, Mitigation
from transfergap.learners.mitigations.training_rows import sources_of
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrAdaBoost(Mitigation):
    """Boost over target and sources; source rows that are got wrong fade, target rows grow.

    Parameters
    ----------
    learner : Learner
        A classifier that takes sample weights; an estimator that takes none is resampled instead.
    n_rounds : int

    Notes
    -----
    The later half of the rounds decides, each with the published vote ln(1 / beta). Where the
    models tell probabilities, these are averaged instead of counting heads, since scores and
    rankings need more than a few values. More than two classes are handled as in AdaBoost.M1: a
    round must get at least half of the target's weight right, or boosting ends; if the first does
    not, that first model is returned as it is. Assumes that the source rows that disagree with the
    target are those that are hard to fit. Costs ``n_rounds`` fits. Hurts where the target's labels
    are noisy, since noise grows, and with strong inner models, whose first round leaves no errors.

    References
    ----------
    Dai, Yang, Xue and Yu (2007), Boosting for Transfer Learning, figure 1.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from transfergap.learners import EstimatorLearner
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> y, turned = (X[:, 0] > 0).astype(int), (X[:, 0] < 0).astype(int)
    >>> train = TrainingSet(Sample(X, y), (Sample(X[:18], turned[:18]),))
    >>> model = TrAdaBoost(EstimatorLearner(LogisticRegression())).train(train, seed=0)
    >>> model.predict([[-0.8], [0.8]]).tolist()
    [0, 1]
    """

    # Chosen by hand; each round costs a fit.
    n_rounds: int = 10
    facts: ClassVar[Facts] = Facts(
        assumes="source rows that contradict the target are the ones that are hard to fit",
        cost="10 fits, one after the other",
        source="Dai, Yang, Xue & Yu (2007), Boosting for Transfer Learning, figure 1",
        tasks=CLASSES,
        weighs=True,
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the vote of the later rounds."""
        sources = sources_of(training_set)
        if not sources or not len(training_set.target):
            return self.learner.train(training_set, seed=seed)
        non_empty = TrainingSet(training_set.target, sources)
        rounds = boosted(self.learner, non_empty, _mistakes, n_rounds=self.n_rounds, seed=seed)
        if rounds is None:
            return self.learner.train(training_set, seed=seed)
        labels = np.unique(np.concatenate([s.y for s in (training_set.target, *sources)]))
        are_soft = all(hasattr(model, "predict_proba") for model in rounds.models)
        return SoftVotes(rounds, labels) if are_soft else Votes(rounds, labels)


@dataclass(frozen=True)
class Votes:
    """Models that vote for classes.

    Parameters
    ----------
    rounds : Rounds
    classes_ : ndarray
        Sorted; the smallest wins a tie.
    """

    rounds: Rounds
    classes_: NDArray[Any]

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class with most votes."""
        return np.asarray(self.classes_[self._shares(X).argmax(axis=1)])

    def _shares(self, X: Any) -> Floats:
        total = sum(
            vote * (np.asarray(model.predict(X))[:, None] == self.classes_)
            for model, vote in zip(self.rounds.models, self.rounds.votes, strict=True)
        )
        return np.asarray(total, float) / float(self.rounds.votes.sum())


@dataclass(frozen=True)
class SoftVotes(Votes):
    """Models that vote with their probabilities."""

    def predict_proba(self, X: Any) -> Floats:
        """Return the weighted mean of the models' probabilities, columns as ``classes_``."""
        return self._shares(X)

    def _shares(self, X: Any) -> Floats:
        shares = np.stack([probabilities(model, X, self.classes_) for model in self.rounds.models])
        return np.asarray(np.average(shares, axis=0, weights=self.rounds.votes))


def _mistakes(model: Any, samples: Sequence[Sample]) -> list[Floats]:
    return [np.asarray(np.asarray(model.predict(s.X)) != s.y, float) for s in samples]
