"""Sources at a chosen total weight against the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from transfergap.errors import ConfigurationError
from transfergap.learners.mitigations.facts import Facts, SetChange
from transfergap.learners.mitigations.training_rows import with_source_weight
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Weighted(SetChange):
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
    >>> from transfergap.data.problem import TrainingSet
    >>> from transfergap.learners import FunctionLearner
    >>> from transfergap.data.problem import Sample
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Weighted(FunctionLearner(lambda target, sources: sources[0].weights), ratio=0.5)
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.25, 0.25, 0.25, 0.25])
    """

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
        return with_source_weight(train, self.ratio)
