"""The target without sources: the gain of another model alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from transfergap.data.problem import TargetSet
from transfergap.learners.mitigations.facts import Facts, SetChange
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
