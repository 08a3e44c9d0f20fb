"""The models under audit: quick ones, since files are what is tried here."""

from __future__ import annotations

from typing import Any

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def _columns() -> Any:
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include=["number", "bool"])),
        (words, make_column_selector(dtype_exclude=["number", "bool", "datetime"])),
    )


def linear() -> Any:
    """Return a logistic regression of encoded columns."""
    return make_pipeline(_columns(), LogisticRegression(max_iter=1000))


def forest() -> Any:
    """Return trees, which learn rows by heart: copies show."""
    return make_pipeline(_columns(), ExtraTreesClassifier(30, random_state=0))
