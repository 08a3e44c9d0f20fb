"""Rounds of both TrAdaBoosts: source rows fade, target rows gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners import Learner

Floats = NDArray[np.float64]
LEAST_ERROR = 0.01  # a faultless round would make target rows weigh infinitely much
LARGEST_ERROR = 0.5  # no better than chance: boosting ends

Errors = Callable[[Any, Sequence[Sample]], list[Floats]]


@dataclass(frozen=True)
class Rounds:
    """Models of the rounds that count, and their votes."""

    models: tuple[Any, ...]
    votes: Floats


def boosted(
    learner: Learner, train: TrainingSet, errors: Errors, *, n_rounds: int, seed: int
) -> Rounds | None:
    """Return the later half of the boosting rounds.

    ``None`` if no round is better than chance.

    Parameters
    ----------
    learner : Learner
    train : TrainingSet
        Target and sources with rows.
    errors : callable
        From a model and samples (the target first) to an error in [0, 1] for each row.
    n_rounds : int
    seed : int
        Of every fit.

    Notes
    -----
    Weights are scaled to a mean of one before each fit, so that penalties of the inner learner
    mean the same in every round.
    """
    samples = [train.target, *train.sources]
    sizes = [len(sample) for sample in samples]
    weights = np.concatenate([sample.weights_or_ones for sample in samples])
    n_target = sizes[0]
    n_source = max(len(weights) - n_target, 1)
    # Hedge's rate, fixed over the rounds (Dai et al. 2007, figure 1).
    fading = 1.0 / (1.0 + np.sqrt(2.0 * np.log(n_source) / n_rounds))
    models: list[Any] = []
    votes: list[float] = []
    for _ in range(n_rounds):
        weights = weights / weights.mean()
        target, *sources = (
            sample.weighted(part)
            for sample, part in zip(samples, np.split(weights, np.cumsum(sizes)[:-1]), strict=True)
        )
        model = learner.train(TrainingSet(target, tuple(sources)), seed=seed)
        error = np.concatenate(errors(model, samples))
        on_target = float(np.average(error[:n_target], weights=weights[:n_target]))
        if on_target >= LARGEST_ERROR:
            break
        on_target = max(on_target, LEAST_ERROR)
        gain = on_target / (1.0 - on_target)
        weights[:n_target] *= gain ** -error[:n_target]
        # Source rows lose weight where they are wrong, target rows gain it.
        weights[n_target:] *= fading ** error[n_target:]
        models.append(model)
        votes.append(float(np.log(1.0 / gain)))
    if not models:
        return None
    # The later half votes (Dai et al. 2007, figure 1).
    later = len(models) // 2
    return Rounds(tuple(models[later:]), np.array(votes[later:]))
