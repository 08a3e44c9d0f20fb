"""The table of docs/safe_transfer.md on what a fitted model promises."""

from __future__ import annotations

from typing import Any


def safe_promise_table(record: dict[str, Any]) -> str:
    """Return the measured promises as a Markdown table."""
    lines = [
        "| simulated sources | caution | tasks | true gain below `low` | more than a point lost"
        " | mean gain: R2, Brier | sources used |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["rows"]:
        gain = row["mean_gain"]
        lines.append(
            f"| {row['family']} | {row['caution']} | {row['tasks']:,} | {row['below_low']:.1%}"
            f" | {row['lost_a_point']:.1%} | {gain['regression']:+.3f}, {gain['binary']:+.4f}"
            f" | {row['used']:.0%} |"
        )
    broken = [row for row in record["rows"] if not row["holds"]]
    verdict = (
        "Both criteria held for every family that they judge."
        if not broken
        else "Not held: "
        + "; ".join(f"{row['family']} at {row['caution']}" for row in broken)
        + "."
    )
    return "\n".join([*lines, "", f"{verdict} Made with `python -m benchmarks.safe_promise`."])
