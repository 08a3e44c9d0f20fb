"""What was measured of subgroups and crossing points, as Markdown."""

from __future__ import annotations

from typing import Any


def subgroup_tables(record: dict[str, Any]) -> str:
    """Return false claims a run, and what a planted subgroup was told by."""
    lines = [
        "| null design (no subgroup gains or loses) | runs | looks a run | hurts some subgroup"
        " | helps some subgroup | intervals hold zero |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['design']} | {row['n_draws']} | {row['looks_a_run']:.1f}"
        f" | {row['hurts_a_subgroup'] / row['n_draws']:.1%}"
        f" | {row['helps_a_subgroup'] / row['n_draws']:.1%} | {row['coverage']:.1%} |"
        for row in record["rows"]
    ]
    lines += [
        "",
        f"Criterion: each in at most {record['criterion']['at_most']:.0%} of runs; with so many,"
        f" chance alone explains up to {record['criterion']['bound']:.1%} (one time in 10,000).",
        "",
        "Power, where the labels of three rows in ten are shifted, down in the target and up in the"
        " source:",
        "",
        "| planted subgroup | runs | said to be hurt |",
        "|---|---|---|",
    ]
    lines += [
        f"| {row['design'].removeprefix('planted, ')} | {row['n_draws']} | {row['found']:.0%} |"
        for row in record["power"]
    ]
    return "\n".join([*lines, "", "Made with `python -m benchmarks.subgroup_claims`."])


def crossing_table(record: dict[str, Any]) -> str:
    """Return how often the interval of a crossing held the truth."""
    lines = [
        "| known crossing | runs | crossing named | interval holds the truth | interval closed"
        " | median named |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['design']} | {row['n_draws']} | {row['named'] / row['n_draws']:.0%}"
        f" | {row['held'] / row['named']:.1%} | {row['closed'] / row['named']:.0%}"
        f" | {row['median']:.0f} |"
        for row in record["rows"]
    ]
    return "\n".join(
        [
            *lines,
            "",
            "Criterion: the interval holds the truth in at least 90 % of the runs that name a"
            " crossing. Made with `python -m benchmarks.crossing_coverage`.",
        ]
    )
