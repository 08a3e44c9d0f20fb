"""Print what was found."""

from __future__ import annotations

from typing import Any


def show(found: dict[str, Any]) -> None:
    """Print a table for each group of tasks, then the criteria."""
    for part, groups in found["groups"].items():
        for name, rows in groups.items():
            print(f"\n{part}, {name}: {max(row['n_tasks'] for row in rows)} tasks")
            print(f"{'':<28}{'gain':>16}{'kept':>24}{'harmed':>9}{'sure':>7}{'worst':>8}", end="")
            print(f"{'ms':>8}{'fits':>7}")
            for row in rows:
                print(line(row))
    print()
    for row in found["criteria"]:
        bound = f"<= {row['at_most']}" if "at_most" in row else f">= {row['at_least']}"
        said = {True: "reached", False: "MISSED", None: "not measured"}[row["reached"]]
        what = f"{row['part']}, {row['group']}, {row['method']}: {row['quantity']} {bound}"
        print(f"{said:<13} {what}, found {row['found']}")


def line(row: dict[str, Any]) -> str:
    gain = f"{row['gain']:.2f} +- {row['gain_error'] or 0:.2f}"
    kept = "-" if row["kept"] is None else kept_text(row)
    return (
        f"{row['method']:<28}{gain:>16}{kept:>24}{row['harmed']:>9.1%}{row['confirmed_harm']:>7.1%}"
        f"{row['worst']:>8}{row['cpu_ms']:>8}{row['n_fits']:>7}"
    )


def kept_text(row: dict[str, Any]) -> str:
    return f"{row['kept']:.2f} [{row['kept_low']:.2f}, {row['kept_high']:.2f}]"
