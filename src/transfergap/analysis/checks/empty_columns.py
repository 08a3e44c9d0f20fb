"""Target columns that help no model: empty, constant, or row names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength
from transfergap.data.spelling import listing

# With fewer rows, equal or all different values are no surprise.
FEWEST_ROWS = 20


@check("TG114", "columns without information")
def empty_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find columns without information on the target."""
    if evidence.problem.kind != "table":
        raise NotApplicable("only tables have named columns")
    if len(evidence.problem.target) < FEWEST_ROWS:
        raise NotApplicable(f"needs {FEWEST_ROWS} target rows")
    names_of_kind: dict[str, list[str]] = {}
    frame = evidence.problem.target.X
    for i, name in enumerate(frame.columns):
        kind = _useless(frame.iloc[:, i])
        if kind is not None:
            names_of_kind.setdefault(kind, []).append(str(name))
    for kind, names in names_of_kind.items():
        listed = listing([repr(name) for name in names], _MOST_NAMED)
        yield Finding.of(
            Strength.NOTE if kind == "constant" else Strength.MODERATE,
            "target",
            f"On the target, {listed} {'is' if len(names) == 1 else 'are'} {kind}. Such a"
            " column tells nothing about the label, and it can spoil a model of few rows.",
            f"Leave it out of all files: --drop {names[0]}",
            {"n_columns": len(names)},
        )


def _useless(column: Any) -> str | None:
    """Return in which way a column is without information, or ``None``."""
    import pandas as pd

    values = column.dropna()
    if len(values) == 0:
        return "empty"
    n_values = values.nunique()
    if n_values == 1 and len(values) == len(column):
        return "constant"
    if n_values < len(column):
        return None
    kind = column.dtype
    texts = pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind)
    # One word in each cell, and no date: a sentence may differ in every row and still inform.
    words = texts and not values.astype(str).str.contains(r"\s|\d-\d", regex=True).any()
    numbers = pd.api.types.is_integer_dtype(kind) and bool(values.is_monotonic_increasing)
    return "different in every row, as a name or a number is" if words or numbers else None
