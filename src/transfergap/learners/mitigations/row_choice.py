"""Rows chosen: the target's, the sources', without copies, trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from transfergap.data.digests import row_keys
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.learners.mitigations.cross_fitting import N_FOLDS, cross_fitted, inner_folds
from transfergap.learners.mitigations.mitigation import (
    Facts,
    Mitigation,
    SetChange,
    put_together,
    sources_of,
    without_rows,
)
from transfergap.learners.mitigations.models import label_likelihood, tells_classes
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class TargetOnly(SetChange):
    """Leave the sources out of training.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    Beside an arm whose learner is not the model under audit, this shows how much of its gap comes
    from the learner and not from the sources.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> one = Sample(np.zeros((2, 1)), np.zeros(2))
    >>> learner = TargetOnly(FunctionLearner(lambda target, sources: len(sources)))
    >>> learner.train(TrainingSet(one, (one,)), seed=0)
    0
    """

    facts: ClassVar[Facts] = Facts(
        assumes="nothing of the sources",
        cost="1 fit",
        source="Daumé (2007), Frustratingly Easy Domain Adaptation, TGTONLY",
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set without sources."""
        return TargetSet(train.target)


@dataclass(frozen=True)
class SourceOnly(Mitigation):
    """Leave the target's rows out of training.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    Since no target row is learned from, one fit serves every split (``uses_target`` is False).
    """

    uses_target: ClassVar[bool] = False
    facts: ClassVar[Facts] = Facts(
        assumes="the target is like the sources",
        cost="1 fit for all splits",
        source="Daumé (2007), Frustratingly Easy Domain Adaptation, SRCONLY",
    )

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the sources alone.

        Raises
        ------
        TypeError
            If there is no source to learn from.
        """
        if isinstance(training_set, TargetSet):
            raise TypeError("An arm that learns from sources only needs at least one source.")
        alone = TrainingSet(without_rows(training_set.target), training_set.sources)
        return self.learner.train(alone, seed=seed)


@dataclass(frozen=True)
class Deduplicated(SetChange):
    """Keep the first of equal source rows: equal columns and equal label.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    Assumes that a copy is a copy, and not another case that happens to look alike: in tables of few
    coarse columns it throws cases away. Costs nothing extra.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> one, three = Sample(np.zeros((1, 1)), np.zeros(1)), Sample(np.ones((3, 1)), np.ones(3))
    >>> learner = Deduplicated(FunctionLearner(lambda target, sources: len(sources[0])))
    >>> learner.train(TrainingSet(one, (three,)), seed=0)
    1
    """

    facts: ClassVar[Facts] = Facts(
        assumes="equal rows with equal labels are copies of one case",
        cost="1 fit",
        source="ours",
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set without copies in its sources."""
        if isinstance(train, TargetSet):
            return train
        return TrainingSet(train.target, tuple(without_copies(s) for s in train.sources))


def without_copies(source: Sample) -> Sample:
    """Return a source without repeated pairs of row and label."""
    import pandas as pd

    if len(source) == 0:
        return source
    rows = pd.DataFrame({"key": row_keys(source.X), "label": source.y})
    copies = rows.duplicated().to_numpy()
    return source.rows(np.flatnonzero(~copies)) if copies.any() else source


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrustedRows(Mitigation):
    """Drop source rows whose labels a target model finds unlikely.

    The model is cross-fitted.

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
