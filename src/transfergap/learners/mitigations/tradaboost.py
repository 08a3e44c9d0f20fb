"""Boosting that lets source rows fade: TrAdaBoost and its R2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.predictions import probabilities
from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import LearnerError
from transfergap.learners import Learner
from transfergap.learners.mitigations.mitigation import CLASSES, Facts, Mitigation, sources_of
from transfergap.learners.mitigations.models import takes_classes
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]
LEAST_ERROR = 0.01  # a faultless round would make target rows weigh infinitely much
LARGEST_ERROR = 0.5  # no better than chance: boosting ends

Errors = Callable[[Any, Sequence[Sample]], list[Floats]]


@dataclass(frozen=True)
class Rounds:
    """Models of the rounds that count, and their votes."""

    models: tuple[Any, ...]
    votes: Floats


def boosted(
    learner: Learner, train: TrainingSet, errors: Errors, *, n_rounds: int, seed: int
) -> Rounds | None:
    """Return the later half of the boosting rounds.

    ``None`` if no round is better than chance.

    Parameters
    ----------
    learner : Learner
    train : TrainingSet
        Target and sources with rows.
    errors : callable
        From a model and samples (the target first) to an error in [0, 1] for each row.
    n_rounds : int
    seed : int
        Of every fit.

    Notes
    -----
    Weights are scaled to a mean of one before each fit, so that penalties of the inner learner
    mean the same in every round.
    """
    samples = [train.target, *train.sources]
    sizes = [len(sample) for sample in samples]
    weights = np.concatenate([sample.weights_or_ones for sample in samples])
    n_target = sizes[0]
    n_source = max(len(weights) - n_target, 1)
    # Hedge's rate, fixed over the rounds (Dai et al. 2007, figure 1).
    fading = 1.0 / (1.0 + np.sqrt(2.0 * np.log(n_source) / n_rounds))
    models: list[Any] = []
    votes: list[float] = []
    for _ in range(n_rounds):
        weights = weights / weights.mean()
        target, *sources = (
            sample.weighted(part)
            for sample, part in zip(samples, np.split(weights, np.cumsum(sizes)[:-1]), strict=True)
        )
        model = learner.train(TrainingSet(target, tuple(sources)), seed=seed)
        error = np.concatenate(errors(model, samples))
        on_target = float(np.average(error[:n_target], weights=weights[:n_target]))
        if on_target >= LARGEST_ERROR:
            break
        on_target = max(on_target, LEAST_ERROR)
        gain = on_target / (1.0 - on_target)
        weights[:n_target] *= gain ** -error[:n_target]
        # Source rows lose weight where they are wrong, target rows gain it.
        weights[n_target:] *= fading ** error[n_target:]
        models.append(model)
        votes.append(float(np.log(1.0 / gain)))
    if not models:
        return None
    # The later half votes (Dai et al. 2007, figure 1).
    later = len(models) // 2
    return Rounds(tuple(models[later:]), np.array(votes[later:]))


@dataclass(frozen=True)
class TrAdaBoost(Mitigation):
    """Boost over target and sources, while misjudged source rows fade.

    Misjudged target rows grow.

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


@dataclass(frozen=True)
class TrAdaBoostR2(Mitigation):
    """Boost over target and sources by residuals.

    The weighted median of the rounds predicts.

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
