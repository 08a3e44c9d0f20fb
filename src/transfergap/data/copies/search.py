"""Search of a source for rows that agree with target rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfergap.data.copies.agreement import AgreementModel, Mask
from transfergap.data.copies.alignment import aligned
from transfergap.data.copies.bands import (
    Pairs,
    bands,
    candidate_pairs,
    equal_rows,
    keyed_column,
    reworded_row_pairs,
)
from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.evidence import PairEvidence, source_sample
from transfergap.data.copies.joint import joint_bits
from transfergap.data.copies.links import IDENTIFIED, CopySearch, Links, Twins, unsearched
from transfergap.data.copies.triples import aligned_by_triples
from transfergap.data.copies.units import in_target_units

FAINT = -4.0  # bits of excess below which pairs are not worth counting
_FEW_PAIRS = 200_000  # of rows: quicker compared one by one than hashed on many sets of columns
# bounds the memory of a comparison; no result depends on it
_CHUNK = 200_000  # candidate pairs compared at a time
_MOST_UNIT_COLUMNS = 24  # a unit search costs (values)^2 a column
_PROBED_COLUMNS = 2  # without a change of unit in so many columns the search ends
_MOST_UNIT_ROWS = 100_000  # of more, a sample holds too few copies for a unit to stand out
_PLENTY = 12  # identified pairs that show the right unit: fewer may be of another's chance
_FEWEST_UNIT_COLUMNS = 2  # one column that fits another after a change of unit proves nothing


UnitSearch = Callable[
    [list[ComparableColumn], NDArray[np.intp]],
    tuple[list[ComparableColumn], tuple[tuple[str, str], ...]],
]


def search_columns(
    columns: Sequence[ComparableColumn],
    n_target: int,
    n_source: int,
    *,
    excluded: Collection[str] = (),
    in_units: bool = True,
) -> CopySearch:
    """Search a source for copies of the target's rows.

    Parameters
    ----------
    columns : sequence of ComparableColumn
        All that both files have.
    n_target, n_source : int
    excluded : collection of str
        Names of columns that name rows (record numbers, accession codes): no evidence.
    in_units : bool
        Whether to look for columns in another unit. Rows that are standardised have none.

    Notes
    -----
    Ours, after the record linkage of Fellegi and Sunter (1969): every agreement of two rows weighs
    by how unlikely it is among strangers. Values agree if they are equal, or if one is the other
    rounded, in single precision, in other letter case, or in the unit that
    :func:`in_target_units` found; at most three columns, or a quarter of them, may differ. Cost:
    near-linear in the source's rows.

    References
    ----------
    Fellegi and Sunter (1969), A Theory for Record Linkage.
    """
    usable = [c for c in columns if c.name not in excluded and not c.is_constant()]
    left_out = tuple(c.name for c in columns if c.name in excluded or c.is_constant())
    if not usable or min(n_target, n_source) == 0:
        return unsearched(n_target, n_source, "coarse", left_out)
    sample = source_sample(n_source)
    bits = exact_bits(usable, sample)
    links = linked(usable, sample, bits=bits)
    units: tuple[tuple[str, str], ...] = ()
    wide = in_units and n_source <= _MOST_UNIT_ROWS
    searches: list[UnitSearch] = [_with_units, aligned, aligned_by_triples] if wide else []
    # Copies in several units would agree on the other columns.
    if _n_identified(links) or len(usable) < _FEWEST_UNIT_COLUMNS:
        searches = []
    as_written = usable
    for search_units in searches:
        rescaled, changes = search_units(as_written, sample)
        if changes:
            rescaled_bits = exact_bits(rescaled, sample)
            again = linked(rescaled, sample, bits=rescaled_bits)
            if _n_identified(again) > _n_identified(links):
                usable, units, links, bits = rescaled, changes, again, rescaled_bits
        if _n_identified(links) >= _PLENTY:
            break
    classes = equal_rows(usable)
    doubtful = classes[1] >= 0
    doubtful[links.chosen(links.are_certain).source_rows] = False
    doubtful[links.chosen(~links.are_certain).source_rows] = True
    spare_bits, largest = _spare_bits(usable, sample, bits)
    return CopySearch(
        links,
        *classes,
        twins=_twins(usable, sample) if doubtful.any() else (),
        outcome="searched" if spare_bits >= 0 else "coarse",
        tells_changed=spare_bits >= largest,
        columns=tuple(column.name for column in usable),
        left_out=left_out,
        units=units,
    )


def _n_identified(links: Links) -> int:
    return int(np.count_nonzero(links.excess >= IDENTIFIED))


def _with_units(
    columns: list[ComparableColumn], sample: NDArray[np.intp]
) -> tuple[list[ComparableColumn], tuple[tuple[str, str], ...]]:
    """Convert numeric columns to the target's unit where one is evident.

    The columns with most different values go first; where none of them is in another unit, the
    others are not looked at.
    """
    numbers = [k for k, c in enumerate(columns) if not (c.is_text or c.is_whole)]
    numbers.sort(key=lambda k: -len(np.unique(columns[k].target)))
    changed = list(columns)
    units: list[tuple[str, str]] = []
    for tried, place in enumerate(numbers[:_MOST_UNIT_COLUMNS]):
        if tried >= _PROBED_COLUMNS and not units:
            break
        changed[place], change = in_target_units(columns[place], sample)
        units += [(columns[place].name, change)] if change else []
    return changed, tuple(units)


def exact_bits(columns: Sequence[ComparableColumn], sample: NDArray[np.intp]) -> list[float]:
    """Return how many bits each column's exact values tell."""
    return [keyed_column(column, sample).bits for column in columns]


