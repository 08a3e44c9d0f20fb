"""Check of columns that are blank in a source."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, check
from transfergap.data.notations.spelling import listing

_NEARLY_ALL = 0.95  # share of a source's rows without a value
_MOSTLY = 0.5  # share of the target's rows that have one
_FEWEST_ROWS = 20  # of the source: fewer are blank by chance
_MOST_NAMED = 6  # enough to recognise the columns; the count follows


@check("TG139", "columns that are blank in a source")
def blank_in_source(evidence: Evidence) -> Iterator[Finding]:
    """Find columns of the target that a source leaves blank."""
    problem = evidence.problem
    if problem.kind != "table":
        raise NotApplicable("only tables have columns that may be blank")
    target = problem.target.X
    for name, source in problem.sources.items():
        X = source.sample.X
        if len(X) < _FEWEST_ROWS:
            continue
        blank = [
            str(column)
            for column in target.columns
            if X[column].isna().mean() >= _NEARLY_ALL and target[column].notna().mean() >= _MOSTLY
        ]
        if not blank:
            continue
        them = "it" if len(blank) == 1 else "them"
        drops = " ".join(f"--drop {shlex.quote(column)}" for column in blank[:_MOST_NAMED])
        listed = listing([repr(column) for column in blank], _MOST_NAMED)
        yield Finding.moderate(
            name,
            f"{name} has {'hardly any' if X[blank[0]].notna().any() else 'no'} value of {listed},"
            f" which the target has. Its rows teach nothing of {them}, and what"
            f" is filled in for blanks can blur what the target's rows teach.",
            f"Look for {them} in {name} under another name (--rename {name}:OLD={blank[0]}), fill"
            f" the values in, or compare with a run without {them} ({drops}).",
            {"n_columns": len(blank)},
        ).about(blank)
