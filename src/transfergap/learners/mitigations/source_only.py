"""The sources without the target: the third baseline, shown for information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.learners.mitigations.facts import Facts, Mitigation
from transfergap.learners.mitigations.training_rows import without_rows
from transfergap.learners.protocol import AnyTrainingSet


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
