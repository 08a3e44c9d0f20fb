"""Check of rows that are sums or means of the others."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.data.notations.spelling import listing
from transfergap.data.tables.total_rows import TotalRow

_MOST_NAMED = 3


@check("TG143", "a row of totals")
def rows_of_totals(evidence: Evidence) -> Iterator[Finding]:
    """Find rows that are the sum or mean of the others.

    Notes
    -----
    Ours; see :func:`transfergap.data.tables.total_rows.total_rows`.
    """
    if evidence.problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns of numbers")
    for name, total in evidence.problem.total_rows.items():
        subject = name or "target"
        yield Finding.of(
            Strength.STRONG if total.columns and total.kind == "sum" else Strength.MODERATE,
            subject,
            f"{_described(subject, total)}. It is no observation, and models took it for one.",
            "Delete this row of the file and run it again; in Python, drop it from rows and labels"
            " alike.",
            {"row": total.row + 1, "n_columns": len(total.columns)},
        ).about(total.columns)


def _described(subject: str, total: TotalRow) -> str:
    place = f", the {total.place}," if total.place else ""
    word = f" and is called {total.word!r}" if total.word else ""
    row = f"Row {total.row + 1} of {subject}{place}"
    if not total.columns:
        return f"{row} is called {total.word!r} and is far larger than all others"
    n, names = len(total.columns), listing(list(total.columns), _MOST_NAMED)
    columns = f"{n} column{'' if n == 1 else 's'} ({names})"
    return f"{row} is the {total.kind} of the others in {columns}{word}"
