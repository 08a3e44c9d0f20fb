"""Signals of others: distances of columns and data sets, LEEP and LogME."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from transfergap.analysis.scores.labels import ClassCodes
from transfergap.analysis.scores.leep import leep
from transfergap.analysis.scores.logme import logme
from transfergap.analysis.scores.one_pass import one_pass
from transfergap.data.divergences import otdd
from transfergap.data.divergences.divergence import quadratic_form, squared_distances
from transfergap.data.divergences.mmd import median_distance
from transfergap.data.problem import Sample

Rows = tuple[np.ndarray, np.ndarray]
_HIDDEN = 32  # units of the network whose features LogME asks


@dataclass(frozen=True)
class SourceModels:
    """Models of a source that scores of others ask.

    LEEP asks the probabilities of a logistic regression; LogME the hidden layer of a network, which
    is what it was made for: a linear model of two classes has one feature.
    """

    logistic: Any
    network: Any

    @classmethod
    def of(cls, X: np.ndarray, y: np.ndarray) -> SourceModels:
        network = MLPClassifier((_HIDDEN,), max_iter=300, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return cls(LogisticRegression(max_iter=300).fit(X, y), network.fit(X, y))

    def features(self, X: np.ndarray) -> np.ndarray:
        """Return the hidden layer, and a column of ones: LogME has no intercept of its own."""
        hidden = np.maximum(X @ self.network.coefs_[0] + self.network.intercepts_[0], 0.0)
        return np.column_stack([hidden, np.ones(len(X))])


def rivals(target: Sample, source: Rows, models: SourceModels, seed: int) -> dict[str, float]:
    """Return what others' scores say of a source; larger distances are worse."""
    X, y = np.asarray(target.X), np.asarray(target.y)
    rows = np.vstack([X, source[0]])
    width = median_distance(X, source[0], np.random.default_rng(seed))
    kernel = np.exp(-squared_distances(rows, rows) / (2 * width**2))
    labels = ClassCodes((y > 0).astype(np.intp), 2)
    # LogME has no folds; the pass wants some.
    read = one_pass(models.features(X), labels, np.arange(len(y)) % 2)
    return {
        "mmd": quadratic_form(kernel, np.arange(len(rows)) >= len(X), unbiased=True),
        "otdd": otdd(X, y, *source, seed=seed).value,
        "leep": leep(models.logistic.predict_proba(X), labels.codes),
        "logme": logme(read),
    }
