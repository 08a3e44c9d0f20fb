"""Parts that mitigations share: a base, facts, and training sets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from transfergap.data.problem import OpaqueSource, Sample, TargetSet, TrainingSet
from transfergap.data.task import BINARY, MULTICLASS, REGRESSION
from transfergap.learners import Learner, describe
from transfergap.learners.protocol import AnyTrainingSet

CLASSES: tuple[str, ...] = (BINARY, MULTICLASS)


@dataclass(frozen=True)
class Facts:
    """Facts of a kind of mitigation, as ``transfergap list mitigations`` prints them.

    Parameters
    ----------
    assumes : str
        What must hold for it to help.
    cost : str
        Fits of the inner learner, and what else takes time.
    source : str
        The paper, with the section; "ours" where there is none.
    tasks : tuple of str
        Kinds of labels that it can handle.
    weighs : bool
        Whether it hands sample weights to the inner learner.

    Examples
    --------
    >>> Facts("rows are alike", "1 fit", "ours").tasks
    ('binary', 'multiclass', 'regression')
    """

    assumes: str
    cost: str
    source: str
    tasks: tuple[str, ...] = (*CLASSES, REGRESSION)
    weighs: bool = False


def facts_of(mitigation: object) -> Facts | None:
    """Return the facts of a mitigation or class; ``None`` without any."""
    facts = getattr(mitigation, "facts", None)
    return facts if isinstance(facts, Facts) else None


def spelled(mitigation: Any) -> str:
    """Describe a mitigation by every parameter.

    A changed parameter is a changed design.

    Parameters
    ----------
    mitigation : dataclass instance
        With a field ``learner``, which comes first.
    """
    name = type(mitigation).__name__
    inside = [describe(mitigation.learner)]
    for field in fields(mitigation):
        if field.name != "learner":
            inside.append(f"{field.name}={describe(getattr(mitigation, field.name))}")
    return f"{name}({', '.join(inside)})"


@dataclass(frozen=True)
class Mitigation:
    """A learner around a learner, described by every parameter."""

    learner: Learner

    def describe(self) -> str:
        """Return the mitigation with its learner and parameters."""
        return spelled(self)


@dataclass(frozen=True)
class SetChange(Mitigation, ABC):
    """Mitigation that only changes the training set.

    It uses no label of the target.
    """

    @abstractmethod
    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set that the inner learner sees."""

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the changed training set."""
        return self.learner.train(self.changed(training_set), seed=seed)


@dataclass(frozen=True)
class SourceChange(Mitigation, ABC):
    """A mitigation that changes each source alone, beside the target."""

    @abstractmethod
    def changed_source(self, source: Sample, target: Sample, seed: int) -> Sample:
        """Return the source that the inner learner sees."""

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the target and the changed sources."""
        if not isinstance(training_set, TrainingSet):
            return self.learner.train(training_set, seed=seed)
        target = training_set.target
        sources = tuple(self.changed_source(s, target, seed) for s in training_set.sources)
        return self.learner.train(TrainingSet(target, sources), seed=seed)


def sources_of(train: AnyTrainingSet) -> tuple[Sample, ...]:
    """Return the sources that have rows; none of the control's training set."""
    if isinstance(train, TargetSet):
        return ()
    return tuple(source for source in train.sources if len(source))


def others_of(train: AnyTrainingSet) -> tuple[OpaqueSource, ...]:
    """Return pretrained models and other tasks; none of the control's training set."""
    return () if isinstance(train, TargetSet) else train.others


def put_together(
    target: Sample, sources: Sequence[Sample], non_tabular: Sequence[OpaqueSource] = ()
) -> AnyTrainingSet:
    """Return a training set of the sources that have rows.

    The control's kind where no source has rows and there is no model or task.
    """
    non_empty = tuple(source for source in sources if len(source))
    return (
        TrainingSet(target, non_empty, tuple(non_tabular))
        if non_empty or non_tabular
        else TargetSet(target)
    )


def without_rows(sample: Sample) -> Sample:
    """Return the sample with no row left."""
    return sample.rows(np.zeros(len(sample), bool))


def with_source_weight(train: AnyTrainingSet, ratio: float) -> AnyTrainingSet:
    """Return a training set whose sources weigh ``ratio`` times the target, together."""
    if isinstance(train, TargetSet):
        return train
    source_weights = [source.weights_or_ones for source in train.sources]
    total = sum(float(weights.sum()) for weights in source_weights)
    share = ratio * float(train.target.weights_or_ones.sum()) / total if total > 0 else 0.0
    sources = tuple(
        s.weighted(w * share) for s, w in zip(train.sources, source_weights, strict=True)
    )
    return TrainingSet(train.target, sources)
