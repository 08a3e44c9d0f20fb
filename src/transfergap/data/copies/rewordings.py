"""Different texts that share most of their words: one text, slightly changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.words import WordTable

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
# Of the words and neighbouring pairs of the longer text that both must have: two of nine words
# may be others.
_SHARED = 0.5
_CONTAINED = 0.9  # of those of the shorter text, where it was put into a longer one
LEAST_BITS = 8.0  # of evidence that shared words must bring: once in 256 pairs of strangers
_RARE_SHARE = 0.05  # of the target's texts that may have a word by which candidates are found
_RARE_COUNT = 10  # and so many are always few
_SHARED_RARE = 0.4  # of a target text's rare words that a candidate has
_MOST_ALIKE = 64  # texts that a text may be like; one like more is a form that all fill in
BITS_A_LETTER = 2.0  # of English text, rounded up from Shannon's 1.3 for what is not prose
_CHUNK = 10_000  # texts multiplied at a time: bounds the memory of the product


@dataclass(frozen=True, eq=False)
class Rewordings:
    """Pairs of different texts that share most of their words.

    Parameters
    ----------
    target, source : ndarray of int, shape (n_pairs,)
        Codes of the texts, in order.
    bits : ndarray, shape (n_pairs,)
        Evidence that the shared words bring.
    whole : ndarray, shape (n_texts,)
        Evidence that all words of a text bring: that an equal text elsewhere is the same.
    """

    target: Codes
    source: Codes
    bits: Floats
    whole: Floats

    @property
    def n_texts(self) -> int:
        """Number of all texts, of both files."""
        return len(self.whole)

    def __len__(self) -> int:
        return len(self.bits)

    def bits_of(self, target: Codes, source: Codes) -> Floats:
        """Return the evidence of pairs of codes, 0 of unlike texts."""
        if not len(self):
            return np.zeros(len(target))
        keys = self.target * self.n_texts + self.source
        pair = target * self.n_texts + source
        place = np.minimum(np.searchsorted(keys, pair), len(keys) - 1)
        # A missing text has a negative code, whose key may be that of another pair.
        stored = (keys[place] == pair) & (source >= 0)
        return np.where(stored, self.bits[place], 0.0)


def rewordings(words: WordTable, target: Codes, source: Codes, *, n_rows: int = 1) -> Rewordings:
    """Find source texts that are target texts, slightly changed.

    Parameters
    ----------
    words : WordTable
    target, source : ndarray of int
        Codes of the texts of each side.
    n_rows : int
        2 where both sides are one file, 1 otherwise; see :class:`AgreementModel`.

    Notes
    -----
    Ours, after the resemblance of Broder (1997), with words and pairs of neighbouring words in
    place of longer shingles, since texts of nine words must be known by seven. Candidates share
    words that few texts have, so the cost is near-linear in the source.

    References
    ----------
    Broder (1997), On the Resemblance and Containment of Documents.
    """
    target, source = np.unique(target[target >= 0]), np.unique(source[source >= 0])
    features = words.features[target], words.features[source]
    counts = [np.asarray(part.sum(axis=0)).ravel() for part in features]
    n_texts = len(target), len(source)
    weights = _bits(words, counts, n_texts, n_rows)
    parts = [
        _alike(*features, rows, counts[0], weights)
        for rows in np.split(np.arange(len(source)), range(_CHUNK, len(source), _CHUNK))
    ]
    row, partner, bits = (np.concatenate([part[k] for part in parts]) for k in range(3))
    first, second = target[row], source[partner]
    telling = first != second
    for codes in (first, second):
        n_alike = np.bincount(codes[first != second], minlength=words.features.shape[0])
        telling &= n_alike[codes] <= _MOST_ALIKE
    first, second, bits = first[telling], second[telling], bits[telling]
    order = np.lexsort((second, first))
    whole = words.features @ _bits(words, counts, n_texts, n_rows, by_letters=True)
    return Rewordings(first[order], second[order], bits[order], whole)


def _alike(
    target: Any, source: Any, rows: NDArray[np.intp], counts: Floats, weights: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return pairs of texts alike, and the bits they share.

    Parameters
    ----------
    target, source : sparse matrix of 0 and 1
        Words and pairs of each text.
    rows : ndarray of int
        Of the source.
    counts, weights : ndarray, shape (n_features,)
        Target texts with each word or pair; evidence that each of them brings.
    """
    from scipy.sparse import csr_matrix

    rare = (counts > 0) & (counts <= max(_RARE_SHARE * target.shape[0], _RARE_COUNT))
    common = (source[rows][:, rare] @ csr_matrix(target[:, rare].T)).tocoo()
    n_rare = np.asarray(target[:, rare].sum(axis=1)).ravel()
    likely = common.data >= np.maximum(_SHARED_RARE * n_rare[common.col], 1.0)
    row, partner = common.col[likely], rows[common.row[likely]]
    product = target[row].multiply(source[partner])
    n_both = np.asarray(product.sum(axis=1)).ravel()
    sizes = [np.asarray(part.sum(axis=1)).ravel() for part in (target, source)]
    n_first, n_second = sizes[0][row], sizes[1][partner]
    near = n_both >= _SHARED * np.maximum(n_first, n_second)
    near |= n_both >= _CONTAINED * np.minimum(n_first, n_second)
    bits = np.asarray(product @ weights).ravel()
    near &= bits >= LEAST_BITS
    return row[near], partner[near], bits[near]


def _bits(
    words: WordTable,
    counts: list[Floats],
    n_texts: tuple[int, int],
    n_rows: int,
    *,
    by_letters: bool = False,
) -> Floats:
    """Return the evidence of each shared word and pair of neighbours.

    A pair adds what it tells beyond its two words: their order. Where two words mostly occur
    together (New York) the pair takes away what they tell twice. A word that nobody else has may
    weigh by its letters.
    """
    # The two texts of a pair do not count.
    elsewhere = [np.maximum(part - n_rows, 0.0) for part in counts]
    share = np.maximum(*(part / max(n, 1) for part, n in zip(elsewhere, n_texts, strict=True)))
    bits: Floats = -np.log2(np.clip(share, 1.0 / max(sum(n_texts), 1), 1.0))
    n_words = words.n_words
    if by_letters:
        by_length = np.maximum(bits[:n_words], BITS_A_LETTER * words.letters)
        bits[:n_words] = np.where(share[:n_words] == 0, by_length, bits[:n_words])
    beyond = bits[n_words:] - bits[words.pairs].sum(axis=1)
    # Pairs that hardly anyone else has are counted too badly to take anything away.
    seldom = np.maximum(*elsewhere)[n_words:] < 2
    bits[n_words:] = np.where(seldom, np.maximum(beyond, 0.0), beyond)
    return bits
