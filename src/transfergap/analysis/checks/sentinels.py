"""Values that stand for missing ones, and were read as numbers."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable
from transfergap.data.sentinels import SentinelValue, sentinel_values
from transfergap.data.spelling import listing

_MOST_NAMED = 6  # enough to recognise the columns; the count follows


@check("TG119", "codes of missing values")
def missing_codes(evidence: Evidence) -> Iterator[Finding]:
    """Find numbers and dates that stand for missing values.

    Notes
    -----
    Ours; see :func:`transfergap.data.sentinels.sentinel_values`.
    """
    problem = evidence.problem
    if problem.kind in ("texts", "sparse"):
        raise NotApplicable("only tables and arrays have columns of numbers")
    rows = {"target": problem.target.X}
    rows |= {name: source.sample.X for name, source in problem.sources.items()}
    for name, X in rows.items():
        sentinels = sentinel_values(X)
        if sentinels:
            yield _finding(name, sentinels)


def _finding(name: str, sentinels: tuple[SentinelValue, ...]) -> Finding:
    described = [_described(value) for value in sentinels]
    listed = listing(described, _MOST_NAMED, mark="; ", more="; and ")
    codes = dict.fromkeys(value.value for value in sentinels)
    options = " ".join(f"--na={code}" for code in codes)
    return Finding.moderate(
        name,
        f"Values of {name} look like codes for missing, and were read as values: {listed}.",
        f"If they mean missing, say so for all files ({options}), or blank them before the audit;"
        " if they are true, nothing needs doing.",
        {"n_values": len(sentinels), "n_rows": max(value.n_rows for value in sentinels)},
    )


def _described(value: SentinelValue) -> str:
    return (
        f"{value.value} in {value.n_rows} rows of {value.column!r}, where others are from"
        f" {value.low} to {value.high}"
    )
