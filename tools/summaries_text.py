"""What the benchmark of summaries measured, as the text of two generated blocks."""

from __future__ import annotations

from typing import Any


def cost_text(record: dict[str, Any]) -> str:
    """Return what summarising a long file costs."""
    cost = record["cost"]
    names = {"summarise": "summarise", "decode": "only read the batches",
             "whole": "read whole with pandas, one product"}  # fmt: skip
    lines = ["| file | what | rows | time | CPU time | peak memory |", "|---|---|---|---|---|---|"]
    for kind in ("parquet", "csv"):
        for name, said in names.items():
            row = cost[kind][name]
            lines.append(
                f"| {kind.replace('csv', 'CSV').replace('parquet', 'Parquet')} | {said}"
                f" | {row['n_rows']:,} | {row['wall_s']:.0f} s | {row['cpu_s']:.0f} s"
                f" | {row['peak_gib']:.2f} GiB |"
            )
    lines += [
        "",
        f"{cost['n_columns']} columns, on {record['machine']}, one linear-algebra thread. The"
        f" products alone take {cost['arithmetic_s']:.1f} s",
        f"for the Parquet file at this machine's {cost['product_gflops']:.0f} GFLOP/s. Made with"
        " `python -m benchmarks.summaries`.",
    ]
    return "\n".join(lines)


def noise_text(record: dict[str, Any]) -> str:
    """Return how much of R2 noise costs, for numbers of columns and rows."""
    rows = record["noise"]
    epsilons = sorted({row["epsilon"] for row in rows})
    head = " | ".join(f"lost, epsilon {epsilon:g}" for epsilon in epsilons)
    lines = [f"| columns | rows | R2, exact | {head} |", "|---|---|---|" + "---|" * len(epsilons)]
    for q in sorted({row["columns"] for row in rows}):
        for n in sorted({row["n_rows"] for row in rows}):
            found = {r["epsilon"]: r for r in rows if (r["columns"], r["n_rows"]) == (q, n)}
            lost = " | ".join(f"{max(found[e]['lost_r2'], 0.0):.3f}" for e in epsilons)
            lines.append(f"| {q} | {n:,} | {found[epsilons[0]]['exact_r2']:.2f} | {lost} |")
    enough = ", ".join(f"{_enough(rows, q)} with {q} columns" for q in
                       sorted({row["columns"] for row in rows}))  # fmt: skip
    lines += [
        "",
        "Lost is R2 of a ridge fit to the exact summary minus that of one to the noised summary,",
        "with delta 0.000001 and default bounds, on simulated normal columns of which half matter.",
        "With epsilon 1, what is lost stays within 0.01 from",
        f"{enough}.",
        "Expect to need more rows where columns are skewed. Made with",
        "`python -m benchmarks.summaries`.",
    ]
    return "\n".join(lines)


def _enough(rows: list[dict[str, Any]], q: int) -> str:
    """Return the smallest count from which every larger one loses at most 0.01 at epsilon 1."""
    mine = sorted(
        (row["n_rows"], row["lost_r2"]) for row in rows
        if row["columns"] == q and row["epsilon"] == 1.0
    )  # fmt: skip
    good = [n for i, (n, _) in enumerate(mine) if all(lost <= 0.01 for _, lost in mine[i:])]
    return f"{good[0]:,} rows" if good else f"more than {mine[-1][0]:,} rows"
