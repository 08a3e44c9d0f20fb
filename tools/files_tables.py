"""Tables of what dirt in files does to verdicts, and of how often copies are found."""

from __future__ import annotations

from typing import Any

FLAGGED = "the same files with a flag of the source's rows, not with the clean ones"


def dirt_table(record: dict[str, Any]) -> str:
    """Return a row for each kind of dirt."""
    lines = [
        '| dirt | files | refused | false "helps" | false "hurts" | changed | copies said |',
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["kinds"]:
        changed = str(row["changed"]) if row["neutral"] else ""
        changed += "\\*" if row.get("beside") else ""
        said = "" if row["copies"] else str(row["alarms"])
        lines.append(
            f"| {row['kind']} | {row['n']} | {row['refused']} |"
            f" {_of(row['false_helps'], row['n_cannot_help'])} |"
            f" {_of(row['false_hurts'], row['n_cannot_hurt'])} | {changed} | {said} |"
        )
    neutral = [row for row in record["kinds"] if row["neutral"]]
    n_judged = sum(row["n"] - row["refused"] for row in neutral)
    changed = sum(row["changed"] for row in neutral)
    parts = record.get("parts", [{"first": 0, "end": record["draws"], "commit": record["commit"]}])
    made = "; ".join(map(_part, parts))
    lines += [
        "",
        f"{len(record['tables'])} tables, {record['draws']} draws a table ({made}), of each truth"
        f" every other time. Verdicts changed where the dirt carries no information: {changed} of"
        f" {n_judged:,} (\\* compared with {FLAGGED}). A linear model is audited, and nearest"
        " neighbours where copies are planted. Made with",
        f"`python -m benchmarks.dirty_files --draws {record['draws']}`.",
    ]
    return "\n".join(lines)


def _part(part: dict[str, Any]) -> str:
    """Return which draws were made at which commit."""
    kinds = f", {' and '.join(part['kinds'])} anew" if "kinds" in part else ""
    whole = f", and all kinds of {', '.join(part['all_kinds'])}" if part.get("all_kinds") else ""
    return f"{part['first'] + 1} to {part['end']}{kinds}{whole} at commit {part['commit']}"


def copies_table(record: dict[str, Any]) -> str:
    """Return a row for each change of the planted copies."""
    lines = [
        "| copies | share of the target | files | the rest can tell | found there |"
        " and none alike | found there | found in all | other rows taken |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, title in (("judging", "judging tables"), ("building", "tables built on")):
        lines.append(f"| *{title}* | | | | | | | | |")
        for row in record[name]:
            clean = row["change"].startswith("clean")
            lines.append(
                f"| {row['change'].replace('clean', 'none planted')} |"
                f" {'' if clean else format(row['share'], '.0%')} | {row['n']} |"
                f" {row['n_can_tell']} | {'' if clean else _share(row['found_can_tell'])} |"
                f" {'' if clean else row['n_unlike']} |"
                f" {'' if clean else _share(row['found_unlike'])} |"
                f" {'' if clean else _share(row['found_all'])} | {row['alarms']} |"
            )
    by_themselves = [row for row in record["judging"] if "standardised" in row["change"]]
    together = [row for row in record["judging"] if row not in by_themselves]
    lines += [
        "",
        f"Each change and share counted by its planted rows, {_share(_pooled(together))} of them"
        " were found in judging tables where none are alike, and"
        f" {_share(_pooled(by_themselves))} in files that were standardised each by itself.",
        "",
        f"A search of 1,000,000 source rows of 50 columns for 1,000 target rows took"
        f" {record['cpu_s_of_a_million_rows']} s of CPU. Made with",
        f"`python -m benchmarks.copies --draws {record['draws']}`.",
    ]
    return "\n".join(lines)


def _pooled(rows: list[dict[str, Any]]) -> float:
    """Return the share of planted rows that were found where none are alike."""
    planted = [row for row in rows if row["n_unlike"]]
    n_rows = [row["share"] * row["n_unlike"] for row in planted]
    n_found = sum(n * row["found_unlike"] for n, row in zip(n_rows, planted, strict=True))
    return n_found / sum(n_rows)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _of(count: int, total: int) -> str:
    return f"{count} of {total}" if total else ""
