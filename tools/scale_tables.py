"""Tables of what more processes bring, and what they cost."""

from __future__ import annotations

from typing import Any


def scale_tables(record: dict[str, Any]) -> str:
    """Return what trials and summaries cost on one process and on more."""
    return f"{_overheads(record)}\n\n{_summaries(record)}"


def _overheads(record: dict[str, Any]) -> str:
    """Return times of trials, over the least that their number allows."""
    rows = record["overheads"]
    lengths = sorted({row["milliseconds"] for row in rows})
    ways = list(dict.fromkeys(row["way"] for row in rows))
    found = {(row["way"], row["milliseconds"]): row for row in rows}
    lines = [
        "| way | " + " | ".join(f"trials of {ms:g} ms" for ms in lengths) + " |",
        "|---|" + "---|" * len(lengths),
    ]
    for way in ways:
        cells = [f"{found[way, ms]['seconds']:g} s ({found[way, ms]['times_the_least']:g} x)"
                 for ms in lengths]  # fmt: skip
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"{record['n_trials']} trials that sleep, beside 100,000 x 20 numbers of shared data; in"
        " brackets the time over",
        f"trials x length / workers. On {record['machine']}. Made with"
        " `python -m benchmarks.scale`.",
    ]
    return "\n".join(lines)


def _summaries(record: dict[str, Any]) -> str:
    """Return rows a second of the command by jobs."""
    lines = [
        "| jobs | rows | time | rows a second | most memory of a process |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['jobs']} | {row['rows']:,} | {row['seconds']:g} s | {row['rows_a_second']:,}"
        f" | {row['gib']:.2f} GiB |"
        for row in record["summaries"]
    ]
    rate = max(row["rows_a_second"] for row in record["summaries"])
    hours = 1e9 / rate / 3600
    lines += [
        "",
        "Four Parquet files of 50 columns, the whole command; both wrote the same bytes. At that"
        f" rate 10^9 rows take {hours:.1f} hours on",
        "this machine, an extrapolation: memory does not grow with rows.",
    ]
    return "\n".join(lines)
