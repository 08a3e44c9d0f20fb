"""The benchmark of mitigations: its sums, and what is shipped and shown of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.mitigations import MEASURED, methods, shipped, summaries
from benchmarks.safe_transfer.tasks import Task, TaskId
from tools.mitigations_table import mitigations_table

from transfergap.learners.mitigations.names import BUILT_IN, measured_harm

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "benchmarks" / "results" / "mitigations.json"


@pytest.fixture
def rows():
    gains = {"coral": [2.0, -3.0, 0.5, -80.0], "gated coral": [1.0, 0.0, -0.5, -2.0]}
    return summaries(
        pd.DataFrame([
            {"name": name, "condition": condition, "cluster": f"t{k}", "gain": gain, "cpu_s": 0.1}
            for name, values in gains.items()
            for condition in ("natural", "flipped")
            for k, gain in enumerate(values)
        ])
    )  # fmt: skip


def test_harm_is_a_point_lost_and_means_are_cut_at_fifty(rows):
    coral = next(row for row in rows if row["name"] == "coral")["natural"]
    assert (coral["harmed"], coral["worst"]) == (0.5, -80.0)
    assert coral["gain"] == pytest.approx((2 - 3 + 0.5 - 50) / 4, abs=0.01)
    assert coral["harmed_error"] == pytest.approx(np.sqrt(0.25 / 3), abs=1e-3)


def test_only_names_that_can_be_asked_for_are_shipped(rows):
    assert list(shipped(rows)) == ["coral"]
    assert shipped(rows)["coral"]["natural_share"] == 0.5


def test_every_mitigation_for_the_labels_is_measured():
    def task(kind):
        none = np.zeros((0, 1))
        return Task(TaskId("s", "t", 20, 0, "natural"), "s", kind, none, none, {}, none, none,
                    frozenset())  # fmt: skip

    binary, numbers = ({name for name, _ in methods(task(k))} for k in ("binary", "regression"))
    assert {"tradaboost", "gated", "pooled", "gated tradaboost"} <= binary - numbers | {
        "gated", "pooled",
    }  # fmt: skip
    assert "tradaboost-r2" in numbers - binary


def test_what_is_shipped_and_shown_is_what_was_measured():
    record = json.loads(RESULT.read_text(encoding="utf-8"))
    assert json.loads(MEASURED.read_text(encoding="utf-8")) == shipped(record["rows"])
    assert set(measured_harm()) <= set(BUILT_IN)
    page = (ROOT / "docs" / "mitigations.md").read_text(encoding="utf-8")
    assert mitigations_table(record) in page
