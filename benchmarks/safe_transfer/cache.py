"""What a run has found so far, a line a task, so that a killed run goes on where it stopped."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

RUNS = Path(__file__).parents[2] / "runs" / "safe_transfer"

Record = dict[str, Any]


class Cache:
    """Records by task in one file of JSON lines; a torn last line is dropped."""

    def __init__(self, kind: str, version: str) -> None:
        self.path = RUNS / f"{kind}-{version}.jsonl"
        self.records: dict[str, Record] = {}
        if self.path.is_file():
            whole = [line for line in self.path.read_bytes().split(b"\n") if line.endswith(b"}")]
            for line in whole:
                record = json.loads(line)
                self.records[record["task"]] = record

    def add(self, records: Iterable[Record]) -> None:
        RUNS.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            for record in records:
                self.records[record["task"]] = record
                # A line break first: what a killed run left torn stays a line of its own.
                file.write("\n" + json.dumps(record))


def content_version(files: Iterable[Path]) -> str:
    """Return a digest of files: records that other code made are not reused."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def packed(values: np.ndarray) -> str:
    """Return numbers as text, in single precision."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def unpacked(text: str, n_columns: int) -> np.ndarray:
    """Return packed numbers as rows of ``n_columns``."""
    return np.frombuffer(base64.b64decode(text), "<f4").astype(float).reshape(-1, n_columns)
