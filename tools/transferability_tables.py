"""Tables and picture of docs/before_training.md: encoders ranked, and what scores cost."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Any

_EXAMPLE = Path(__file__).parents[1] / "examples" / "encoders" / "movie_snippets.txt"
_WIDTH, _HEIGHT, _EDGE = 300, 190, 36
_COLORS = {10: "#1b6ca8", 100: "#b5541c"}
Row = dict[str, Any]


def encoders_text() -> str:
    """Return what the example of text encoders prints."""
    return f"```text\n{_EXAMPLE.read_text(encoding='utf-8').strip(chr(10))}\n```"


def speed_table(record: dict[str, Any]) -> str:
    """Return times and ratios as a Markdown table, with the criteria that were met."""
    heads = ("rows x columns, classes", "all scores", "of the limit", "logistic probes, tuned",
             "ridge probes, tuned", "accuracy: ours, logistic, ridge")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|---|"]
    lines += [_line(row) for row in record["rows"]]
    met = {
        name: sum(row["holds"][name] for row in record["rows"])
        for name in ("limit", "logistic", "ridge", "accuracy")
    }
    n = len(record["rows"])
    tuned = [(row["tuned"], record["criterion"]) for row in record["rows"]]
    logistic = sum(t["logistic_over_all"] >= c["logistic"] for t, c in tuned)
    timed = [(t["ridge_over_all"], c) for t, c in tuned if t["ridge_over_all"] is not None]
    ridge = sum(ratio >= c["ridge"] for ratio, c in timed)
    return "\n".join([
        *lines,
        "",
        "CPU seconds of one thread, float32 features of drawn classes; the limit is the"
        " multiplications that cannot be avoided, at the rate of a matrix product of the same"
        " process, and one reading. Other columns: how many times longer scikit-learn's five folds"
        " take than *all* our scores (in brackets: than our three probes), as it comes, and with"
        " its penalty chosen among thirteen as ours is.",
        "",
        "Criteria, fixed before the run: at most 2.0 times the limit from 768 columns and 4 times"
        f" at 128: met in {met['limit']} of {n} sizes; 40 times faster than logistic probes as they"
        f" come: {met['logistic']} of {n}; 4 times than ridge probes as they come:"
        f" {met['ridge']} of {n}; accuracy within .01 of the better of theirs:"
        f" {met['accuracy']} of {n}. With their penalty chosen as ours is, 40 times are reached"
        f" in {logistic} of {n} and 4 times in {ridge} of {len(timed)} sizes timed. Made with",
        "`python -m benchmarks.transferability_speed`.",
    ])  # fmt: skip


def threads_table(record: dict[str, Any]) -> str:
    """Return wall seconds with one thread and with all as a Markdown table."""
    lines = [
        "| rows x columns, classes | one thread | all | times faster |",
        "|---|---:|---:|---:|",
    ]
    for row in record["rows"]:
        one, every = row["one_thread_s"], row["all_threads_s"]
        size = f"{row['n_rows']:,} x {row['n_columns']:,}, {row['n_classes']}"
        lines.append(f"| {size} | {one:.2f} s | {every:.2f} s | {one / every:.1f} |")
    return "\n".join([
        *lines,
        "",
        f"Wall seconds of all scores, the faster of two runs, on {record['n_threads']} virtual"
        " cores that others used too. Two threads wait for each other in small"
        " matrices: below some 2,048 columns one is faster. Made with"
        " `python -m benchmarks.transferability_speed --threads`.",
    ])  # fmt: skip


def device_table(record: dict[str, Any]) -> str:
    """Return wall seconds of processor and GPU as a Markdown table."""
    lines = [
        "| rows x columns, classes | one thread | all threads | GPU | times faster |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in record["rows"]:
        one, every, there = row["one_thread_s"], row["all_threads_s"], row["device_s"]
        size = f"{row['n_rows']:,} x {row['n_columns']:,}, {row['n_classes']}"
        faster = f"{min(one, every) / there:.1f}"
        lines.append(f"| {size} | {one:.2f} s | {every:.2f} s | {there:.2f} s | {faster} |")
    differences = sorted(row["differs"] for row in record["rows"])
    return "\n".join([
        *lines,
        "",
        f"Wall seconds of all scores on one {record['device']} with {record['n_threads']} virtual"
        " cores beside it, the fastest of two runs (GPU: of three), rows in the processor's memory"
        " before each; times faster than the better number of threads. Scores of GPU and processor"
        f" differ by {differences[-2]:.0e} at most, relative, but in one size by"
        f" {differences[-1]:.0e}: one row in 50,000 of an accuracy. Sums by class, neighbours and"
        " softmax stay on the processor, which bounds the rest. Made with"
        " `python -m benchmarks.transferability_speed --device cuda`.",
    ])  # fmt: skip


def _line(row: Row) -> str:
    size = f"{row['n_rows']:,} x {row['n_columns']:,}, {row['n_classes']}"
    accuracy = row["accuracy"]
    cells = [
        size,
        f"{row['all_s']:.2f} s",
        f"{row['over_limit']:.1f}",
        _ratios(row, "logistic"),
        _ratios(row, "ridge"),
        f"{accuracy['ours']:.3f}, {accuracy['logistic']:.3f}, {accuracy['ridge']:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def _ratios(row: Row, rival: str) -> str:
    plain, probes = row[f"{rival}_over_all"], row[f"{rival}_over_probes"]
    tuned = row["tuned"][f"{rival}_over_all"]
    return f"{plain:.1f} ({probes:.1f}), {'not timed' if tuned is None else f'{tuned:.0f}'}"


def speed_picture(record: dict[str, Any]) -> str:
    """Return CPU seconds against rows as an SVG: a panel a width, both axes logarithmic."""
    widths = sorted({row["n_columns"] for row in record["rows"]})
    seconds = [row["all_s"] for row in record["rows"]]
    low, high = log10(min(seconds)) - 0.1, log10(max(seconds)) + 0.15
    panels = [
        _panel(place, width, [r for r in record["rows"] if r["n_columns"] == width], low, high)
        for place, width in enumerate(widths)
    ]
    across = _WIDTH * len(panels)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{_HEIGHT}"'
        f' viewBox="0 0 {across} {_HEIGHT}" font-family="sans-serif" font-size="11">',
        "<title>CPU seconds of all scores as rows grow, for 10 and 100 classes</title>",
        '<rect width="100%" height="100%" fill="white"/>',
        *panels,
        "</svg>",
        "",
    ])  # fmt: skip


def _panel(place: int, width: int, rows: Sequence[Row], low: float, high: float) -> str:
    left, across, up = place * _WIDTH + _EDGE, _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    sizes = sorted({row["n_rows"] for row in rows})
    first, last = log10(sizes[0]), log10(sizes[-1])

    def at(row: Row) -> tuple[float, float]:
        x = left + across * (log10(row["n_rows"]) - first) / (last - first)
        return x, _HEIGHT - _EDGE - up * (log10(row["all_s"]) - low) / (high - low)

    parts = [
        f'<text x="{left + across / 2:.1f}" y="16" text-anchor="middle" font-weight="bold">'
        f"{width:,} columns</text>",
        f'<line x1="{left}" y1="{_HEIGHT - _EDGE}" x2="{left + across}" y2="{_HEIGHT - _EDGE}"'
        ' stroke="#999"/>',
    ]
    for n_classes, color in _COLORS.items():
        points = [row for row in rows if row["n_classes"] == n_classes]
        line = " ".join("{:.1f},{:.1f}".format(*at(row)) for row in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        for row in points:
            x, y = at(row)
            side = -7 if n_classes == max(_COLORS) else 15
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>')
            parts.append(
                f'<text x="{x:.1f}" y="{y + side:.1f}" text-anchor="middle" fill="{color}">'
                f"{row['all_s']:.2g} s</text>"
            )
        parts.append(
            f'<text x="{left + across:.1f}" y="{30 if n_classes == 10 else 44}" text-anchor="end"'
            f' fill="{color}">{n_classes} classes</text>'
        )
    parts += [
        f'<text x="{left + across * (log10(n) - first) / (last - first):.1f}"'
        f' y="{_HEIGHT - _EDGE + 14}" text-anchor="middle">{n:,}</text>'
        for n in sizes
    ]
    return "\n".join(parts)
