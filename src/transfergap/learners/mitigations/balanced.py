"""Sources weighted 50/50 against the target, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.learners import Learner, describe
from transfergap.learners.mitigations.facts import Facts
from transfergap.learners.mitigations.training_rows import own_weights
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Balanced:
    """Give all sources together the weight of all target rows.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.

    Notes
    -----
    Target rows keep their weights, or weigh 1; a source row weighs their sum over the number of
    source rows, times its own weight if it has one. Assumes that the sources are equally
    trustworthy row by row. Costs nothing extra. Hurts where a large good source is worth more than
    half.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Balanced(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.5, 0.5, 0.5, 0.5])
    """

    learner: Learner
    facts: ClassVar[Facts] = Facts(
        assumes="the sources are worth no more than the target, and are alike row by row",
        cost="1 fit",
        source="ours; cf. Daumé (2007), Frustratingly Easy Domain Adaptation, WEIGHTED",
        weighs=True,
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set with balanced weights."""
        if isinstance(train, TargetSet):
            return train
        source_weights = [own_weights(source) for source in train.sources]
        total = sum(float(weights.sum()) for weights in source_weights)
        share = float(own_weights(train.target).sum()) / total if total > 0 else 0.0
        sources = tuple(
            s.weighted(w * share) for s, w in zip(train.sources, source_weights, strict=True)
        )
        return TrainingSet(train.target, sources)

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""
        return self.learner.train(self.changed(training_set), seed=seed)

    def describe(self) -> str:
        """Return the mitigation around its learner."""
        return f"Balanced({describe(self.learner)})"
