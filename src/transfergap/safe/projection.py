"""Texts and sparse rows on their main directions, without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.encoding import LabelCode
from transfergap.data.problem import stack_rows

Floats = NDArray[np.float64]
# chosen by hand: below MOST_COLUMNS of the subspace, so that no second projection follows
MOST_DIRECTIONS = 200
_ROW_LENGTH = 30.0  # squared, on average: as of thirty standardised columns


@dataclass(frozen=True)
class ProjectedEncoder:
    """Texts (TF-IDF of words and word pairs) or sparse rows, projected.

    The directions are the main ones. The encoder holds words or columns of target and sources, so
    it is no file to send out.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted: rows to directions.
    scale : float
    labels : LabelCode
    """

    pipeline: Any
    scale: float
    labels: LabelCode

    def encode(self, X: Any, where: str = "the data") -> Floats:
        """Return shape (n_rows, n_directions)."""
        del where
        scores: Floats = self.pipeline.transform(X) * self.scale
        return scores


def fit_projection(
    X: Any, source_rows: Sequence[Any], labels: LabelCode, *, seed: int
) -> ProjectedEncoder:
    """Fit the encoder of texts or sparse rows on all rows."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    rows = stack_rows([X, *source_rows])
    if isinstance(X, list):
        first: Any = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1)
    else:
        first = MaxAbsScaler()
    width = first.fit_transform(rows).shape
    count = max(min(MOST_DIRECTIONS, width[0] - 1, width[1] - 1), 1)
    pipeline = make_pipeline(first, TruncatedSVD(count, random_state=seed))
    scores = pipeline.fit_transform(rows)
    length = float(np.mean((scores**2).sum(axis=1)))
    scale = float(np.sqrt(_ROW_LENGTH / length)) if length > 0 else 1.0
    return ProjectedEncoder(pipeline, scale, labels)
