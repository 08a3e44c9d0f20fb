"""Features whose scores can be worked out in another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from transfergap.analysis.scores import ClassCodes, Quantities


@dataclass(frozen=True)
class Case:
    X: Any
    codes: Any
    folds: Any
    n_classes: int

    @property
    def labels(self):
        return ClassCodes(self.codes, self.n_classes)


def case(n_rows, n_columns, n_classes, *, seed=0, n_folds=5, distance=1.0, offset=0.5):
    """Gaussian classes of unlike sizes, off the origin."""
    rng = np.random.default_rng(seed)
    shares = np.arange(1, n_classes + 1) / np.arange(1, n_classes + 1).sum()
    codes = np.sort(rng.choice(n_classes, n_rows, p=shares))
    codes[:n_classes] = np.arange(n_classes)
    means = distance * rng.normal(size=(n_classes, n_columns)) / np.sqrt(n_columns)
    X = rng.normal(size=(n_rows, n_columns)) + means[codes] + offset
    folds = rng.permutation(np.arange(n_rows) % n_folds)
    return Case(X, codes, folds, n_classes)


def quantities(case, n_responses=2, *, seed=0):
    """Numbers that hang on the features, with noise."""
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(case.X.shape[1], n_responses))
    return Quantities(case.X @ slopes + rng.normal(size=(len(case.X), n_responses)) + 3.0)
