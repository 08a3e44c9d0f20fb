"""Source rows weighted by how typical they are of the target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Sample, stack_samples
from transfergap.learners.mitigations.training_rows import put_together, sources_of
from transfergap.learners.protocol import AnyTrainingSet

Floats = NDArray[np.float64]


def reweighted(
    train: AnyTrainingSet, ratios: Callable[[Floats, Floats], Floats], *, seed: int
) -> AnyTrainingSet:
    """Return the training set with source rows weighted by ratios of densities.

    Parameters
    ----------
    train : TargetSet or TrainingSet
        Without source rows or target rows it is returned as it is.
    ratios : callable
        From source rows and target rows, as numbers in the target's scale, to a weight for each
        source row; the sources are taken as one.
    seed : int
        For the view of texts and sparse rows as numbers.

    Notes
    -----
    A row's own weight is multiplied by its ratio, and the total weight of the sources stays as it
    was, so that only its distribution over rows changes.
    """
    target, sources = train.target, sources_of(train)
    if not sources or not len(target):
        return train
    view = fit_view(target.X, [source.X for source in sources], seed=seed)
    density_ratio = ratios(view.of(stack_samples(sources).X), view.of(target.X))
    source_weights = np.concatenate([source.weights_or_ones for source in sources])
    total = float((source_weights * density_ratio).sum())
    weights = (
        source_weights * density_ratio * (float(source_weights.sum()) / total)
        if total > 0
        else source_weights
    )
    return put_together(target, _shared_out(sources, weights))


def _shared_out(sources: tuple[Sample, ...], weights: Floats) -> list[Sample]:
    ends = np.cumsum([len(source) for source in sources])[:-1]
    return [s.weighted(part) for s, part in zip(sources, np.split(weights, ends), strict=True)]
