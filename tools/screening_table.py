"""The table of docs/which_sources.md on verdicts after a screening."""

from __future__ import annotations

from typing import Any


def screening_table(record: dict[str, Any]) -> str:
    """Return the measured shares of false claims as a Markdown table."""
    lines = ['| tried | false "helps" | false "hurts" |', "|---|---|---|"]
    for row in record["rows"]:
        lines.append(f"| {_words(row['rule'], record)} | {row['helps']:.1%} | {row['hurts']:.1%} |")
    criterion = record["criterion"]
    held = "It held" if record["holds"] else "**It did not hold**"
    return "\n".join([
        *lines,
        "",
        f"Shares of {record['draws']:,} target samples in which any arm of one source was said to"
        f" help or to hurt, where each of the {record['sources']} sources, fixed, has a true gap of"
        f" zero. Criterion for the audit's own rule (the rest counted): at most"
        f" {criterion['level']:.0%}, with this many draws up to {criterion['bound']:.1%}. {held}."
        " Made with",
        "`python -m benchmarks.screening`.",
    ])  # fmt: skip


def _words(rule: str, record: dict[str, Any]) -> str:
    n_tried, _, counting = rule.partition(" ")
    if not counting:
        return f"all {record['sources']}"
    counted = "**counted**, as in an audit" if counting == "counted" else "not counted"
    return f"{n_tried} of {record['sources']}, the rest {counted}"
