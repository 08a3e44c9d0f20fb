"""Evidence, in bits, that two agreeing rows are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

from transfergap.data.copies.agreement import AgreementModel, Floats, Mask

TELLING_BITS = 16.0  # of a text, from which it weighs as two columns; chosen by hand
MINORITY_BITS = 8.0  # more are asked of rows that agree in fewer columns than they differ in
MOST_CHANGED = 3  # columns of a copy that may differ however few there are
CHANGED_SHARE = 0.25  # and of many columns, this share
_SAMPLE = 5000  # source rows from which frequencies are read


def most_changed(width: int) -> int:
    """Return in how many of its columns a copy may differ."""
    return max(MOST_CHANGED, int(CHANGED_SHARE * width))


@dataclass(frozen=True)
class PairEvidence:
    """Agreement of candidate row pairs, column by column.

    Parameters
    ----------
    agree, absent : ndarray of bool, shape (n_pairs, n_columns)
        Whether values agree, and whether both are missing, which tells nothing either way.
    bits : ndarray, shape (n_pairs, n_columns)
        How unlikely strangers agree on these values.
    prose : tuple of bool
        Which columns are texts of several words. Such a text may name a row alone, which a number
        must not: it says as much as several columns.
    """

    agree: Mask
    absent: Mask
    bits: Floats
    prose: tuple[bool, ...] = ()

    @classmethod
    def of(
        cls,
        models: Sequence[AgreementModel],
        target: NDArray[np.intp],
        source: NDArray[np.intp],
    ) -> tuple[PairEvidence, NDArray[np.intp]]:
        """Compare row pairs and drop those that differ too often.

        Returns
        -------
        PairEvidence
            Of the pairs that remain.
        ndarray
            Their positions.
        """
        # Pairs are dropped column by column: most differ in the first few, so the rest costs
        # little.
        retained = np.arange(len(target))
        differ = np.zeros(len(target), np.intp)
        parts: list[tuple[NDArray[np.intp], Mask, Mask, Floats]] = []
        allowed = most_changed(len(models))
        for place, model in enumerate(models):
            agree, absent, bits = model.compare(target[retained], source[retained])
            parts.append((retained, agree, absent, bits))
            differ[retained] += ~agree
            if place >= allowed:  # before, none can differ too often
                retained = retained[differ[retained] <= allowed]
        columns = []
        for at, *values in parts:
            still = np.searchsorted(at, retained)
            columns.append([value[still] for value in values])
        agree, absent, bits = (np.column_stack(part) for part in zip(*columns, strict=True))
        prose = tuple(model.column.words is not None for model in models)
        return cls(agree, absent, bits, prose), retained

    @classmethod
    def stack(cls, parts: Sequence[PairEvidence]) -> PairEvidence:
        """Return the evidence of all parts, one after the other."""
        agree, absent, bits = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("agree", "absent", "bits")
        )
        return cls(agree, absent, bits, parts[0].prose)

    def rows(self, mask: Mask | NDArray[np.intp]) -> PairEvidence:
        """Return the evidence of some of the pairs."""
        return PairEvidence(self.agree[mask], self.absent[mask], self.bits[mask], self.prose)

    def columns(self, order: NDArray[np.intp]) -> PairEvidence:
        """Return the same with its columns in another order."""
        prose = tuple(self.prose[int(k)] for k in order)
        return PairEvidence(self.agree[:, order], self.absent[:, order], self.bits[:, order], prose)

    def excess(self, bits: Floats, *, n_target: int, n_source: int) -> Floats:
        """Return the bits by which pairs exceed one expected by chance.

        Were columns independent, strangers would reach an excess of ``b`` once in ``2^b`` searches,
        whatever the number of rows, and of columns that a copy may differ in. Minus infinity where
        too few columns agree or too many differ.

        Parameters
        ----------
        bits : ndarray, shape (n_pairs,)
            Of evidence, all columns together.
        n_target, n_source : int
            Rows, whose product is the number of pairs that could agree.
        """
        telling = self.agree & ~self.absent
        prose = np.array(self.prose, bool) & (self.bits >= TELLING_BITS)
        agree = telling.sum(axis=1) + (telling & prose).sum(axis=1)
        differ = (~self.agree).sum(axis=1)
        width = self.agree.shape[1]
        allowed = most_changed(width)
        choices = np.log2(np.maximum(comb(width, np.minimum(differ, allowed)), 1.0))
        minority = agree <= differ  # only if what agrees is very telling
        excess = bits - np.log2(n_target) - np.log2(n_source) - choices - MINORITY_BITS * minority
        wide = agree >= max(min(2, width), int(np.ceil(width / 3)))
        return np.where(wide & (differ <= allowed), excess, -np.inf)


def source_sample(n_source: int) -> NDArray[np.intp]:
    """Choose the source rows from which frequencies are read.

    All rows, or an even choice of many.
    """
    if n_source <= _SAMPLE:
        return np.arange(n_source)
    return np.linspace(0, n_source - 1, _SAMPLE).round().astype(np.intp)
