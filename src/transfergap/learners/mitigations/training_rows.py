"""Parts of a training set: sources with rows, weights as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transfergap.data.problem import OpaqueSource, Sample, TargetSet, TrainingSet
from transfergap.learners.protocol import AnyTrainingSet


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
