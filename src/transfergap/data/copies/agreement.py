"""Agreement of two values of a column, and how seldom strangers agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.comparable import MISSING_CODE, ComparableColumn, Values
from transfergap.data.copies.rewordings import BITS_A_LETTER, Rewordings, rewordings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
MOST_BITS = 40.0  # of one column: what two equal doubles of fifteen digits tell, cut off
_MOST_TEXT_BITS = 120.0  # of texts of several words: sixty letters
_DECIMALS = 9  # beyond nine decimals a double of common size has no exact decimals left
_TENS = -3  # whole numbers may have been rounded to thousands
_STEP_OF = 10.0 ** -np.arange(_TENS, _DECIMALS + 1)  # of so many decimals, the fewest first
_FLOAT32 = 1.2e-7  # relative spacing of single precision
_BLUR = 4e-15  # relative error of a double times a power of ten
_LARGEST = 1e13  # above it a double's last digits are no decimals any more


@dataclass(frozen=True)
class AgreementModel:
    """Chance of agreement of different rows on values of a column.

    Parameters
    ----------
    column : ComparableColumn
    target, source : ndarray
        Sorted values of the target, and of a sample of the source.
    n_rows : int
        Rows of a pair that are in each of the two: 1, or 2 where a file is compared with itself.
        They do not count when the frequency of their value is read.
    """

    column: ComparableColumn
    target: Values
    source: Values
    n_rows: int = 1

    @classmethod
    def of(
        cls, column: ComparableColumn, sample: NDArray[np.intp], *, n_rows: int = 1
    ) -> AgreementModel:
        """Fit the model of a column to target rows and sampled sources."""
        return cls(column, _sorted(column.target), _sorted(column.source[sample]), n_rows)

    @cached_property
    def rewordings(self) -> Rewordings | None:
        """Pairs of texts alike; ``None`` for columns without words."""
        words = self.column.words
        if words is None:
            return None
        return rewordings(words, self.column.target, self.column.source, n_rows=self.n_rows)

    @cached_property
    def target_decimals(self) -> NDArray[np.int8]:
        """Decimals of the target's values: counted once, as pairs are many."""
        return decimals(self.column.target).astype(np.int8)

    @cached_property
    def source_decimals(self) -> NDArray[np.int8]:
        """Decimals of the source's values."""
        return decimals(self.column.source).astype(np.int8)

    def compare(
        self, target_rows: NDArray[np.intp], source_rows: NDArray[np.intp]
    ) -> tuple[Mask, Mask, Floats]:
        """Compare pairs of values: agreement, joint absence, bits of evidence.

        Parameters
        ----------
        target_rows, source_rows : ndarray, shape (n_pairs,)
            Rows of the target and of the source.
        """
        target, source = self.column.target[target_rows], self.column.source[source_rows]
        reworded = np.zeros(len(target))
        if self.column.is_text:
            agree, absent = target == source, (target == MISSING_CODE) & (source == MISSING_CODE)
            if self.rewordings is not None:
                reworded = self.rewordings.bits_of(target, source)
                agree |= reworded > 0
        elif self.column.is_whole:
            agree, absent = target == source, np.zeros(len(target), bool)
        else:
            agree, step = self._numbers_agree(target, source, target_rows, source_rows)
            absent = agree & np.isnan(target)
        telling = agree & ~absent
        bits = np.zeros(len(target))
        values = target[telling]
        if self.column.is_text:
            bits[telling] = self._text_bits(values, source[telling], reworded[telling])
        elif len(values):
            steps = np.ones(len(values)) if self.column.is_whole else step[telling]
            # A value that is common, or that lies where values are dense, is weak evidence.
            alike = self._alike(values, source[telling], steps)
            chance = np.maximum(alike, self._density(values.astype(float), steps))
            bits[telling] = -np.log2(np.clip(chance, 2.0**-MOST_BITS, 1.0))
        return agree, absent, bits

    def _numbers_agree(
        self,
        target: Values,
        source: Values,
        target_rows: NDArray[np.intp],
        source_rows: NDArray[np.intp],
    ) -> tuple[Mask, Floats]:
        """Return which pairs of numbers agree, and the rounding step of those."""
        if len(source) <= len(self.column.source):
            # A few pairs of a long source: counting the decimals of all of it would be the cost.
            coarser = np.minimum(self.target_decimals[target_rows], decimals(source))
            return _agreement(target, source, coarser)
        with np.errstate(invalid="ignore"):
            # Most pairs are farther apart than any rounding: one comparison settles them.
            near = np.flatnonzero(~(np.abs(target - source) > self._farthest[target_rows]))
        coarser = np.minimum(
            self.target_decimals[target_rows[near]], self.source_decimals[source_rows[near]]
        )
        agree, step = np.zeros(len(target), bool), np.ones(len(target))
        agree[near], step[near] = _agreement(target[near], source[near], coarser)
        return agree, step

    @cached_property
    def _farthest(self) -> Floats:
        """Return how far from each target value source values may agree."""
        fewest = min(
            int(places.min(initial=_DECIMALS))
            for places in (self.target_decimals, self.source_decimals)
        )
        rounding = 0.5 * _STEP_OF[fewest - _TENS]
        farthest: Floats = np.maximum(rounding, _FLOAT32 * np.abs(self.column.target))
        return farthest * (1.0 + 1e-5)  # above the allowance of 1e-6 that an agreement has

    def bits_unchanged(self) -> Floats:
        """Return the bits of an unchanged copy of each target text."""
        texts = self.column.target[self.column.target != MISSING_CODE]
        return self._text_bits(texts, texts, np.zeros(len(texts)))

    def _text_bits(self, codes: Values, other_codes: Values, reworded: Floats) -> Floats:
        """Return the bits of equal texts, and of texts alike."""
        assert self.column.lengths is not None
        limit = MOST_BITS if self.column.words is None else _MOST_TEXT_BITS
        lengths = np.append(self.column.lengths, 0)[codes]
        evidence = BITS_A_LETTER * lengths
        if self.rewordings is not None:
            # "It is hard to imagine" is long, and yet two strangers begin with it.
            evidence = np.minimum(evidence, np.append(self.rewordings.whole, 0.0)[codes])
            evidence = np.where(reworded > 0, reworded, np.maximum(evidence, 0.0))
        # A text that many rows have is weak evidence, and so is one like it.
        common = np.maximum(self._frequency(codes), self._frequency(other_codes))
        chance = np.maximum(common, 2.0 ** -np.minimum(evidence, limit))
        bits: Floats = -np.log2(np.clip(chance, 2.0**-limit, 1.0))
        return bits

    def _alike(self, target: Values, source: Values, steps: Floats) -> Floats:
        """Return the share of rows that agree with a source value too.

        With whole centimetres agree all millimetres that round alike. Equal values agree up to the
        coarser file's figures: 3.0 among tenths is no whole number.
        """
        if self.column.is_whole:
            return self._frequency(source)
        steps = np.where(target == source, _STEP_OF[self._figures - _TENS], steps)
        return self._frequency(source, _half(steps))

    @cached_property
    def _figures(self) -> int:
        """Return the most decimals of values in the coarser file.

        Of the sample: counting the decimals of a long source would be most of a search.
        """
        return min(int(decimals(v).max(initial=_TENS)) for v in (self.target, self.source))

    def _frequency(self, values: Values, within: Floats | int = 0) -> Floats:
        """Return how common values are, by the file with most of them.

        The pair itself is not counted.
        """
        shares = []
        for sorted_values in (self.target, self.source):
            count = np.searchsorted(sorted_values, values + within, "right") - np.searchsorted(
                sorted_values, values - within
            )
            # The pair itself is taken off, or every unique value would seem shared.
            shares.append(np.maximum(count - self.n_rows, 0) / max(len(sorted_values), 1))
        larger: Floats = np.maximum(shares[0], shares[1])
        return larger

    def _density(self, x: Floats, step: Floats) -> Floats:
        """Return the chance to fall within half a step of ``x``.

        Estimated from the target's neighbours.
        """
        n = len(self.target)
        if n == 0:
            return np.ones(len(x))
        k = max(2, round(np.sqrt(n)))
        place = np.searchsorted(self.target, x)
        low, high = np.maximum(place - k, 0), np.minimum(place + k, n - 1)
        span = self.target[high].astype(float) - self.target[low]
        chance: Floats = (high - low + 1) / n * step / (span + step)
        return np.minimum(chance, 1.0)


