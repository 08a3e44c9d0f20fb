"""The models under audit: quick ones, since files are what is tried here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

MOST_LEVELS = 12  # of a column of words that become columns of their own; the rest is one


class Columns(TransformerMixin, BaseEstimator):
    """Numbers with mean 0 and spread 1, missing ones at the median, and words as 0 and 1.

    What scikit-learn's column transformer, imputer, scaler and one-hot encoder do, at less cost:
    more than ten thousand audits are made here.
    """

    def fit(self, X: pd.DataFrame, y: Any = None) -> Columns:
        """Learn the columns' scales and levels."""
        del y
        self.numbers_ = [c for c in X.columns if pd.api.types.is_numeric_dtype(X[c])]
        values = self._numbers(X)
        empty = np.isnan(values).all(axis=0)
        values[:, empty] = 0.0
        self.middle_ = np.nanmedian(values, axis=0)
        values = np.where(np.isnan(values), self.middle_, values)
        self.mean_, spread = values.mean(axis=0), values.std(axis=0)
        self.spread_ = np.where(spread > 0, spread, 1.0)
        self.levels_ = {
            c: list(X[c].astype(str).value_counts().index[:MOST_LEVELS])
            for c in X.columns if c not in self.numbers_
        }  # fmt: skip
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return a matrix of shape (n_rows, n_columns)."""
        values = self._numbers(X)
        values = (np.where(np.isnan(values), self.middle_, values) - self.mean_) / self.spread_
        words = [
            X[c].astype(str).to_numpy()[:, None] == np.array(levels)[None, :]
            for c, levels in self.levels_.items()
        ]
        return np.column_stack([values, *[w.astype(float) for w in words]])

    def _numbers(self, X: pd.DataFrame) -> np.ndarray:
        return X[self.numbers_].to_numpy(dtype=float, na_value=np.nan, copy=True)


def linear() -> Any:
    """Return a linear discriminant of encoded columns."""
    return make_pipeline(Columns(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1))


def neighbours() -> Any:
    """Return nearest neighbours, which learn rows by heart: copies show."""
    return make_pipeline(Columns(), KNeighborsClassifier(3, weights="distance", algorithm="brute"))
