"""A run that is killed at any write or moment, or for want of space, ends with the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

DRIVER = Path(__file__).with_name("crash_driver.py")


MODEL = "from sklearn.naive_bayes import GaussianNB\ndef make():\n    return GaussianNB()\n"


def write_tables(folder: Path) -> None:
    (folder / "our_models.py").write_text(MODEL)
    for name, seed in (("t", 1), ("b", 2)):
        X = np.random.default_rng(seed).normal(size=(40, 3)).round(4)
        y = (X.sum(axis=1) + np.random.default_rng(seed + 9).normal(size=40) > 0).astype(int)
        rows = "\n".join(",".join(map(str, [*row, label])) for row, label in zip(X, y, strict=True))
        (folder / f"{name}.csv").write_text(f"a,b,c,y\n{rows}\n")


@pytest.mark.parametrize(
    ("n_events", "n_moments", "n_sizes"),
    [(2, 1, 1), pytest.param(-1, 100, 8, marks=pytest.mark.slow)],
)
def test_no_death_loses_more_than_a_trial(tmp_path, n_events, n_moments, n_sizes):
    write_tables(tmp_path)
    command = [
        sys.executable,
        str(DRIVER),
        str(tmp_path),
        *map(str, (n_events, n_moments, n_sizes)),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(made.stdout.splitlines()[-1])
    assert found["faults"] == []
    assert found["n_events"] > 10  # design, store, result, page, and their renamings
    assert found["n_killed"] >= max(n_events, 0) + n_sizes
