"""Categories whose levels in a source are none of the target's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable
from transfergap.data.spelling import listing, without_case

_FEWEST_ROWS = 20  # of either file: in fewer, levels may be absent by chance
_MOST_LEVELS = 20  # of the target: names of places or persons need not meet
_MOST_LEVELS_NAMED = 4
_PER_LEVEL = 3.0  # rows a level in each file, so that a common level would have shown


@check("TG110", "categories that do not meet")
def unlike_levels(evidence: Evidence) -> Iterator[Finding]:
    """Find categories of which target and source share no level."""
    problem = evidence.problem
    if problem.kind != "table":
        raise NotApplicable("only tables have columns of categories")
    target = problem.target.X
    for name, source in problem.sources.items():
        for column in target.columns:
            levels = [_levels(frame[column]) for frame in (target, source.sample.X)]
            if not all(levels) or set(map(without_case, levels[0])) & set(
                map(without_case, levels[1])
            ):
                continue
            target_levels, source_levels = (_listed(values) for values in levels)
            yield Finding.strong(
                name,
                f"Column {str(column)!r} has no level in common: {target_levels} in the target,"
                f" {source_levels} in {name}. What a model learns of one is lost on the other.",
                "If they mean the same, write them alike in both files; if not, drop the column"
                f" (--drop {column}) or leave the source out.",
                {"n_target_levels": len(levels[0]), "n_source_levels": len(levels[1])},
            )


def _levels(column: Any) -> list[str]:
    """Return a column's levels, commonest first; none for other columns."""
    if column.dtype.kind in "iufbM":
        return []
    values = column.dropna().astype(str)
    levels = [str(level) for level in values.value_counts().index]
    few = 2 <= len(levels) <= _MOST_LEVELS and len(values) >= _PER_LEVEL * len(levels)
    return levels if few and len(values) >= _FEWEST_ROWS else []


def _listed(levels: list[str]) -> str:
    return listing([repr(level) for level in levels], _MOST_LEVELS_NAMED)
