"""Columns that name rows, left out or in use."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.control_gain import control_gain
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength
from transfergap.data.identifiers import without_identifiers
from transfergap.data.problem import IdentifierColumn
from transfergap.data.spelling import listing

# Enough to recognise the columns; the count follows.
_MOST_NAMED = 4


@check("TG115", "columns that name rows were left out")
def row_names(evidence: Evidence) -> Iterator[Finding]:
    """Find columns like names of rows that were left out."""
    if evidence.problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns that may name rows")
    unused = [column for column in evidence.problem.identifiers if not column.in_use]
    if not unused:
        return
    parts = [
        f"{column.name!r} looks like {column.reason} ({column.n_values} of {column.n_rows}"
        " values differ)"
        for column in unused
    ]
    recurs = "".join(_recurring(column) for column in unused)
    yield Finding.of(
        Strength.STRONG if recurs else Strength.MODERATE,
        "target",
        f"{listing(parts, _MOST_NAMED, mark='; ')}. A name of a row teaches nothing about other"
        f" rows, so {'it was' if len(unused) == 1 else 'they were'} left out of target and sources.{recurs}",
        f"{unused[0].name!r} was left out as a name of rows; if it is a measurement after all,"
        f" add --keep {unused[0].name} (in Python: keep=[{unused[0].name!r}]).",
        {"n_columns": len(unused)},
    )


def _recurring(column: IdentifierColumn) -> str:
    """Say which values of a column recur in a source."""
    if not column.recurs or column.reason == "a row number":
        return ""
    where = " and ".join(f"{n} in {name}" for name, n in column.recurs)
    if column.as_groups:
        return (
            f" Values of {column.name!r} recur ({where}), more than chance explains: rows of one"
            " value are one group, as with --groups."
        )
    return (
        f" Values of {column.name!r} recur ({where}), as they may where each file is numbered for"
        f" itself. If they name the same people, say so (--groups {column.name}); else 'helps' may"
        " be a leak."
    )


@check("TG116", "a column that names rows costs the control")
def costly_row_names(evidence: Evidence) -> Iterator[Finding]:
    """Find columns that name rows, were kept, and make the control worse."""
    columns_in_use = [column for column in evidence.problem.identifiers if column.in_use]
    if not columns_in_use:
        raise NotApplicable("no column that looks like a name of rows is in use")
    problem = evidence.problem
    for column in columns_in_use:
        gain = control_gain(evidence.design, without_identifiers(problem.target.X, [column]))
        if gain is None or gain.estimate <= problem.margin:
            continue
        yield Finding.of(
            Strength.STRONG if gain.low > 0 else Strength.MODERATE,
            "target",
            f"{column.name!r} looks like {column.reason}. Without it the control gains"
            f" {gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
            f" {problem.metric.title}, more than the margin: a source that seems to help may"
            " only repair this harm.",
            f"Leave it out of all files before anything else: --drop {column.name}.",
            {"gain": gain.estimate, "low": gain.low, "high": gain.high},
        )
