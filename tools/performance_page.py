"""docs/performance.md and its picture: what was asked, what it is, and how it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

Part = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A figure that was asked for, with its limit and what 0.1.0 had."""

    what: str
    limit: float
    value: float
    unit: str
    before: str

    @property
    def row(self) -> str:
        met = "yes" if self.value <= self.limit else f"**no**, {self.value / self.limit:.2g} times"
        return (
            f"| {self.what} | {_number(self.limit)}{self.unit} | {_number(self.value)}{self.unit}"
            f" | {self.before} | {met} |"
        )


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def asked(parts: Part) -> list[Asked]:
    """Return every figure that was asked for and measured."""
    run, first, many = parts["default_run"], parts["first_verdict"], parts["many_sources"]
    over, fits, files = parts["overhead"]["ratios"], parts["engine"], parts["summaries"]
    big = parts["large"]
    return [
        Asked("default audit of a mixed table, over 2 x 10-fold cross-validation of its arms", 1.5,
              run["audit_s"] / run["cross_validation_s"], " x", "25 x"),
        Asked("`transfergap demo`", 10, first["demo_s"], " s", "77 s"),
        Asked("first verdict, mixed table, a fresh process", 3, first["mixed_s"], " s", "165 s"),
        Asked("first verdict, demo, a fresh process", 3, first["demo_first_s"], " s", "77 s"),
        Asked("audit over its bare fits of 1 ms", 1.5, over["1 ms"], " x", "1.93 x without `safe`"),
        Asked("audit over its bare fits of 10 ms", 1.1, over["10 ms"], " x",
              "1.12 x without `safe`"),
        Asked("SafeTransfer, 10 sources, 45 columns", 60,
              1000 * fits["10 sources"]["ours_s"], " ms", "93 ms"),
        Asked("the same, ten classes", 150,
              1000 * fits["10 sources, ten classes"]["ours_s"], " ms", "821 ms"),
        Asked("SafeTransfer, 1,000 sources", 1.5, fits["1,000 sources"]["ours_s"], " s", "6.6 s"),
        Asked("SafeTransfer, 3 million source rows, over one pooled Ridge", 2,
              big["ours"]["cpu_s"] / big["pooled"]["cpu_s"], " x", "3.1 x"),
        Asked("summary of a Parquet file of numbers, over polars reading it", 1.3,
              files["numbers"]["ours_s"] / files["numbers"]["polars_s"], " x", "1.9 x"),
        Asked("the same, ten of 50 columns texts", 3,
              files["ten texts of 50"]["ours_s"] / files["ten texts of 50"]["polars_s"], " x",
              "12 x"),
        Asked("`transfergap explain`", 0.3, first["explain_s"], " s", "1.2 s"),
        Asked("`plan`, share of the run", 0.1, run["plan_s"] / run["audit_s"], "", "not measured"),
        Asked("audit of 200 sources of 1,000 rows, 10 columns", 60, many["audit_s"], " s",
              "stopped after 420 s"),
        Asked("ranking of 1,000 sources", 5, many["rank_1000_s"], " s", "not measured"),
    ]  # fmt: skip


def ratios_table(record: Part) -> str:
    """Return what was asked beside what it is and was, as a Markdown table."""
    rows = asked(record["parts"])
    n_met = sum(one.value <= one.limit for one in rows)
    return "\n".join([
        "| what | asked, at most | today | 0.1.0 | reached |",
        "|---|---|---|---|---|",
        *(one.row for one in rows),
        "",
        f"{n_met} of {len(rows)} are reached. CPU seconds of one core, single runs at commit"
        f" {record['commit']} on a machine that others used too ({record['machine']}), each with"
        " its alternative in the same run: read no difference below 1.3 times as one. Made with",
        "`python -m benchmarks.performance`.",
    ])  # fmt: skip


STAGES = {
    "intake": "intake: files as tables, copies of target rows, labels, columns",
    "stage 0": "control and arms of one source",
    "stage 1": "arms of all sources",
    "stage 2": "safe model, and what it is without sources",
    "stage 3": "sources alone, for information",
    "repairs": "repairs of what hurts",
    "checks, ranking and page": "checks, ranking, subgroups and page",
}


