"""Table of what a race saves, and of how its verdicts differ from full effort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
_LEARNERS = {
    ("ridge", "squared"): "ridge by refits, squared loss",
    ("ridge", "zero_one"): "linear classifier, accuracy",
    ("tree", "squared"): "tree of depth 4, squared loss",
}


def race_table(record: dict[str, Any]) -> str:
    """Return fits, differences and error rates by learner and by group of arms."""
    rows: list[Row] = record["rows"]
    lines = [
        "| arms audited together | fits, of full effort | verdicts that differ | claims lost, added"
        " | nothing gained or lost: helps, hurts (full effort) |",
        "|---|---|---|---|---|",
    ]
    for key, title in _LEARNERS.items():
        of_learner = [row for row in rows if (row["learner"], row["loss"]) == key]
        for name in of_learner[0]["groups"] if of_learner else ():
            lines.append(_line(f"{title}: {name}", [row["groups"][name] for row in of_learner]))
    mean = record["mean"]
    edge = f"{mean['race equal']:.1%} (full effort: {mean['full equal']:.1%})"
    minutes = sum(row["cpu_s"] for row in rows) / 60
    verdict = "Met" if not record["broken"] else f"**Missed**: {'; '.join(record['broken'])}"
    return "\n".join(
        [
            *lines,
            "",
            f"Over all groups at equal weight: {mean['share of fits']:.0%} of the fits (a third was"
            " first aimed at, and missed; the benchmark's own criterion is half),"
            f" {mean['differ']:.1%} of verdicts differ, {mean['claims lost']:.1%} of full effort's"
            f" claims are lost and {mean['claims added']:.1%} added. At the margin's edge \"no"
            f' material effect" is said in {edge}. {verdict}. {len(rows)} worlds, {minutes:.0f}'
            " minutes of CPU. Made with `python -m benchmarks.race`.",
        ]
    )


def _line(title: str, groups: Sequence[Row]) -> str:
    n_arms, n_claims, n_nulls = (_sum(groups, what) for what in ("arms", "claims", "nulls"))
    fits = sum(group["share of fits"] for group in groups) / len(groups)
    rates = [
        ", ".join(f"{_sum(groups, f'{who} {claim}') / n_nulls:.1%}" for claim in ("helps", "hurts"))
        for who in ("race", "full")
    ]
    return (
        f"| {title} | {fits:.0%} | {_sum(groups, 'differ') / n_arms:.1%} |"
        f" {_sum(groups, 'lost')}, {_sum(groups, 'added')} of {n_claims} |"
        f" {rates[0]} ({rates[1]}) |"
    )


def _sum(groups: Sequence[Row], what: str) -> int:
    return sum(group[what] for group in groups)
