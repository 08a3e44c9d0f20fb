"""The table of docs/which_sources.md: how well each score tells which sources harm."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "rank": "**mean rank**",
    "one_in": "one in",
    "alone": "alone",
    "leave_one_out": "leave one out",
    "banzhaf": "Banzhaf value",
    "influence": "influence in SafeTransfer, signed",
    "inputs apart": "how well a model tells its columns from the target's",
}
_COSTS = {"inputs apart": "5 small ones a source"}


def source_ranking_table(record: dict[str, Any]) -> str:
    """Return the measured scores as a Markdown table."""
    lines = ["| score | AUC for harmful sources | cost in fits |", "|---|---|---|"]
    lines += [
        f"| {_NAMES[row['score']]} | {row['auc']:.3f} ± {row['error']:.3f}"
        f" | {_COSTS.get(row['score'], '0')} |"
        for row in record["rows"]
    ]
    covered = record["coverage"]
    held = "Both criteria held" if record["holds"] else "Not both criteria held"
    return "\n".join([
        *lines,
        "",
        f"{record['tasks']} tasks of ten sources, {record['harmful_share']:.0%} of them harmful; ±"
        " one standard error over tasks. 90 % intervals held the truth in"
        f" {covered['one_in']:.0%} of one-in gains and {covered['banzhaf']:.0%} of Banzhaf values."
        f" Fifty sources with 45 columns and 500 target rows took {record['fifty_sources_s']} s of"
        f" one core. {held} (they are at the top of the benchmark). Made with",
        "`python -m benchmarks.source_ranking`.",
    ])  # fmt: skip
