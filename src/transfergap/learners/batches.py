"""Fits that are made together: many small networks are one program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from transfergap.learners.protocol import AnyTrainingSet, Learner


@runtime_checkable
class FitsMany(Protocol):
    """A learner that fits many training sets at once, faster than singly.

    The models must be those of single fits with the same seeds, up to rounding.
    """

    @property
    def most_at_once(self) -> int:
        """Number of fits worth making together; 1 if made singly."""
        ...

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the models, in order."""
        ...


def most_at_once(learner: object) -> int:
    """Return how many fits are worth making together, at least 1.

    Examples
    --------
    >>> most_at_once(object())
    1
    """
    return learner.most_at_once if isinstance(learner, FitsMany) else 1


def fit_all(
    learner: Learner, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]
) -> list[Any]:
    """Fit a model for each training set, together where possible.

    Parameters
    ----------
    learner : Learner
    trains : sequence of TargetSet or TrainingSet
    seeds : sequence of int
        One for each.
    """
    size = most_at_once(learner)
    if size <= 1 or not isinstance(learner, FitsMany):
        return [learner.train(train, seed=seed) for train, seed in zip(trains, seeds, strict=True)]
    models: list[Any] = []
    for start in range(0, len(trains), size):
        chosen = slice(start, start + size)
        models += learner.fit_many(trains[chosen], seeds=seeds[chosen])
    return models
