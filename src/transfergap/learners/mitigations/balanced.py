"""Sources weighted 50/50 against the target, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from transfergap.learners.mitigations.facts import Facts, SetChange
from transfergap.learners.mitigations.training_rows import with_source_weight
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Balanced(SetChange):
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
    >>> from transfergap.data.problem import Sample, TrainingSet
    >>> two, four = Sample(np.zeros((2, 1)), np.zeros(2)), Sample(np.zeros((4, 1)), np.zeros(4))
    >>> learner = Balanced(FunctionLearner(lambda target, sources: sources[0].weights))
    >>> learner.train(TrainingSet(two, (four,)), seed=0)
    array([0.5, 0.5, 0.5, 0.5])
    """

    facts: ClassVar[Facts] = Facts(
        assumes="the sources are worth no more than the target, and are alike row by row",
        cost="1 fit",
        source="ours; cf. Daumé (2007), Frustratingly Easy Domain Adaptation, WEIGHTED",
        weighs=True,
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set with balanced weights."""
        return with_source_weight(train, 1.0)
