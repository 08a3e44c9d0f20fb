"""Source rows filtered by a model of the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TargetSet
from transfergap.learners.mitigations.answers import label_likelihood, tells_classes
from transfergap.learners.mitigations.cross_fitting import N_FOLDS, cross_fitted, inner_folds
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.training_rows import put_together, sources_of
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrustedRows(Mitigation):
    """Drop the source rows whose labels a cross-fitted model of the target finds unlikely.

    Parameters
    ----------
    learner : Learner
        Fits the models that judge, and the model that is returned.
    chance_share : float
        Classes: a row goes if its label's probability, averaged over the models, is below this
        share of 1 / number of the target's classes. Models that tell no probabilities vote.
    spreads : float
        Numbers: a row goes if it is further from the models' mean than this many root mean squares
        of the target's own residuals, which are taken out of fold.
    n_folds : int
        At most.

    Notes
    -----
    Assumes that the target's rows alone make a model good enough to judge rows by. Costs
    ``n_folds`` + 1 fits. Hurts where the target is so small that its model is wrong with
    confidence: then exactly the rows that could teach it go. A target too small to be cut filters
    nothing. It uses target labels, so no closed form sees through it.

    References
    ----------
    Jiang and Zhai (2007), Instance Weighting for Domain Adaptation in NLP, section 3; three
    standard deviations as in Shewhart's control charts.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> from transfergap.data.problem import TrainingSet
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> source = Sample(np.array([[0.5], [0.5]]), np.array([0.5, 9.0]))
    >>> learner = TrustedRows(EstimatorLearner(Ridge()))
    >>> kept = learner.trusted(TrainingSet(Sample(X, X[:, 0]), (source,)), seed=0)
    >>> kept.sources[0].y.tolist()
    [0.5]
    """

    # Chosen by hand: half of chance, and three spreads, drop only clear contradictions.
    chance_share: float = 0.5
    spreads: float = 3.0
    n_folds: int = N_FOLDS
    facts: ClassVar[Facts] = Facts(
        assumes="the target alone makes a model that is good enough to judge rows by",
        cost="6 fits (5 folds of the target, and the model)",
        source="Jiang & Zhai (2007), Instance Weighting for Domain Adaptation in NLP, section 3",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Fit the inner learner on target rows and trusted source rows."""
        return self.learner.train(self.trusted(training_set, seed=seed), seed=seed)

    def trusted(self, train: AnyTrainingSet, *, seed: int) -> AnyTrainingSet:
        """Return the training set without the rows that are found unlikely."""
        target, sources = train.target, sources_of(train)
        if not sources or not len(target):
            return train
        folds = inner_folds(target, seed=seed, n_folds=self.n_folds)
        if folds is None:
            return train
        models, squares = [], np.empty(len(target))
        for tested, model in cross_fitted(self.learner, TargetSet(target), folds, seed=seed):
            models.append(model)
            if not tells_classes(model, target.y):
                rows = target.rows(tested)
                squares[tested] = (np.asarray(model.predict(rows.X), float).ravel() - rows.y) ** 2
        if tells_classes(models[0], target.y):
            parts = [s.rows(self._likely(models, s, np.unique(target.y))) for s in sources]
        else:
            reach = self.spreads * float(np.sqrt(squares.mean()))
            parts = [s.rows(_away(models, s) <= reach) for s in sources]
        return put_together(target, parts)

    def _likely(self, models: list[Any], source: Sample, labels: NDArray[Any]) -> NDArray[np.bool_]:
        likelihood = np.mean([label_likelihood(m, source, labels) for m in models], axis=0)
        return np.asarray(likelihood >= self.chance_share / len(labels))


def _away(models: list[Any], source: Sample) -> Floats:
    predictions = np.mean([np.asarray(m.predict(source.X), float).ravel() for m in models], axis=0)
    return np.asarray(np.abs(predictions - source.y))