def where_table(record: Part) -> str:
    """Return where the time of a default audit goes."""
    run, many = record["parts"]["default_run"], record["parts"]["many_sources"]
    lines = ["| part, in order | CPU s | share |", "|---|---|---|"]
    for name, words in STAGES.items():
        seconds = run["by_stage"].get(name, 0.0)
        lines.append(f"| {words} | {seconds:.2f} | {seconds / run['audit_s']:.0%} |")
    return "\n".join([
        *lines,
        f"| all | {run['audit_s']:.1f} | |",
        f"| cross-validation of the arms, for comparison | {run['cross_validation_s']:.1f} | |",
        "",
        f"With 200 sources, {many['n_untried']} of them not tried by themselves, intake takes"
        f" {many['intake_s']:.0f} s of {many['audit_s']:.0f}: every source is searched for rows of"
        f" the target, also in other units. {many['n_trials']:,} trials, ranking and checks take"
        " the rest.",
    ])  # fmt: skip


def engine_table(record: Part) -> str:
    """Return fits of SafeTransfer beside one pooled fit."""
    lines = [
        "| 500 target rows, 45 columns | SafeTransfer | one pooled fit | ratio |",
        "|---|---|---|---|",
    ]
    for name, times in record["parts"]["engine"].items():
        ours, pooled = 1000 * times["ours_s"], 1000 * times["pooled_s"]
        lines.append(f"| {name} | {ours:.0f} ms | {pooled:.1f} ms | {ours / pooled:.0f} |")
    big = record["parts"]["large"]
    ours, pooled = big["ours"], big["pooled"]
    lines.append(
        f"| three sources of a million rows | {ours['cpu_s']:.1f} s, {ours['gib']:.2f} GiB more"
        f" | {pooled['cpu_s']:.1f} s, {pooled['gib']:.2f} GiB more"
        f" | {ours['cpu_s'] / pooled['cpu_s']:.1f} |"
    )
    return "\n".join(lines)


def growth_table(record: Part) -> str:
    """Return CPU seconds of quick audits as one thing grows."""
    lines = ["| grows | CPU s of a quick audit |", "|---|---|"]
    for what, points in record["parts"]["growth"].items():
        told = ", ".join(f"{int(p['n']):,}: {p['cpu_s']:.1f}" for p in points)
        lines.append(f"| {what} | {told} |")
    return "\n".join(lines)


WIDTH, HEIGHT, EDGE = 210, 170, 34


def growth_picture(record: Part) -> str:
    """Return the growth as an SVG: a panel a thing, both axes logarithmic."""
    return panels_picture(
        record["parts"]["growth"],
        "CPU seconds of a quick audit as rows, columns, sources or classes grow",
    )


def panels_picture(growth: Mapping[str, Sequence[Part]], title: str) -> str:
    """Return an SVG of seconds ``cpu_s`` by size ``n``: a panel a thing, axes logarithmic."""
    seconds = [p["cpu_s"] for points in growth.values() for p in points]
    low, high = log10(min(seconds)) - 0.1, log10(max(seconds)) + 0.1
    panels = [
        _panel(place, what, points, low, high)
        for place, (what, points) in enumerate(growth.items())
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(panels)}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f"<title>{title}</title>",
        '<rect width="100%" height="100%" fill="white"/>',
        *panels,
        "</svg>",
        "",
    ])  # fmt: skip


def _panel(place: int, what: str, points: Sequence[Part], low: float, high: float) -> str:
    first, last = (log10(points[i]["n"]) for i in (0, -1))
    left, across, up = place * WIDTH + EDGE, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE

    def at(point: Part) -> tuple[float, float]:
        x = left + across * (log10(point["n"]) - first) / (last - first)
        return x, HEIGHT - EDGE - up * (log10(point["cpu_s"]) - low) / (high - low)

    marks, texts = [], []
    for point in points:
        x, y = at(point)
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1b6ca8"/>')
        texts += [
            f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{point["cpu_s"]:.1f} s</text>',
            f'<text x="{x:.1f}" y="{HEIGHT - EDGE + 14}" text-anchor="middle">'
            f"{int(point['n']):,}</text>",
        ]
    line = " ".join("{:.1f},{:.1f}".format(*at(point)) for point in points)
    return "\n".join([
        f'<text x="{left + across / 2:.1f}" y="16" text-anchor="middle" font-weight="bold">'
        f"{what}</text>",
        f'<line x1="{left}" y1="{HEIGHT - EDGE}" x2="{left + across}" y2="{HEIGHT - EDGE}"'
        ' stroke="#999"/>',
        f'<polyline points="{line}" fill="none" stroke="#1b6ca8" stroke-width="2"/>',
        *marks,
        *texts,
    ])  # fmt: skip
