"""Signals of others: distances of columns and data sets, and LEEP."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from transfergap.data.divergences import otdd
from transfergap.data.divergences.divergence import quadratic_form, squared_distances
from transfergap.data.divergences.mmd import median_distance
from transfergap.data.problem import Sample
from transfergap.scores.leep import leep

Rows = tuple[np.ndarray, np.ndarray]


def rivals(target: Sample, source: Rows, model: Any, seed: int) -> dict[str, float]:
    """Return what others' scores say of a source; larger distances are worse.

    ``model`` is a logistic regression of the source, which LEEP asks.
    """
    X, y = np.asarray(target.X), np.asarray(target.y)
    rows = np.vstack([X, source[0]])
    width = median_distance(X, source[0], np.random.default_rng(seed))
    kernel = np.exp(-squared_distances(rows, rows) / (2 * width**2))
    return {
        "mmd": quadratic_form(kernel, np.arange(len(rows)) >= len(X), unbiased=True),
        "otdd": otdd(X, y, *source, seed=seed).value,
        "leep": leep(model.predict_proba(X), (y > 0).astype(np.intp)),
    }


def source_models(sources: dict[str, Rows]) -> dict[str, Any]:
    return {name: LogisticRegression(max_iter=300).fit(*rows) for name, rows in sources.items()}
