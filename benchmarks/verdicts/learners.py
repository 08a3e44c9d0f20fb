"""Seven learners of the verdict benchmarks: how each is made, and the loss it is judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from benchmarks.verdicts.populations import with_intercept

PENALTY = 1.0
_NEWTON_STEPS = 8  # far beyond what a penalised fit of these sizes needs


class PlainRidge:
    """Ridge with a free intercept, as scikit-learn's, without its checks."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> PlainRidge:
        centre, level = X.mean(axis=0), y.mean()
        Z = X - centre
        normal = Z.T @ Z + PENALTY * np.eye(X.shape[1])
        self.coef = np.linalg.solve(normal, Z.T @ (y - level))
        self.intercept = level - centre @ self.coef
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X @ self.coef + self.intercept


class PlainLogistic:
    """Logistic regression with C = 1, by Newton's method."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> PlainLogistic:
        Z = with_intercept(X)
        penalty = np.r_[np.full(X.shape[1], PENALTY), 0.0]
        beta = np.zeros(Z.shape[1])
        for _ in range(_NEWTON_STEPS):
            p = expit(Z @ beta)
            curvature = np.maximum(p * (1 - p), 1e-10)
            normal = (Z * curvature[:, None]).T @ Z + np.diag(penalty)
            beta = beta + np.linalg.solve(normal, Z.T @ (y - p) - penalty * beta)
        self.beta = beta
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the score: positive for the class 1."""
        return with_intercept(X) @ self.beta


@dataclass(frozen=True)
class Kind:
    """A learner and its loss: squared, log (of scores) or zero_one (of scores or classes)."""

    name: str
    make: Callable[[int], Any]
    loss: str
    closed_form: bool = False

    @property
    def classifies(self) -> bool:
        return self.loss != "squared"

    def losses(self, model: Any, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        said = model.predict(X)
        if self.loss == "squared":
            return (y - said) ** 2
        if self.loss == "log":
            return np.logaddexp(0.0, -(2 * y - 1) * said)
        return ((said > 0) != (y > 0)).astype(float)


LEARNERS = (
    Kind("ridge, squared loss", lambda seed: PlainRidge(), "squared", closed_form=True),
    Kind("logistic, log loss", lambda seed: PlainLogistic(), "log", closed_form=True),
    Kind("logistic, accuracy", lambda seed: PlainLogistic(), "zero_one"),
    Kind("5 neighbours, squared loss", lambda seed: KNeighborsRegressor(5), "squared"),
    Kind(
        "tree of depth 4, squared loss",
        lambda seed: DecisionTreeRegressor(max_depth=4, random_state=seed),
        "squared",
    ),
    Kind(
        "boosting, 30 trees, squared loss",
        lambda seed: GradientBoostingRegressor(
            n_estimators=30, max_depth=2, learning_rate=0.2, random_state=seed
        ),
        "squared",
    ),
    Kind(
        "forest, 15 trees, accuracy",
        lambda seed: RandomForestClassifier(15, random_state=seed),
        "zero_one",
    ),
)


class HalfOfColumns:
    """A learner on half of the columns, drawn by its seed: the sources play no part."""

    def __init__(self, inner: Any, seed: int) -> None:
        self.inner, self.seed = inner, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> HalfOfColumns:
        n = X.shape[1]
        self.columns = np.random.default_rng(self.seed).permutation(n)[: n // 2]
        self.inner.fit(X[:, self.columns], y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.inner.predict(X[:, self.columns])
