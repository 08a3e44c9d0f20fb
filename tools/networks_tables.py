"""The tables of docs/networks.md, and what `transfergap list mitigations` says of networks."""

from __future__ import annotations

import json
from typing import Any

SHIPPED = ("harmed_more_than_a_point", "harmed_interval", "mean_gap", "problems")


def bank_table(record: dict[str, Any]) -> str:
    """Return a row a way of training, on the families that only judge."""
    what = "pairs" if "pairs" in record else "tasks"
    judged = record["judged"]
    first = next(iter(judged.values()))
    lines = [
        "| way | mean gap [90 %] | harmed by over a point [90 %] | significantly | helped | worst"
        " | kept of the plain way's gains [90 %] |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(name, found) for name, found in judged.items()]
    lines += [
        "",
        f"{first['problems']} problems of families that no choice looked at, {record['seeds']}"
        f" paired seeds each, {record['most_target_rows']} target rows at most, {record['steps']}"
        f" steps, accuracy; {record[what]} {what} in all. *Significantly*: a paired t over seeds at"
        " one-sided 5 %, and in brackets after correction for the number of problems. By",
        f"`python -m benchmarks.{record['benchmark']}{_asked(record)}`.",
    ]
    return "\n".join(lines)


def _asked(record: dict[str, Any]) -> str:
    rows = record["most_target_rows"]
    return f" --seeds {record['seeds']}" + ("" if rows == 400 else f" --rows {rows}")


def _row(name: str, found: dict[str, Any]) -> str:
    low, high = found["mean_gap_interval"]
    harm_low, harm_high = found["harmed_interval"]
    kept_low, kept_high = found["kept_interval"]
    return (
        f"| `{name}` | {found['mean_gap']:+.3f} [{low:+.3f}, {high:+.3f}]"
        f" | {found['harmed_more_than_a_point']:.0%} [{harm_low:.0%}, {harm_high:.0%}]"
        f" | {found['harmed_significantly']} ({found['harmed_after_correction']})"
        f" | {found['helped_more_than_a_point']:.0%} | {found['worst']:+.3f}"
        f" | {found['kept']:.0%} [{kept_low:.0%}, {kept_high:.0%}] |"
    )


def shipped(records: list[dict[str, Any]]) -> str:
    """Return what the package carries of the banks: harm by name, on judged families."""
    found = {
        name: {key: said[key] for key in SHIPPED}
        for record in records
        for name, said in record["judged"].items()
        if name not in ("pooled",) and "caution" not in name
    }
    return json.dumps(_rounded(found), indent=1, sort_keys=True) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value
