"""Tables of docs/time.md, from what its benchmarks measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

METHODS = {
    "in use": "in use",
    "t over 5 stretches": "t, 5 stretches",
    "t over blocks": "t, 10 blocks",
    "AR(1) rows": "AR(1) rows",
    "Diebold-Mariano, HLN": "Diebold-Mariano",
    "rows as independent": "rows as independent",
}

_THEN = {
    "shuffled": "",
    "by label": ", then sorted by the label",
    "in sorted parts": ", then sorted by the label in four parts",
    "by a column": ", then sorted by a column",
}


def claims_table(record: dict[str, Any]) -> str:
    """Return the worst and the mean rate of false claims, by rows and autocorrelation."""
    lines = [
        "| rows | autocorrelation | " + " | ".join(METHODS.values()) + " |",
        "|---|---|" + "---|" * len(METHODS),
    ]
    cells = sorted({(row["n"], row["rho"]) for row in record["rows"]})
    for n, rho in cells:
        rows = [row for row in record["rows"] if (row["n"], row["rho"]) == (n, rho)]
        rates = [_rates(row[name] | {"n": row["n_draws"]} for row in rows) for name in METHODS]
        lines.append(f"| {n} | {rho:g} | " + " | ".join(rates) + " |")
    n_rows, n_broken = len(record["rows"]), len(record["broken"])
    lines += [
        "",
        f"Each cell: the mean over designs and metrics, and the worst single one, of"
        f" {record['n_draws']} draws; true rate at most 5 %. {n_broken} of {n_rows} designs and"
        " metrics break the criterion (5 % a direction, up to the 99.99 % binomial bound)"
        f"{_named(record['broken'])}. Made with `python -m benchmarks.time_claims`.",
    ]
    return "\n".join(lines)


def _rates(counts: Iterable[dict[str, Any]]) -> str:
    rates = [count[way] / count["n"] for count in counts for way in ("helps", "hurts")]
    return f"{sum(rates) / len(rates):.1%}, {max(rates):.1%}"


def _named(broken: list[str]) -> str:
    return f": {'; '.join(broken)}" if broken else ""


def alarms_table(record: dict[str, Any]) -> str:
    """Return how often TG131 was said, of what."""
    lines = ["| rows | tables | TG131 |", "|---|---|---|"]
    lines += [
        f"| real tables, shuffled{_THEN[row['rows']]} | {row['tables']} | {row['alarms']} |"
        for row in record["rows"]
    ]
    lines += [
        f"| series with an autocorrelation of 0.8, {'with' if row['days'] else 'without'} a column"
        f" of days | {row['draws']} | {row['found']} |"
        for row in record["series"]
    ]
    alarms = [name for row in record["rows"] for name in row["names"]]
    tables = sorted({name.rpartition(",")[0] for name in alarms})
    lines += [
        "",
        f"Said of: {', '.join(tables) or 'none'}. Made with `python -m benchmarks.order_alarms`.",
    ]
    return "\n".join(lines)
