"""The page of SafeTransfer shows what the benchmark found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.safe_transfer.criteria import judged
from benchmarks.safe_transfer.groups import by_size, grouped
from benchmarks.safe_transfer.summary import summaries, table_of
from benchmarks.safe_transfer.tasks import TaskId
from tools.safe_transfer_tables import safe_transfer_tables, value

PAGE = Path(__file__).parents[2] / "docs" / "safe_transfer.md"
METHODS = ("pool", "SafeTransfer balanced", "SafeTransfer fast")


@pytest.fixture
def record():
    rng = np.random.default_rng(0)
    rows = []
    for draw in range(6):
        for condition in ("natural", "flipped"):
            task = str(TaskId("s", f"t{draw % 3}", 20, draw, condition))
            methods = {
                name: {"score": 72.0 + rng.normal(), "cpu_ms": 2.0, "n_fits": 3} for name in METHODS
            }
            shared = {"task": task, "cluster": f"s/t{draw % 3}", "n_sources": 2, "oracle": 75.0}
            rows.append(
                (
                    {**shared, "methods": methods},
                    {"task": task, "control": 70.0, "methods": {}, "harm_p": {}},
                )
            )
    table = table_of(rows)
    groups = {name: summaries(part) for name, part in grouped(table).items()}
    both = {"linear": groups, "boosting": groups}
    return {
        "commit": "abc",
        "machine": "a machine",
        "cpu_per_fit": None,
        "groups": both,
        "by_size": {"linear": by_size(table)},
        "criteria": judged(both, None),
    }


def test_every_method_has_a_line_and_ours_stand_out(record):
    text = safe_transfer_tables(record)
    assert "| **SafeTransfer balanced** |" in text
    assert "| pool |" in text
    assert "6 tasks of 3 target domains" in text


def test_what_was_not_measured_is_said_so(record):
    lines = safe_transfer_tables(record).splitlines()
    assert any("SafeTransfer safe" in line and "not measured" in line for line in lines)


def test_every_line_of_a_table_has_as_many_cells_as_its_head(record):
    for block in safe_transfer_tables(record).split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1


def test_shares_are_shown_as_percentages_and_times_are_not():
    assert (value(0.853, "kept"), value(87.5, "cpu_ms")) == ("85.3 %", "87.5")


def test_the_page_has_its_two_marker_lines_in_order():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = "<!-- safe-transfer: generated from benchmarks/results/safe_transfer.json -->"
    end = "<!-- end of safe transfer -->"
    assert (lines.count(start), lines.count(end)) == (1, 1)
    assert lines.index(start) < lines.index(end)
