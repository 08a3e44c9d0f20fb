"""Tables of docs/calibration.md from what the verdict benchmarks stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
CLOSED_FORM, FULL, QUICK = "ours, closed form", "ours, full", "ours, quick"


def calibration_tables(record: dict[str, Any]) -> str:
    """Return our rules by learner, all rules side by side, and rows by kind."""
    rows: list[Row] = record["rows"]
    n_draws = sum(row["n_draws"] for row in rows)
    cpu_min = sum(row["cpu_s"] for row in rows) / 60
    return "\n".join(
        [
            "### Our rules, by learner",
            "",
            *_by_learner(rows),
            "",
            "### Power beside its goals",
            "",
            *_beside_goals(rows),
            "",
            "### All rules on the same fits",
            "",
            *_by_rule(rows, record["fits"]),
            "",
            "### By the errors, and by the rows",
            "",
            *_by_law(rows),
            "",
            f"{len(rows)} cells, {n_draws:,} draws, {cpu_min:.0f} minutes of CPU. Made with"
            " `python -m benchmarks.verdict_calibration`.",
        ]
    )


def _by_learner(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| learner | rule | null draws | helps | hurts | interval holds zero | power, help"
        " | power, harm |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for learner in dict.fromkeys(row["learner"] for row in rows):
        of_learner = [row for row in rows if row["learner"] == learner]
        for rule in (CLOSED_FORM, FULL, QUICK):
            nulls = _with(rule, of_learner, "null")
            if not nulls:
                continue
            lines.append(
                f"| {learner} | {rule} | {_draws(nulls):,} | {_rate(nulls, rule, 'helps')}"
                f" | {_rate(nulls, rule, 'hurts')} | {_rate(nulls, rule, 'covers')}"
                f" | {_power(of_learner, rule, 'helps')} | {_power(of_learner, rule, 'hurts')} |"
            )
    return lines


# Goals of power: of the oracle's where a closed form applies, of the corrected t's elsewhere.
OF_ORACLE, OF_QUICK = 0.8, 2.0


def _beside_goals(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| learner | rule | draws with an effect | power | oracle's | corrected t's | goal | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for learner in dict.fromkeys(row["learner"] for row in rows):
        of_learner = [row for row in rows if row["learner"] == learner and row["place"] != "null"]
        rule = CLOSED_FORM if any(CLOSED_FORM in row["rules"] for row in of_learner) else FULL
        of_learner = [row for row in of_learner if {rule, QUICK} <= set(row["rules"])]
        if not of_learner:
            continue
        n = sum(row["n_draws"] for row in of_learner)
        power, quick = (
            sum(row["rules"][name][row["place"]] for row in of_learner) / n
            for name in (rule, QUICK)
        )
        oracle = sum(row["oracle"][row["place"]] for row in of_learner) / n
        by_oracle = rule == CLOSED_FORM
        goal = OF_ORACLE * oracle if by_oracle else OF_QUICK * quick
        words = f"{OF_ORACLE:.0%} of the oracle's" if by_oracle else "twice the corrected t's"
        words += ", beyond the oracle" if goal > oracle else ""
        lines.append(
            f"| {learner} | {rule} | {n:,} | {power:.0%} | {oracle:.0%} | {quick:.0%} |"
            f" {goal:.0%}: {words} | {'met' if power >= goal else '**missed**'} |"
        )
    return lines


def _by_rule(rows: Sequence[Row], fits: dict[str, int]) -> list[str]:
    smooth = [row for row in rows if CLOSED_FORM in row["rules"]]
    rest = [row for row in rows if row["learner"] not in {row["learner"] for row in smooth}]
    lines = [
        "| rule | fits an arm | linear, smooth loss: helps, hurts; holds zero; power | accuracy,"
        " neighbours, trees: helps, hurts; holds zero; power |",
        "|---|---|---|---|",
    ]
    for rule, n_fits in {CLOSED_FORM: 1, **fits}.items():
        cells = [_summary(part, rule) for part in (smooth, rest)]
        lines.append(f"| {rule} | {n_fits} | {cells[0]} | {cells[1]} |")
    return lines


def _summary(rows: Sequence[Row], rule: str) -> str:
    nulls = _with(rule, rows, "null")
    if not nulls:
        return "-"
    counted = [_with(rule, rows, place) for place in ("helps", "hurts")]
    power = [
        _count(part, rule, place) for part, place in zip(counted, ("helps", "hurts"), strict=True)
    ]
    share = sum(power) / max(sum(_draws(part) for part in counted), 1)
    rates = [_rate(nulls, rule, count) for count in ("helps", "hurts", "covers")]
    return f"{rates[0]}, {rates[1]}; {rates[2]}; {share:.0%}"


def _by_law(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| rows | null draws | closed form: helps, hurts | full: helps, hurts"
        " | quick: helps, hurts | t over ten folds: helps, hurts |",
        "|---|---|---|---|---|---|",
    ]
    parts = {law: [row for row in rows if row["law"] == law] for law in _laws(rows)}
    sizes = sorted({row["n"] for row in rows})
    parts |= {f"{n} rows": [row for row in rows if row["n"] == n] for n in sizes}
    for name, part in parts.items():
        pairs = []
        for rule in (CLOSED_FORM, FULL, QUICK, "t over ten folds"):
            nulls = _with(rule, part, "null")
            pair = f"{_rate(nulls, rule, 'helps')}, {_rate(nulls, rule, 'hurts')}"
            pairs.append(pair if nulls else "-")
        draws = _draws([row for row in part if row["place"] == "null"])
        lines.append(f"| {name} | {draws:,} | {' | '.join(pairs)} |")
    return lines


def _laws(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["law"] for row in rows))


def _with(rule: str, rows: Sequence[Row], place: str) -> list[Row]:
    return [row for row in rows if row["place"] == place and rule in row["rules"]]


def _draws(rows: Sequence[Row]) -> int:
    return sum(row["n_draws"] for row in rows)


def _count(rows: Sequence[Row], rule: str, claim: str) -> int:
    return sum(row["rules"][rule][claim] for row in rows)


def _rate(rows: Sequence[Row], rule: str, claim: str) -> str:
    return f"{_count(rows, rule, claim) / max(_draws(rows), 1):.1%}"


def _power(rows: Sequence[Row], rule: str, claim: str) -> str:
    part = _with(rule, rows, claim)
    if not part:
        return "-"
    oracle = sum(row["oracle"][claim] for row in part)
    share = _count(part, rule, claim) / _draws(part)
    return f"{share:.0%} of {oracle / _draws(part):.0%}"


def heavy_tails_table(record: dict[str, Any]) -> str:
    """Return false claims in closed form by the law of the errors."""
    lines = [
        "| errors | rows | helps, worst problem | hurts, worst problem | hurts, mean"
        " | interval holds zero, worst |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['law']} | {row['n']} | {row['helps']:.1%} | {row['hurts']:.1%}"
        f" | {row['mean_hurts']:.1%} | {row['coverage']:.1%} |"
        for row in record["rows"]
    ]
    n_problems = record["rows"][0]["problems"]
    verdict = "Met" if record["passed"] else "**Missed**"
    lines += [
        "",
        f"{n_problems} problems a line, {record['n_draws']:,} draws each; chance explains up to"
        f" {record['bound']:.1%}. {verdict}. Made with `python -m benchmarks.heavy_tails`.",
    ]
    return "\n".join(lines)
