"""Sources without the rows of the target, and counts of overlaps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from transfergap.data.copies import CopySearch, decide, search_rows
from transfergap.data.problem import DataSource, Sample, SourceFacts
from transfergap.errors import DataError


def without_leaks(
    label: str,
    sample: Sample,
    facts: SourceFacts,
    target: Sample,
    *,
    excluded: Collection[str] = (),
    other_units: bool = True,
    earlier: DataSource | None = None,
) -> DataSource:
    """Remove target rows from a source and count other overlaps.

    Parameters
    ----------
    label : str
    sample : Sample
        Of the source, with all columns of the target.
    facts : SourceFacts
        Facts of the source so far.
    target : Sample
    excluded : collection of str
        Columns that name rows: no evidence of anything.
    other_units : bool
        Whether copies are searched in other units too.
    earlier : DataSource, optional
        What an earlier search of the same rows came to, which spares this one; its sample has no
        part.

    Raises
    ------
    DataError
        If no row is left, or none with a weight above 0.
    """
    if earlier is not None:
        remaining = np.delete(np.arange(len(sample)), earlier.copies)
        return replace(earlier, sample=sample.rows(remaining) if len(earlier.copies) else sample)
    search = search_rows(target.X, sample.X, excluded=excluded, other_units=other_units)
    decision = decide(search, target.y, sample.y)
    facts = replace(
        facts,
        n_duplicates_removed=int(decision.removed.sum()),
        n_changed_copies=decision.n_changed,
        changed_columns=decision.differing,
        unit_changes=tuple(f"{name} ({change})" for name, change in search.units),
        # Record numbers that differ say that rows differ, unless their other columns say more.
        n_coincidences_kept=0 if excluded else decision.n_lookalikes,
        tells_changed_copies=search.tells_changed,
        copy_search=_outcome(search, excluded),
    )
    if decision.removed.any():
        sample = sample.rows(~decision.removed)
    if len(sample) == 0:
        raise DataError(
            f"Every usable row of the source {label!r} is a row of the target too.",
            hint="a source must bring rows of its own; did you pass the same file twice?",
        )
    if sample.weights is not None and not sample.weights.any():
        raise DataError(
            f"All usable rows of the source {label!r} have the weight 0: none of them would count.",
            hint="leave it out, or check the column of weights",
        )
    copies = np.flatnonzero(decision.removed)
    return DataSource(label, sample, _with_groups(facts, sample, target), copies)


def _outcome(search: CopySearch, excluded: Collection[str]) -> str:
    if search.outcome == "searched":
        return "searched"
    if search.outcome == "incomparable":
        return "its rows cannot be compared with the target's"
    named = [name for name in search.left_out if name in excluded]
    besides = f" besides {', '.join(map(repr, named[:3]))}" if named else ""
    return f"its columns{besides} are too coarse to tell one row from another"


def _with_groups(facts: SourceFacts, sample: Sample, target: Sample) -> SourceFacts:
    if sample.groups is None or target.groups is None:
        return facts
    common = np.isin(sample.groups, target.groups)
    return replace(
        facts,
        n_shared_groups=len(np.unique(sample.groups[common])),
        n_shared_group_rows=int(common.sum()),
    )