def linked(
    columns: Sequence[ComparableColumn],
    sample: NDArray[np.intp],
    *,
    bits: Sequence[float],
    same_rows: NDArray[np.intp] | None = None,
) -> Links:
    """Return the pairs of rows that agree more than faintly.

    Parameters
    ----------
    columns : sequence of ComparableColumn
    sample : ndarray
        Source rows from which to read how common values are.
    bits : sequence of float
        Of each column: see :func:`exact_bits`.
    same_rows : ndarray, shape (n_target,), optional
        Where target rows are rows of the source's file themselves: which. None is its own copy.
    """
    n_target, n_source = len(columns[0].target), len(columns[0].source)
    n_rows = 1 if same_rows is None else 2
    models = [AgreementModel.of(column, sample, n_rows=n_rows) for column in columns]
    by_bits = np.argsort(-np.array(bits), kind="stable")
    ordered = [models[int(k)] for k in by_bits]  # strangers differ at once in the most telling ones
    # The inverse permutation: evidence returns to the order of the columns.
    in_order = np.argsort(by_bits)
    parts = []
    for target, source in _candidates(models, sample):
        if same_rows is not None:
            other_rows = same_rows[target] != source
            target, source = target[other_rows], source[other_rows]
        evidence, retained = PairEvidence.of(ordered, target, source)
        evidence = evidence.columns(in_order)
        parts.append(_near(target[retained], source[retained], evidence, n_target, n_source))
    target_rows, source_rows, evidence = _each_once(parts, n_source, len(columns))
    joint = joint_bits(evidence, columns, target_rows, source_rows, sample, n_rows=n_rows)
    excess = evidence.excess(joint, n_target=n_target, n_source=n_source)
    agree = evidence.agree & ~_reworded(columns, target_rows, source_rows)
    return Links(target_rows, source_rows, excess, agree).chosen(excess >= FAINT)


def _reworded(
    columns: Sequence[ComparableColumn], target: NDArray[np.intp], source: NDArray[np.intp]
) -> Mask:
    """Return the columns in which pairs agree in most words only.

    They count as evidence, and yet as changed: strangers who fill in one form do the same.
    """
    no_rows = np.zeros(len(target), bool)
    return np.column_stack(
        [
            no_rows if column.words is None else column.target[target] != column.source[source]
            for column in columns
        ]
    )


def _candidates(models: Sequence[AgreementModel], sample: NDArray[np.intp]) -> Iterator[Pairs]:
    """Yield candidate pairs in chunks: all, or those of bands."""
    columns = [model.column for model in models]
    n_target, n_source = len(columns[0].target), len(columns[0].source)
    if n_target * n_source <= _FEW_PAIRS:
        yield np.divmod(np.arange(n_target * n_source), max(n_source, 1))
    else:
        yield from _in_chunks(_banded(models, sample), n_source)


def _banded(models: Sequence[AgreementModel], sample: NDArray[np.intp]) -> Iterator[Pairs]:
    """Yield the pairs of each band, and those of texts alike."""
    for band in bands([model.column for model in models], sample):
        yield candidate_pairs(band)
    for model in models:
        if model.rewordings is not None:
            yield reworded_row_pairs(model.column, model.rewordings)


