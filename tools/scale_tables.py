"""Tables of what more processes bring, and what they cost."""

from __future__ import annotations

from typing import Any

from tools.performance_page import panels_picture


def scale_tables(record: dict[str, Any]) -> str:
    """Return what trials and summaries cost on one process and on more."""
    return "\n\n".join((_overheads(record), _summaries(record), _arms(record)))


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
    """Return rows a second of the command by rows and jobs."""
    rows = record["summaries"]
    lines = [
        "| rows | jobs | time | rows a second | most memory of a process |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['rows']:,} | {row['jobs']} | {row['seconds']:g} s | {row['rows_a_second']:,}"
        f" | {row['gib']:.2f} GiB |"
        for row in rows
    ]
    most = max(row["rows"] for row in rows)
    rate = max(row["rows_a_second"] for row in rows if row["rows"] == most)
    lines += [
        "",
        "Parquet files of 50 columns and a million rows each, ten of them different and the rest"
        " the same ten under",
        "further names; the whole command, from the page cache. One job and two wrote the same"
        " bytes. At the last rate",
        f"10^9 rows take {1e9 / rate / 60:.0f} minutes on this machine, on paper: not measured.",
    ]
    return "\n".join(lines)


def _arms(record: dict[str, Any]) -> str:
    """Return what quick audits of many arms cost."""
    lines = ["| sources, an arm each | CPU | page | most memory so far |", "|---|---|---|---|"]
    lines += [
        f"| {row['n']:,} | {row['cpu_s']:.1f} s | {row['page_kb']:,} kB in {row['page_s']:.1f} s"
        f" | {row['gib']:.2f} GiB |"
        for row in record["arms"]
    ]
    lines += [
        "",
        "Ridge, 100 rows and 8 columns in the target and in every source, one process."
        " `transfergap run` tries the most",
        "promising sources alone unless it is told otherwise (`--max-sources`).",
    ]
    return "\n".join(lines)


def scale_picture(record: dict[str, Any]) -> str:
    """Return the growth of summaries and of arms as an SVG."""
    growth = {
        f"rows summarized, {jobs} job{'s' * (jobs > 1)}": [
            {"n": row["rows"], "cpu_s": row["seconds"]}
            for row in record["summaries"]
            if row["jobs"] == jobs
        ]
        for jobs in (1, 2)
    }
    growth["arms of a quick audit"] = [
        {"n": row["n"], "cpu_s": row["cpu_s"]} for row in record["arms"]
    ]
    return panels_picture(growth, "Seconds as rows of summaries and arms of audits grow")
