"""The sets that the package carries.

Flights, claims and sentiment are parts of shared sets; they share a ``family`` with these, so that
their tasks fall into the same clusters. Digits are asked two questions: odd or not, eight or not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.safe_transfer.domains import DataSet, Domain, cut, numbers_of
from benchmarks.safe_transfer.texts import dense_topics
from transfergap.datasets import (
    TransferDataset,
    load_claims,
    load_digits,
    load_flights,
    load_sentiment,
)

REGISTERS = {  # their names in the shared set
    "tweets": "tweets",
    "films": "movie_snippets",
    "products": "amazon_snippets",
    "editorials": "nyt_editorials",
}
N_SCANS = 1397  # all that load_digits has, but for those of its source more_scans


def bundled_sets() -> dict[str, Callable[[], DataSet]]:
    """Return how to load each set by name."""
    return {
        "digits_odd": lambda: digits("digits_odd", lambda digit: digit % 2 == 1),
        "digits_eight": lambda: digits("digits_eight", lambda digit: digit == 8),
        "flights": lambda: tables(load_flights(n_target=None), family="flights"),
        "claims": lambda: tables(load_claims(n_target=None), family="injury2"),
        "sentiment": sentiment,
    }


def digits(name: str, is_positive: Callable[[np.ndarray], np.ndarray]) -> DataSet:
    """Return scans and MNIST; the two forms of an MNIST image are one unit."""
    data = load_digits(n_target=N_SCANS)
    domains, n_units = {}, 0
    for domain, (X, y) in {data.target: (data.X, data.y), **data.sources}.items():
        start = n_units - len(y) if domain == "mnist_cropped" else n_units
        units = np.arange(start, start + len(y))
        n_units = start + len(y)
        domains[domain] = Domain(X, is_positive(y).astype(float), units)
    return DataSet(name, "digits", "binary", domains)


def tables(data: TransferDataset, *, family: str) -> DataSet:
    """Return a bundled table with one domain as target, put together again."""
    parts = {data.target: (data.X, data.y), **data.sources}
    table = pd.concat([X for X, _ in parts.values()], ignore_index=True)
    y = np.concatenate([y for _, y in parts.values()]).astype(float)
    return DataSet(data.name, family, "binary", cut(numbers_of(table), y, names_of(parts)))


def sentiment() -> DataSet:
    """Return hashed counts as 60 components of TF-IDF, fitted on all rows without labels."""
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfTransformer

    data = load_sentiment()
    parts = {data.target: (data.X, data.y), **data.sources}
    parts = {REGISTERS[name]: rows for name, rows in parts.items()}
    counts = sparse.vstack([X for X, _ in parts.values()]).tocsr()
    X = dense_topics(TfidfTransformer(sublinear_tf=True).fit_transform(counts))
    y = np.concatenate([y for _, y in parts.values()]).astype(float)
    return DataSet("sentiment", "sentiment", "binary", cut(X, y, names_of(parts)))


def names_of(parts: dict) -> np.ndarray:
    return np.repeat(list(parts), [len(y) for _, y in parts.values()])
