"""Check of columns of dates that stayed text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.data.notations.dates import could_be_date, read_dates
from transfergap.data.tables.normal_form import is_text
from transfergap.errors import DataError

_MOSTLY = 0.9  # share of a file's values, as of numbers among texts
_FEWEST = 10  # values: fewer may be codes that look like dates


@check("TG137", "dates that stayed text")
def dates_as_text(evidence: Evidence) -> Iterator[Finding]:
    """Find columns of dates that could not be read as dates."""
    problem = evidence.problem
    if problem.kind != "table":
        raise NotApplicable("only tables have columns of dates")
    rows = {"target": problem.target.X}
    rows |= {name: source.sample.X for name, source in problem.sources.items()}
    for name in problem.target.X.columns:
        columns = {file: X[name] for file, X in rows.items()}
        if not all(_is_of_dates(column) for column in columns.values()):
            continue
        file, text = _first_unread(columns)
        yield Finding.moderate(
            file,
            f"The dates of column {str(name)!r} stayed text, for {text!r} in {file} cannot be read"
            " as one. Each date counts as a category of its own: a model learns next to nothing"
            " of them.",
            "Write them as 2024-12-31 in all files, name a code for missing ones (--na CODE), or"
            f" drop the column (--drop {name}).",
            {"n_rows": sum(len(column) for column in columns.values())},
        ).about([name])


def _is_of_dates(column: Any) -> bool:
    if not is_text(column):
        return False
    present = column.dropna()
    if len(present) < _FEWEST or not any(map(could_be_date, present.iloc[:_FEWEST])):
        return False
    return float(present.map(could_be_date).mean()) >= _MOSTLY


def _first_unread(columns: dict[str, Any]) -> tuple[str, str]:
    """Return the first text that is no date, and its file."""
    for file, column in columns.items():
        for text in column.dropna().unique():
            if not could_be_date(text):
                return file, str(text)
    for file, column in columns.items():
        for text in column.dropna().unique():
            try:
                if read_dates({file: column[column == text]}, name="") is None:
                    return file, str(text)
            except DataError:  # day or month first: read with the others
                continue
    file, column = next(iter(columns.items()))
    return file, str(column.dropna().iloc[0])
