"""Table of docs/driving.md: gaps of clear images against the severity of the weather."""

from __future__ import annotations

from typing import Any

_MARKS = {"helps": "✓", "hurts": "✗", "no material effect": "≈", "not enough evidence": "?"}


def weather_table(record: dict[str, Any]) -> str:
    """Return the true gap of each cell with the mark of the audit's verdict."""
    severities = sorted({row["severity"] for row in record["rows"]})
    cells = {(row["kind"], row["severity"]): row for row in record["rows"]}
    lines = [
        f"| weather | {' | '.join(f'severity {s}' for s in severities)} |",
        "|---|" + "---|" * len(severities),
    ]
    for kind in dict.fromkeys(row["kind"] for row in record["rows"]):
        texts = [_cell(cells[kind, severity]) for severity in severities]
        lines.append(f"| {kind} | {' | '.join(texts)} |")
    largest = max(row["true_error"] for row in record["rows"])
    minutes = round(record["cpu_s"] / 60)
    caption = (
        "True gap in accuracy of training on clear images beside the camera's own, over 12 draws\n"
        f"of 250 images (standard errors up to {largest:.3f}), and the verdict of one audit of\n"
        f"the first draw. Of {record['n_claims']} claims, {record['n_contradicted']} contradict the"
        f" truth. Made with `python -m benchmarks.weather`,\n{minutes} minutes of CPU."
    )
    return "\n".join([*lines, "", caption])


def _cell(row: dict[str, Any]) -> str:
    return f"{_MARKS[row['verdict']]} {row['true_gap']:+.2f}".replace("-", "−")
