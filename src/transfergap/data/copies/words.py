"""Texts as words and pairs of neighbouring words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 20_000  # texts that are held as words at a time
_MOST_WORDS = 200  # of a text: a copy of a long one is known by its beginning
_FEWEST_WORDS = 2  # of half of the texts, from which they are compared word by word
# Marks that writers leave out or add: of Latin, Greek and Cyrillic letters, Hebrew, Arabic.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0670]")
# Letters with a stroke and ligatures, which Unicode does not take apart.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"})
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc`\u00b4")
# Scripts that put no blanks between words: each character counts as a word.
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
# Anything but blanks and punctuation: `\w` would cut words of Indian scripts at their vowels.
_WORD = re.compile(
    f"[{_UNSPACED}]|[^\\s!-/:-@\\[-`{{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965"
    f"\u2000-\u206f\u3000-\u303f{_UNSPACED}]+"
)
_LETTERS = re.compile(f"[^\\W\\d_]{{2}}|[{_UNSPACED}]")


def without_accents(text: str) -> str:
    """Remove case, accents and forms of width.

    Examples
    --------
    >>> without_accents("Crème Brûlée"), without_accents("ÁRVÍZTŰRŐ"), without_accents("Straße")
    ('creme brulee', 'arvizturo', 'strasse')
    """
    text = text.casefold()
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", bare).translate(_PLAIN_LETTERS)


def words_of(text: str) -> list[str]:
    """Split a text into words without case, accents and punctuation.

    A text without any word is one word, as it stands.

    Examples
    --------
    >>> words_of("Re: Crème  brûlée, don't!"), words_of("東京タワー")
    (['re', 'creme', 'brulee', 'dont'], ['東', '京', 'タ', 'ワ', 'ー'])
    """
    plain = without_accents(text)
    return _WORD.findall(plain.translate(_APOSTROPHES)) or [plain]


def have_words(texts: Sequence[Sequence[str]]) -> bool:
    """Return whether half of some texts have words enough.

    Numbers, single letters and codes are no words.
    """
    if not texts:
        return False
    n_worded = sum(
        sum(_LETTERS.search(word) is not None for word in words) >= _FEWEST_WORDS for words in texts
    )
    return 2 * n_worded >= len(texts)


@dataclass(frozen=True, eq=False)
class WordTable:
    """Words, and pairs of neighbouring words, that each of many texts has.

    Parameters
    ----------
    features : sparse matrix of 0 and 1, shape (n_texts, n_words + n_pairs)
    pairs : ndarray of int, shape (n_pairs, 2)
        The two words of each pair.
    letters : ndarray of int, shape (n_words,)
        Of each word.
    """

    features: Any
    pairs: NDArray[np.intp]
    letters: NDArray[np.intp]

    @property
    def n_words(self) -> int:
        """Number of different words."""
        return int(self.features.shape[1]) - len(self.pairs)

    @classmethod
    def of(cls, texts: Sequence[str]) -> WordTable:
        """Count the words of texts.

        Parameters
        ----------
        texts : sequence of str
            Words of each, with blanks between them. Of very long ones the first are read.
        """
        import pandas as pd
        from scipy.sparse import csr_matrix

        parts = [_hashed(texts[k : k + _CHUNK]) for k in range(0, len(texts), _CHUNK)]
        hashes, lengths, letters_of = (np.concatenate([p[k] for p in parts]) for k in range(3))
        codes, different = pd.factorize(hashes)
        letters = np.zeros(len(different), np.intp)
        letters[codes] = letters_of
        text = np.repeat(np.arange(len(texts)), lengths)
        n_words = max(len(different), 1)
        neighbours = text[1:] == text[:-1]
        keys = codes[:-1][neighbours] * n_words + codes[1:][neighbours]
        pair, different_keys = pd.factorize(keys)
        rows = np.append(text, text[1:][neighbours])
        columns = np.append(codes, n_words + pair)
        shape = (len(texts), n_words + len(different_keys))
        features = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
        features.sum_duplicates()
        features.data[:] = 1.0  # a word counts once a text, however often it is there
        return cls(features, np.column_stack(np.divmod(different_keys, n_words)), letters)


def _hashed(texts: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.intp], NDArray[np.intp]]:
    """Return a hash a word, words a text, and letters a word."""
    import pandas as pd

    words = [text.split(maxsplit=_MOST_WORDS)[:_MOST_WORDS] for text in texts]
    flat = np.array([word for text in words for word in text], dtype=object)
    hashes = np.asarray(pd.util.hash_array(flat), np.uint64)
    letters = np.array([len(word) for word in flat], dtype=np.intp)
    return hashes, np.array([len(text) for text in words], dtype=np.intp), letters
