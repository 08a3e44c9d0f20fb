"""Models whose training rows are a context: limits are kept, the target comes first."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from transfergap import audit, screen
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.errors import ConfigurationError
from transfergap.learners import InContextLearner


class Attention(ClassifierMixin, BaseEstimator):
    """A stand-in with the interface of TabPFN: softmax attention over the rows it was given."""

    def __init__(self, limit=60):
        self.limit = limit

    def fit(self, X, y):
        if len(X) > self.limit:
            raise ValueError("more rows than the context holds")
        self.classes_, self.codes_ = np.unique(y, return_inverse=True)
        self.context_ = np.asarray(X, float)
        return self

    def predict_proba(self, X):
        apart = ((np.asarray(X, float)[:, None] - self.context_[None]) ** 2).sum(axis=2)
        weights = np.exp(-2 * (apart - apart.min(axis=1, keepdims=True)))
        shares = weights @ np.eye(len(self.classes_))[self.codes_]
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def rows(n, sign=1, seed=0, p=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (sign * X.sum(axis=1) + 0.5 * rng.normal(size=n) > 0).astype(int)


@pytest.mark.parametrize(("n_target", "sizes", "places"), [
    (20, (30, 10), (30, 10)), (20, (300, 100), (30, 10)),
    (60, (50,), (0,)), (0, (90, 30), (45, 15)),
])  # fmt: skip
def test_target_rows_come_first_and_sources_share_the_rest(n_target, sizes, places):
    samples = tuple(Sample(*rows(n, seed=n)) for n in sizes)
    context = InContextLearner(Attention(), max_rows=60).context(
        TrainingSet(Sample(*rows(n_target)), samples), seed=1
    )
    assert len(context.target) == n_target
    assert tuple(len(s) for s in context.sources) == places


def test_a_target_beyond_the_limit_is_drawn_by_the_seed():
    whole = TargetSet(Sample(*rows(100)))
    learner = InContextLearner(Attention(), max_rows=60)
    drawn = [learner.context(whole, seed=s).target.X for s in (1, 1, 2)]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])
    assert len(drawn[0]) == 60


@pytest.mark.parametrize("limits", [{"max_columns": 2}, {"max_classes": 1}])
def test_too_many_columns_or_classes_are_an_error_with_a_hint(limits):
    with pytest.raises(ConfigurationError) as error:
        InContextLearner(Attention(), **limits).train(TargetSet(Sample(*rows(30))), seed=0)
    assert next(iter(limits)) in error.value.hint


def test_an_audit_takes_it_as_its_model_and_source_rows_as_context():
    X, y = rows(50)
    sources = {"near": rows(200, seed=1), "far": rows(200, -1, seed=2)}
    learner = InContextLearner(Attention(), max_rows=60)
    result = audit(learner, X, y, sources=sources, metric="accuracy", effort="quick",
                   arms=["near+pooled", "far+pooled"], explain="none").result  # fmt: skip
    assert [arm.gap is not None for arm in result.arms] == [False, True, True]  # the control first
    assert screen(X, y, sources=sources, model=learner).screening.kind == "other"
