"""Tables of what decisions promise and keep."""

from __future__ import annotations

from typing import Any

_POLICIES = {
    "expected": "`expected`, the default: chance of a cost at most 15 %",
    "cautious": "`cautious`: at most 5 %",
    "helps": "`proven`: only what was shown to help",
    "estimate above 0": "the largest estimate, where it is above 0",
    "best arm, always": "the largest expected gain, always",
}


def decisions_table(record: dict[str, Any]) -> str:
    """Return how often costs came true, and what each policy kept."""
    lines = [
        "| said chance of a cost beyond the margin | arms (audits) | mean said | came true |",
        "|---|---|---|---|",
    ]
    for band in record["said_and_seen"]:
        low, high = band["said"]
        lines.append(
            f"| {low:.0%} to {high:.0%} | {band['arms']} ({band['audits']}) |"
            f" {band['mean said']:.1%} | {band['seen']:.1%} |"
        )
    n = record["n_audits"]
    lines += [
        "",
        "| policy | used in | true gain, mean (standard error) | of the best choice's | cost beyond"
        " the margin | worst |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in _POLICIES.items():
        kept = record["policies"][name]
        lines.append(
            f"| {title} | {kept['used']} of {n} | {kept['mean gain']:+.4f}"
            f" ({kept['standard error']:.4f}) | {kept['share of the best']:.0%} |"
            f" {kept['harmed beyond the margin']} | {kept['worst']:+.3f} |"
        )
    lines += [
        "",
        f"{n} quick audits with 60, 120 and 240 target rows of {len(record['tables'])} tables"
        f" ({', '.join(record['tables'])}); ROC AUC, margin {record['margin']:g}; the truth is"
        " measured on the rest of the target's domain, 300 rows or more. The prior was chosen on"
        " other tables. Made with `python -m benchmarks.decisions`.",
    ]
    return "\n".join(lines)
