"""Parts of a training set: sources with rows, weights as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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


def own_weights(sample: Sample) -> NDArray[np.float64]:
    """Return a sample's weights, one a row where it has none."""
    return np.ones(len(sample)) if sample.weights is None else sample.weights


def without_rows(sample: Sample) -> Sample:
    """Return the sample with no row left."""
    return sample.rows(np.zeros(len(sample), bool))
