"""Sources at a chosen total weight against the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.errors import ConfigurationError
from transfergap.learners import Learner
from transfergap.learners.mitigations.facts import Facts, spelled
from transfergap.learners.mitigations.training_rows import own_weights
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Weighted:
    """Give all sources together a multiple of the weight of all target rows.

    Parameters
    ----------
    learner : Learner
        Must take sample weights; an estimator that takes none is resampled instead.
    ratio : float
        Weight of all source rows over that of all target rows, above 0; 1 is
        :class:`transfergap.learners.mitigations.Balanced`.

    Notes
    -----
    Assumes that the source is worth so much and no more; nothing is learned from the data. Costs
    nothing extra. Hurts where a good source is worth more. Among several ratios an audit chooses by
    trying each as an arm.

    Examples
    --------
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Weighted(FunctionLearner(lambda target, sources: sources[0].weights), ratio=0.5)
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.25, 0.25, 0.25, 0.25])
    """

    learner: Learner
    ratio: float = 0.25
    facts: ClassVar[Facts] = Facts(
        assumes="the sources are worth so much and no more",
        cost="1 fit",
        source="ours",
        weighs=True,
    )

    def __post_init__(self) -> None:
        if not 0 < self.ratio < np.inf:
            raise ConfigurationError(
                f"The weight ratio is {self.ratio!r}, but it must be above 0.",
                hint="1 gives the sources together the weight of the target",
            )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set with the sources' weights scaled."""
        if isinstance(train, TargetSet):
            return train
        source_weights = [own_weights(source) for source in train.sources]
        total = sum(float(weights.sum()) for weights in source_weights)
        share = self.ratio * float(own_weights(train.target).sum()) / total if total > 0 else 0.0
        sources = tuple(
            s.weighted(w * share) for s, w in zip(train.sources, source_weights, strict=True)
        )
        return TrainingSet(train.target, sources)

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the reweighted rows."""
        return self.learner.train(self.changed(training_set), seed=seed)

    def describe(self) -> str:
        """Return the mitigation around its learner, with its ratio."""
        return spelled(self)
