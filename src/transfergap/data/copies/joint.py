"""Evidence of common values, counted together: columns often repeat one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.agreement import Floats
from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.evidence import PairEvidence

COMMON_BITS = 5.6  # a value that one row in fifty has is common
_MOST_REFERENCE = 4000  # rows among which a combination of common values is counted
_PAST_COUNTING = 0.5  # of the bits beyond what can be counted: columns are not independent there


def joint_bits(
    evidence: PairEvidence,
    columns: Sequence[ComparableColumn],
    target: NDArray[np.intp],
    source: NDArray[np.intp],
    sample: NDArray[np.intp],
    *,
    n_rows: int = 1,
) -> Floats:
    """Return the bits of each pair, common values counted as a combination.

    Twelve columns that are all zero tell as much as the share of rows in which all twelve are zero,
    not twelve times as much as one.

    Parameters
    ----------
    evidence : PairEvidence
    columns : sequence of ComparableColumn
    target, source : ndarray, shape (n_pairs,)
        The rows of each pair.
    sample : ndarray
        Source rows among which combinations are counted, beside all target rows.
    n_rows : int
        Rows of a pair that are in each of the two; see :class:`AgreementModel`.
    """
    common = evidence.agree & ~evidence.absent & (evidence.bits < COMMON_BITS)
    rare: Floats = np.where(common, 0.0, evidence.bits).sum(axis=1)
    alone = np.where(common, evidence.bits, 0.0).sum(axis=1)
    # Log of a count cannot exceed the log of the rows counted; beyond it half the bits are granted.
    rows = sample[:_MOST_REFERENCE]
    n_reference = len(columns[0].target) + len(rows)
    most_bits = np.log2(n_reference)
    together = np.zeros(len(target))
    pattern = np.column_stack([target, common])
    different, pattern_of = np.unique(pattern, axis=0, return_inverse=True)
    for number, row in enumerate(different):
        pairs = np.flatnonzero(pattern_of == number)
        chosen = np.flatnonzero(row[1:])
        if len(chosen) == 0:
            continue
        n_equal = _n_equal([columns[int(c)] for c in chosen], int(row[0]), rows)
        pair = 2 * n_rows
        counted = -np.log2(max(n_equal - pair, 1.0) / n_reference)
        together[pairs] = counted
        past = alone[pairs] - most_bits
        if n_equal <= pair:
            together[pairs] = most_bits + _PAST_COUNTING * np.maximum(past, 0.0)
    total: Floats = rare + np.minimum(together, alone)
    return total


def _n_equal(columns: Sequence[ComparableColumn], row: int, sample: NDArray[np.intp]) -> int:
    target_equal = np.ones(len(columns[0].target), bool)
    source_equal = np.ones(len(sample), bool)
    for column in columns:
        value = column.target[row]
        target_equal &= column.target == value
        source_equal &= column.source[sample] == value
    return int(target_equal.sum() + source_equal.sum())