def _half(step: Floats) -> Floats:
    """Return how far from its rounded form a number may be."""
    return 0.5 * step * (1 + 1e-6)


def _sorted(values: Values) -> Values:
    present = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    return np.sort(present)


def agreement(x: Floats, s: Floats) -> tuple[Mask, Floats]:
    """Return which numbers agree up to rounding, and the rounding step.

    Equal numbers agree, missing ones among themselves, numbers in single precision, and a number
    with at most eight decimals with any that rounds to it.

    Examples
    --------
    >>> agree, step = agreement(np.array([1.2345, 1.2345]), np.array([1.23, 1.24]))
    >>> agree.tolist(), step.tolist()
    ([True, False], [0.01, 0.01])
    """
    return _agreement(x, s, np.minimum(decimals(x), decimals(s)))


def _agreement(x: Floats, s: Floats, coarser: NDArray[np.integer]) -> tuple[Mask, Floats]:
    """Return agreement and step, given the fewer decimals of each pair."""
    equal = (x == s) | (np.isnan(x) & np.isnan(s))
    apart = np.abs(x - s)
    single = apart <= _FLOAT32 * np.abs(x)
    step = _STEP_OF[coarser - _TENS]
    rounded = (coarser < _DECIMALS) & (apart <= _half(step))
    exact = np.where(coarser < _DECIMALS, step, np.maximum(np.abs(x), 1e-300) * 1e-12)
    near = np.where(single & ~equal, np.maximum(np.abs(x), 1e-300) * _FLOAT32, step)
    return equal | single | rounded, np.where(equal, exact, near)


def decimals(x: Floats) -> NDArray[np.intp]:
    """Count the decimals of numbers.

    -2 for hundreds, 9 for more than eight.

    Examples
    --------
    >>> decimals(np.array([3.0, 0.25, 1 / 3, 1200.0])).tolist()
    [0, 2, 9, -2]
    """
    places_of = np.full(len(x), _DECIMALS, np.intp)
    with np.errstate(invalid="ignore"):
        fine = np.flatnonzero(np.abs(x) < _LARGEST)
    for places in range(_DECIMALS - 1, _TENS - 1, -1):
        if not len(fine):
            break
        scaled = x[fine] * 10.0**places
        blur = np.maximum(_BLUR * np.abs(scaled), 1e-9)
        near = (np.abs(scaled - np.rint(scaled)) <= blur) & (np.abs(scaled) < _LARGEST)
        large = np.abs(scaled) >= _LARGEST  # too many digits at this place: look at the next
        places_of[fine[near]] = places
        fine = fine[near | large]
    places_of[np.isfinite(x) & (np.abs(x) >= _LARGEST)] = 0
    places_of[x == 0] = 0
    return places_of
