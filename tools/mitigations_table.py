"""The table of docs/mitigations.md: what each mitigation gained, and how often it harmed."""

from __future__ import annotations

from typing import Any


def mitigations_table(record: dict[str, Any]) -> str:
    """Return the measured mitigations as a Markdown table, the largest gain first."""
    first = record["rows"][0]
    clusters = max(row["natural"]["n_clusters"] for row in record["rows"])
    lines = [
        "| mitigation | tasks | gain | harmed | worst"
        " | tasks, spoilt | gain | harmed | worst | CPU s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {_cells(row['natural'])} | {_cells(row['corrupted'])}"
        f" | {row['cpu_s']:.2f} |"
        for row in record["rows"]
    ]
    pooled = next(row for row in record["rows"] if row["name"] == "pooled")["natural"]["gain"]
    lead = first["natural"]["gain"] - pooled
    near = ", though pooling is within its error" if lead < first["natural"]["gain_error"] else ""
    harms = [row["natural"]["harmed"] for row in record["rows"] if _uses_sources(row["name"])]
    return "\n".join([
        *lines,
        "",
        f"± one standard error over {clusters} target domains at most, since tasks of one domain"
        " share rows.",
        f"{first['name']} gained most on natural tasks{near}; between {min(harms):.0%} and"
        f" {max(harms):.0%} of them were harmed, by mitigation.",
        "Made with `python -m benchmarks.mitigations`.",
    ])  # fmt: skip


def _cells(part: dict[str, Any]) -> str:
    return (
        f"{part['n_tasks']} | {part['gain']:+.1f} ± {part['gain_error']:.1f}"
        f" | {part['harmed']:.0%} ± {part['harmed_error']:.0%} | {part['worst']:+.0f}"
    )


def _uses_sources(name: str) -> bool:
    return name != "target-only"
