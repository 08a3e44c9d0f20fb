"""Rows of any kind as numbers, for comparisons of domains.

Columns are coded alike, texts by their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding.encoder_fit import fit_columns
from transfergap.data.encoding.feature_encoder import FeatureEncoder
from transfergap.data.problem import stack_rows

Floats = NDArray[np.float64]
MOST_DIRECTIONS = 50  # of texts and sparse rows: enough to tell domains apart, cheap to invert


@dataclass(frozen=True)
class View:
    """The map from rows to numbers; labels play no part.

    Parameters
    ----------
    encoder : FeatureEncoder or Pipeline
        Columns of tables and arrays, standardised to the target; or the main directions of TF-IDF
        or of sparse columns.
    columns : tuple of int
        Position of the original column behind each number; empty for texts and sparse rows.
    """

    encoder: Any
    columns: tuple[int, ...] = ()

    def of(self, X: Any) -> Floats:
        """Return shape (n_rows, n_numbers): no NaN, no infinity.

        Raises
        ------
        DataError
            If rows do not have the target's columns.
        """
        if isinstance(self.encoder, FeatureEncoder):
            return self.encoder.encode(X)
        numbers: Floats = np.asarray(self.encoder.transform(X), float)
        return numbers


def fit_view(X: Any, source_rows: Sequence[Any] = (), *, seed: int = 0) -> View:
    """Return the view of a target's rows.

    Parameters
    ----------
    X : array, DataFrame, sparse matrix or list of str
        Target rows: they decide centres and scales.
    source_rows : sequence of the same
        Rows of sources: they add categories and words.
    seed : int
        For the main directions of texts and sparse rows.

    Examples
    --------
    >>> X = np.array([[1.0], [3.0]])
    >>> fit_view(X).of(np.array([[5.0]])).tolist()
    [[3.0]]
    """
    if isinstance(X, list) or hasattr(X, "tocsr"):
        return View(_directions(X, source_rows, seed))
    columns = fit_columns(X, source_tables=source_rows)
    column_of = tuple(j for j, column in enumerate(columns) for _ in column.outputs)
    return View(FeatureEncoder(columns, hasattr(X, "iloc")), column_of)


def in_span(*parts: Floats) -> list[Floats]:
    """Return rows in as few coordinates as there are rows.

    All inner products stay, so every model that depends on rows through them alone (ridge and
    logistic regression with a ridge penalty) predicts the same, at a cost near-linear in columns.

    Parameters
    ----------
    *parts : ndarray, shape (n_rows, n_columns)
        Of one space. They come back as they are where there are more rows than columns.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(3, 100))
    >>> (fewer,) = in_span(rows)
    >>> fewer.shape, np.allclose(fewer @ fewer.T, rows @ rows.T)
    ((3, 3), True)
    """
    rows = np.vstack(parts)
    if rows.shape[1] <= rows.shape[0]:
        return list(parts)
    # rows.T = Q R, so rows = R.T Q.T, and the columns of Q are orthonormal.
    coordinates = np.asarray(np.linalg.qr(rows.T, mode="r")).T
    return np.split(coordinates, np.cumsum([len(part) for part in parts])[:-1])


def _directions(X: Any, source_rows: Sequence[Any], seed: int) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler

    rows = stack_rows([X, *source_rows])
    first = TfidfVectorizer(sublinear_tf=True) if isinstance(X, list) else MaxAbsScaler()
    n_rows, n_columns = first.fit_transform(rows).shape
    # A truncated SVD needs fewer directions than rows and columns.
    count = max(min(MOST_DIRECTIONS, n_rows - 1, n_columns - 1), 1)
    pipeline = make_pipeline(first, TruncatedSVD(count, random_state=seed), StandardScaler())
    return pipeline.fit(rows)
