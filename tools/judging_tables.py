"""Tables of how often each way of judging a source is wrong, for README and docs/calibration.md."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
_DONE_WITH = "Made with `python -m benchmarks.ways_of_judging`."


def short_table(record: Record) -> str:
    """Return the table of README: claims, wrong ones, and what acting on them gives."""
    lines = [
        "| way of judging | fits | claims | of them wrong | gain of who acts on it | harmed |",
        "|---|---|---|---|---|---|",
    ]
    for row in record["rows"]:
        lines.append(
            f"| {row['way']} | {_fits(row)} | {row['claims']} of {row['judged']} | {_wrong(row)} |"
            f" {_gain(row)} | {_harmed(row, record)} |"
        )
    problems = [p["problem"] for p in record["problems"]]
    lines += [
        "",
        f"{record['n_audits']} audits of {record['n_sources']} sources, on {len(problems)} real"
        " problems whose truth was measured on rows held back. *Wrong*: what was said to help"
        " costs, or what was said to hurt gains, on average over targets like this one (95 %"
        " intervals). *Harmed*: who uses what is said to help loses more than the margin of"
        f" {record['margin']:g}. [All of it]"
        "(docs/calibration.md#ways-of-judging-on-real-problems).",
    ]
    return "\n".join(lines)


def long_tables(record: Record) -> str:
    """Return all that was counted, by way of judging and by problem."""
    return "\n".join([*_ways(record), "", *_acting(record), "", *_problems(record)])


def _ways(record: Record) -> list[str]:
    lines = [
        "| way of judging | fits | says helps: wrong | says hurts: wrong | all claims: wrong"
        f" | wrong by more than {record['margin']:g} | wrong about these very rows |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["rows"]:
        beyond = _share(row["wrong beyond the margin"], row["claims"])
        lines.append(
            f"| {row['way']} | {_fits(row)} |"
            f" {_of(row, 'helps')} | {_of(row, 'hurts')} | {_wrong(row)} | {beyond} |"
            f" {_share(row['wrong on these rows'], row['claims'])} |"
        )
    return lines


def _acting(record: Record) -> list[str]:
    n = record["n_audits"]
    lines = [
        "| who acts on | uses other data in | mean gain (standard error) | loses more than"
        f" {record['margin']:g} | worst |",
        "|---|---|---|---|---|",
    ]
    for row in record["rows"]:
        lines.append(
            f"| {row['way']} | {row['used in']} of {n} | {row['mean gain']:+.4f}"
            f" ({row['standard error']:.4f}) | {_harmed(row, record)} | {row['worst']:+.3f} |"
        )
    return lines


def _problems(record: Record) -> list[str]:
    lines = [
        "| problem | score | audits | sources that gain | their mean gain | verdicts: wrong"
        " | gain by our decision | gain by the safe model |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in record["problems"]:
        lines.append(
            f"| {one['problem']} | {one['metric']} | {one['n_audits']} |"
            f" {one['sources that gain']} of {one['sources']} |"
            f" {one['mean gain of sources']:+.3f} | {one['verdicts']}: {one['verdicts wrong']} |"
            f" {one['decision']['mean gain']:+.3f} | {one['safe']['mean gain']:+.3f} |"
        )
    minutes = record["cpu_s"] / 60
    return [
        *lines,
        "",
        f"{record['n_audits']} audits with 60, 120 and 240 target rows, {minutes:.0f} minutes of"
        f" CPU. {_DONE_WITH}",
    ]


def _fits(row: Record) -> str:
    return " or ".join(str(n) for n in row["fits"])


def _share(n: int, of: int) -> str:
    return f"{n / of:.0%}" if of else "-"


def _interval(low: float, high: float) -> str:
    return f"[{low:.0%}, {high:.0%}]"


def _wrong(row: Record) -> str:
    if row["interval"] is None:
        return "-"
    return f"{_share(row['wrong'], row['claims'])} {_interval(*row['interval'])}"


def _of(row: Record, claim: str) -> str:
    n = row[f"claims, {claim}"]
    return f"{n}: {row[f'wrong, {claim}']}" if n else "-"


def _gain(row: Record) -> str:
    return f"{row['mean gain']:+.4f}"


def _harmed(row: Record, record: Record) -> str:
    n = record["n_audits"]
    share = _share(row["harmed beyond the margin"], n)
    return f"{share} {_interval(*row['harmed, interval'])}"
