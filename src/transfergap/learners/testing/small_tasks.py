"""Small tasks for contract kits, plain and odd, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.data.task import find_task
from transfergap.learners import EstimatorLearner, Learner

N_TARGET, N_TEST, N_COLUMNS = 30, 12, 4  # seconds for all mitigations; chosen by hand
NAMES = {
    "texts": np.array(["ant", "bee", "cat"]),
    "minus one and one": np.array([-1, 1, 3]),
    "numbers from three": np.array([3.0, 4.0, 5.0]),
}


@dataclass(frozen=True)
class SmallTask:
    """A target whose last rows are held out, and two sources."""

    target: Sample
    sources: tuple[Sample, ...]

    @property
    def train(self) -> TrainingSet:
        """The training set; its arrays are parts of the target's, not copies."""
        rows = slice(None, N_TARGET)
        return TrainingSet(Sample(self.target.X[rows], self.target.y[rows]), self.sources)

    @property
    def tested(self) -> Any:
        """The rows that are held out."""
        return self.target.X[N_TARGET:]

    def with_rows(self, change: Callable[[Any], Any]) -> SmallTask:
        """Return the task with the rows of every sample changed."""
        return SmallTask(
            replace(self.target, X=change(self.target.X)),
            tuple(replace(source, X=change(source.X)) for source in self.sources),
        )

    def with_labels(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> SmallTask:
        """Return the task with the labels of every sample changed."""
        return SmallTask(
            replace(self.target, y=change(self.target.y)),
            tuple(replace(source, y=change(source.y)) for source in self.sources),
        )


def small_task(task: str) -> SmallTask:
    """Return the plain task: numeric rows, labels 0, 1, 2 or numbers.

    Examples
    --------
    >>> len(small_task("binary").train.target)
    30
    """
    kind, rng = find_task(task), np.random.default_rng(7)

    def drawn(n: int, shift: float) -> Sample:
        X = rng.normal(size=(n, N_COLUMNS)) + shift
        score = X[:, 0] + 0.5 * X[:, 1] + 0.5 * rng.normal(size=n) - 1.5 * shift
        if not kind.has_classes:
            return Sample(X, score)
        cuts = [0.0] if kind.has_two_classes else [-0.5, 0.5]
        y = np.digitize(score, cuts)
        y[: len(cuts) + 1] = np.arange(len(cuts) + 1)  # every class, among the first rows too
        y[-len(cuts) - 1 :] = np.arange(len(cuts) + 1)
        return Sample(X, y)

    return SmallTask(drawn(N_TARGET + N_TEST, 0.0), (drawn(40, 0.4), drawn(25, -0.2)))


def plain_learner(task: str, *, strength: float = 1.0) -> Learner:
    """Return a linear learner that takes weights and missing values."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    has_classes = find_task(task).has_classes
    last = LogisticRegression(C=1.0 / strength) if has_classes else Ridge(strength)
    return EstimatorLearner(make_pipeline(SimpleImputer(), StandardScaler(), last))
