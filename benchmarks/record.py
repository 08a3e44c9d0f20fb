"""Where benchmarks write what they found, with everything needed to repeat it."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path
from typing import Any

from transfergap.experiment.run_directory import versions

RESULTS = Path(__file__).with_name("results")


def commit() -> str:
    """Return the short name of the commit that is checked out."""
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()


def write_record(name: str, found: dict[str, Any]) -> Path:
    """Write ``results/NAME.json`` with machine, versions and commit."""
    record = {
        "benchmark": name,
        "commit": commit(),
        "machine": f"{platform.machine()}, {_n_cores()} cores",
        "versions": versions(),
        **found,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return path


def _n_cores() -> int:
    import os

    return os.cpu_count() or 1
