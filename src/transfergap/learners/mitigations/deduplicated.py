"""Each different source row once: copies add weight, not evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from transfergap.data.duplicates import row_keys
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.learners.mitigations.facts import Facts, SetChange
from transfergap.learners.protocol import AnyTrainingSet


@dataclass(frozen=True)
class Deduplicated(SetChange):
    """Keep the first of equal source rows: equal columns and equal label.

    Parameters
    ----------
    learner : Learner

    Notes
    -----
    Assumes that a copy is a copy, and not another case that happens to look alike: in tables of few
    coarse columns it throws cases away. Costs nothing extra.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.learners import FunctionLearner
    >>> one, three = Sample(np.zeros((1, 1)), np.zeros(1)), Sample(np.ones((3, 1)), np.ones(3))
    >>> learner = Deduplicated(FunctionLearner(lambda target, sources: len(sources[0])))
    >>> learner.train(TrainingSet(one, (three,)), seed=0)
    1
    """

    facts: ClassVar[Facts] = Facts(
        assumes="equal rows with equal labels are copies of one case",
        cost="1 fit",
        source="ours",
    )

    def changed(self, train: AnyTrainingSet) -> AnyTrainingSet:
        """Return the training set without copies in its sources."""
        if isinstance(train, TargetSet):
            return train
        return TrainingSet(train.target, tuple(without_copies(s) for s in train.sources))


def without_copies(source: Sample) -> Sample:
    """Return a source without repeated pairs of row and label."""
    import pandas as pd

    if len(source) == 0:
        return source
    rows = pd.DataFrame({"key": row_keys(source.X), "label": source.y})
    copies = rows.duplicated().to_numpy()
    return source.rows(np.flatnonzero(~copies)) if copies.any() else source
