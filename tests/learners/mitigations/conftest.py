"""Learners that show what they were given."""

from typing import Any

import numpy as np
import pytest

from transfergap.data.problem import Sample, TrainingSet
from transfergap.learners import FunctionLearner


@pytest.fixture
def shown() -> FunctionLearner:
    """A learner whose model is the training set that it was given."""
    return FunctionLearner(lambda target, sources: TrainingSet(target, tuple(sources)))


@pytest.fixture
def moved() -> TrainingSet:
    """A source whose columns are stretched and moved, beside a target."""
    rng = np.random.default_rng(5)

    def sample(n: int, stretch: Any, shift: Any) -> Sample:
        X = rng.normal(size=(n, 3))
        return Sample(X * stretch + shift, (X[:, 0] > 0).astype(int))

    return TrainingSet(sample(60, 1.0, 0.0), (sample(90, [3.0, 1.0, 0.2], [5.0, 0.0, -1.0]),))
