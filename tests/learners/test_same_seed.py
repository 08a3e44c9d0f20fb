"""The same seed gives the same fit, whatever an estimator draws from."""

import random

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from transfergap import audit
from transfergap.data.problem import Sample, TargetSet
from transfergap.learners import EstimatorLearner, FunctionLearner, may_vary
from transfergap.learners.mitigations import Balanced
from transfergap.learners.random_states import seeded_states
from transfergap.safe.learner import SafeLearner

RNG = np.random.default_rng(3)
X, Z = RNG.normal(size=(50, 2)), RNG.normal(size=(70, 2))
Y, W = (X[:, 0] > 0).astype(int), (Z[:, 0] > 0).astype(int)

DRAWS = {
    "numpy": lambda: np.random.normal(size=2),  # noqa: NPY002
    "random": lambda: np.array([random.gauss(0, 1), random.random()]),  # noqa: S311
    "torch": lambda: torch.randn(2).double().numpy(),
}


class Drawn(ClassifierMixin, BaseEstimator):
    """Linear scores by coefficients that are drawn, and a coin where it predicts."""

    def __init__(self, state="numpy"):
        self.state = state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.coef_ = DRAWS[self.state]()
        return self

    def predict(self, X):
        noise = DRAWS[self.state]()[0]
        return self.classes_[(X @ self.coef_ + noise > 0).astype(int)]


class Unseeded(Drawn):
    def fit(self, X, y):
        super().fit(X, y)
        self.state_ = int(np.random.default_rng().integers(2**31))
        return self

    def predict(self, X):
        # Row by row: two slopes drawn anew gave five tested rows the same one time in twenty.
        return self.classes_[np.random.default_rng(self.state_).integers(2, size=len(X))]


def seed_all(seed):
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    torch.manual_seed(seed)


@pytest.mark.parametrize("state", list(DRAWS))
def test_global_states_are_seeded_within_a_fit_and_put_back(state):
    fits = []
    for outside in (1, 2):
        seed_all(outside)
        fits.append(EstimatorLearner(Drawn(state)).train(TargetSet(Sample(X, Y)), seed=7).coef_)
        after = DRAWS[state]()
        seed_all(outside)
        np.testing.assert_array_equal(after, DRAWS[state]())
    np.testing.assert_array_equal(*fits)
    other = EstimatorLearner(Drawn(state)).train(TargetSet(Sample(X, Y)), seed=8).coef_
    assert not np.array_equal(fits[0], other)


def audited(model):
    return audit(
        model, X, Y, sources={"b": (Z, W)}, metric="accuracy", effort="quick",
        arms=["b pooled"], explain="none",
    )  # fmt: skip


def function(target, sources, *, seed):
    return Drawn("numpy").fit(target.X, target.y)


@pytest.mark.parametrize("built_for_more", [False, True])
@pytest.mark.parametrize("kind", [int, np.int64])
def test_torch_is_seeded_as_by_its_own_function(kind, built_for_more, monkeypatch):
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: built_for_more)
    torch.manual_seed(3)
    expected = torch.rand(4)
    with seeded_states(kind(3)):
        assert torch.equal(torch.rand(4), expected)


@pytest.mark.parametrize(
    "model",
    [*(Drawn(state) for state in DRAWS), FunctionLearner(function),
     GridSearchCV(Ridge(), {"alpha": [1, 1e3]}, cv=KFold(2, shuffle=True))],
    ids=[*DRAWS, "function", "shuffled search"],
)  # fmt: skip
def test_an_audit_gives_the_same_gaps_whatever_state_a_session_is_in(model):
    gaps = []
    for outside in (1, 2):
        seed_all(outside)
        if isinstance(model, GridSearchCV):
            study = audit(
                model, X, X[:, 0], sources={"b": (Z, Z[:, 0])}, effort="quick",
                arms=["b pooled"], explain="none",
            )  # fmt: skip
        else:
            study = audited(model)
        gaps.append(study.to_frame().estimate.iloc[1])
        assert "TG307" not in [f.code for f in study.findings]
    assert gaps[0] == gaps[1]


def test_a_model_with_a_state_of_its_own_is_found_out():
    assert {f.code for f in audited(Unseeded()).findings} >= {"TG307"}


def test_only_parts_of_strangers_are_fitted_twice():
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    assert not may_vary(EstimatorLearner(plain))
    assert not may_vary(EstimatorLearner(make_pipeline(FunctionTransformer(np.log1p), Ridge())))
    mine = make_pipeline(FunctionTransformer(lambda X: X), Ridge())
    assert may_vary(EstimatorLearner(mine))
    assert may_vary(Balanced(EstimatorLearner(mine)))
    assert may_vary(EstimatorLearner(GridSearchCV(Drawn(), {"state": ["numpy"]})))
    assert not may_vary(SafeLearner("binary"))
    assert may_vary(SafeLearner("binary", Drawn()))
