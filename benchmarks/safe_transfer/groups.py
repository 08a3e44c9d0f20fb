"""The groups of tasks that are reported, by name."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.safe_transfer.plan import CORRUPTED, HARD
from benchmarks.safe_transfer.summary import summaries


def grouped(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tasks of each condition; empty groups are left out."""
    corrupted = table["condition"].isin(CORRUPTED)
    groups = {
        "natural": table[table["condition"] == "natural"],
        "corrupted": table[corrupted],
        **{name: table[table["condition"] == name] for name in CORRUPTED},
        "corrupted single source": table[corrupted & (table["n_sources"] == 1)],
        "majority flipped": table[table["condition"] == HARD],
    }
    return {name: part for name, part in groups.items() if len(part)}


def by_size(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return summaries of natural and of corrupted tasks for each number of target rows."""
    groups = grouped(table)
    return {
        name: {str(n): summaries(part) for n, part in groups[name].groupby("n_target")}
        for name in ("natural", "corrupted")
        if name in groups
    }


def by_dataset(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return, for natural tasks of each set, what the methods gain, keep and harm."""
    groups = grouped(table)
    short = ("method", "n_tasks", "gain", "oracle_gain", "kept", "harmed")
    return {
        str(name): [{key: row[key] for key in short} for row in summaries(part)]
        for name, part in groups["natural"].groupby("dataset")
    }
