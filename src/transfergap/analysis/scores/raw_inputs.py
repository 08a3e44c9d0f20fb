"""Raw inputs as features, which every pretrained model has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.scores.span import span_of
from transfergap.data.encoding.features import fit_view

# Columns of words, or rows, up to which they are used exactly; beyond, their main directions.
MOST_COLUMNS = 4096
_DIRECTIONS = 1024


def raw_features(raw: Any, *, seed: int = 0) -> tuple[NDArray[Any], str]:
    """Return raw inputs as numbers, with words for what they are.

    Parameters
    ----------
    raw : array, DataFrame, sparse matrix or list of str
        Tables and arrays are encoded column by column and scaled; texts become TF-IDF of words and
        pairs of words, which learn no label.
    seed : int
        For the main directions of very many words in very many rows.

    Examples
    --------
    >>> features, words = raw_features(["good film", "bad film", "good day"])
    >>> len(features), words
    (3, 'TF-IDF of words')
    """
    if isinstance(raw, list):
        return _texts(raw, seed), "TF-IDF of words"
    if hasattr(raw, "tocsr"):
        return _dense(raw.tocsr(), seed), "sparse columns"
    return fit_view(raw).of(raw), "scaled columns"


def _texts(texts: list[str], seed: int) -> NDArray[Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    options: dict[str, Any] = {"sublinear_tf": True, "ngram_range": (1, 2), "dtype": np.float32}
    # Words of a single text tell nothing of another; few texts may have no others.
    for fewest in (2, 1):
        vectorizer = TfidfVectorizer(min_df=fewest, **options)
        try:
            return _dense(vectorizer.fit_transform(texts), seed)
        except ValueError:  # no word is left
            continue
    return np.zeros((len(texts), 1))


def _dense(matrix: Any, seed: int) -> NDArray[Any]:
    """Return dense rows with (nearly) the same inner products."""
    n_rows, n_columns = matrix.shape
    if n_columns <= MOST_COLUMNS:
        dense: NDArray[Any] = matrix.toarray()
        return dense
    if n_rows <= MOST_COLUMNS:
        return span_of(np.asarray((matrix @ matrix.T).toarray(), float)).coordinates
    from sklearn.decomposition import TruncatedSVD

    directions = TruncatedSVD(_DIRECTIONS, random_state=seed, n_iter=2)
    main: NDArray[Any] = directions.fit_transform(matrix)
    return main
