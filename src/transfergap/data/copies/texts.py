"""Texts that are equal up to case, blanks, or a few words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.comparable import plain_text
from transfergap.data.copies.search import CopySearch, Links, Twins

_SHINGLE = 3  # words
_SHARED_SHINGLES = 0.6  # of the shingles of the longer text that both must have
_BITS_A_SHINGLE = 8.0  # three words in a row: far fewer than Shannon's for prose
_BITS_A_LETTER = 2.0  # rounded up from Shannon's 1.3 bits a letter of English prose (Shannon 1951)
_WIDTH = 1 << 20  # 2^20 hashed shingles; chosen by hand
_CHUNK = 20_000  # source texts at once: bounds the memory of the product


def search_texts(target: Sequence[str], source: Sequence[str]) -> CopySearch:
    """Search source texts for equal or slightly changed target texts.

    Notes
    -----
    Broder (1997), On the Resemblance of Documents: texts are sets of shingles of three words. Two
    are one text if they share at least six in ten of the longer one's. Texts of fewer than three
    words are only compared as a whole.
    """
    target_texts, source_texts = ([plain_text(text) for text in part] for part in (target, source))
    classes = _classes(target_texts, source_texts)
    links = _links(target_texts, source_texts, classes)
    inside = _links(target_texts, target_texts, _classes(target_texts, target_texts))
    inner_pairs = inside.chosen(inside.target_rows != inside.source_rows)
    counts = np.bincount(classes[0]).astype(float)
    n = float(len(target_texts))
    n_pairs = max(n * (n - 1), 1.0)
    twins = Twins(
        inner_pairs.excess,
        inner_pairs.agree,
        n_pairs,
        float((counts * (counts - 1)).sum()),
        n_pairs,
    )
    return CopySearch(links, *classes, twins=(twins,), columns=("text",))


def _classes(
    target_texts: Sequence[str], source_texts: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    import pandas as pd

    codes, texts = pd.factorize(np.array(target_texts, dtype=object))
    return codes.astype(np.intp), pd.Index(texts).get_indexer(list(source_texts)).astype(np.intp)


def _links(
    target_texts: Sequence[str],
    source_texts: Sequence[str],
    classes: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> Links:
    from sklearn.feature_extraction.text import HashingVectorizer

    shingles = HashingVectorizer(
        n_features=_WIDTH,
        ngram_range=(_SHINGLE, _SHINGLE),
        binary=True,
        norm=None,
        alternate_sign=False,
        token_pattern=r"\S+",
        dtype=np.float32,
    )
    target_shingles, source_shingles = (
        shingles.transform(target_texts),
        shingles.transform(source_texts),
    )
    n_target, n_source = (
        np.asarray(part.sum(axis=1)).ravel() for part in (target_shingles, source_shingles)
    )
    # The best of n * m unrelated pairs reaches log2(n m) bits by chance.
    spare = np.log2(max(len(target_texts), 1)) + np.log2(max(len(source_texts), 1))
    parts = []
    for start in range(0, len(source_texts), _CHUNK):
        common = (source_shingles[start : start + _CHUNK] @ target_shingles.T).tocoo()
        source, target = common.row + start, common.col
        longer = np.maximum(n_source[source], n_target[target])
        near = common.data >= _SHARED_SHINGLES * np.maximum(longer, 1.0)
        source, target, shared = source[near], target[near], common.data[near]
        equal = classes[1][source] == classes[0][target]
        letters = np.array([len(target_texts[int(k)]) for k in target], float)
        bits = np.where(equal, _BITS_A_LETTER * letters, _BITS_A_SHINGLE * shared)
        parts.append((target, source, bits - spare, equal[:, None]))
    target, source, excess, agree = (np.concatenate([p[k] for p in parts]) for k in range(4))
    return Links(target.astype(np.intp), source.astype(np.intp), excess, agree)