def _in_chunks(candidates: Iterable[Pairs], n_source: int) -> Iterator[Pairs]:
    """Yield the pairs of all bands in chunks.

    Within a chunk each is there once. Bands bring few pairs each, and a comparison costs a call a
    column.
    """
    waiting: list[NDArray[np.int64]] = []
    n_waiting = 0
    for target, source in candidates:
        # One key a pair; int64, as n_target * n_source overflows int32.
        waiting.append(target.astype(np.int64) * n_source + source)
        n_waiting += len(target)
        if n_waiting >= _CHUNK:
            yield from _divided(waiting, n_source)
            waiting, n_waiting = [], 0
    if n_waiting:
        yield from _divided(waiting, n_source)


def _divided(keys: Sequence[NDArray[np.int64]], n_source: int) -> Iterator[Pairs]:
    """Yield the pairs behind keys, each once, in chunks."""
    different = np.unique(np.concatenate(keys))
    for start in range(0, len(different), _CHUNK):
        yield np.divmod(different[start : start + _CHUNK], n_source)


Candidates = tuple[NDArray[np.intp], NDArray[np.intp], PairEvidence]


def _near(
    target_rows: NDArray[np.intp],
    source_rows: NDArray[np.intp],
    evidence: PairEvidence,
    n_target: int,
    n_source: int,
) -> Candidates:
    excess = evidence.excess(evidence.bits.sum(axis=1), n_target=n_target, n_source=n_source)
    near = excess >= FAINT
    return target_rows[near], source_rows[near], evidence.rows(near)


def _each_once(parts: Sequence[Candidates], n_source: int, n_columns: int) -> Candidates:
    """Return the candidates of all bands, each pair once."""
    if not parts:
        no_rows, no_bits = np.empty(0, np.intp), np.empty((0, n_columns))
        none = no_bits.astype(bool)
        return no_rows, no_rows, PairEvidence(none, none, no_bits, (False,) * n_columns)
    target_rows, source_rows = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    evidence = PairEvidence.stack([part[2] for part in parts])
    # One key a pair; int64, as n_target * n_source overflows int32.
    _, first = np.unique(target_rows.astype(np.int64) * n_source + source_rows, return_index=True)
    return target_rows[first], source_rows[first], evidence.rows(first)


def _twins(columns: Sequence[ComparableColumn], sample: NDArray[np.intp]) -> tuple[Twins, Twins]:
    """Search each file for its own twins.

    As many rows as the target has, among all rows of the file.
    """
    n_target = len(columns[0].target)
    inside = [replace(c, source=c.target) for c in columns]
    place = np.linspace(0, len(sample) - 1, min(n_target, len(sample))).round().astype(int)
    rows = np.unique(sample[place])
    outside = [column.swapped(rows) for column in columns]
    return _twins_of(inside, np.arange(n_target)), _twins_of(outside, rows)


def _twins_of(columns: Sequence[ComparableColumn], rows: NDArray[np.intp]) -> Twins:
    n_rows, n_all = len(rows), len(columns[0].source)
    sample = source_sample(n_all)
    links = linked(columns, sample, bits=exact_bits(columns, sample), same_rows=rows)
    # Copies within the file are no look-alikes.
    links = links.chosen((links.excess < IDENTIFIED) | ~links.agree.all(axis=1))
    counts = np.bincount(equal_rows([c.swapped(np.arange(n_all)) for c in columns])[0]).astype(
        float
    )
    n_pairs = float(n_all) * max(n_all - 1, 1)
    return Twins(
        links.excess,
        links.agree,
        float(n_rows) * max(n_all - 1, 1),
        float((counts * (counts - 1)).sum()),
        n_pairs,
        np.column_stack([rows[links.target_rows], links.source_rows]),
    )


def _spare_bits(
    columns: Sequence[ComparableColumn], sample: NDArray[np.intp], bits: Sequence[float]
) -> tuple[float, float]:
    """Return bits beyond identity of unchanged rows, and the largest column's."""
    evidence = [
        alone
        if column.words is None
        # Of texts most differ in much; a few that repeat make none of the others less telling.
        else float(np.median(AgreementModel.of(column, sample).bits_unchanged()))
        for column, alone in zip(columns, bits, strict=True)
    ]
    n_pairs = float(len(columns[0].target)) * len(columns[0].source)
    return sum(evidence) - np.log2(max(n_pairs, 1.0)) - IDENTIFIED, max(evidence)
