"""The tables of docs/safe_transfer.md, from what benchmarks.safe_transfer wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]

WORDS = {
    "kept": "share of the oracle's gain kept",
    "confirmed_harm": "tasks surely more than 1 point worse",
    "worst": "worst task, points",
    "most_fits_above_n_sources": "fits beyond the number of sources",
    "cpu_ms": "CPU, ms",
}
SHARES = {"kept", "confirmed_harm"}
GROUPS = {
    "flipped": "flipped",
    "shuffled": "shuffled",
    "noise": "40 % noise",
    "corrupted single source": "the only source spoilt",
    "majority flipped": "two thirds flipped, n <= 50",
}


def safe_transfer_tables(record: Row) -> str:
    """Return all generated tables as Markdown."""
    linear, trees = record["groups"]["linear"], record["groups"]["boosting"]
    blocks = [
        "### Criteria",
        criteria_table(record["criteria"]),
        "### Linear models, natural tasks",
        method_table(linear["natural"]),
        "### Linear models, a third of the sources spoilt",
        method_table(linear["corrupted"]),
        "### By kind of damage",
        crossed({word: linear[name] for name, word in GROUPS.items() if name in linear}),
        "### By number of labelled target rows",
        "Natural tasks:",
        crossed(sized(record, "natural")),
        "A third of the sources spoilt:",
        crossed(sized(record, "corrupted")),
        *later_parts(record["groups"]),
        "### Gradient-boosted trees, natural tasks",
        method_table(trees["natural"]),
        "### Gradient-boosted trees, a third of the sources spoilt",
        method_table(trees["corrupted"]),
        footer(record),
    ]
    return "\n\n".join(blocks)


PARTS = {
    "apart": "Linear models, sets that came after the engine",
    "classes": "Several classes, sets that came after the engine",
}


def later_parts(groups: dict[str, dict[str, list[Row]]]) -> list[str]:
    """Return a heading and a table for each condition of the later parts."""
    conditions = {"natural": "natural tasks", "corrupted": "a third of the sources spoilt"}
    return [
        block
        for part, title in PARTS.items()
        for condition, word in conditions.items()
        if condition in groups.get(part, {})
        for block in (f"### {title}, {word}", method_table(groups[part][condition]))
    ]


def sized(record: Row, group: str) -> dict[str, list[Row]]:
    sizes = record["by_size"]["linear"][group]
    return {f"n = {n}": rows for n, rows in sizes.items()}


def criteria_table(rows: Iterable[Row]) -> str:
    return table(
        ["tasks", "method", "measure", "bound", "found", "reached"],
        [
            [
                f"{row['part']}, {row['group']}",
                row["method"],
                WORDS[row["quantity"]],
                bound(row),
                value(row["found"], row["quantity"]),
                {True: "yes", False: "**no**", None: "not measured"}[row["reached"]],
            ]
            for row in rows
        ],
    )


def bound(row: Row) -> str:
    word, least = ("at most", row["at_most"]) if "at_most" in row else ("at least", row["at_least"])
    return f"{word} {value(least, row['quantity'])}"


def value(number: float | None, quantity: str) -> str:
    if number is None:
        return "-"
    return f"{100 * number:.1f} %" if quantity in SHARES else f"{number:g}"


def method_table(rows: Iterable[Row]) -> str:
    """Return a line a method; methods that ran on a part of the tasks say on how many."""
    rows = list(rows)
    most = max(row["n_tasks"] for row in rows)
    return table(
        ["method", "gain", "kept", "harmed", "confirmed", "worst", "CPU, ms", "fits"],
        [
            [
                bold(row["method"])
                if row["n_tasks"] == most
                else f"{bold(row['method'])}, {row['n_tasks']:,} tasks",
                f"{row['gain']:.2f} ± {row['gain_error']:.2f}",
                kept(row, interval=True),
                f"{100 * row['harmed']:.1f} % [{100 * row['harmed_low']:.1f},"
                f" {100 * row['harmed_high']:.1f}]",
                f"{100 * row['confirmed_harm']:.1f} %",
                f"{row['worst']:.1f}",
                f"{row['cpu_ms']:.1f}",
                f"{row['n_fits']:.0f}",
            ]
            for row in rows
        ],
    ) + (
        f"\n\n{most:,} tasks of {max(row['n_clusters'] for row in rows)} target domains;"
        f" the oracle gains {rows[0]['oracle_gain']:.2f} points."
    )


def crossed(groups: dict[str, list[Row]]) -> str:
    """Return a line a method with what it keeps and harms in each group."""
    names = [row["method"] for row in next(iter(groups.values()))]
    found = {group: {row["method"]: row for row in rows} for group, rows in groups.items()}
    return table(
        ["kept, harmed", *groups],
        [[bold(name), *(cell(found[group].get(name)) for group in groups)] for name in names],
    )


def cell(row: Row | None) -> str:
    """Return kept and harmed; where the oracle gains next to nothing, the gain for the share."""
    if row is None:
        return "-"
    first = f"{row['gain']:+.1f} points" if row["kept"] is None else kept(row, interval=False)
    return f"{first}, {100 * row['harmed']:.1f} %"


def kept(row: Row, *, interval: bool) -> str:
    if row["kept"] is None:
        return "-"
    text = f"{100 * row['kept']:.0f} %"
    ends = f" [{100 * row['kept_low']:.0f}, {100 * row['kept_high']:.0f}]"
    return text + ends if interval else text


def bold(name: str) -> str:
    return f"**{name}**" if name.startswith("SafeTransfer") else name


def footer(record: Row) -> str:
    cpu = record["cpu_per_fit"]
    lines = []
    if cpu is not None:
        lines.append(
            f"CPU of one linear fit with {cpu['n_sources']} sources of {cpu['n_source']:,} rows,"
            f" {cpu['n_features']} columns and {cpu['n_target']} target rows, one thread, median of"
            f" {cpu['n_repeats']}: {cpu['classifier_ms']:.0f} ms for a classifier,"
            f" {cpu['regressor_ms']:.0f} ms for a regressor."
        )
    lines.append(
        "Gain: points of 100 AUC or 100 R2 above plain ridge on the target (trees: above"
        " SafeTransfer's own control), ± standard error over target domains. Kept: sum of gains"
        " over the sum of the oracle's gains; the oracle pools the subset of sources that is best"
        " on the test rows. Harmed: more than 1 point below plain ridge; confirmed: and"
        " significantly so on the test rows (one-sided, 5 %). In brackets: 95 % intervals."
    )
    carried = record.get("rivals_commit")
    by_part = sorted({*record.get("parts", {}).values()}) or [record["commit"]]
    lines.append(
        f"Made with `python -m benchmarks.safe_transfer` at commit {' and '.join(by_part)},"
        f" on {record['machine']}."
        + (
            f" Rivals of the linear parts, which do not depend on the engine, were fitted at commit"
            f" {carried}; plain ridge and the oracle were fitted again, and are the same."
            if carried
            else ""
        )
    )
    return "\n\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
