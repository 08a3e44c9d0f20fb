"""Pairs of rows that agree, and a search's outcome."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.agreement import Floats, Mask

Outcome = Literal["searched", "coarse", "incomparable"]
IDENTIFIED = 8.0  # bits of excess: once in 256 searches, were columns independent
CERTAIN = 23.0  # bits of excess; a file may hold copies of its own, and these are copies still
_DIFFERS = 0.5  # share of the copies that differ in a column for it to be named


@dataclass(frozen=True, eq=False)
class Links:
    """Pairs of rows that agree.

    Parameters
    ----------
    target_rows, source_rows : ndarray, shape (n_pairs,)
    excess : ndarray, shape (n_pairs,)
        Bits of evidence beyond what chance brings about once in the search.
    agree : ndarray of bool, shape (n_pairs, n_columns)
    """

    target_rows: NDArray[np.intp]
    source_rows: NDArray[np.intp]
    excess: Floats
    agree: Mask

    def __len__(self) -> int:
        return len(self.excess)

    @property
    def are_certain(self) -> Mask:
        """Mask of pairs that agree in all columns, beyond any look-alike."""
        certain: Mask = (self.excess >= CERTAIN) & self.agree.all(axis=1)
        return certain

    def chosen(self, mask: NDArray[np.bool_] | NDArray[np.intp]) -> Links:
        """Return some of the pairs."""
        return Links(
            self.target_rows[mask], self.source_rows[mask], self.excess[mask], self.agree[mask]
        )


@dataclass(frozen=True, eq=False)
class Twins:
    """Rows that agree within one file: how much agreement means nothing.

    Parameters
    ----------
    excess, agree : ndarray
        Of the pairs within the file, as in :class:`Links`.
    n_pairs : float
        Pairs of different rows that were compared for them.
    n_equal, n_equal_of : float
        Pairs that are equal in every column, of all pairs of different rows.
    rows : ndarray of int, shape (n_twins, 2)
        The rows of each pair.
    """

    excess: Floats
    agree: Mask
    n_pairs: float
    n_equal: float
    n_equal_of: float
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty((0, 2), np.intp))

    def without(self, mask: Mask) -> Twins:
        """Return twins without some of the pairs."""
        return replace(
            self, excess=self.excess[~mask], agree=self.agree[~mask], rows=self.rows[~mask]
        )


@dataclass(frozen=True, eq=False)
class CopySearch:
    """The agreement between a target and a source; input of :func:`decide`.

    Parameters
    ----------
    links : Links
    target_class, source_class : ndarray, shape (n_target,), (n_source,)
        Numbers of rows that are equal in every column that could tell; -1 for a source row that
        equals no target row.
    twins : tuple of Twins
        Within the target and within the source; empty where nothing agreed.
    outcome : {"searched", "coarse", "incomparable"}
        ``"coarse"``: the columns cannot tell rows apart one by one; ``"incomparable"``: rows of
        different shapes.
    tells_changed : bool
        Whether the columns still tell rows apart where the most telling one was changed.
    columns : tuple of str
        That were compared.
    left_out : tuple of str
        Columns that cannot be evidence: names of rows, and constants of one file.
    units : tuple of (str, str)
        Columns that were compared in another unit, and the conversion of each.
    """

    links: Links
    target_class: NDArray[np.intp]
    source_class: NDArray[np.intp]
    twins: tuple[Twins, ...] = ()
    outcome: Outcome = "searched"
    tells_changed: bool = True
    columns: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    units: tuple[tuple[str, str], ...] = ()

    @property
    def n_source(self) -> int:
        """Source rows."""
        return len(self.source_class)

    @property
    def n_equal(self) -> int:
        """Number of source rows equal to a target row in identifying columns."""
        return int((self.source_class >= 0).sum())

    def partners_of(self, target_rows: NDArray[np.intp]) -> Mask:
        """Return which source rows equal or are identified with target rows."""
        mask: Mask = np.isin(self.source_class, self.target_class[target_rows])
        sure = self.links.chosen(self.links.excess >= IDENTIFIED)
        mask[sure.source_rows[np.isin(sure.target_rows, target_rows)]] = True
        return mask

    def without_siblings(self) -> CopySearch:
        """Return the search without source pairs that agree with one target row.

        Where both were made of it, they agree with each other because of it, and not by chance.
        """
        from scipy.sparse import csr_array

        if len(self.twins) < 2:
            return self
        of_target, of_source = self.twins
        links, shape = self.links, (self.n_source, len(self.target_class))
        ones = np.ones(len(links), np.float32)
        made_of = csr_array((ones, (links.source_rows, links.target_rows)), shape=shape)
        first, second = of_source.rows.T
        shared = np.asarray((made_of[first] * made_of[second]).sum(axis=1)).ravel() > 0
        if not shared.any():
            return self
        return replace(self, twins=(of_target, of_source.without(shared)))

    def with_pairs(
        self, target_rows: NDArray[np.intp], source_rows: NDArray[np.intp]
    ) -> CopySearch:
        """Return the search with these pairs of rows identified too.

        They agree in no column: copies with noise, say.
        """
        more = np.full(len(target_rows), IDENTIFIED)
        links = Links(
            np.append(self.links.target_rows, target_rows),
            np.append(self.links.source_rows, source_rows),
            np.append(self.links.excess, more),
            np.vstack([self.links.agree, np.zeros((len(more), self.links.agree.shape[1]), bool)]),
        )
        return replace(self, links=links)

    def differing(self, links: Links) -> tuple[str, ...]:
        """Return the columns in which most of these pairs differ."""
        if not len(links):
            return ()
        shares = links.agree.mean(axis=0)
        return tuple(
            n for n, share in zip(self.columns, shares, strict=True) if share <= 1.0 - _DIFFERS
        )


def unsearched(
    n_target: int, n_source: int, outcome: Outcome, left_out: tuple[str, ...] = ()
) -> CopySearch:
    """Return the outcome of a search that could not be made."""
    none = no_links(0)
    return CopySearch(
        none, np.arange(n_target), np.full(n_source, -1), outcome=outcome, left_out=left_out
    )


def no_links(n_columns: int) -> Links:
    """Return no pairs."""
    no_rows = np.empty(0, np.intp)
    return Links(no_rows, no_rows, np.empty(0), np.empty((0, n_columns), bool))


def pair_counts(search: CopySearch) -> float:
    """Count the pairs of a target row and a source row."""
    return float(len(search.target_class)) * search.n_source
