"""Parts that mitigations share: an inner learner, a description, and facts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any

from transfergap.data.problem import Sample, TrainingSet
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
    """A mitigation that only changes the training set, by no label of the target."""

    @abstractmethod
    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set that the inner learner sees."""

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the changed training set."""
        return self.learner.train(self.changed(training_set), seed=seed)


@dataclass(frozen=True)
class SourceChange(Mitigation, ABC):
    """A mitigation that changes each source by itself, beside the target."""

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
