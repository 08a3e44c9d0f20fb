"""Tables of docs/agents.md: what was measured of claims from learning curves, and the example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_EXAMPLES = Path(__file__).parents[1] / "examples" / "rl"
_OF_OTHER_SHAPES = 2  # metrics, where control and arm are not the same procedure
_POWER = {
    "final score": "final score",
    "interquartile mean of final scores": "interquartile mean",
    "probability of improvement": "better than control",
}
_METRICS = {
    "mean over the budget": "mean",
    "final score": "final",
    "jumpstart": "jumpstart",
    "steps saved to the threshold": "steps saved",
    "interquartile mean of final scores": "interquartile mean",
    "probability of improvement": "better than control",
}


def claims_table(record: dict[str, Any]) -> str:
    """Return how often a direction was claimed where there was none, the worse of the two."""
    titles = [*_METRICS.values(), "interquartile mean, bootstrap"]
    lines = [f"| null | seeds | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles)]
    for row in record["rows"]:
        cells = [_worse(row, metric) for metric in _METRICS]
        same = len(row["helps"]) > _OF_OTHER_SHAPES
        cells.append(f"{max(row['bootstrap']) / row['n_draws']:.1%}" if same else "—")
        lines.append(f"| {row['null']} | {row['n_seeds']} | {' | '.join(cells)} |")
    n_draws, bound = record["rows"][0]["n_draws"], record["criterion"]["bound"]
    held = "Held in all rows but the last three" if record["criterion"]["held"] else "NOT HELD"
    return "\n".join(
        [
            *lines,
            "",
            f"Share of {n_draws:,} draws with a claim at 5 %, before the correction for many"
            " claims; of help",
            f"and harm the larger. Criterion: at most 5 %, up to {bound:.1%} by chance (one time in"
            f" 10,000). {held},",
            "which have none, and the bootstrap, which is no part of an audit. Made with",
            "`python -m benchmarks.curve_claims`.",
        ]
    )


def _worse(row: dict[str, Any], metric: str) -> str:
    if metric not in row["helps"]:
        return "—"
    return f"{max(row['helps'][metric], row['hurts'][metric]) / row['n_draws']:.1%}"


def power_table(record: dict[str, Any]) -> str:
    """Return how often a gap is seen, by its size and the number of seeds."""
    sizes = sorted({row["size"] for row in record["power"]})
    seeds = sorted({row["n_seeds"] for row in record["power"]})
    found = {(row["size"], row["n_seeds"]): row for row in record["power"]}
    lines = [
        f"| gap / spread | metric | {' | '.join(f'{n} seeds' for n in seeds)} |",
        "|---|---|" + "---|" * len(seeds),
    ]
    for size in sizes:
        for metric, title in _POWER.items():
            cells = [
                f"{found[size, n]['helps'][metric] / found[size, n]['n_draws']:.0%}"
                if metric in found[size, n]["helps"] else "—"
                for n in seeds
            ]  # fmt: skip
            lines.append(f"| {size:g} | {title} | {' | '.join(cells)} |")
    n_draws = record["power"][0]["n_draws"]
    return "\n".join([*lines, "", f"Share of {n_draws:,} draws in which help is claimed."])


def lake_text() -> str:
    """Return what the example of the frozen lake prints."""
    text = (_EXAMPLES / "frozen_lake.txt").read_text(encoding="utf-8")
    return f"```text\n{text.strip(chr(10))}\n```"


def driving_text() -> str:
    """Return what the example of driving prints."""
    text = (_EXAMPLES / "driving_highway_env.txt").read_text(encoding="utf-8")
    return f"```text\n{text.strip(chr(10))}\n```"
