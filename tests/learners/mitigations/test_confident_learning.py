"""Confident learning drops wrong labels of a source, and keeps what it cannot judge."""

from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import LearnerError, MissingExtraError
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.learners.mitigations import ConfidentLearning

needs_cleanlab = pytest.mark.skipif(
    find_spec("cleanlab") is None, reason="needs the extra noise: pip install cleanlab"
)


def rows(n, rng):
    X = rng.normal(size=(n, 2))
    return X, (X[:, 0] > 0).astype(int)


def kept(source, model=None):
    """Return the source rows that the last fit gets, the target's taken off."""
    rng = np.random.default_rng(0)
    target = Sample(*rows(20, rng))
    inner = EstimatorLearner(LogisticRegression() if model is None else model)
    seen = []

    class Watched:
        estimator = inner.estimator

        def train(self, training_set, *, seed):
            seen.append(training_set)
            return inner.train(training_set, seed=seed)

        def describe(self):
            return "Watched"

    ConfidentLearning(Watched()).train(TrainingSet(target, (source,)), seed=0)
    return seen[-1].sources[0], len(seen)


@needs_cleanlab
@pytest.mark.parametrize("model", [LogisticRegression(), LinearSVC()])
def test_flipped_labels_go_and_right_ones_mostly_stay(model):
    X, y = rows(200, np.random.default_rng(1))
    wrong = (np.arange(200) < 30) & (np.abs(X[:, 0]) > 0.3)
    source, n_fits = kept(Sample(X, np.where(wrong, 1 - y, y)), model)
    assert n_fits == 6
    left = {tuple(row) for row in source.X.tolist()}
    assert sum(tuple(row) in left for row in X[wrong].tolist()) <= 0.15 * wrong.sum()
    assert len(source) >= 0.85 * (200 - wrong.sum())


@needs_cleanlab
def test_rows_of_rare_classes_stay():
    X, y = rows(60, np.random.default_rng(2))
    labels = np.array(["no", "yes", "rare"])[np.where(np.arange(60) < 3, 2, y)]
    source, _ = kept(Sample(X, labels))
    assert (source.y == "rare").sum() == 3


def test_numbers_are_refused():
    train = TrainingSet(
        Sample(np.zeros((3, 1)), np.array([0.1, 0.5, 0.7])), (Sample(np.ones((3, 1)), np.ones(3)),)
    )
    with pytest.raises(LearnerError, match="wrong classes"):
        ConfidentLearning(FunctionLearner(print)).train(train, seed=0)


def test_without_cleanlab_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "cleanlab", None)
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(MissingExtraError, match="cleanlab") as caught:
        kept(Sample(*rows(30, np.random.default_rng(3))))
    assert "transfergap[noise]" in caught.value.hint
