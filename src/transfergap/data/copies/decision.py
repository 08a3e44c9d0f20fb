"""Copies or look-alikes: the decision on agreeing rows, by their labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, poisson

from transfergap.data.copies.links import CopySearch, Links, pair_counts
from transfergap.data.copies.search import FAINT

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
FEWEST = 3  # target rows with a changed copy: fewer are what shared days and places bring about
# Bits of excess at which pairs are counted.
# bits of excess, from certain to faint; chosen by hand
_CUTS = (40.0, 32.0, 24.0, 16.0, 8.0, 6.0, 4.0, 2.0, 0.0, -2.0, -4.0)
_CLEAR = 12.0  # bits above pairs within a file; benchmarks.copies --choose saw 11.2 at most
_MOST_CLEAR = 16.0  # of them that one pair counts: two strangers of one day must not do alone
_RARE = 0.01  # chance that as many agree across files as within them
_RARE_EQUAL = 0.002  # the same for rows that are equal; chosen by hand
_MOST_BY_CHANCE = 0.25  # of the pairs that are taken for copies
_MOST_PATTERNS = 4  # sets of columns in which copies may differ that are looked at
_FEW_LABELS = 8  # pairs; of fewer, two codings that mirror each other are chance
_EQUAL_LABELS = 0.75  # of few pairs; one of four may have been labelled anew
_HALF = 0.5  # of the error that labels of partners must explain; chosen by hand
_NEARLY_ALL = 0.95  # the same where only siblings speak against copies; chosen by hand
_SAME_NUMBER = 0.01  # of the spread of the labels


@dataclass(frozen=True, eq=False)
class CopyDecision:
    """The source rows taken out as copies, with the counts to report.

    Parameters
    ----------
    removed : ndarray of bool, shape (n_source,)
        Copies of target rows.
    n_changed : int
        Copies among them that are not equal to their target row.
    n_lookalikes : int
        Rows that equal a target row as coarse columns explain; they stay.
    differing : tuple of str
        Columns in which most of the changed copies differ.
    """

    removed: Mask
    n_changed: int
    n_lookalikes: int
    differing: tuple[str, ...] = ()


def decide(
    search: CopySearch, target_labels: NDArray[np.generic], source_labels: NDArray[np.generic]
) -> CopyDecision:
    """Return which of the rows that agree are copies.

    Equal rows are copies where they agree on more than chance can explain, or where far more are
    equal across the files than within each. Rows that were changed are copies if there are three or
    more, far more than agree as much within each file, and if their labels agree: rows of
    one day or one place have much in common too, but not their labels.

    Parameters
    ----------
    search : CopySearch
    target_labels, source_labels : ndarray, shape (n_target,), (n_source,)
    """
    equal = search.source_class >= 0
    links, labels = search.links, (target_labels, source_labels)
    removed = np.zeros(search.n_source, bool)
    removed[links.chosen(links.are_certain).source_rows] = True
    accepted = _linked_copies(search, links, labels)
    apart = search.without_siblings()
    if apart is not search:
        # Rows of one person or one day are siblings, too, but have not nearly all labels in common.
        accepted |= _linked_copies(apart, links, labels, least_share=_NEARLY_ALL)
    linked = links.chosen(accepted)
    removed[linked.source_rows] = True
    if (equal & ~removed).any() and not _equal_by_chance(search, equal & ~removed, labels):
        removed |= equal
    changed = linked.chosen(~equal[linked.source_rows])
    return CopyDecision(
        removed,
        int((removed & ~equal).sum()),
        int((equal & ~removed).sum()),
        search.differing(changed),
    )


Labels = tuple[NDArray[np.generic], NDArray[np.generic]]


def _linked_copies(
    search: CopySearch, links: Links, labels: Labels, *, least_share: float = _HALF
) -> Mask:
    """Return which links stand out from chance.

    Links that differ in the same columns are tested together, then all together.

    Whoever changes a file changes the same columns in every row. Pairs that differ in no others are
    judged beside the pairs within each file that differ in no others.
    """
    accepted = np.zeros(len(links), bool)
    for columns in patterns(links):
        accepted |= _accepted(search, links, columns, labels, least_share)
    if accepted.any():
        # Where some are copies, others of them may agree in a changed column by chance.
        for columns in wider_patterns(links):
            accepted |= _accepted(search, links, columns, labels, least_share)
    return accepted


def _accepted(
    search: CopySearch, links: Links, columns: Mask, labels: Labels, least_share: float
) -> Mask:
    """Return which links are copies that differ in no other columns."""
    accepted = np.zeros(len(links), bool)
    alike = links.agree[:, ~columns].all(axis=1)
    for cut in _CUTS:
        part = alike & (links.excess >= cut)
        chosen = links.chosen(part)
        if _stand_out(search, chosen, cut, columns) and go_together(chosen, labels, least_share):
            accepted |= part
    return accepted


def patterns(links: Links) -> list[Mask]:
    """Return the commonest sets of differing columns, after the full set."""
    all_columns = np.ones(links.agree.shape[1], bool)
    if not len(links):
        return [all_columns]
    sets, counts = np.unique(~links.agree, axis=0, return_counts=True)
    return [all_columns, *sets[_most(counts)]]


def wider_patterns(links: Links) -> list[Mask]:
    """Return the sets of columns beyond which fewest links differ."""
    sets, counts = np.unique(~links.agree, axis=0, return_counts=True)
    return list(sets[_most((sets[:, None, :] >= sets[None, :, :]).all(axis=2) @ counts)])


def _most(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    # A stable sort: ties must not hang on the platform.
    return np.argsort(-counts, kind="stable")[:_MOST_PATTERNS]


def _stand_out(search: CopySearch, links: Links, cut: float, columns: Mask) -> bool:
    """Return whether agreement across files exceeds agreement within them.

    Either far more pairs agree, or the pairs agree far better.

    Few pairs cannot be many, but no chance pair of tens of thousands comes near them.
    """
    n_linked = len(np.unique(links.target_rows))
    n_within = float(sum(twins.n_pairs for twins in search.twins))
    if n_linked < FEWEST or not n_within:
        return False
    within = excess_within(search, columns)
    if clearance(search, links, columns) >= _CLEAR:
        return True
    count = int((within >= cut).sum())
    share = pair_counts(search) / (pair_counts(search) + n_within)
    rare = float(binom.sf(n_linked - 1, n_linked + count, share)) < _RARE
    return rare and count * pair_counts(search) / n_within <= _MOST_BY_CHANCE * n_linked


def clearance(search: CopySearch, links: Links, columns: Mask) -> float:
    """Return the bits by which linked pairs pass pairs within files.

    The worst of them passes the pairs that differ in the same columns; or, in the mean, they pass
    all pairs. So one copy of a few that has little evidence of its own is held up by the others,
    which differ as it does, but only where rows of one file are no look-alikes.

    Parameters
    ----------
    search : CopySearch
    links : Links
        Pairs across the files that differ in no other columns.
    columns : ndarray of bool, shape (n_columns,)
    """
    if not len(links):
        return -np.inf
    worst = float(links.excess.min() - excess_within(search, columns).max(initial=FAINT))
    _, place = np.unique(links.target_rows, return_inverse=True)
    best = np.full(place.max() + 1, -np.inf)
    np.maximum.at(best, place, links.excess)
    above = best - excess_within(search, np.ones_like(columns)).max(initial=FAINT)
    mean = float(np.minimum(above, _MOST_CLEAR).mean()) if above.min() > 0 else -np.inf
    return max(worst, mean)


def excess_within(search: CopySearch, columns: Mask) -> Floats:
    """Return the excess bits of pairs within each file.

    Only pairs that differ in no other columns count.
    """
    parts = [twins.excess[twins.agree[:, ~columns].all(axis=1)] for twins in search.twins]
    return np.concatenate(parts) if parts else np.empty(0)


def _equal_by_chance(search: CopySearch, equal: Mask, labels: Labels) -> bool:
    """Return whether coarse columns explain that rows are equal."""
    rows = np.flatnonzero(equal)
    n_here = np.bincount(search.target_class)
    n_pairs = float(n_here[search.source_class[rows]].sum())
    rates = [(twins.n_equal + 0.5) / twins.n_equal_of for twins in search.twins]
    expected = pair_counts(search) * float(np.sqrt(np.prod(rates)))
    if n_pairs <= 2.0 * expected or float(poisson.sf(n_pairs - 1, expected)) > _RARE_EQUAL:
        return True
    first = np.zeros(len(n_here), np.intp)
    first[search.target_class[::-1]] = np.arange(len(search.target_class))[::-1]
    pairs = (labels[0][first[search.source_class[rows]]], labels[1][rows])
    return not labels_agree(*pairs)


def go_together(links: Links, labels: Labels, least_share: float = _HALF) -> bool:
    """Return whether the labels of linked rows tell one another."""
    return labels_agree(labels[0][links.target_rows], labels[1][links.source_rows], least_share)


def labels_agree(
    target: NDArray[np.generic], source: NDArray[np.generic], least_share: float = _HALF
) -> bool:
    """Return whether labels of paired rows tell one another, whatever their codes.

    Parameters
    ----------
    target, source : ndarray, shape (n_pairs,)
    least_share : float
        Of the pairs whose numbers agree, or of the error of guessing a class that is explained.
    """
    if target.dtype.kind == "f" and source.dtype.kind in "biuf":
        return _are_one_number(target.astype(float), source.astype(float), least_share)
    return _are_one_class(target, source, least_share)


def _are_one_number(
    target: NDArray[np.float64], source: NDArray[np.float64], least_share: float
) -> bool:
    """Return whether most labels agree or lie on a line.

    Labels in other units lie on a line.
    """
    # Too few pairs to judge a line: only labels that are all equal count.
    if len(target) < FEWEST or np.ptp(target) == 0 or np.ptp(source) == 0:
        return bool(np.array_equal(target, source))
    near = np.abs(target - source) <= _SAME_NUMBER * target.std()
    line = len(target) > FEWEST and abs(np.corrcoef(target, source)[0, 1]) > 1.0 - _SAME_NUMBER
    return bool(near.mean() > least_share or line)


def _are_one_class(
    target: NDArray[np.generic], source: NDArray[np.generic], least_share: float
) -> bool:
    """Return whether one row's label predicts its partner's.

    Each file may use its own code. A least share of the error of guessing the commonest label must
    be explained.
    """
    import pandas as pd

    if len(target) < _FEW_LABELS and set(source.tolist()) <= set(target.tolist()):
        equal = np.array(target.tolist(), object) == np.array(source.tolist(), object)
        if equal.mean() < _EQUAL_LABELS:
            return False
    codes = [pd.factorize(np.array(part.tolist(), object))[0] for part in (target, source)]
    present = (codes[0] >= 0) & (codes[1] >= 0)
    if not present.any():
        return False
    # Counted by hand: pandas.crosstab takes far longer, and pairs are judged often.
    counts = np.zeros((codes[0].max() + 1, codes[1].max() + 1))
    np.add.at(counts, (codes[0][present], codes[1][present]), 1)
    predicted = counts.max(axis=1).sum() / counts.sum()
    # Goodman and Kruskal's lambda (1954): error explained beyond the commonest label.
    guessed = counts.sum(axis=0).max() / counts.sum()
    return bool(predicted >= guessed + least_share * (1.0 - guessed))
